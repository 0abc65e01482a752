import { InlineKeyboard } from "grammy";
import type { CloseProposal, OpenProposal } from "#src/core/proposal.ts";
import { denialSentence } from "#src/core/words/plain-words.ts";
import type { CardFacts } from "#src/pipeline/contract.ts";
import {
  formatExact,
  formatHeld,
  formatNumber,
  formatPercent,
  formatTable,
  formatUsd,
  placeName,
} from "#src/reports/format.ts";
import type { HedgeView, LegView } from "#src/reports/views.ts";
import { bold, type Part, pre, type RichText, rich } from "#src/telegram/rich-text.ts";
import { approvalKeyboard, openCardBody, validUntil } from "./open-card.ts";

export interface Card extends RichText {
  readonly keyboard: InlineKeyboard;
}

/**
 * One message from proposal to close: what it shows follows from what is true now. With a nonce it is
 * waiting for a tap; without one it never has a button that trades.
 */
export function proposalCard(facts: CardFacts, nonce: string | null): Card {
  const { proposal } = facts.stored;
  return proposal.kind === "open"
    ? openCard(facts, proposal, nonce)
    : closeCard(facts, proposal, nonce);
}

function openCard(
  { stored, view, ...facts }: CardFacts,
  proposal: OpenProposal,
  nonce: string | null,
): Card {
  const { asset, id } = proposal;
  if (stored.state === "awaiting" && nonce) {
    return {
      ...rich(
        bold(`📋 Open ${asset} hedge?`),
        ` ${id}\n`,
        ...openCardBody(proposal, facts),
        validUntil(proposal.expiresAt, facts.mode),
      ),
      keyboard: approvalKeyboard(nonce),
    };
  }
  if (view && stored.state !== "denied") return liveCard(view, stored.reason);
  return {
    ...rich(
      bold(`${asset} hedge ${endWord(stored.state)}`),
      ` ${id}\n`,
      endText(stored.state, stored.reason),
    ),
    keyboard: new InlineKeyboard(),
  };
}

/** opening → open → closing → closed, with the figures of now. */
function liveCard(view: HedgeView, reason: string | null): Card {
  const never = view.phase === "closed" && view.legs.every((leg) => leg.entryPrice === null);
  const parts: Part[] = [bold(`${PHASES[view.phase]} ${view.asset}`), ` ${view.id}\n`];
  if (never) {
    parts.push(`${whyNotFilled(reason)} Nothing is held. /open ${view.asset} asks anew.`);
    return { ...rich(...parts), keyboard: new InlineKeyboard() };
  }
  parts.push(pre(legRows(view)), "\n", ...resultLines(view));
  const keyboard = new InlineKeyboard();
  if (view.phase === "open") {
    keyboard.text("🔄 Refresh", `r:${view.proposalId}`).text("Close…", `c:${view.id}`);
  }
  return { ...rich(...parts), keyboard };
}

/** The reason is what became of the last order, or why none was sent. */
function whyNotFilled(reason: string | null): string {
  if (reason === "cancelled") return "The price left the card's worst price before it could fill.";
  return reason
    ? `Nothing was filled: ${reason.toLowerCase().replaceAll("_", " ")}.`
    : "Nothing was filled.";
}

const PHASES: Readonly<Record<HedgeView["phase"], string>> = {
  opening: "⏳ Opening",
  open: "🟢 Open",
  unwinding: "↩️ Unwinding",
  closing: "⏳ Closing",
  closed: "⚪ Closed",
  review: "🚨 Needs you:",
};

