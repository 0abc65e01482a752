import { isoTime } from "#src/core/time.ts";
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
    ["Venues", list(mandate.venues)],
    ["Until", isoTime(mandate.endsAt).slice(0, 16).replace("T", " ")],
  ];
  return {
    ...rich(
      bold("🤖 Arm autonomous mode?"),
      ` ${mandate.id}\n`,
      pre(formatTable(rows)),
      `\n${whoChooses(facts)} /auto off, /halt and /kill end it at once.`,
    ),
    keyboard: approvalKeyboard(nonce, "🤖 Approve and arm"),
  };
}

export function resumeCard(nonce: string): Card {
  return {
    ...rich(
      bold("Resume trading?"),
      "\nNew hedges may then be proposed and opened again. The mandate stays revoked until you arm a new one.",
    ),
    keyboard: approvalKeyboard(nonce, "▶️ Resume"),
  };
}

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
