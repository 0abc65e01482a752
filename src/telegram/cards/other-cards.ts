import type { Mandate } from "#src/core/mandate.ts";
import { isoTime } from "#src/core/time.ts";
import { formatTable, formatUsd } from "#src/reports/format.ts";
import { bold, pre, rich } from "#src/telegram/rich-text.ts";
import { approvalKeyboard } from "./open-card.ts";
import type { Card } from "./proposal-card.ts";

/** The bounds of standing approval, before the tap that arms it. */
export function mandateCard(mandate: Mandate, nonce: string): Card {
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
      "\nInside these bounds Hedgerow opens and closes by its rules and tells you. /auto off, /halt and /kill end it at once.",
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
