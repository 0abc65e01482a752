import type { Decimal } from "./decimal.ts";
import type { Side } from "./hedge.ts";
import type { VenueId } from "./instrument.ts";
import type { BaseSize, EpochMs, Price, SignedBase, Usd } from "./units.ts";

export type OrderSide = "buy" | "sell";

export interface OrderRequest {
  readonly venue: VenueId;
  readonly symbol: string;
  /** Ours; sent at most once, ever. */
  readonly clientOrderId: string;
  readonly side: OrderSide;
  readonly sizeBase: BaseSize;
  readonly limitPrice: Price;
  /** ioc: fill what crosses now, cancel the rest. gtc: may rest. postOnly: rests, or is refused if it would take. */
  readonly timeInForce: "ioc" | "gtc" | "postOnly";
  readonly reduceOnly: boolean;
  /** Venue time after which the venue must refuse it, and take it off the book if it rests: the fence. */
  readonly expiresAt: EpochMs;
}

export interface CancelRequest {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly clientOrderId: string;
}

export interface CancelAllRequest {
  readonly venue: VenueId;
  readonly symbol: string;
}

/** How much margin an instrument's position will post: notional / leverage. */
export interface LeverageRequest {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly leverage: Decimal;
}

export interface OrderReport {
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly status: "open" | "filled" | "cancelled";
  readonly sizeBase: BaseSize;
  readonly filledBase: BaseSize;
  readonly reduceOnly: boolean;
}

/**
 * What became of a mutation. Anything that is not provably ack or refused is unknown: adapters say refused
 * only for (venue, code) pairs that they list as proof that nothing was executed.
 */
export type OrderOutcome =
  | { readonly kind: "ack"; readonly order: OrderReport; readonly fills: readonly Fill[] }
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly detail: string }
  | { readonly kind: "unknown"; readonly detail: string };

/** What became of a cancel or a change of settings. What a cancelled order had filled only a look-up says. */
export type MutationOutcome =
  | { readonly kind: "ack" }
  | Exclude<OrderOutcome, { readonly kind: "ack" }>;

export type RefusalCode =
  | "INSUFFICIENT_MARGIN"
  | "BELOW_MIN_NOTIONAL"
  | "BELOW_MIN_SIZE"
  | "OFF_LOT"
  | "OFF_TICK"
  | "WOULD_TAKE"
  | "REDUCE_ONLY_WOULD_INCREASE"
  | "EXPIRED"
  | "MARKET_UNAVAILABLE"
  | "RATE_LIMITED"
  | "UNAUTHORISED"
  | "UNKNOWN_ORDER"
  | "NOT_GUARDED"
  /** It never left this machine. */
  | "NOT_SENT"
  /** An order with this id exists: no proof of anything but that. */
  | "DUPLICATE_CLIENT_ORDER_ID";

/**
 * `notFound` is a part of the proof of death only when the venue's own clock was past the fence; a failed
 * look-up throws and proves nothing.
 */
export type OrderLookup =
  | { readonly kind: "found"; readonly order: OrderReport; readonly fills: readonly Fill[] }
  | { readonly kind: "notFound"; readonly venueTime: EpochMs };

export interface Fill {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly tradeId: string;
  readonly clientOrderId: string;
  readonly side: OrderSide;
  readonly sizeBase: BaseSize;
  readonly price: Price;
  /** What we paid, >= 0 for a fee, negative for a rebate. */
  readonly feeUsd: Usd;
  readonly liquidity: "maker" | "taker";
  /** What the venue says made it; `order` is anybody's order on this account, also one by hand. */
  readonly cause: FillCause;
  /** Market time. */
  readonly filledAt: EpochMs;
}

export type FillCause = "order" | "liquidation" | "deleveraging";

/** What a venue reports for one instrument. */
export interface Position {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly sizeBase: SignedBase;
  readonly entryPrice: Price | null;
  readonly markPrice: Price;
  /** Null when there is none (for example a well-covered long). */
  readonly liquidationPrice: Price | null;
  /** Its place in the queue for auto-deleveraging, from 1 to 5, which is taken first; absent where unsaid. */
  readonly adlRank?: number;
}

/** intent → sent → done | dead; sent → unknown → done | dead; an intent that never left is dead. Intent and
 * sent are one write: a row is `sent` before its order is, and only earlier versions left an `intent`.
 */
export type AttemptState = "intent" | "sent" | "unknown" | "done" | "dead";

const NEXT_STATES: Readonly<Record<AttemptState, readonly AttemptState[]>> = {
  intent: ["sent", "dead"],
  sent: ["done", "dead", "unknown"],
  unknown: ["done", "dead"],
  done: [],
  dead: [],
};

export function canAttemptMoveTo(from: AttemptState, to: AttemptState): boolean {
  return NEXT_STATES[from].includes(to);
}

/** One order we meant to send, durable before the socket write. */
export interface OrderAttempt {
  readonly clientOrderId: string;
  /** Null only for /kill closing a position that no hedge of ours explains. */
  readonly hedgeId: string | null;
  readonly legIndex: 0 | 1;
  readonly attemptNo: number;
  readonly purpose: "open" | "unwind" | "close" | "rebalance" | "kill";
  readonly request: OrderRequest;
  readonly state: AttemptState;
  readonly outcomeDetail: string | null;
  /** Market time. */
  readonly createdAt: EpochMs;
  readonly createdAtWall: EpochMs;
}

/** An attempt that may still fill. */
export const LIVE_ATTEMPTS: readonly AttemptState[] = ["intent", "sent", "unknown"];

export function openingOrderSide(side: Side): OrderSide {
  return side === "long" ? "buy" : "sell";
}

export function closingOrderSide(side: Side): OrderSide {
  return side === "long" ? "sell" : "buy";
}
