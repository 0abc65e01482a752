import { InlineKeyboard } from "grammy";
import { ONE } from "#src/core/decimal.ts";
import { liquidationDistance } from "#src/core/figures/margin.ts";
import { intervalToMs } from "#src/core/funding.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import type { OpenLeg, OpenProposal } from "#src/core/proposal.ts";
import { isoTime } from "#src/core/time.ts";
import type { EpochMs, Usd } from "#src/core/units.ts";
import { boundWords } from "#src/core/words/bound-words.ts";
import { shortVenue } from "#src/core/words/plain-name.ts";
import type { CardFacts } from "#src/pipeline/contract.ts";
import {
  formatBps,
  formatClock,
  formatExact,
  formatHours,
  formatNumber,
  formatPercent,
  formatTable,
  formatUsd,
  placeName,
} from "#src/reports/format.ts";
import type { Mode } from "#src/reports/views.ts";
import { bold, type Part, pre } from "#src/telegram/rich-text.ts";

/** What both legs will do, exactly, and what it costs. Every figure is the frozen plan's. */
export function openCardBody(
  proposal: OpenProposal,
  { marketNow, days, mode }: Pick<CardFacts, "marketNow" | "days" | "mode">,
): readonly Part[] {
  const { costs, legs } = proposal;
  const costUsd = costs.feesUsd.plus(costs.slippageUsd);
  return [
    pre(legTable(legs)),
    "\n",
    spotWords(legs),
    bold("Funding now"),
    "\n",
    pre(formatTable(legs.map((leg) => fundingRow(leg, legs)))),
    `\nSpread now ${formatBps(proposal.spread8h)}, ${days.lookback}-day mean ${formatBps(proposal.trailingSpread8h)} per 8 h\n`,
    nextPayment(legs, { marketNow, mode }),
    `Costs, all four fills: ${formatUsd(costUsd)} (fees ${formatUsd(costs.feesUsd)}, slippage ${formatUsd(costs.slippageUsd)})\n`,
    `Pays for itself in: ${proposal.breakEvenHours ? formatHours(proposal.breakEvenHours) : "never at this rate"}\n`,
    `Net APR on capital over ${days.horizon} days: ${formatPercent(proposal.netAprOnCapital)}\n`,
    bold("Liquidation"),
    "\n",
    pre(formatTable(legs.map((leg) => liquidationRow(leg, legs)))),
    `\nIf the second leg fails: the first goes back, ${secondLegFails(costs.secondLegFailsUsd)}\n`,
    `Size set by: ${boundWords(proposal.boundBy)}\n`,
    "A venue's leverage above your limit is lowered first\n",
    ...(proposal.worthwhile
      ? []
      : [
          bold("Honestly: "),
          "this does not pass the entry rules. Doing nothing is the better trade.\n",
        ]),
  ];
}

/** Approve and Decline; the data is the approval's nonce and nothing else. */
export function approvalKeyboard(nonce: string, approve = "✅ Approve"): InlineKeyboard {
  return new InlineKeyboard().text(approve, `a:${nonce}`).text("✖ Decline", `d:${nonce}`);
}

export function validUntil(expiresAt: number, mode: Mode): string {
  const whose = mode === "demo" ? " of real time" : "";
  return `Valid until ${isoTime(expiresAt).slice(11, 19)} UTC${whose}`;
}

/** Whoever waits for it receives it sooner; a mandate does. Spot has none. */
function nextPayment(
  legs: readonly OpenLeg[],
  { marketNow: now, mode }: Pick<CardFacts, "marketNow" | "mode">,
): string {
  const stamps = legs.flatMap((leg) => (isSpotSymbol(leg.symbol) ? [] : [nextStamp(leg, now)]));
  const whose = mode === "demo" ? ` of market time (${formatClock(isoTime(now))} now)` : "";
  return `Next payment: ${formatClock(isoTime(Math.min(...stamps)))}${whose}\n`;
}

/** The plan's own stamp, or a later one when it has passed while the card waited. */
function nextStamp({ fundingAt, intervalHours }: OpenLeg, now: EpochMs): EpochMs {
  const passed = Math.floor((now - fundingAt) / intervalToMs(intervalHours)) + 1;
  return fundingAt + Math.max(0, passed) * intervalToMs(intervalHours);
}

function legTable(legs: readonly OpenLeg[]): string {
  return legs
    .map((leg) =>
      [
        `${leg.side === "short" ? "SHORT" : "LONG "} ${place(leg, legs)}`,
        `  ${formatExact(leg.sizeBase)} ${leg.asset} = ${formatUsd(leg.notionalUsd)}`,
        `  at ${formatNumber(leg.priceSeen)}, no worse than ${formatNumber(leg.collarPrice)}`,
      ].join("\n"),
    )
    .join("\n");
}

function place(leg: OpenLeg, legs: readonly OpenLeg[]): string {
  const named = (one: OpenLeg) => ({ venue: one.venue, instrument: one.symbol });
  return placeName(named(leg), legs.map(named));
}

/** What is done on which market, in words: a card for spot must not be read as one for two perps. */
function spotWords(legs: readonly OpenLeg[]): string {
  const spot = legs.find((leg) => isSpotSymbol(leg.symbol));
  if (!spot) return "";
  const [asset, venue] = [spot.asset, shortVenue(spot.venue)];
  return spot.side === "long"
    ? `Buys ${asset} on spot of ${venue}, paid in full, and shorts its perp there\n`
    : `Borrows ${asset} on ${venue}, sells it on spot, and goes long its perp there; the loan costs interest every hour\n`;
}

function fundingRow(leg: OpenLeg, legs: readonly OpenLeg[]): readonly string[] {
  if (isSpotSymbol(leg.symbol) && leg.side === "long") {
    return [place(leg, legs), "no funding", "", ""];
  }
  const per8h = leg.fundingRate.times("8").div(leg.intervalHours);
  return [
    isSpotSymbol(leg.symbol) ? `${place(leg, legs)}, loan` : place(leg, legs),
    formatBps(leg.fundingRate),
    `/${leg.intervalHours.toFixed()}h`,
    `${formatBps(per8h)}/8h`,
  ];
}

/** Where each leg dies, and how far the price is from there. */
function liquidationRow(leg: OpenLeg, legs: readonly OpenLeg[]): readonly string[] {
  const { priceSeen, liquidationPrice: level } = leg;
  const name = place(leg, legs);
  const away = liquidationDistance(priceSeen, level);
  if (!level) return [name, "none", ""];
  const sign = level.gt(priceSeen) ? "+" : "−";
  const move = away.gt(ONE) ? "over +100 %" : `${sign}${formatPercent(away)}`;
  return [name, `at ${formatNumber(level)}`, move];
}

function secondLegFails(costUsd: Usd | null): string {
  return costUsd ? `at worst ${formatUsd(costUsd)}` : "at a cost that nobody worked out";
}
