import { describeError } from "#src/core/errors.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { ModelToolCall } from "#src/ports/language-model.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { AgentTool, ToolContext } from "#tools/tool.ts";
import { readStrictJson } from "./read-strict-json.ts";

const LONGEST_ARGUMENTS = 4_096;
const LONGEST_RESULT = 24_000;
/** Longer than the slowest look at the market that a person waits for. */
const TOOL_MS = 30_000;

/** Why a call was not run, or has no result. Closed: nothing else is ever told to a model. */
const HINTS = {
  UNKNOWN_TOOL: "There is no such tool. The tools are named in `tools`.",
  ARGUMENTS_TOO_LONG: "Arguments are at most 4096 characters.",
  NOT_JSON: "Arguments must be one JSON object.",
  DUPLICATE_KEYS: "A field was given twice. Give each once.",
  TOO_DEEP: "Arguments are flat: no object in an object.",
  DOES_NOT_FIT_SCHEMA:
    "Give exactly the fields of the tool's schema, null where there is nothing to say. `fields` are missing or wrong; when it is empty there are fields too many.",
  TOOL_FAILED: "It could not be looked up now. Nothing was traded. Say so; do not guess.",
  TOOL_TIMED_OUT:
    "It took longer than 30 s, so its result is unknown. Say so; get_status shows what is true.",
  RESULT_TOO_LONG: "That is too much for one answer. Ask for one asset.",
} as const;

type Refusal = keyof typeof HINTS;

/**
 * The one way from a model to a tool: name, length, JSON, schema, run. What comes back is always JSON that
 * we wrote; the world's own words, and the model's, stay in the log.
 */
export async function gateToolCall(
  call: ModelToolCall,
  tools: readonly AgentTool[],
  context: ToolContext,
  log: Logger,
  clock: Pick<Clock, "later">,
): Promise<string> {
  const tool = tools.find((one) => one.name === call.name);
  if (!tool) return refuse("UNKNOWN_TOOL", { tools: tools.map(({ name }) => name) });
  if (call.argumentsJson.length > LONGEST_ARGUMENTS) return refuse("ARGUMENTS_TOO_LONG");
  const read = readStrictJson(call.argumentsJson === "" ? "{}" : call.argumentsJson);
  if (!read.ok) return refuse(read.error);
  try {
    const running = tool.run(context, read.value);
    if (!running) return refuse("DOES_NOT_FIT_SCHEMA", { fields: tool.misfits(read.value) });
    const result = await inTime(running, clock);
    if (result === TIMED_OUT) {
      log.warn("toolTimedOut", { tool: tool.name });
      return refuse("TOOL_TIMED_OUT");
    }
    const json = JSON.stringify(result) ?? "null";
    return json.length <= LONGEST_RESULT ? json : refuse("RESULT_TOO_LONG");
  } catch (error) {
    log.error("toolFailed", { tool: tool.name, error: describeError(error) });
    return refuse("TOOL_FAILED");
  }
}

function refuse(error: Refusal, more: Readonly<Record<string, readonly string[]>> = {}): string {
  return JSON.stringify({ error, hint: HINTS[error], ...more });
}

const TIMED_OUT = Symbol("timed out");

/** A tool that goes on after its time changes nothing that a card would not: its result is just not told. */
function inTime(
  running: Promise<unknown>,
  clock: Pick<Clock, "later">,
): Promise<unknown | typeof TIMED_OUT> {
  return new Promise((resolve, reject) => {
    const cancel = clock.later(TOOL_MS, () => resolve(TIMED_OUT));
    running.then(resolve, reject).finally(cancel);
  });
}
