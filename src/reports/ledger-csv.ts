import { parseDecimal } from "#src/core/decimal.ts";

/** One booked effect. Decimals as text; null is an empty cell. */
export interface LedgerRow {
  readonly time: string;
  readonly type: string;
  readonly venue: string;
  readonly asset: string | null;
  readonly symbol: string | null;
  readonly side: string | null;
  readonly sizeBase: string | null;
  readonly price: string | null;
  readonly feeUsd: string | null;
  readonly feeAsset: string | null;
  /** What it added to the account's cash. */
  readonly amountUsd: string;
  /** Of a spot sale or buy-back: its price result, first in, first out. */
  readonly fifoUsd: string | null;
  readonly venueRef: string;
  readonly hedgeId: string | null;
}

/** The rows add up: opening + rows + held + unexplained = closing. Null is unknown. */
export interface LedgerSums {
  readonly asOf: string;
  readonly openingUsd: string | null;
  readonly rowsUsd: string;
  readonly heldUsd: string | null;
  readonly closingUsd: string | null;
  readonly unexplainedUsd: string | null;
}

const COLUMNS = [
  ...["time_utc", "type", "venue", "asset", "symbol", "side", "size_base", "price", "fee_usd"],
  ...["fee_asset", "amount_usd", "fifo_realised_usd", "venue_id", "hedge_id"],
] as const;
const BEFORE_AMOUNT = COLUMNS.indexOf("amount_usd");

/** The books as comma-separated values (RFC 4180), ending with the lines that reconcile them to equity. */
export function ledgerCsv(rows: readonly LedgerRow[], sums: LedgerSums): string {
  const lines = rows.map((row) => [
    ...[text(row.time), text(row.type), text(row.venue), text(row.asset), text(row.symbol)],
    ...[text(row.side), number(row.sizeBase), number(row.price), number(row.feeUsd)],
    ...[text(row.feeAsset), number(row.amountUsd), number(row.fifoUsd), text(row.venueRef)],
    text(row.hedgeId),
  ]);
  const last = [
    ["opening equity", sums.openingUsd],
    ["sum of rows", sums.rowsUsd],
    ["held positions at mark", sums.heldUsd],
    ["closing equity", sums.closingUsd],
    ["unexplained", sums.unexplainedUsd],
  ] as const;
  const summary = last.map(([name, value]) => [
    ...[text(sums.asOf), text(name), ...Array.from({ length: BEFORE_AMOUNT - 2 }, () => "")],
    value === null ? "unknown" : number(value),
    ...Array.from({ length: COLUMNS.length - BEFORE_AMOUNT - 1 }, () => ""),
  ]);
  return [COLUMNS, ...lines, ...summary].map((cells) => `${cells.join(",")}\r\n`).join("");
}

/**
 * Text that a spreadsheet would take for a formula begins with an apostrophe: ids come from venues, and
 * whoever opens the file must not run what they say.
 */
function text(value: string | null): string {
  if (value === null) return "";
  const plain = value.replaceAll(/\p{Cc}/gu, " ");
  const safe = /^\s*[=+\-@|%]/.test(plain) ? `'${plain}` : plain;
  return /[",']/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Nothing but a decimal stands in a cell of figures. */
function number(value: string | null): string {
  return value === null ? "" : (parseDecimal(value)?.toFixed() ?? "");
}
