import type { ModelMessage, ModelToolCall } from "#src/ports/language-model.ts";
import { capText } from "./end-turn.ts";
import { gateToolCall } from "./gate-tool-call.ts";
import type { TurnParts } from "./run-turn.ts";
import type { ShownTurn } from "./show-turn.ts";

const MAX_CALLS_A_REPLY = 4;
/** The same question of the same tool is answered this often in a turn. */
const MAX_REPEATS = 2;
const LONGEST_KEPT_ARGUMENTS = 4_096;
const LONGEST_NAME = 100;

/** The gate's words for what the model itself must mend. */
const MALFORMED: ReadonlySet<unknown> = new Set([
  ...["UNKNOWN_TOOL", "ARGUMENTS_TOO_LONG", "NOT_JSON", "DUPLICATE_KEYS", "TOO_DEEP"],
  "DOES_NOT_FIT_SCHEMA",
]);

const HINTS = {
  TOO_MANY_CALLS: "Ask for less at once.",
  REPEATED_CALL: "You have this result already. Answer from it.",
  DUPLICATE_CALL: "This call was already made in this turn and is not made again.",
} as const;

export interface CallResults {
  readonly results: readonly ModelMessage[];
  readonly isMalformed: boolean;
}

/**
 * Runs the calls of one reply, in order. Each is on disk before it runs and again when it has returned, and
 * an id that was attempted once in this turn is never run again.
 */
export function createCallRunner(
  parts: TurnParts,
  turnId: string,
  shown: ShownTurn,
  signal: AbortSignal,
): (calls: readonly ModelToolCall[]) => Promise<CallResults> {
  const timesRun = new Map<string, number>();

  async function answer(call: ModelToolCall): Promise<string> {
    // A stop can fall between two calls of one reply.
    signal.throwIfAborted();
    const key = `${call.name} ${call.argumentsJson}`;
    const times = timesRun.get(key) ?? 0;
    if (times >= MAX_REPEATS) return refuse("REPEATED_CALL");
    if (!attempt(parts, turnId, call)) return earlierResult(parts, turnId, call);
    timesRun.set(key, times + 1);
    return runOnce(parts, turnId, call, shown, signal);
  }

  return async (calls) => {
    const results: ModelMessage[] = [];
    let isMalformed = false;
    for (const [index, call] of calls.entries()) {
      const { id: callId, name } = call;
      const json = index < MAX_CALLS_A_REPLY ? await answer(call) : refuse("TOO_MANY_CALLS");
      results.push({ role: "tool", callId, name, json });
      isMalformed ||= MALFORMED.has(errorIn(json));
    }
    return { results, isMalformed };
  };
}

async function runOnce(
  parts: TurnParts,
  turnId: string,
  call: ModelToolCall,
  shown: ShownTurn,
  signal: AbortSignal,
): Promise<string> {
  const { tools, toolContext, store, clock, log, redact } = parts;
  // A name that is none of ours is the model's own text: nobody is shown it.
  const isOurs = tools.some(({ name }) => name === call.name);
  if (isOurs) shown.tool(call.name, "began");
  const json = redact(await gateToolCall(call, tools, toolContext, log, clock));
  // Whoever stopped the turn has told the owner how it ended: a late result changes nothing.
  signal.throwIfAborted();
  if (isOurs) shown.tool(call.name, "ended");
  store.journal(() => store.returnCall(turnId, keyOf(call), json, clock.wallNow()));
  return json;
}

/** What proposes is synced first: the owner is told of every card that was asked for, whatever happens. */
function attempt(parts: TurnParts, turnId: string, call: ModelToolCall): boolean {
  const { store, clock, redact, tools } = parts;
  const row = {
    ...{ turnId, callId: keyOf(call), attemptedAt: clock.wallNow() },
    name: capText(call.name, LONGEST_NAME, ""),
    argumentsJson: keptArguments(call, redact),
  };
  const onlyReads = tools.find(({ name }) => name === call.name)?.effect !== "proposes";
  const write = () => store.attemptCall(row);
  return onlyReads ? store.journal(write) : store.transaction(write);
}

/** The same answer to the same question; to another question under an old id, none. */
function earlierResult({ store, redact }: TurnParts, turnId: string, call: ModelToolCall): string {
  const row = store.callsOf(turnId).find(({ callId }) => callId === keyOf(call));
  const isSame = row?.name === call.name && row.argumentsJson === keptArguments(call, redact);
  if (!isSame || row.resultJson === null) return refuse("DUPLICATE_CALL");
  const [error, earlierResult] = ["DUPLICATE_CALL", row.resultJson] as const;
  return JSON.stringify({ error, hint: HINTS[error], earlierResult });
}

function keptArguments({ argumentsJson }: ModelToolCall, redact: (text: string) => string) {
  return argumentsJson.length > LONGEST_KEPT_ARGUMENTS
    ? "(too long)"
    : capText(redact(argumentsJson), LONGEST_KEPT_ARGUMENTS, "");
}

/** Ids are the provider's text: what is too long for one is cut, and two that begin alike count as one. */
function keyOf({ id }: ModelToolCall): string {
  return capText(id, LONGEST_NAME, "");
}

function refuse(error: keyof typeof HINTS): string {
  return JSON.stringify({ error, hint: HINTS[error] });
}

/** Cutting a secret out may leave what is no JSON any more; that is no refusal of ours. */
function errorIn(json: string): unknown {
  try {
    return new Map(Object.entries(Object(JSON.parse(json)))).get("error");
  } catch {
    return undefined;
  }
}
