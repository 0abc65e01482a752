import { shortVenue } from "#src/core/words/plain-name.ts";
import { denialSentence } from "#src/core/words/plain-words.ts";
import type { KillReport, ProposeResult } from "#src/pipeline/contract.ts";
import { unavailableWords } from "#src/pipeline/propose/describe-proposal.ts";
import {
  formatBps,
  formatClock,
  formatHeld,
  formatPercent,
  formatTable,
  formatUsd,
  placeName,
} from "#src/reports/format.ts";
import type { RatesView, StatusView } from "#src/reports/views.ts";
import { bold, type Part, pre, type RichText, rich } from "#src/telegram/rich-text.ts";

export const HELP = `Ask in plain words, or use a command:
/rates [ASSET]  what funding pays
/best  what is worth doing, after costs
/open ASSET  propose a hedge
/hedges  what is open
/status  everything at a glance
/pnl  what it earned; also days, venues, hedges
/export  every fill, payment and fee as a file
/cost  what language models cost
/rules [TABLE]  the rules in force
/close [ASSET]  propose closing
/scan  look now
/decisions [ID]  what scans chose
/auto  arm autonomous mode, /auto off ends it
/live  the way from simulation to real money
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
  for (const { asset: name, venues, spot } of view.assets) {
    parts.push(bold(name), "\n");
    const rows = venues.map((one) => [
      shortVenue(one.venue),
      formatBps(one.rate8h),
      formatPercent(one.apr),
      `${one.intervalHours}h ${one.minutesToFunding}m`,
    ]);
    parts.push(pre(formatTable([...rows, ...spotRows(spot)])), "\n");
  }
  parts.push("Positive: longs pay shorts. Last column: interval, minutes to the next payment.");
  return rich(...parts);
}

/** Spot pays nothing; what a short of it costs is what the venue asks for the loan. */
function spotRows(spot: RatesView["assets"][number]["spot"]): readonly string[][] {
  return spot.map(({ venue, borrow8h, borrowApr }) =>
    borrow8h === null
      ? [`${shortVenue(venue)} spot`, "not lent", "", ""]
      : [`${shortVenue(venue)} spot`, formatBps(borrow8h), formatPercent(borrowApr), "to borrow"],
  );
}

export function hedgesReply(view: StatusView): RichText {
  if (view.hedges.length === 0) return rich("No hedge is open. /best shows what pays.");
  const parts: Part[] = [];
  for (const hedge of view.hedges) {
    const rows = hedge.legs.map((leg) => [
      leg.side.toUpperCase(),
      placeName(leg, hedge.legs),
      formatHeld(leg.sizeBase),
    ]);
    parts.push(
      bold(`${hedge.asset}`),
      ` ${hedge.id}, ${hedge.phase}\n`,
      pre(formatTable(rows)),
      `\nfunding ${formatUsd(hedge.fundingUsd, true)}, fees ${formatUsd(hedge.feesUsd)}, result at mark ${formatUsd(hedge.pnlUsd, true)}, drift ${formatPercent(hedge.driftRatio, 2)}\n`,
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
  const halted =
    view.tradingState === "active" ? [] : ["\n⏸ Nothing opens before /resume; it asks you first."];
  const stops = [...halted, ...view.entryStops.map(({ text }) => `\n⏸ ${text}.`)];
  return rich(
    ...[
      bold("Status"),
      `, ${formatClock(view.marketTime)}${view.mode === "demo" ? " of market time" : ""}\n`,
      pre(formatTable(rows)),
    ],
    ...(stops.length > 0 ? ["\n", ...stops] : []),
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
      return unavailableWords(result);
  }
}

export function killReply(report: KillReport): RichText {
  const rows = report.legs.map((leg) => [
    `${leg.closed ? "✓" : "✗"} ${placeName(leg, [leg])}`,
    leg.instrument,
    `${leg.elapsedMs} ms`,
  ]);
  const { length } = report.legs;
  const found =
    length === 0
      ? "No position was found open"
      : `${length} ${length === 1 ? "position" : "positions"}`;
  return rich(
    bold(report.flat ? "⬛ Everything is flat" : "🚨 NOT flat yet"),
    report.flat ? ", verified on every venue.\n" : ". Send /kill again, or close by hand.\n",
    ...(rows.length > 0 ? [pre(formatTable(rows)), "\n"] : []),
    `${found}, ${report.elapsedMs} ms. Trading is halted; /resume asks you first.`,
  );
}
