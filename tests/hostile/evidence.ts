import type { Fixed } from "./fixed.ts";
import type { Loan } from "./spot-rules.ts";

/* What the judge goes by: what reaches the venues, what the owner sees and taps, what is true on the venues. */

export interface SeenOrder {
  readonly clientOrderId: string;
  readonly venue: string;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly sizeBase: string;
  readonly limitPrice: string;
  readonly reduceOnly: boolean;
  readonly expiresAt: number;
}

export type SeenFill = Pick<
  SeenOrder,
  "clientOrderId" | "venue" | "symbol" | "side" | "sizeBase" | "reduceOnly"
>;

export interface ShownLeg {
  readonly venue: string;
  readonly symbol: string;
  readonly side: "long" | "short";
  readonly sizeBase: string;
  readonly collarPrice: string;
  readonly priceSeen: string;
  /** What the card says that it brings or costs an interval; null: nobody was shown one. */
  readonly paysText: string | null;
}

export interface MandateBounds {
  readonly perHedgeUsd: string;
  readonly totalUsd: string;
  readonly opensPerDay: number;
  readonly lossPerDayUsd: string;
  readonly assets: readonly string[];
  readonly venues: readonly string[];
  readonly spotVenues: readonly string[];
  readonly endsAt: number;
}

/** A card as it stands in the owner's chat. */
export interface ShownCard {
  readonly kind: "open" | "close" | "mandate" | "resume";
  readonly nonce: string;
  readonly subjectId: string;
  readonly ownerId: number;
  readonly chatId: number;
  readonly messageId: number;
  readonly expiresAt: number;
  readonly asset: string;
  readonly legs: readonly ShownLeg[];
  readonly bounds: MandateBounds | null;
}

export interface SeenTap {
  readonly press: "approve" | "decline";
  readonly nonce: string;
  readonly userId: number;
  readonly chatId: number;
  readonly messageId: number;
}

export interface Limits {
  readonly hardCapUsd: string;
  readonly maxLeverage: number;
  /** May a mandate open when models were asked and none said anything? */
  readonly opensWithoutModel: boolean;
  /** In ten-thousandths of what all accounts hold: legs on one venue, one leg, and all hedges together. */
  readonly venueShare: bigint;
  readonly singleShare: bigint;
  readonly utilisation: bigint;
  /** Nothing opens for the rest of a day that lost more. */
  readonly dailyLossUsd: number;
  /** Alone, coins are borrowed only where funding pays so many times the interest. */
  readonly borrowSafety: Fixed;
}

/** What was true on the venues at any moment since a turn; the judge finds fault only when none would do. */
export interface Truth {
  now(): number;
  turn(): number;
  venues(): readonly string[];
  assetOf(venue: string, symbol: string): string;
  provable(venue: string): boolean;
  lotBase(venue: string, symbol: string): Fixed;
  /** What somebody traded there by hand. */
  byHand(venue: string, symbol: string, since: number): readonly Fixed[];
  /** All of it. */
  position(venue: string, symbol: string): Fixed;
  /** Does one balance back spot and perps? */
  isOnePool(venue: string): boolean;
  /** Of the balance that backs this instrument. */
  equityUsd(venue: string, symbol: string, since: number): readonly number[];
  /** The most and the least that all its balances held. */
  allUsd(venue: string, since: number): number;
  leastUsd(venue: string, since: number): number;
  maintenanceUsd(venue: string, symbol: string, since: number): readonly number[];
  loans(venue: string, symbol: string, since: number): readonly (Loan | null)[];
  /** What a perp pays an hour. */
  rates(venue: string, symbol: string, since: number): readonly string[];
  leverage(venue: string, since: number): readonly number[];
  ages(venue: string, since: number): Readonly<Record<"book" | "rate" | "account", number>>;
  mids(venue: string, symbol: string, since: number): readonly Fixed[];
  marks(venue: string, symbol: string, since: number): readonly Fixed[];
  linear(venue: string, symbol: string, since: number): readonly boolean[];
}

export interface Violation {
  readonly rule: string;
  readonly detail: string;
}

/** Something that the world began, and everything that comes of it. */
export interface Cause {
  readonly kind: "call" | "tap" | "scan" | "care";
  readonly turn: number;
  readonly at: number;
  /** The card that this tap says yes to, rightly. */
  readonly yes: ShownCard | null;
  /** How often trading was stopped before. */
  readonly stops: number;
  readonly runs: Run[];
}

export interface Run {
  readonly cause: Cause;
  readonly asset: string;
  /** Of a mandate's: what was seen of it so far. */
  readonly legs: ShownLeg[];
  /** Null: of a card. */
  readonly bounds: MandateBounds | null;
  readonly stops: number;
  readonly at: number;
  readonly orders: Sent[];
  hasFilled: boolean;
  /** All that it opened is gone again. */
  over: boolean;
}

export interface Sent {
  readonly run: Run;
  readonly key: string;
  readonly until: number;
  left: Fixed;
  filled: Fixed;
}

/** What models last said to a scan, as the world counts: the pair of a quorum, nothing, or not a word. */
export type Advice =
  | {
      readonly asset: string;
      readonly longVenue: string;
      readonly longSymbol: string;
      readonly shortVenue: string;
      readonly shortSymbol: string;
    }
  | "hold"
  | "silent";

export function keyOf(one: { readonly venue: string; readonly symbol: string }): string {
  return `${one.venue}:${one.symbol}`;
}

export function placeOf(key: string): { readonly venue: string; readonly symbol: string } {
  const [venue = "", symbol = ""] = key.split(":");
  return { venue, symbol };
}

export function assetIn(symbol: string): string {
  return symbol.slice(symbol.indexOf(":") + 1).split("-")[0] ?? "";
}

export function opens(leg: ShownLeg, order: SeenOrder): boolean {
  return (leg.side === "long") === (order.side === "buy");
}

export function asLeg(order: SeenOrder) {
  return {
    side: order.side === "buy" ? "long" : "short",
    collarPrice: order.limitPrice,
    priceSeen: order.limitPrice,
    paysText: null,
  } as const;
}

export function describe(order: SeenOrder): string {
  const { side, sizeBase, limitPrice } = order;
  return `${side} ${sizeBase} ${keyOf(order)} at ${limitPrice}`;
}
