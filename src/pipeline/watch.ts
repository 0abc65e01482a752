import { expireApprovals } from "#src/approvals/consume-approval.ts";
import { expireMandate, mandateUse, revokeMandate } from "#src/approvals/mandate.ts";
import { describeError } from "#src/core/errors.ts";
import { DAY_MS } from "#src/core/funding.ts";
import { LIVE_PHASES } from "#src/core/hedge.ts";
import { keepWatch } from "#src/execution/keep-watch.ts";
import { bookFunding as bookSettledFunding } from "#src/ledger/book-funding.ts";
import { postFills } from "#src/ledger/post-entry.ts";
import { dailySummary as summaryText } from "#src/reports/daily-summary.ts";
import { tellOwner } from "./ask-owner.ts";
import { checkOnline } from "./check-online.ts";
import type { PipelineContext } from "./context.ts";
import { performance } from "./performance.ts";
import { profitSince, rememberStarts } from "./profit.ts";
import { updateCard } from "./run-execution.ts";
import { status } from "./status.ts";

/**
 * Every few seconds: expired cards, every hedge's orders and positions, a /kill that goes on, and whether
 * the engine keeps its own promises.
 */
export async function tend(context: PipelineContext): Promise<void> {
  const { store, clock, execution } = context;
  tidyUp(context, () => {
    expireApprovals(store, clock.wallNow());
    postFills(store);
    if (store.tradingState() === "halted") revokeMandate(store, "halted", clock.wallNow());
  });
  checkOnline(context);
  const before = new Map(store.listHedges(LIVE_PHASES).map((hedge) => [hedge.id, hedge]));
  await keepWatch(execution);
  tidyUp(context, () => {
    postFills(store);
    for (const [id, { version, proposalId }] of before) {
      if (store.getHedge(id)?.version !== version) updateCard(context, proposalId);
    }
  });
}

/** Books and cards can wait for a disk that is full; the hedges cannot. */
function tidyUp({ store, log }: PipelineContext, work: () => void): void {
  try {
    store.transaction(work);
  } catch (error) {
    log.error("tidyUpFailed", { error: describeError(error) });
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
export async function watch(context: PipelineContext): Promise<void> {
  const { store, clock } = context;
  await rememberStarts(context);
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
