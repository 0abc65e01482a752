import { dec, sum } from "#src/core/decimal.ts";
import { equityIdentity } from "#src/core/pnl.ts";
import { isoTime } from "#src/core/time.ts";
import { usd } from "#src/core/units.ts";
import { type HedgeMoney, pnlView } from "#src/reports/hedge-view.ts";
import type { PerformanceView, PnlView } from "#src/reports/views.ts";
import type { PipelineContext } from "./context.ts";
import { describeHedge, marketMoment } from "./money.ts";
import { equityAtStart, totalEquity } from "./profit.ts";

/** Closed hedges on the list, newest first. */
const LISTED = 20;

/** What was earned, in parts that sum exactly, and what the accounts hold beside it. */
export async function performance(context: PipelineContext): Promise<PerformanceView> {
  const { store, clock } = context;
  const [moment, equity] = await Promise.all([marketMoment(context), totalEquity(context)]);
  const described = store.listHedges().map((hedge) => describeHedge(context, hedge, moment));
  const total = addUp(described.map(({ money }) => money.pnl));
  const start = equityAtStart(context);
  const unexplained =
    equity && total && start !== null
      ? equityIdentity({
          start: [start],
          deposits: dec("0"),
          withdrawals: dec("0"),
          pnl: [dec(total.totalUsd), ownerlessFunding(context)],
          end: [equity],
        }).unexplained.toFixed()
      : null;
  return {
    asOf: isoTime(clock.marketNow()),
    total,
    hedges: described
      .map(({ view, money }) => ({ ...view, pnl: pnlView(money.pnl) }))
      .reverse()
      .slice(0, LISTED),
    equityUsd: equity?.toFixed() ?? null,
    equityAtStartUsd: start?.toFixed() ?? null,
    unexplainedUsd: unexplained,
  };
}

function addUp(parts: readonly HedgeMoney["pnl"][]): PnlView | null {
  const known = parts.filter((one) => one !== null);
  if (known.length !== parts.length) return null;
  const total = (of: (one: NonNullable<HedgeMoney["pnl"]>) => ReturnType<typeof usd>) =>
    usd(sum(known.map(of)));
  return pnlView({
    priceUsd: total((one) => one.priceUsd),
    fundingUsd: total((one) => one.fundingUsd),
    feesUsd: total((one) => one.feesUsd),
    interestUsd: total((one) => one.interestUsd),
    totalUsd: total((one) => one.totalUsd),
  });
}

/** Payments on positions that belong to no hedge still moved the accounts. */
function ownerlessFunding({ store }: PipelineContext) {
  const entries = store.listLedgerEntries().filter((entry) => entry.hedgeId === null);
  return sum(entries.map((entry) => entry.amountUsd));
}
