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

const EFFECTS = new Set<unknown>(["reads", "proposes"]);

/** Everything that a model can call. */
export const TOOLS: readonly AgentTool[] = checkedTools([
  getRates,
  findOpportunities,
  proposeHedge,
  proposeClose,
  getStatus,
  getPerformance,
  explainDecision,
]);

/** Throws on a tool that no model may be given. */
export function checkedTools(tools: readonly AgentTool[]): readonly AgentTool[] {
  const names = new Set<string>();
  for (const tool of tools) {
    const fields = fieldsOf(tool.inputSchema);
    if (names.has(tool.name) || !/^[a-z]+(_[a-z]+)*$/.test(tool.name)) {
      throw new Error(`tool ${tool.name} is named twice or wrongly`);
    }
    const bad = fields.find((field) => FORBIDDEN.test(field));
    if (bad !== undefined) throw new Error(`tool ${tool.name} takes what it must not: ${bad}`);
    if (!EFFECTS.has(tool.effect)) throw new Error(`tool ${tool.name} has no known effect`);
    const { additionalProperties, required = [] } = tool.inputSchema;
    const whole =
      Array.isArray(required) && required.length === fieldNames(tool.inputSchema).length;
    if (additionalProperties !== false || !whole) {
      throw new Error(`tool ${tool.name} must take a strict object with every field required`);
    }
    names.add(tool.name);
  }
  return tools;
}

/** Of every object in a schema, however deep: that of a list's items and of alternatives too. */
function fieldsOf(schema: unknown): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap(fieldsOf);
  if (typeof schema !== "object" || schema === null) return [];
  return [...fieldNames(schema), ...Object.values(schema).flatMap(fieldsOf)];
}

function fieldNames(schema: object): readonly string[] {
  return Object.keys(Object(new Map(Object.entries(schema)).get("properties") ?? {}));
}
