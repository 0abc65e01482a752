import { parseDecimal } from "#src/core/decimal.ts";
import { shortVenue } from "#src/core/words/plain-name.ts";
import {
  formatHours,
  formatNumber,
  formatPercent,
  formatTable,
  formatUsd,
  UNKNOWN,
} from "#src/reports/format.ts";
import type { PerformanceFigures, PerformanceView } from "#src/reports/performance-view.ts";
import { bold, type Part, pre, type RichText, rich } from "#src/telegram/rich-text.ts";

const HEDGES_SHOWN = 8;
const MORE = "\n/pnl days, /pnl venues, /pnl hedges show more; /export sends every row.";

/** "/pnl", or one of its tables: days, venues, hedges. */
export function pnlReply(view: PerformanceView, wanted: string): RichText {
  if (/^days?$/i.test(wanted)) return byDay(view);
  if (/^venues?$/i.test(wanted)) return byVenue(view);
  if (/^hedges?$/i.test(wanted)) return byHedge(view);
  const other = wanted.trim() === "" ? [] : ["There is no such part; this is the whole.\n"];
  return rich(
    ...other,
    bold("Profit and loss"),
    " since the start, in USD\n",
    pre(formatTable(resultRows(view))),
    "\n",
    bold("How well"),
    "\n",
    pre(formatTable(figureRows(view.figures))),
    ...notes(view),
    MORE,
  );
}

function resultRows(view: PerformanceView): readonly (readonly string[])[] {
  const { total } = view;
  return [
    ["Funding settled", signed(total?.fundingUsd)],
    ["Price", signed(total?.priceUsd)],
    ["  gap of the legs", signed(total?.basisUsd)],
    ["  unequal legs", signed(total?.residualUsd)],
    ["Fees", signed(total?.feesUsd)],
    ["Borrow interest", signed(total?.interestUsd)],
    ["Total", signed(total?.totalUsd)],
    ["  realised", signed(total?.realisedUsd)],
    ["  on what is held", signed(total?.unrealisedUsd)],
    ...unlessNone("No hedge's", view.otherUsd),
    ...unlessNone("Paid in or out", view.transfersUsd),
    ...(view.quoteFxUsd === null ? [] : unlessNone("USDT against USDC", view.quoteFxUsd)),
    ["Unexplained", signed(view.unexplainedUsd)],
    ["Equity", bare(view.equityUsd)],
  ];
}

function figureRows(figures: PerformanceFigures): readonly (readonly string[])[] {
  const percent = (value: string | null, places = 0) =>
    value === null ? UNKNOWN : formatPercent(value, places);
  return [
    ["", "is", "aim"],
    ["Sharpe", short(figures.sharpe), short(figures.targetSharpe)],
    ["Payments won", percent(figures.winRatePeriods), percent(figures.targetWinRate)],
    ["Hedges won", percent(figures.winRatePositions), ""],
    ["Deepest fall", percent(figures.maxDrawdown, 2), ""],
    [
      "Mean holding",
      figures.averageHoldingHours ? formatHours(figures.averageHoldingHours) : UNKNOWN,
      "",
    ],
    ["Hedges/equity", percent(figures.hedgesOverEquity, 1), percent(figures.targetUtilisation)],
    ["Legs/equity", percent(figures.grossOverEquity, 1), ""],
    ["Margin/equity", percent(figures.marginOverEquity, 1), ""],
  ];
}

function notes({ figures, quoteFxUsd, unexplainedUsd }: PerformanceView): Part[] {
  const { days, daysNeeded, fundingPeriods, closedPositions, cashYield } = figures;
  return [
    `\n${count(fundingPeriods, "payment")}, ${count(closedPositions, "closed hedge")}. `,
    figures.sharpe === null
      ? `A Sharpe ratio needs ${daysNeeded} whole days; ${days} are known.`
      : `Sharpe over ${days} days, above ${formatPercent(cashYield, 0)} cash, corrected for autocorrelation.`,
    ...(quoteFxUsd === null
      ? [
          " Venues settle in different dollars, each counted as 1 USD: what their exchange rate made is unknown.",
        ]
      : []),
    ...(unexplainedUsd === null || isNone(unexplainedUsd)
      ? []
      : [
          " Unexplained: a deposit or withdrawal that a venue did not tell of, or what is not booked yet.",
        ]),
  ];
}

function byDay({ days }: PerformanceView): RichText {
  if (days.length === 0)
    return rich("No day is known yet. The first one begins with the first full hour.");
  const rows = days.map((one) => [
    one.day.slice(5),
    signed(one.fundingUsd),
    signed(one.feesUsd),
    signed(one.gainUsd),
  ]);
  return rich(
    bold("By day"),
    ", in USD, newest first\n",
    pre(formatTable([["", "funding", "fees", "gain"], ...rows])),
    "\nGain: what the accounts gained, prices and interest too, without deposits. Days are UTC; a payment at midnight belongs to the day it ends.",
  );
}

function byVenue({ venues, total }: PerformanceView): RichText {
  const rows = venues.map((one) => [
    shortVenue(one.venue),
    signed(one.priceUsd),
    signed(one.fundingUsd),
    signed(one.feesUsd),
    signed(one.totalUsd),
  ]);
  return rich(
    bold("By venue"),
    ", in USD\n",
    pre(formatTable([["", "price", "funding", "fees", "total"], ...rows])),
    `\nThe price of one leg alone says little: the other venue has its opposite. All venues: ${formatUsd(total?.totalUsd ?? null, true)}.`,
  );
}

function byHedge({ hedges }: PerformanceView): RichText {
  if (hedges.length === 0) return rich("No hedge was opened yet. /best shows what pays.");
  const parts = hedges.slice(0, HEDGES_SHOWN).flatMap((hedge): Part[] => [
    bold(hedge.asset),
    ` ${hedge.id}, ${hedge.phase}\n`,
    pre(
      formatTable([
        ["funding", signed(hedge.fundingUsd)],
        ["gap", signed(hedge.pnl?.basisUsd)],
        ["unequal", signed(hedge.pnl?.residualUsd)],
        ["fees", signed(hedge.pnl?.feesUsd)],
        ["interest", signed(hedge.pnl?.interestUsd)],
        ["total", signed(hedge.pnlUsd)],
      ]),
    ),
    "\n",
  ]);
  return rich(...parts);
}

function unlessNone(name: string, usd: string): readonly (readonly string[])[] {
  return isNone(usd) ? [] : [[name, signed(usd)]];
}

function isNone(usd: string | null): boolean {
  return usd !== null && (parseDecimal(usd)?.abs().lt("0.00005") ?? false);
}

/** "+1.23": the unit stands above. */
function signed(usd: string | null | undefined): string {
  return formatUsd(isNone(usd ?? null) ? "0" : (usd ?? null), true).replace(/ USD$/, "");
}

function bare(usd: string | null): string {
  return formatUsd(usd).replace(/ USD$/, "");
}

function short(value: string | null): string {
  return value === null ? UNKNOWN : formatNumber(value, 3);
}

function count(of: number, what: string): string {
  return `${of} ${what}${of === 1 ? "" : "s"}`;
}
