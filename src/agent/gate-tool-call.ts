import { describeError } from "#src/core/errors.ts";
import type { ModelToolCall } from "#src/ports/language-model.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { AgentTool, ToolContext } from "#tools/tool.ts";

const LONGEST_ARGUMENTS = 4_096;
const LONGEST_RESULT = 24_000;

type Refusal =
  | "UNKNOWN_TOOL"
  | "ARGUMENTS_TOO_LONG"
  | "NOT_JSON"
  | "DOES_NOT_FIT_SCHEMA"
  | "TOOL_FAILED";

/**
 * The one way from a model to a tool: name, length, JSON, schema, run. What comes back is always JSON that
 * we wrote; the world's own words stay in the log.
 */
export async function gateToolCall(
  call: ModelToolCall,
  tools: readonly AgentTool[],
  context: ToolContext,
  log: Logger,
): Promise<string> {
  const tool = tools.find((one) => one.name === call.name);
  if (!tool) return refuse("UNKNOWN_TOOL");
  if (call.argumentsJson.length > LONGEST_ARGUMENTS) return refuse("ARGUMENTS_TOO_LONG");
  const input = parseJson(call.argumentsJson);
  if (input === undefined) return refuse("NOT_JSON");
  try {
    const running = tool.run(context, input);
    if (!running) return refuse("DOES_NOT_FIT_SCHEMA");
    const json = JSON.stringify(await running);
    return json.length <= LONGEST_RESULT
      ? json
      : JSON.stringify({ tooLong: true, hint: "Ask for one asset." });
  } catch (error) {
    log.error("toolFailed", { tool: tool.name, error: describeError(error) });
    return refuse("TOOL_FAILED");
  }
}

function refuse(error: Refusal): string {
  return JSON.stringify({ error });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text === "" ? "{}" : text);
  } catch {
    return undefined;
  }
}
