import type { DecisionTable } from "#src/core/decision.ts";
import { describeError } from "#src/core/errors.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import type { Advisor, Vote } from "#src/ports/advisor.ts";

/** Who has not voted by then votes HOLD (wall time). */
const VOTES_DEADLINE_MS = 90_000;

/** All votes by the deadline, or none: whoever is late has said nothing. */
export async function awaitVotes(
  { clock, gate, log }: PipelineContext,
  advisor: Advisor,
  table: DecisionTable,
  decisionId: string,
): Promise<readonly Vote[]> {
  const asking = new AbortController();
  gate.asking = asking;
  const startedMs = clock.elapsedMs();
  const late = new Promise<null>((resolve) => {
    asking.signal.addEventListener("abort", () => resolve(null), { once: true });
  });
  const inTime = clock.later(VOTES_DEADLINE_MS, () => asking.abort());
  try {
    const answer = advisor.ask(table, { decisionId, signal: asking.signal });
    const votes = await Promise.race([answer, late]);
    if (votes) return votes;
  } catch (error) {
    log.error("askFailed", { decisionId, error: describeError(error) });
  } finally {
    inTime();
    gate.asking = null;
  }
  const elapsedMs = clock.elapsedMs() - startedMs;
  const failure = elapsedMs >= VOTES_DEADLINE_MS ? "timeout" : "aborted";
  return advisor.models.map((model) => ({
    ...{ model, failure, raw: null, choice: null, confidence: null, reasoning: null, risks: [] },
    elapsedMs,
  }));
}
