import { type Decimal, parseDecimal } from "#src/core/decimal.ts";
import type { OpportunityReason, ReasonFigures } from "#src/core/opportunity.ts";
import type { HoldReason } from "#src/core/rules/judge-hold.ts";
import { isPlainSymbol, shortVenue } from "./plain-name.ts";
import { writeNumber } from "./write-number.ts";

/** As views and records carry them: decimals as text. */
export interface WrittenFigures {
  readonly have: string | null;
  readonly need: string;
  readonly unit: ReasonFigures["unit"];
  readonly venue: string | null;
}

/** The verdicts that come with two figures. */
type Judged =
  | Exclude<
      OpportunityReason,
      "ASSET_NOT_WANTED" | "DEPTH_TOO_THIN" | "DELISTING" | "INTERVAL_UNSURE"
    >
  | Exclude<HoldReason, "DELISTING">
  | "WORTHWHILE"
  | "ROTATE";

/** What the figure is, and what the rule wants of it. */
const MEANINGS: Readonly<Record<Judged, readonly [what: string, wants: string]>> = {
  WORTHWHILE: ["trailing mean", "at least {} pays the costs"],
  HISTORY_TOO_SHORT: ["funding history", "at least {} is needed"],
  CARRY_BELOW_COST: ["trailing mean", "at least {} pays the costs"],
  SPREAD_TURNED: ["spread now", "more than {} is needed"],
  SPREAD_BELOW_FLOOR: ["spread now", "at least {} is needed"],
  NET_APR_BELOW_MINIMUM: ["net of costs, on capital", "at least {} is needed"],
  FUNDING_BELOW_FLOOR: ["funding now", "at least {} is needed"],
  BORROW_ABOVE_FUNDING: ["funding now", "at least {} pays the loan"],
  VOLUME_TOO_LOW: ["traded in 24 h", "at least {} is needed"],
  VOLUME_UNKNOWN: ["traded in 24 h", "at least {} is needed"],
  OPEN_INTEREST_TOO_LOW: ["open interest", "at least {} is needed"],
  OPEN_INTEREST_UNKNOWN: ["open interest", "at least {} is needed"],
  BID_ASK_TOO_WIDE: ["between bid and ask", "at most {} is allowed"],
  PRICE_MISMATCH: ["between the legs' prices", "at most {} is allowed"],
  ADVERSE_BASIS: ["since the entry", "at most {} is allowed"],
  BASIS_AND_SPREAD_AGAINST: ["the gap since the entry", "at most {} is allowed"],
  SPREAD_WATCHED: ["spread now", "down to {} is tolerated"],
  SPREAD_TURNED_FOR_LONG: ["trailing mean", "down to {} is tolerated"],
  TOO_OLD: ["age", "up to {} is kept unasked"],
  ROTATE: ["gain over the horizon, of one leg", "more than {} is needed"],
};

/** What a rule found, what that is, and what it asks for: "traded in 24 h on alpha: 62 million USD, at least …". */
export function figuresWords(reason: string, { have, need, unit, venue }: WrittenFigures): string {
  const asked = parseDecimal(need);
  const meaning = meaningOf(reason, venue);
  if (!asked || !meaning) return "";
  const [what, wants] = meaning;
  const where = venue !== null && isPlainSymbol(venue) ? ` on ${shortVenue(venue)}` : "";
  const found = parseDecimal(have ?? "");
  return `${what}${where}: ${found ? show(found, unit) : "unknown"}, ${wants.replace("{}", show(asked, unit))}`;
}

export function writeFigures(figures: ReasonFigures | null): WrittenFigures | null {
  if (!figures) return null;
  const { have, need, unit, venue } = figures;
  return { have: have?.toFixed() ?? null, need: need.toFixed(), unit, venue };
}

/** Of a held hedge it is what is left after the loan that is looked at, and there is no one venue of it. */
function meaningOf(reason: string, venue: string | null): readonly [string, string] | undefined {
  if (reason === "BORROW_ABOVE_FUNDING" && venue === null) {
    return ["funding less the loan now", "at least {} is needed"];
  }
  const known: Readonly<Record<string, readonly [string, string]>> = MEANINGS;
  return Object.hasOwn(MEANINGS, reason) ? known[reason] : undefined;
}

function show(value: Decimal, unit: ReasonFigures["unit"]): string {
  if (unit === "usd") return `${inMillions(value)} USD`;
  if (unit === "days") return `${writeNumber(value.toFixed(1))} days`;
  if (unit === "apr") return `${writeNumber(value.times("100").toFixed(1))} % a year`;
  const bps = `${writeNumber(value.times("10000").toFixed(2))} bp`;
  return unit === "rate8h" ? `${bps} per 8 h` : bps;
}

function inMillions(value: Decimal): string {
  return value.abs().lt("100000")
    ? writeNumber(value.toFixed(0))
    : `${writeNumber(value.div("1000000").round(2).toFixed())} million`;
}
