import { InlineKeyboard } from "grammy";
import { type Decimal, dec, sum } from "#src/core/decimal.ts";
import { liquidationDistance } from "#src/core/margin.ts";
import type { OpenLeg, OpenProposal, SizeBound } from "#src/core/proposal.ts";
import { isoTime } from "#src/core/time.ts";
import {
  formatBps,
  formatExact,
  formatHours,
  formatNumber,
  formatPercent,
  formatTable,
  formatUsd,
  shortVenue,
} from "#src/reports/format.ts";
import { bold, type Part, pre } from "#src/telegram/rich-text.ts";

const BOUNDS: Readonly<Record<SizeBound, string>> = {
  equityShare: "80 % of the smaller account",
  hardCapUsd: "your hard cap",
  depthUsd: "the order book's depth",
  freeMargin: "the free margin",
  venueRoom: "the venue's limit",
  liquidationDistance: "the distance to liquidation",
  mandateRoom: "the mandate's room",
};

/** What both legs will do, exactly, and what it costs. Every figure is the frozen plan's. */
export function openCardBody(proposal: OpenProposal): readonly Part[] {
  const { costs, legs } = proposal;
  const costUsd = costs.feesUsd.plus(costs.slippageUsd);
  return [
    pre(legTable(legs)),
    "\n",
    bold("Funding now"),
    "\n",
    pre(formatTable(legs.map(fundingRow))),
    `\nSpread now ${formatBps(proposal.spread8h)}, 14-day mean ${formatBps(proposal.trailingSpread8h)} per 8 h\n`,
    `Costs, all four fills: ${formatUsd(costUsd)} (fees ${formatUsd(costs.feesUsd)}, slippage ${formatUsd(costs.slippageUsd)})\n`,
    `Pays for itself in: ${proposal.breakEvenHours ? formatHours(proposal.breakEvenHours) : "never at this rate"}\n`,
    `Net APR on capital over 21 days: ${formatPercent(proposal.netAprOnCapital)}\n`,
    `Liquidation: ${legs.map(distanceText).join(", ")}\n`,
    `If the second leg fails: the first is taken back, about ${formatUsd(unwindCost(legs[0]))}\n`,
    `Size set by ${BOUNDS[proposal.boundBy]}\n`,
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

export function validUntil(expiresAt: number): string {
  return `Valid until ${isoTime(expiresAt).slice(11, 19)} UTC`;
}

function legTable(legs: readonly OpenLeg[]): string {
  return legs
    .map((leg) =>
      [
        `${leg.side === "short" ? "SHORT" : "LONG "} ${shortVenue(leg.venue)}`,
        `  ${formatExact(leg.sizeBase)} ${leg.asset} = ${formatUsd(leg.notionalUsd)}`,
        `  at ${formatNumber(leg.priceSeen)}, no worse than ${formatNumber(leg.collarPrice)}`,
      ].join("\n"),
    )
    .join("\n");
}

function fundingRow(leg: OpenLeg): readonly string[] {
  const per8h = leg.fundingRate.times("8").div(leg.intervalHours);
  return [
    shortVenue(leg.venue),
    formatBps(leg.fundingRate),
    `/${leg.intervalHours.toFixed()}h`,
    `${formatBps(per8h)}/8h`,
  ];
}

function distanceText(leg: OpenLeg): string {
  const away = liquidationDistance(leg.priceSeen, leg.liquidationPrice);
  return leg.liquidationPrice
    ? `${shortVenue(leg.venue)} ${formatPercent(away, 0)} away`
    : `${shortVenue(leg.venue)} none`;
}

/** In and out again: two taker fees and the slippage twice. */
function unwindCost(leg: OpenLeg): Decimal {
  const rate = sum([leg.takerFeeRate, leg.slippageRate]).times(dec("2"));
  return leg.notionalUsd.times(rate);
}
