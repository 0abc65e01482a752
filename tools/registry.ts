import { explainDecision } from "./explain-decision.ts";
import { findOpportunities } from "./find-opportunities.ts";
import { getPerformance } from "./get-performance.ts";
import { getRates } from "./get-rates.ts";
import { getStatus } from "./get-status.ts";
import { proposeClose } from "./propose-close.ts";
import { proposeHedge } from "./propose-hedge.ts";
import type { AgentTool } from "./tool.ts";

/** Words that would hand the model what only code or the owner decides. */
const FORBIDDEN = /size|amount|quantity|leverage|price|slippage|approv|nonce|confirm|force/i;

/** Everything that a model can call. */
export const TOOLS: readonly AgentTool[] = checked([
  getRates,
  findOpportunities,
  proposeHedge,
  proposeClose,
  getStatus,
  getPerformance,
  explainDecision,
]);

function checked(tools: readonly AgentTool[]): readonly AgentTool[] {
  const names = new Set<string>();
  for (const tool of tools) {
    const schema = JSON.stringify(fieldsOf(tool));
    if (names.has(tool.name) || !/^[a-z]+(_[a-z]+)*$/.test(tool.name)) {
      throw new Error(`tool ${tool.name} is named twice or wrongly`);
    }
    if (FORBIDDEN.test(schema))
      throw new Error(`tool ${tool.name} takes what it must not: ${schema}`);
    names.add(tool.name);
  }
  return tools;
}

function fieldsOf(tool: AgentTool): readonly string[] {
  const root = new Map(Object.entries(tool.inputSchema));
  return Object.keys(Object(root.get("properties") ?? {}));
}
