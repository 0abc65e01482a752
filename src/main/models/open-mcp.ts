import { MCP_VERSIONS, serveMcp } from "#src/agent/serve-mcp.ts";
import type { McpDoor } from "#src/dashboard/mcp-door.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import { TOOLS } from "#tools/registry.ts";

/** The agent's own tools, for programs on this machine that know the token. */
export function openMcp(parts: {
  readonly pipeline: Pipeline;
  readonly clock: Clock;
  readonly log: Logger;
  readonly token: string;
}): McpDoor {
  const { pipeline, clock, log, token } = parts;
  const answer = serveMcp({ tools: TOOLS, toolContext: { pipeline }, clock, log });
  return { token, versions: MCP_VERSIONS, answer };
}
