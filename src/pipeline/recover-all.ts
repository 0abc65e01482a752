import { expireApprovals } from "#src/approvals/consume-approval.ts";
import { describeError } from "#src/core/errors.ts";
import { askVenue } from "#src/execution/fate/ask-venue.ts";
import { recover } from "#src/execution/recover.ts";
import { postFills } from "#src/ledger/post-entry.ts";
import { noteLiquidations } from "#src/pipeline/hold/stops/note-liquidations.ts";
import { rememberStarts } from "#src/pipeline/hold/stops/profit.ts";
import type { PipelineContext } from "./context.ts";
import { updateCard } from "./run-execution.ts";
import { bookFunding } from "./watch.ts";

/** Start is recovery: books, orders, hedges and cards are brought in line before anything else runs. */
export async function recoverAll(context: PipelineContext): Promise<void> {
  const { store, clock, log } = context;
  await inTime(context, rememberStarts(context));
  const { open } = await recover(context.execution);
  store.transaction(() => {
    postFills(store);
    expireApprovals(store, clock.wallNow());
    // The round that found a liquidation may have been this start's, or the last before a crash.
    for (const hedge of store.listHedges()) noteLiquidations(context, hedge);
    for (const { proposal } of store.listProposals({ states: ["approved"] })) {
      const hedge = store
        .listHedges()
        .find((one) =>
          proposal.kind === "close" ? one.id === proposal.hedgeId : one.proposalId === proposal.id,
        );
      const wanted = proposal.kind === "close" ? "closed" : "open";
      const detail = "the program was restarted in between";
      store.setProposalState(proposal.id, hedge?.phase === wanted ? "executed" : "failed", detail);
      updateCard(context, proposal.id);
    }
  });
  await inTime(context, bookFunding(context));
  context.gate.recovering = false;
  log.info("recovered", { attempts: open, hedges: store.listHedges().length });
}

const PATIENCE_MS = 10_000;

/** The watch must begin, whatever a venue keeps to itself. */
async function inTime({ execution, log }: PipelineContext, work: Promise<unknown>): Promise<void> {
  await askVenue(execution, work, PATIENCE_MS).catch((error: unknown) => {
    log.warn("startGoesOn", { error: describeError(error) });
  });
}
