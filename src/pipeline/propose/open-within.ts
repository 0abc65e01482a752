import { expireMandate, mandateUse } from "#src/approvals/mandate.ts";
import { canonicalHash } from "#src/core/canonical-hash.ts";
import { minOf } from "#src/core/decimal.ts";
import { DAY_MS } from "#src/core/funding.ts";
import { isLive } from "#src/core/hedge.ts";
import { covers, type Mandate, type MandateUse, spotBeyond } from "#src/core/mandate.ts";
import type { Opportunity } from "#src/core/opportunity.ts";
import { isWorthOpening } from "#src/core/rules/worth-opening.ts";
import { type NotionalUsd, notionalUsd, usd } from "#src/core/units.ts";
import { type Note, noteNot } from "#src/pipeline/choose/note-result.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { profitSince } from "#src/pipeline/hold/stops/profit.ts";
import { runOpening } from "#src/pipeline/run-execution.ts";
import { admitOpen } from "./admit-open.ts";
import { tellOwner } from "./ask-owner.ts";
import { type PlannedOpen, planOpen } from "./propose-open.ts";
import { recordDenialOnce } from "./record-denial.ts";
import { inWindow } from "./wait-for-window.ts";

/** Opens what the armed mandate covers and has room for, best first. */
export async function openWithin(
  context: PipelineContext,
  mandate: Mandate,
  good: readonly Opportunity[],
  note: Note,
): Promise<void> {
  for (const opportunity of good) {
    // Models were asked and others opened since the list was made: the minute may be over.
    if (inWindow(context, [opportunity]).length === 0) continue;
    if (!(await openNext(context, mandate, opportunity, note))) return;
  }
}

/** One of them, in this minute; false when the mandate has no room, for this one or for any other. */
export async function openNext(
  context: PipelineContext,
  mandate: Mandate,
  opportunity: Opportunity,
  note: Note,
): Promise<boolean> {
  if (isHedged(context, opportunity.asset) || !isCovered(mandate, opportunity)) return true;
  const use = await useOf(context, mandate);
  const roomUsd = use && roomOf(mandate, use);
  if (!use || !roomUsd) return false;
  const planned = await planOpen(context, opportunity, "scan", roomUsd);
  if (planned.kind === "denied") recordDenialOnce(context, opportunity.asset, planned.denials);
  noteNot(context, planned, note);
  if (planned.kind === "planned" && planned.proposal.worthwhile) {
    await openPlanned(context, mandate, use, planned, note);
  }
  return true;
}

async function openPlanned(
  context: PipelineContext,
  mandate: Mandate,
  use: MandateUse,
  { proposal, snapshot }: Extract<PlannedOpen, { kind: "planned" }>,
  note: Note,
): Promise<void> {
  const { store } = context;
  store.transaction(() => store.insertProposal(proposal, canonicalHash(proposal)));
  // The hedge and the decision that began it are one write.
  const admitted = store.transaction(() => {
    const answer = admitOpen(context, proposal, snapshot, {
      authority: () => {
        const at = { marketNow: use.marketNow, pnlTodayUsd: use.pnlTodayUsd };
        return { kind: "mandate", mandate, use: mandateUse(store, mandate, at) };
      },
      mandateId: mandate.id,
      consume: () => store.armedMandate()?.id === mandate.id,
    });
    if (answer.kind === "admitted") note({ kind: "opening", ref: answer.hedge.id });
    return answer;
  });
  if (admitted.kind === "denied") recordDenialOnce(context, proposal.asset, admitted.denials);
  if (admitted.kind === "alreadyUsed") {
    store.transaction(() => store.setProposalState(proposal.id, "superseded"));
  }
  if (admitted.kind !== "admitted") return noteNot(context, admitted, note);
  const outcome = await runOpening(context, admitted.hedge, proposal, admitted.ticket);
  const what = outcome === "open" ? "Opened alone, within the mandate" : "Tried to open alone";
  const name = `${proposal.asset} (${admitted.hedge.id})`;
  tellOwner(context, "info", `${what}: ${name}, ${outcome}. ${nextAfter(outcome)}`);
}

function nextAfter(outcome: string): string {
  if (outcome === "open") return "It is watched; /hedges shows it.";
  return outcome === "unwound"
    ? "Nothing of it stays open, and nothing is opened alone on this asset for some hours."
    : "Its legs are being made equal; /hedges shows them.";
}

/** Null when its time is over, or when a venue is silent and the loss bound cannot be checked. */
async function useOf(context: PipelineContext, mandate: Mandate): Promise<MandateUse | null> {
  const { store, clock } = context;
  const marketNow = clock.marketNow();
  if (store.transaction(() => expireMandate(store, marketNow))) return null;
  const pnlTodayUsd = await profitSince(context, marketNow - (marketNow % DAY_MS), "none");
  if (pnlTodayUsd === null) return null;
  return mandateUse(store, mandate, { marketNow, pnlTodayUsd });
}

/** What one leg of the next hedge may be; null when there is no room that is worth an opening. */
function roomOf(mandate: Mandate, use: MandateUse): NotionalUsd | null {
  if (use.opensToday >= mandate.opensPerDay || mandate.totalUsd.lte(use.openUsd)) return null;
  const leftUsd = notionalUsd(mandate.totalUsd.minus(use.openUsd));
  const wholeUsd = minOf(mandate.totalUsd, mandate.perHedgeUsd);
  return isWorthOpening(leftUsd, wholeUsd) ? minOf(mandate.perHedgeUsd, leftUsd) : null;
}

/** By what the books say alone: no venue is asked, and no loss counted. */
export function hasRoom({ store, clock }: PipelineContext, mandate: Mandate): boolean {
  const at = { marketNow: clock.marketNow(), pnlTodayUsd: usd("0") };
  return roomOf(mandate, mandateUse(store, mandate, at)) !== null;
}

export async function mandateRoom(
  context: PipelineContext,
  mandate: Mandate,
): Promise<NotionalUsd | null> {
  const use = await useOf(context, mandate);
  return use && roomOf(mandate, use);
}

/** Would the mandate open this pair in the place of one that it holds? What that one frees is room enough. */
export async function mayOpenMore(
  context: PipelineContext,
  mandate: Mandate,
  { short, long }: Opportunity,
): Promise<boolean> {
  const areProvable = [short, long].every(
    ({ instrument: { venue } }) => context.venues.get(venue)?.capabilities.provable,
  );
  const use = areProvable ? await useOf(context, mandate) : null;
  if (!use) return false;
  return use.opensToday < mandate.opensPerDay && use.pnlTodayUsd.gte(mandate.lossPerDayUsd.neg());
}

export function isCovered(mandate: Mandate, { asset, short, long }: Opportunity): boolean {
  const legs = [short.instrument, long.instrument];
  const venues = legs.map(({ venue }) => venue);
  return covers(mandate, asset, venues) && spotBeyond(mandate, legs).length === 0;
}

export function isHedged(context: PipelineContext, asset: string): boolean {
  return context.store.listHedges().some((hedge) => hedge.asset === asset && isLive(hedge.phase));
}
