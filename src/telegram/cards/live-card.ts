import { shortVenue } from "#src/core/words/plain-name.ts";
import { formatExact, formatPercent, formatTable, formatUsd } from "#src/reports/format.ts";
import type { LiveView } from "#src/reports/views.ts";
import { bold, type Part, pre, type RichText, rich } from "#src/telegram/rich-text.ts";
import { approvalKeyboard } from "./open-card.ts";
import type { Card } from "./proposal-card.ts";

/** What was rehearsed and what real money may then do, before the tap that confirms it. */
export function liveCard(view: LiveView, nonce: string): Card {
  return {
    ...rich(
      bold("🔓 Let Hedgerow trade real money?"),
      `\nRehearsed ${formatMinutes(view.rehearsedMinutes)} of ${view.neededHours} h. `,
      ...resultParts(view),
      "\n",
      bold("With your yes, live mode may"),
      "\n",
      pre(boundsTable(view)),
      "\nIt starts with nothing open and nothing allowed to open until /resume. Every hedge still needs your tap, or a mandate that you arm. Settings that ask for more than this do not count before you confirm them here.",
    ),
    keyboard: approvalKeyboard(nonce, "🔓 Confirm live mode"),
  };
}

/** What /live answers; with a card on its way, only what the card does not say. */
export function liveReply(view: LiveView, isOffered: boolean): RichText {
  if (view.state === "demo") {
    return rich(
      'This is the demo: a simulated market does not count towards live mode. Run `bun run start` with mode = "paper" or "testnet".',
    );
  }
  if (isOffered) return rich(bold("Live mode"), ": the rehearsal is done. The card follows.");
  if (view.state === "confirmed") return confirmedReply(view);
  return rich(
    bold("Live mode is locked"),
    `: ${formatMinutes(view.rehearsedMinutes)} of ${view.neededHours} h rehearsed.\n`,
    pre(formatTable(view.venues.map((one) => [shortVenue(one.venue), venueProgress(view, one)]))),
    `\n${whatCounts(view)}\n`,
    ...resultParts(view),
    ...(view.widened.length > 0 ? ["\n", widenedText(view)] : []),
  );
}

function confirmedReply(view: LiveView): RichText {
  const at = `${view.confirmedAt?.slice(0, 16).replace("T", " ") ?? "unknown"} UTC`;
  const next =
    view.mode === "live"
      ? "Settings that ask for more do not count before you confirm them here."
      : 'To start it: set mode = "live" with a key file for each venue, then restart. Its books are kept apart from these.';
  return rich(
    bold("Live mode is confirmed"),
    ` since ${at}\n`,
    pre(boundsTable(view)),
    `\n${next}`,
  );
}

function whatCounts(view: LiveView): string {
  if (view.mode === "live") {
    return "A venue that was not rehearsed is first run in mode paper or testnet.";
  }
  return "What counts: time in which the bot runs, trading is not halted and the venue answers.";
}

function widenedText({ widened }: LiveView): string {
  const parts = widened.map(
    ({ what, confirmed, wanted }) => `${what} ${wanted} instead of ${confirmed}`,
  );
  return `The settings ask for more than was confirmed: ${parts.join("; ")}.`;
}

function resultParts({ results }: LiveView): readonly Part[] {
  const { pnl } = results;
  const rows = [
    ["Hedges", `${results.hedgesOpened} opened, ${results.hedgesClosed} closed`],
    ["Funding", formatUsd(pnl?.fundingUsd ?? null, true)],
    ["Price", formatUsd(pnl?.priceUsd ?? null, true)],
    ["Fees", formatUsd(pnl?.feesUsd ?? null, true)],
    ["Interest", formatUsd(pnl?.interestUsd ?? null, true)],
    ["Total", formatUsd(pnl?.totalUsd ?? null, true)],
    ["Worst drawdown", formatPercent(results.worstDrawdown, 2)],
    ["Not completed", String(results.failures)],
    ["Alerts", `${results.criticals} critical, ${results.warnings} warnings`],
  ];
  const untried = results.hedgesClosed === 0;
  return [
    "What came of it:\n",
    pre(formatTable(rows)),
    ...(untried
      ? [
          "\n",
          bold("Honestly: "),
          "no hedge was opened and closed yet, so the way in and out is untried.",
        ]
      : []),
  ];
}

function boundsTable({ bounds }: LiveView): string {
  return formatTable([
    ["One leg", `at most ${formatUsd(bounds.hardCapUsd)}`],
    ["of the smaller account", `at most ${formatPercent(bounds.equityShare, 0)}`],
    ["Leverage", `at most ${formatExact(bounds.leverage)}`],
    ["To liquidation", `at least ${formatPercent(bounds.minLiquidationDistance, 0)}`],
    ["Venues", bounds.venues.map(shortVenue).join(", ")],
    ["Spot on", bounds.spotVenues.map(shortVenue).join(", ") || "none"],
  ]);
}

function venueProgress(
  { neededHours }: LiveView,
  { rehearsedMinutes }: LiveView["venues"][number],
): string {
  return rehearsedMinutes >= neededHours * 60 ? "done" : formatMinutes(rehearsedMinutes);
}

/** "14 h 10 min". */
function formatMinutes(total: number): string {
  const [hours, minutes] = [Math.floor(total / 60), total % 60];
  return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
}
