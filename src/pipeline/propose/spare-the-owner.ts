import { DAY_MS, HOUR_MS } from "#src/core/funding.ts";
import type { Asset } from "#src/core/instrument.ts";
import type { ProposalSource } from "#src/core/proposal.ts";
import type { UnavailableReason } from "#src/core/unavailable.ts";
import { type PipelineContext, parseFact } from "#src/pipeline/context.ts";

/** More cards than these are tapped away unread, and then a tap means nothing. */
const MOST_WAITING = 3;
const MOST_A_DAY = 10;
const DECLINES = 2;
const COOL_DOWN_MS = HOUR_MS / 2;
/** Enough to find the last two answers about one asset. */
const LOOK_BACK = 100;

/**
 * Why a model may not put another card for opening before the owner now; null when it may. Owners ask for as
 * many as they like, and closing is never held back.
 */
export function tooMuchAsked(
  context: PipelineContext,
  asset: Asset,
  source: ProposalSource,
): Extract<UnavailableReason, "TOO_MANY_CARDS" | "DECLINED_LATELY"> | null {
  if (source !== "agent") return null;
  const { store, clock } = context;
  const now = clock.wallNow();
  // Its own: what scans and the owner put there must not cost a question its answer.
  const waiting = store
    .listProposals({ states: ["awaiting"] })
    .filter(({ proposal }) => proposal.source === "agent" && proposal.expiresAt > now);
  if (waiting.length >= MOST_WAITING || cardsToday(context) >= MOST_A_DAY) return "TOO_MANY_CARDS";
  const answers = store
    .listProposals({ states: ["declined", "approved", "executed"], limit: LOOK_BACK })
    .filter(({ proposal }) => proposal.kind === "open" && proposal.asset === asset)
    .slice(0, DECLINES);
  const declined = answers.filter(({ state }) => state === "declined");
  // A card is declined before it expires, so this is never less than the cool-down.
  const lately = declined.some(({ proposal }) => now < proposal.expiresAt + COOL_DOWN_MS);
  return declined.length === DECLINES && lately ? "DECLINED_LATELY" : null;
}

/** In the transaction that makes the card. */
export function countCard(context: PipelineContext, source: ProposalSource): void {
  if (source !== "agent") return;
  context.store.setFact(dayKey(context.clock.wallNow()), String(cardsToday(context) + 1));
}

function cardsToday({ store, clock }: PipelineContext): number {
  return parseFact(store, dayKey(clock.wallNow())) ?? 0;
}

function dayKey(wallNow: number): string {
  return `agentCards:${Math.floor(wallNow / DAY_MS)}`;
}
