import { type Decimal, dec, parseDecimal } from "#src/core/decimal.ts";
import type {
  CloseRow,
  DecisionRecord,
  DecisionTable,
  MarketEvidence,
  OpenRow,
} from "#src/core/decision.ts";

/** Names that may stand in it: anybody can list a market, and call it what they like. */
const ASSET_NAME = /^[A-Z0-9]{1,12}$/;
const VENUE_NAME = /^[a-z0-9-]{1,16}$/;

const UNKNOWN = "?";
const TENTH_BP = dec("1e5");
const BP = dec("1e4");
const PERCENT = dec("100");
const THOUSANDTH = dec("1e-3");
const MILLIONTH = dec("1e-6");
/** Three digits are one token. */
const MOST = dec("999");
const MOST_USD = dec("99999");

const LEGEND =
  "Rates in 0.1 bp of one leg's notional, spreads per 8 h, + earns. 999 or -999: that or beyond.";
const OPEN_HEADER =
  "slot|asset|short|long|net APR %|spread now|14-day|first 3 of 7 days|last 3|cost|break-even h|paid % of 7 d|depth kUSD|OI MUSD|basis|RSI|MACD|EMA20 gap bp|funding min";
const CLOSE_HEADER =
  "slot|asset|short|long|age h|spread then|now|14-day|funding USD|fees|pnl|turned";
const RECORD_HEADER = "after h|count|paid %|mean net";
/** What a model reads of every table: other words are another question. */
export const TABLE_WORDS = [LEGEND, OPEN_HEADER, CLOSE_HEADER, RECORD_HEADER] as const;

/**
 * What a model is shown: figures by code, rounded, in rows whose order says nothing. The same rows in any
 * order give the same text, byte for byte.
 */
export function renderTable(table: DecisionTable): string {
  const most = usd(table.mostUsd);
  return [
    LEGEND,
    ...section(`OPEN, at most ${most} USD a leg`, OPEN_HEADER, bySlot(table.opens).map(openRow)),
    ...section("CLOSE", CLOSE_HEADER, bySlot(table.closes).map(closeRow)),
    ...section("PAST CHOICES TO OPEN", RECORD_HEADER, byHorizon(table.record).map(recordRow)),
  ].join("\n");
}

function section(title: string, header: string, rows: readonly string[]): readonly string[] {
  return rows.length === 0 ? [`${title}: none`] : [title, header, ...rows];
}

function openRow(row: OpenRow): string {
  const { evidence } = row;
  const days = endsOf(evidence.spread8hByDay);
  return [
    ...[row.slot, asset(row.asset), venue(row.shortVenue), venue(row.longVenue)],
    whole(row.netAprOnCapital, PERCENT),
    ...[row.spread8h, row.trailingSpread8h, ...days, row.costRate].map(tenthsOfBp),
    whole(row.breakEvenHours),
    whole(evidence.persistence, PERCENT),
    large(row.depthUsd, THOUSANDTH),
    large(evidence.openInterestUsd, MILLIONTH),
    tenthsOfBp(row.basis),
    whole(evidence.rsi14),
    signOf(evidence.macdHistogram),
    whole(evidence.emaGap, BP),
    whole(parseDecimal(String(row.minutesToFunding))),
  ].join("|");
}

function closeRow(row: CloseRow): string {
  return [
    ...[row.slot, asset(row.asset), venue(row.shortVenue), venue(row.longVenue)],
    whole(row.ageHours),
    ...[row.openedAtSpread8h, row.spread8h, row.trailingSpread8h].map(tenthsOfBp),
    ...[row.fundingUsd, row.feesUsd, row.pnlUsd].map(usd),
    row.hasTurned ? "yes" : "no",
  ].join("|");
}

function recordRow({ horizonHours, count, hitShare, meanNetRate }: DecisionRecord): string {
  return [horizonHours, count, whole(hitShare, PERCENT), tenthsOfBp(meanNetRate)].join("|");
}

/** The means of its first and its last three days. */
function endsOf(days: MarketEvidence["spread8hByDay"]): readonly (Decimal | null)[] {
  if (days.length < 6) return [null, null];
  const mean = (some: readonly Decimal[]) =>
    some.reduce((total, one) => total.plus(one)).div(String(some.length));
  return [mean(days.slice(0, 3)), mean(days.slice(-3))];
}

function tenthsOfBp(value: Decimal | null): string {
  return whole(value, TENTH_BP);
}

/** Rounded; what has more than three digits ends at them. */
function whole(value: Decimal | null, unit: Decimal = dec("1")): string {
  return value === null ? UNKNOWN : clip(value.times(unit).round(0), MOST).toFixed();
}

/** As `whole`, but something is never shown as nothing. */
function large(value: Decimal | null, unit: Decimal): string {
  const text = whole(value, unit);
  return text === "0" && value?.gt("0") ? "<1" : text;
}

/** Cents matter only in small amounts. */
function usd(value: Decimal | null): string {
  if (value === null) return UNKNOWN;
  return clip(value.round(value.abs().lt("10") ? 2 : 0), MOST_USD).toFixed();
}

function clip(value: Decimal, most: Decimal): Decimal {
  if (value.gt(most)) return most;
  return value.lt(most.neg()) ? most.neg() : value;
}

function signOf(value: Decimal | null): string {
  if (value === null) return UNKNOWN;
  if (value.eq("0")) return "0";
  return value.gt("0") ? "+" : "-";
}

function asset(name: string): string {
  return ASSET_NAME.test(name) ? name : UNKNOWN;
}

function venue(name: string): string {
  return VENUE_NAME.test(name) ? name : UNKNOWN;
}

/** Slots were given out in an order that says nothing of worth (see `assignSlots`). */
function bySlot<T extends OpenRow | CloseRow>(rows: readonly T[]): readonly T[] {
  const place = ({ slot }: T) => Number(slot.slice(1));
  return rows.toSorted((a, b) => place(a) - place(b));
}

function byHorizon(record: readonly DecisionRecord[]): readonly DecisionRecord[] {
  return record.toSorted((a, b) => a.horizonHours - b.horizonHours);
}
