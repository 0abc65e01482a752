import { HOUR_MS } from "#src/core/funding.ts";
import type { Opportunity } from "#src/core/opportunity.ts";
import { type Note, noteNot } from "#src/pipeline/choose/note-result.ts";
import { type PipelineContext, parseFact } from "#src/pipeline/context.ts";
import { isHedged } from "./open-within.ts";
import { planOpen, putBeforeOwner } from "./propose-open.ts";
import { recordDenialOnce } from "./record-denial.ts";

/** More cards than this at once are not read but tapped away. */
const MAX_WAITING_CARDS = 2;
/** An asset that was declined or left to expire is not proposed again so soon (market time). */
const PROPOSE_AGAIN_AFTER_MS = 4 * HOUR_MS;

/** Puts the best before the owner, a few at a time. */
export async function proposeBest(
  context: PipelineContext,
  good: readonly Opportunity[],
  note: Note,
): Promise<void> {
  const { store, clock } = context;
  for (const opportunity of good) {
    if (!hasRoomForCard(context)) return;
    if (isHedged(context, opportunity.asset) || proposedLately(context, opportunity.asset))
      continue;
    const planned = await planOpen(context, opportunity, "scan");
    if (planned.kind === "denied") recordDenialOnce(context, opportunity.asset, planned.denials);
    noteNot(context, planned, note);
    if (planned.kind !== "planned" || !planned.proposal.worthwhile) continue;
    // Somebody may have asked for it while the venues were.
    if (!hasRoomForCard(context) || proposedLately(context, opportunity.asset)) continue;
    const { proposal } = planned;
    store.transaction(() => {
      store.setFact(`proposedAt:${opportunity.asset}`, String(clock.marketNow()));
      putBeforeOwner(context, proposal);
      note({ kind: "proposed", ref: proposal.id });
    });
  }
}

export function hasRoomForCard({ store, clock }: PipelineContext): boolean {
  const waiting = store
    .listProposals({ states: ["awaiting"] })
    .filter(({ proposal }) => proposal.expiresAt > clock.wallNow());
  return waiting.length < MAX_WAITING_CARDS;
}

export function proposedLately(context: PipelineContext, asset: string): boolean {
  const { store, clock } = context;
  const waits = store
    .listProposals({ states: ["awaiting"] })
    .some(({ proposal }) => proposal.asset === asset && proposal.expiresAt > clock.wallNow());
  const at = parseFact(store, `proposedAt:${asset}`);
  return waits || (at !== null && clock.marketNow() - at < PROPOSE_AGAIN_AFTER_MS);
}
