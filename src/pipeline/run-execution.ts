import type { Hedge } from "#src/core/hedge.ts";
import type { OpenProposal } from "#src/core/proposal.ts";
import { closeHedge } from "#src/execution/close-hedge.ts";
import { openHedge } from "#src/execution/open-hedge.ts";
import type { Ticket } from "#src/guard/ticket.ts";
import { postFills } from "#src/ledger/post-entry.ts";
import { startCooldown } from "#src/pipeline/hold/stops/cooldown.ts";
import { tellOwner } from "#src/pipeline/propose/ask-owner.ts";
import { ownerOf, type PipelineContext } from "./context.ts";

/** Executes, books the fills, and brings the card up to date; never rejects. */
export async function runOpening(
  context: PipelineContext,
  hedge: Hedge,
  proposal: OpenProposal,
  ticket: Ticket,
): Promise<string> {
  const { store, log } = context;
  try {
    const result = await openHedge(context.execution, { hedge, proposal, ticket });
    log.info("openFinished", { hedgeId: hedge.id, outcome: result.outcome, detail: result.detail });
    store.transaction(() => {
      postFills(store);
      const executed = result.outcome === "open";
      // One leg filled and the other would not: whatever kept it from filling is still there.
      if (result.outcome === "unwound" && store.listFills(hedge.id).length > 0) {
        const { secondLegMs } = context.settings.cooldown;
        startCooldown(context, hedge.asset, context.clock.marketNow() + secondLegMs);
      }
      store.setProposalState(proposal.id, executed ? "executed" : "failed", result.detail);
      updateCard(context, proposal.id);
      if (executed) tellIfSmall(context, result.hedge, proposal);
    });
    return result.outcome;
  } catch (error) {
    log.error("openFailed", { hedgeId: hedge.id, error });
    store.transaction(() => {
      postFills(store);
      store.setProposalState(proposal.id, "failed", "interrupted");
      updateCard(context, proposal.id);
    });
    tellOwner(
      context,
      "warning",
      `Opening ${hedge.asset} (${hedge.id}) was interrupted. Its legs are being matched; /hedges shows them.`,
    );
    return "interrupted";
  }
}

/** Books may be thinner than they looked. What there is of it is equal on both sides, and so is no danger. */
function tellIfSmall(context: PipelineContext, hedge: Hedge, { legs }: OpenProposal): void {
  const { minPositionUsd } = context.settings.sizing;
  const [{ priceSeen, notionalUsd }] = legs;
  const heldUsd = hedge.legs[0].heldBase.times(priceSeen);
  if (heldUsd.gte(minPositionUsd)) return;
  const [held, planned] = [heldUsd.toFixed(2), notionalUsd.toFixed(2)];
  tellOwner(
    context,
    "warning",
    `${hedge.asset} ${hedge.id}: of ${planned} USD a leg only ${held} USD was filled, less than the smallest hedge of the settings (${minPositionUsd.toFixed()} USD). Its legs are equal, and it is watched and left like any other. While it is open no other hedge on ${hedge.asset} can be; /close ${hedge.asset} offers to close it.`,
  );
}

/** Closes, books the fills, brings the cards up to date; never rejects. */
export async function runClosing(
  context: PipelineContext,
  hedge: Hedge,
  proposalId: string | null,
): Promise<string> {
  const { store, log } = context;
  try {
    const result = await closeHedge(context.execution, { hedge });
    log.info("closeFinished", {
      hedgeId: hedge.id,
      outcome: result.outcome,
      detail: result.detail,
    });
    store.transaction(() => {
      postFills(store);
      if (proposalId) {
        const executed = result.outcome === "closed";
        store.setProposalState(proposalId, executed ? "executed" : "failed", result.detail);
        updateCard(context, proposalId);
      }
      updateCard(context, hedge.proposalId);
    });
    return result.outcome;
  } catch (error) {
    log.error("closeFailed", { hedgeId: hedge.id, error });
    tellOwner(
      context,
      "warning",
      `Closing ${hedge.asset} (${hedge.id}) was interrupted. It is tried again every minute.`,
    );
    return "interrupted";
  }
}

/** Asks the door to redraw a proposal's card from what is true now. Inside a transaction. */
export function updateCard(context: PipelineContext, proposalId: string): void {
  const owner = ownerOf(context.store);
  if (!owner) return;
  context.store.enqueue({
    severity: "info",
    chatId: owner.chatId,
    content: { type: "cardUpdate", proposalId },
  });
}
