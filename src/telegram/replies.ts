import {
  denialSentence,
  opportunityReasonSentence,
  unavailableSentence,
} from "#src/core/plain-words.ts";
import type { KillReport, ProposeResult } from "#src/pipeline/contract.ts";
import {
  formatBps,
  formatClock,
  formatExact,
  formatHours,
  formatPercent,
  formatTable,
  formatUsd,
  shortVenue,
} from "#src/reports/format.ts";
import type {
  OpportunitiesView,
  PerformanceView,
  RatesView,
  StatusView,
} from "#src/reports/views.ts";
import { bold, type Part, pre, type RichText, rich } from "./rich-text.ts";

export const HELP = `Ask in plain words, or use a command:
/rates [ASSET]  what funding pays
/best  what is worth doing, after costs
/open ASSET  propose a hedge
/hedges  what is open
/status  everything at a glance
/pnl  what it earned
/cost  what language models cost
/close [ASSET]  propose closing
/scan  look now
/decisions [ID]  what scans chose
/auto  arm autonomous mode, /auto off ends it
/stop  end the answer in progress
/halt  no new risk, hedges stay
/resume  trade again
/kill  close everything now

Nothing opens without your tap on Approve, or a mandate that you armed. Sizes are set by code.`;

export function ratesReply(view: RatesView, asset: string | null): RichText {
  if (view.assets.length === 0) {
    const what = asset ? ` for ${asset.toUpperCase()}` : "";
    return rich(`No venue gives a funding rate${what} now.`);
  }
  const parts: Part[] = [bold("Funding rates"), ", per 8 hours and a year\n"];
  for (const { asset: name, venues } of view.assets) {
    parts.push(bold(name), "\n");
    const rows = venues.map((one) => [
      shortVenue(one.venue),
      formatBps(one.rate8h),
      formatPercent(one.apr),
      `${one.intervalHours}h ${one.minutesToFunding}m`,
    ]);
    parts.push(pre(formatTable(rows)), "\n");
  }
  parts.push("Positive: longs pay shorts. Last column: interval, minutes to the next payment.");
  return rich(...parts);
}

export function bestReply(view: OpportunitiesView): RichText {
  const worth = view.opportunities.filter((one) => one.worthwhile);
  const rows = [
    ["", "14-day", "net APR", "back in"],
    ...view.opportunities
      .slice(0, 10)
      .map((one) => [
        `${one.worthwhile ? "✓" : "·"} ${one.asset}`,
        formatBps(one.trailingSpread8h).replace(" bp", ""),
        formatPercent(one.netAprOnCapital).replace(" %", ""),
        one.breakEvenHours ? formatHours(one.breakEvenHours) : "never",
      ]),
  ];
  const [top] = worth;
  const conclusion = top
    ? `Best: ${top.asset}, short ${shortVenue(top.shortVenue)}, long ${shortVenue(top.longVenue)}. /open ${top.asset} proposes it.`
    : "Nothing is worth doing now: doing nothing is the better trade.";
  const first = view.opportunities.find((one) => one.reason);
  const why =
    first?.reason && !top ? ` ${first.asset}: ${opportunityReasonSentence(first.reason)}.` : "";
  return rich(
    bold("Opportunities after costs"),
    "\n",
    pre(formatTable(rows)),
    `\nMean spread in bp per 8 h; net APR in % on capital over 21 days.\n${conclusion}${why}`,
  );
}

export function hedgesReply(view: StatusView): RichText {
  if (view.hedges.length === 0) return rich("No hedge is open. /best shows what pays.");
  const parts: Part[] = [];
  for (const hedge of view.hedges) {
    const rows = hedge.legs.map((leg) => [
      leg.side.toUpperCase(),
      shortVenue(leg.venue),
      formatExact(leg.sizeBase),
    ]);
    parts.push(
      bold(`${hedge.asset}`),
      ` ${hedge.id}, ${hedge.phase}\n`,
      pre(formatTable(rows)),
      `\nfunding ${formatUsd(hedge.fundingUsd, true)}, fees ${formatUsd(hedge.feesUsd)}, result ${formatUsd(hedge.pnlUsd, true)}, drift ${formatPercent(hedge.driftRatio, 2)}\n`,
    );
  }
  return rich(...parts);
}

export function statusReply(view: StatusView): RichText {
  const rows = [
    ["Mode", view.mode],
    ["Trading", view.tradingState],
    ["Equity", formatUsd(view.equityUsd)],
    ["Hedges", String(view.hedges.length)],
    ["Cards waiting", String(view.proposals.length)],
    ["Mandate", view.mandate ? `armed, ${formatUsd(view.mandate.usedUsd)} used` : "none"],
    ["Last scan", view.lastScanAt ? formatClock(view.lastScanAt) : "none yet"],
    ["Next scan", view.nextScanAt ? formatClock(view.nextScanAt) : "unknown"],
    ...view.venues.map((venue) => [
      shortVenue(venue.venue),
      venue.status === "ok" ? formatUsd(venue.equityUsd) : "does not answer",
    ]),
  ];
  return rich(bold("Status"), `, ${formatClock(view.marketTime)}\n`, pre(formatTable(rows)));
}

export function pnlReply(view: PerformanceView): RichText {
  const { total } = view;
  const rows = [
    ["Funding settled", formatUsd(total?.fundingUsd ?? null, true)],
    ["Price", formatUsd(total?.priceUsd ?? null, true)],
    ["Fees", formatUsd(total?.feesUsd ?? null, true)],
    ["Total", formatUsd(total?.totalUsd ?? null, true)],
    ["Equity", formatUsd(view.equityUsd)],
    ["Unexplained", formatUsd(view.unexplainedUsd)],
  ];
  const hedges = view.hedges
    .slice(0, 8)
    .map((hedge) => [hedge.asset, hedge.phase, formatUsd(hedge.pnlUsd, true)]);
  return rich(
    bold("Profit and loss"),
    " since the start\n",
    pre(formatTable(rows)),
    ...(hedges.length > 0 ? ["\n", bold("Hedges"), "\n", pre(formatTable(hedges))] : []),
  );
}

/** What to say besides the card; a proposal's card speaks for itself. */
export function proposeReply(result: ProposeResult): string | null {
  switch (result.kind) {
    case "proposed":
      return null;
    case "alreadyWaiting":
      return "That card already waits for you; here it is again.";
    case "denied":
      return `Denied by the guard: ${result.denials.map(denialSentence).join("; ")}. Nothing was traded.`;
    case "unavailable":
      return unavailableSentence(result.reason);
  }
}

export function killReply(report: KillReport): RichText {
  const rows = report.legs.map((leg) => [
    `${leg.closed ? "✓" : "✗"} ${shortVenue(leg.venue)}`,
    leg.instrument,
    `${leg.elapsedMs} ms`,
  ]);
  return rich(
    bold(report.flat ? "⬛ Everything is flat" : "🚨 NOT flat yet"),
    report.flat ? ", verified on every venue.\n" : ". Send /kill again, or close by hand.\n",
    ...(rows.length > 0 ? [pre(formatTable(rows)), "\n"] : []),
    `${report.legs.length} positions, ${report.elapsedMs} ms. Trading is halted; /resume asks you first.`,
  );
}
