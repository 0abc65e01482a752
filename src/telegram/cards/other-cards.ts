import { isoTime } from "#src/core/time.ts";
import { shortVenue } from "#src/core/words/plain-name.ts";
import type { MandateFacts } from "#src/pipeline/contract.ts";
import { formatTable, formatUsd } from "#src/reports/format.ts";
import { bold, pre, rich } from "#src/telegram/rich-text.ts";
import { approvalKeyboard } from "./open-card.ts";
import type { Card } from "./proposal-card.ts";

/** The bounds of standing approval, before the tap that arms it. */
export function mandateCard(facts: MandateFacts, nonce: string): Card {
  const { mandate } = facts;
  const rows = [
    ["Per hedge", formatUsd(mandate.perHedgeUsd)],
    ["In total", formatUsd(mandate.totalUsd)],
    ["Opens a day", String(mandate.opensPerDay)],
    ["Loss a day", formatUsd(mandate.lossPerDayUsd)],
    ["Assets", list(mandate.assets)],
    ["Venues", list(mandate.venues.map(shortVenue))],
    [
      facts.mode === "demo" ? "Until, market time" : "Until",
      `${isoTime(mandate.endsAt).slice(0, 16).replace("T", " ")} UTC`,
    ],
  ];
  return {
    ...rich(
      bold("🤖 Arm autonomous mode?"),
      ` ${mandate.id}\n`,
      pre(formatTable(rows)),
      `\n${whoChooses(facts)} ${withSpot(facts)} ${whenItOpens(facts)} What an earlier mandate opened counts in the total, and is closed by the same rules. /auto off, /halt and /kill end it at once.`,
    ),
    keyboard: approvalKeyboard(nonce, "🤖 Approve and arm"),
  };
}

export function resumeCard(nonce: string, stops: readonly string[] = []): Card {
  if (stops.length > 0) return liftCard(nonce, stops);
  return {
    ...rich(
      bold("Resume trading?"),
      "\nNew hedges may then be proposed and opened again. No mandate is armed; /auto offers one.",
    ),
    keyboard: approvalKeyboard(nonce, "▶️ Resume"),
  };
}

/** Is this the text of one of the cards here, or of the one for live mode? */
export function isOtherCard(text: string): boolean {
  return ["🤖", "🔓", "Resume", "Open again"].some((start) => text.startsWith(start));
}

/** What the tap accepts, so that nobody lifts a limit by habit. */
function liftCard(nonce: string, stops: readonly string[]): Card {
  const passed = stops.map((stop) => PASSED[stop] ?? "a limit").join(" and ");
  return {
    ...rich(
      bold("Open again in spite of the losses?"),
      `\n${passed[0]?.toUpperCase()}${passed.slice(1)} was passed. From the tap on losses are measured anew; until then nothing opens, and closing works as always.`,
    ),
    keyboard: approvalKeyboard(nonce, "▶️ Open again"),
  };
}

const PASSED: Readonly<Record<string, string>> = {
  DRAWDOWN: "the limit on the fall from the highest point",
  DAILY_LOSS: "today's loss limit",
};

function list(names: readonly string[]): string {
  return names.length === 0 ? "all" : names.join(", ");
}

/** Whose choice the tap lets through. */
function whoChooses({ voters, openWithoutModel }: MandateFacts): string {
  if (voters.length === 0) {
    return "Inside these bounds Hedgerow opens and closes by its rules and tells you.";
  }
  const agreed = voters.length > 1 ? ", when two of them agree" : "";
  const silent = openWithoutModel ? "its rules open alone" : "it only proposes";
  return `Inside these bounds Hedgerow opens what ${voters.join(", ")} choose from what its rules allow${agreed}; when none answers, ${silent}. It closes by its rules, and tells you.`;
}

/** What may be bought, lent and sold besides perps, because a coin that is borrowed is another risk. */
function withSpot({ mandate: { spotVenues } }: MandateFacts): string {
  if (spotVenues.length === 0) return "It trades perps only, no spot.";
  return `Spot is included on ${spotVenues.map(shortVenue).join(", ")}: it may buy coins and short their perp there, or borrow coins, sell them and go long their perp.`;
}

/** So that nobody takes waiting for standing still. */
function whenItOpens({ window }: MandateFacts): string {
  return `Where payments are hours apart it opens ${window.minMinutes} to ${window.maxMinutes} minutes before one, so the first hedge may take a while.`;
}
