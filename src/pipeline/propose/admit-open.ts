import type { Denial } from "#src/core/denial.ts";
import type { Hedge, HedgeLeg, LegIndex } from "#src/core/hedge.ts";
import type { OpenLeg, OpenProposal } from "#src/core/proposal.ts";
import type { Snapshot } from "#src/core/snapshot.ts";
import { baseSize } from "#src/core/units.ts";
import { type Authority, checkOpen } from "#src/guard/check.ts";
import type { Ticket } from "#src/guard/ticket.ts";
import { type PipelineContext, tradingStateOf } from "#src/pipeline/context.ts";
import { updateCard } from "#src/pipeline/run-execution.ts";
import { countedNow } from "./portfolio.ts";
import { withdrawOpensOf } from "./withdraw-open.ts";

export type Admitted =
  | { readonly kind: "admitted"; readonly hedge: Hedge; readonly ticket: Ticket }
  | { readonly kind: "denied"; readonly denials: readonly Denial[] }
  | { readonly kind: "alreadyUsed" };

/** One transaction: use the yes up, ask the guard on the fresh snapshot, write the intent. */
export function admitOpen(
  context: PipelineContext,
  proposal: OpenProposal,
  snapshot: Snapshot,
  by: {
    /** Worked out inside the transaction: a mandate's use is counted at this moment. */
    readonly authority: () => Authority;
    readonly mandateId: string | null;
    readonly consume: () => boolean;
  },
): Admitted {
  const { store, clock, limits } = context;
  return store.transaction((): Admitted => {
    if (!by.consume()) return { kind: "alreadyUsed" };
    const stored = store.getProposal(proposal.id);
    const verdict = checkOpen({
      proposal,
      proposalHash: stored?.hash ?? "",
      snapshot: countedNow(context, snapshot),
      tradingState: tradingStateOf(context),
      limits,
      authority: by.authority(),
      now: clock.wallNow(),
    });
    if (!verdict.ok) {
      store.setProposalState(proposal.id, "denied", JSON.stringify(verdict.denials));
      updateCard(context, proposal.id);
      return { kind: "denied", denials: verdict.denials };
    }
    const hedge = plannedHedge(context, proposal, by.mandateId);
    store.setProposalState(proposal.id, "approved");
    store.insertHedge(hedge);
    updateCard(context, proposal.id);
    withdrawOpensOf(context, proposal.asset);
    return { kind: "admitted", hedge, ticket: verdict.ticket };
  });
}

function plannedHedge(
  context: PipelineContext,
  proposal: OpenProposal,
  mandateId: string | null,
): Hedge {
  return {
    id: context.ids.next("H"),
    asset: proposal.asset,
    phase: "opening",
    proposalId: proposal.id,
    mandateId,
    legs: [plannedLeg(proposal.legs[0], 0), plannedLeg(proposal.legs[1], 1)],
    openedAt: context.clock.marketNow(),
    closedAt: null,
    createdAtWall: context.clock.wallNow(),
    version: 1,
  };
}

function plannedLeg(leg: OpenLeg, index: LegIndex): HedgeLeg {
  return {
    index,
    venue: leg.venue,
    symbol: leg.symbol,
    side: leg.side,
    targetBase: leg.sizeBase,
    heldBase: baseSize("0"),
    entryPrice: null,
  };
}
