import { expireApprovals } from "#src/approvals/consume-approval.ts";
import { expireMandate, mandateUse, revokeMandate } from "#src/approvals/mandate.ts";
import { DAY_MS } from "#src/core/funding.ts";
import type { Hedge } from "#src/core/hedge.ts";
import { rebalanceDrift } from "#src/execution/rebalance-drift.ts";
import { reconcile } from "#src/execution/reconcile.ts";
import { resumeReview } from "#src/execution/recover.ts";
import { bookFunding as bookSettledFunding } from "#src/ledger/book-funding.ts";
import { postFills } from "#src/ledger/post-entry.ts";
import { dailySummary as summaryText } from "#src/reports/daily-summary.ts";
import { tellOwner } from "./ask-owner.ts";
import type { PipelineContext } from "./context.ts";
import { performance } from "./performance.ts";
import { profitSince } from "./profit.ts";
import { runClosing, updateCard } from "./run-execution.ts";
import { status } from "./status.ts";

/** Expiries, vanished legs, drift, and the mandate's bounds. One bad hedge does not hide the next. */
export async function watch(context: PipelineContext): Promise<void> {
  const { store, clock, log } = context;
  store.transaction(() => {
    expireApprovals(store, clock.wallNow());
    postFills(store);
  });
  for (const hedge of store.listHedges()) {
    if (hedge.phase === "closed") continue;
    try {
      await watchHedge(context, hedge);
    } catch (error) {
      log.warn("watchFailed", { hedgeId: hedge.id, error });
    }
  }
  store.transaction(() => postFills(store));
  await watchMandate(context);
}

async function watchHedge(context: PipelineContext, hedge: Hedge): Promise<void> {
  const { store, execution } = context;
  if (hedge.phase === "review") return resumeReview(execution, hedge);
  if (hedge.phase !== "open" && hedge.phase !== "closing") return;
  await reconcile(execution, hedge);
  const fresh = store.getHedge(hedge.id);
  if (fresh?.phase === "open" && hedge.phase === "open") await rebalanceDrift(execution, fresh);
  else if (fresh && fresh.phase !== "closed" && hedge.phase === "closing") {
    await runClosing(context, fresh, null);
  }
}

/** Books what the venues have paid, and shows it on the cards of the hedges that earned it. */
export async function bookFunding(context: PipelineContext): Promise<void> {
  const { store, venues, clock, log } = context;
  const { booked } = await bookSettledFunding({ store, venues, clock, log });
  if (booked === 0) return;
  store.transaction(() => {
    for (const hedge of store.listHedges(["open"])) updateCard(context, hedge.proposalId);
  });
}

export async function dailySummary(context: PipelineContext): Promise<void> {
  const text = summaryText(await status(context), await performance(context));
  tellOwner(context, "info", text);
}

/** A breached or ended mandate is revoked at once, and said so. */
async function watchMandate(context: PipelineContext): Promise<void> {
  const { store, clock } = context;
  const marketNow = clock.marketNow();
  const mandate = store.armedMandate();
  if (!mandate) return;
  const ended = store.transaction(() => expireMandate(store, marketNow));
  if (ended)
    return tellOwner(
      context,
      "warning",
      "The mandate has ended. Scans propose again; /auto offers a new one.",
    );
  const pnlTodayUsd = await profitSince(context, marketNow - (marketNow % DAY_MS));
  if (pnlTodayUsd === null) return;
  const use = mandateUse(store, mandate, { marketNow, pnlTodayUsd });
  if (use.pnlTodayUsd.gte(mandate.lossPerDayUsd.neg())) return;
  store.transaction(() => revokeMandate(store, "loss limit", clock.wallNow()));
  tellOwner(
    context,
    "warning",
    `Today's loss ${use.pnlTodayUsd.toFixed(2)} USD passed the mandate's bound. The mandate is revoked; open hedges stay and are watched.`,
  );
}
