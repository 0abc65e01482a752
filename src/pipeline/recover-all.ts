import { expireApprovals } from "#src/approvals/consume-approval.ts";
import { recover } from "#src/execution/recover.ts";
import { postFills } from "#src/ledger/post-entry.ts";
import type { PipelineContext } from "./context.ts";
import { totalEquity } from "./profit.ts";
import { updateCard } from "./run-execution.ts";
import { bookFunding } from "./watch.ts";

/** Start is recovery: books, orders, hedges and cards are brought in line before anything else runs. */
export async function recoverAll(context: PipelineContext): Promise<void> {
  const { store, clock, log } = context;
  await rememberStart(context);
  const { open } = await recover(context.execution);
  store.transaction(() => {
    postFills(store);
    expireApprovals(store, clock.wallNow());
    for (const { proposal } of store.listProposals({ states: ["approved"] })) {
      const hedge = store
        .listHedges()
        .find((one) =>
          proposal.kind === "close" ? one.id === proposal.hedgeId : one.proposalId === proposal.id,
        );
      const wanted = proposal.kind === "close" ? "closed" : "open";
      const detail = "resolved after a restart";
      store.setProposalState(proposal.id, hedge?.phase === wanted ? "executed" : "failed", detail);
      updateCard(context, proposal.id);
    }
  });
  await bookFunding(context);
  context.gate.recovering = false;
  log.info("recovered", { attempts: open, hedges: store.listHedges().length });
}

/** Where the accounts stood before we did anything: what P&L is measured against. */
async function rememberStart(context: PipelineContext): Promise<void> {
  const { store } = context;
  if (store.getFact("equityAtStart") !== null) return;
  const equity = await totalEquity(context);
  if (equity) store.transaction(() => store.setFact("equityAtStart", equity.toFixed()));
}
