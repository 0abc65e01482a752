import { expireApprovals } from "#src/approvals/consume-approval.ts";
import { expireMandate, mandateUse, revokeMandate } from "#src/approvals/mandate.ts";
import { describeError } from "#src/core/errors.ts";
import { DAY_MS } from "#src/core/funding.ts";
import { LIVE_PHASES } from "#src/core/hedge.ts";
import { keepWatch } from "#src/execution/keep-watch.ts";
import { refreshLegs } from "#src/execution/legs/book-fills.ts";
import { bookFunding as bookSettledFunding } from "#src/ledger/book-funding.ts";
import { bookInterest } from "#src/ledger/book-interest.ts";
import { postFills } from "#src/ledger/post-entry.ts";
import { checkFunding } from "#src/pipeline/hold/carry/check-funding.ts";
import { notePaidBack } from "#src/pipeline/hold/carry/note-paid-back.ts";
import { tellOfLoans } from "#src/pipeline/hold/carry/tell-of-loans.ts";
import { watchTerms } from "#src/pipeline/hold/carry/watch-terms.ts";
import { checkOnline } from "#src/pipeline/hold/check-online.ts";
import { countRehearsal } from "#src/pipeline/hold/count-rehearsal.ts";
import { hasMovedSinceJudged, watchMargins } from "#src/pipeline/hold/margin/watch-margins.ts";
import { noteLiquidations } from "#src/pipeline/hold/stops/note-liquidations.ts";
import { profitSince, rememberStarts } from "#src/pipeline/hold/stops/profit.ts";
import { watchLosses } from "#src/pipeline/hold/stops/watch-losses.ts";
import { watchStables } from "#src/pipeline/hold/stops/watch-stables.ts";
import { watchBook } from "#src/pipeline/hold/watch-book.ts";
import { tellOwner } from "#src/pipeline/propose/ask-owner.ts";
import { performance } from "#src/pipeline/show/performance.ts";
import { status } from "#src/pipeline/show/status.ts";
import { dailySummary as summaryText } from "#src/reports/daily-summary.ts";
import type { PipelineContext } from "./context.ts";
import { updateCard } from "./run-execution.ts";

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
  tidyUp(context, () => countRehearsal(context));
  const before = new Map(store.listHedges(LIVE_PHASES).map((hedge) => [hedge.id, hedge]));
  await keepWatch(execution);
  tidyUp(context, () => {
    postFills(store);
    for (const [id, { version, proposalId }] of before) {
      const hedge = store.getHedge(id);
      if (hedge?.version === version) continue;
      updateCard(context, proposalId);
      if (hedge) noteLiquidations(context, hedge);
    }
  });
  // A price that ran is not left to the next minute.
  if (hasMovedSinceJudged(context)) await watchMargins(context);
}

/** Books and cards can wait for a disk that is full; the hedges cannot. */
function tidyUp({ store, log }: PipelineContext, work: () => void): void {
  try {
    store.transaction(work);
  } catch (error) {
    log.error("tidyUpFailed", { error: describeError(error) });
  }
}

/** Books what the venues have paid, shows it on the cards of the hedges that earned it, and checks it. */
export async function bookFunding(context: PipelineContext): Promise<void> {
  const { store, venues, clock, log } = context;
  const parts = { store, venues, clock, log };
  const refresh = (hedgeId: string) => void refreshLegs(context.execution, hedgeId);
  const [funding, interest] = await Promise.all([
    bookSettledFunding(parts),
    bookInterest({ ...parts, refresh }),
  ]);
  tellOfLoans(context, interest.outlived);
  if (funding.booked + interest.booked > 0) {
    const open = store.listHedges(["open"]);
    for (const hedge of open) notePaidBack(context, hedge);
    store.transaction(() => {
      for (const { proposalId } of open) updateCard(context, proposalId);
    });
  }
  await checkFunding(context, funding.answers);
}

export async function dailySummary(context: PipelineContext): Promise<void> {
  const text = summaryText(await status(context), await performance(context));
  tellOwner(context, "info", text);
}

/** Margins, losses, dollars and limits of all that is open; then the mandate's bounds. Each for itself. */
export async function watch(context: PipelineContext): Promise<void> {
  await rememberStarts(context);
  const rounds = { watchMargins, watchLosses, watchStables, watchTerms, watchBook };
  await Promise.all(
    Object.entries(rounds).map(([name, round]) =>
      round(context).catch((error: unknown) => {
        context.log.error("watchFailed", { name, error: describeError(error) });
      }),
    ),
  );
  await watchMandate(context);
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
  const pnlTodayUsd = await profitSince(context, marketNow - (marketNow % DAY_MS), "none");
  if (pnlTodayUsd === null) return;
  const use = mandateUse(store, mandate, { marketNow, pnlTodayUsd });
  if (use.pnlTodayUsd.gte(mandate.lossPerDayUsd.neg())) return;
  store.transaction(() => revokeMandate(store, "loss limit", clock.wallNow()));
  tellOwner(
    context,
    "warning",
    `Today's loss ${use.pnlTodayUsd.toFixed(2)} USD passed the mandate's bound. The mandate is revoked: nothing opens alone. Open hedges stay and are watched, and what the rules leave gets a card; /auto offers a new mandate.`,
  );
}