function closeCard(
  { stored, view, mode }: CardFacts,
  proposal: CloseProposal,
  nonce: string | null,
): Card {
  const { asset, id, hedgeId } = proposal;
  if (stored.state === "awaiting" && nonce) {
    return {
      ...rich(
        bold(`📋 Close ${asset} hedge?`),
        ` ${hedgeId}\n`,
        pre(closeRows(proposal)),
        `\nFees ${formatUsd(proposal.feesUsd)}, slippage ${formatUsd(proposal.slippageUsd)}\n`,
        "Result after closing: ",
        bold(formatUsd(proposal.pnlIfClosedUsd, true)),
        `\n${validUntil(proposal.expiresAt, mode)}`,
      ),
      keyboard: approvalKeyboard(nonce, "✅ Approve close"),
    };
  }
  if (stored.state === "approved") {
    return { ...rich(bold(`⏳ Closing ${asset}`), ` ${hedgeId}`), keyboard: new InlineKeyboard() };
  }
  if (stored.state === "executed" && view) return liveCard(view, null);
  return {
    ...rich(
      bold(`Close of ${asset} ${endWord(stored.state)}`),
      ` ${id}\n`,
      endText(stored.state, stored.reason),
    ),
    keyboard: new InlineKeyboard(),
  };
}

function legRows(view: HedgeView): string {
  return view.legs
    .map((leg) =>
      [
        `${leg.side === "short" ? "SHORT" : "LONG "} ${placeName(leg, view.legs)}`,
        `  ${heldWords(view, leg)}`,
      ].join("\n"),
    )
    .join("\n");
}

function heldWords({ phase, asset }: HedgeView, { sizeBase, entryPrice }: LegView): string {
  if (phase === "closed" && entryPrice === null) return "never filled";
  const was = phase === "closed" ? "was " : "";
  return `${was}${formatHeld(sizeBase)} ${asset} from ${formatNumber(entryPrice)}`;
}

function closeRows(proposal: CloseProposal): string {
  const instruments = proposal.legs.map(({ symbol }) => ({ instrument: symbol }));
  return formatTable(
    proposal.legs.map((leg) => [
      leg.side.toUpperCase(),
      placeName({ venue: leg.venue, instrument: leg.symbol }, instruments),
      formatExact(leg.sizeBase),
      `@ ${formatNumber(leg.priceSeen)}`,
    ]),
  );
}

function resultLines(view: HedgeView): readonly Part[] {
  const rows = [
    ["Funding settled", formatUsd(view.fundingUsd, true)],
    ["Fees paid", formatUsd(view.feesUsd)],
    [view.phase === "closed" ? "Result" : "Result at mark", formatUsd(view.pnlUsd, true)],
  ];
  if (view.phase === "closed") return [pre(formatTable(rows))];
  const estimate = ["Accrued, estimate", formatUsd(view.fundingEstimateUsd, true)];
  const drift = ["Drift", formatPercent(view.driftRatio, 2)];
  return [pre(formatTable([...rows, estimate, ...paidBackRow(view), drift]))];
}

/** Whether funding has paid what getting in and out costs: before that, leaving loses. */
function paidBackRow({ costsUsd, paidBackAt }: HedgeView): readonly string[][] {
  if (costsUsd === null) return [];
  return paidBackAt === null
    ? [["Costs to earn", formatUsd(costsUsd)]]
    : [["Costs earned", `${paidBackAt.slice(0, 16).replace("T", " ")} UTC`]];
}

type EndState = CardFacts["stored"]["state"];

function endWord(state: EndState): string {
  if (state === "superseded") return "withdrawn";
  return state === "awaiting" ? "expired" : state;
}

function endText(state: EndState, reason: string | null): string {
  switch (state) {
    case "declined":
      return "You declined. Nothing was traded.";
    case "superseded":
      return "Withdrawn before it was approved. Nothing was traded.";
    case "denied":
      return `The guard denied it: ${denialText(reason)}. Nothing was traded.`;
    case "failed":
      return `It could not be completed${reason ? `: ${reason}` : ""}. /hedges shows what is true now.`;
    case "approved":
      return "Approved.";
    case "executed":
      return "Done.";
    case "awaiting":
    case "expired":
      return "Nobody answered in time. Nothing was traded; ask again for fresh prices.";
  }
}

/** The reason is JSON that we wrote: a list of denials. */
function denialText(reason: string | null): string {
  const parsed: unknown = JSON.parse(reason ?? "[]");
  const list = Array.isArray(parsed) ? parsed : [];
  return list.map((one) => denialSentence(one)).join("; ");
}
