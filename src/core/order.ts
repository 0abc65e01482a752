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
  /** ioc: fill what crosses now, cancel the rest. gtc: may rest on the book. */
  readonly timeInForce: "ioc" | "gtc";
  readonly reduceOnly: boolean;
  /** Wall time after which the venue must refuse it: the fence. */
  readonly expiresAt: EpochMs;
}

export interface CancelRequest {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly clientOrderId: string;
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

/** What became of a mutation. Anything that is not provably ack or refused is unknown. */
export type OrderOutcome =
  | { readonly kind: "ack"; readonly order: OrderReport; readonly fills: readonly Fill[] }
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly detail: string }
  | { readonly kind: "unknown"; readonly detail: string };

export type RefusalCode =
  | "INSUFFICIENT_MARGIN"
  | "BELOW_MIN_NOTIONAL"
  | "BELOW_MIN_SIZE"
  | "OFF_LOT"
  | "OFF_TICK"
  | "REDUCE_ONLY_WOULD_INCREASE"
  | "EXPIRED"
  | "MARKET_UNAVAILABLE"
  | "DUPLICATE_CLIENT_ORDER_ID"
  | "OTHER";

/** `notFound` proves death only after the fence; a failed look-up throws and proves nothing. */
export type OrderLookup =
  | { readonly kind: "found"; readonly order: OrderReport; readonly fills: readonly Fill[] }
  | { readonly kind: "notFound" };

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
  /** Market time. */
  readonly filledAt: EpochMs;
}

/** What a venue reports for one instrument. */
export interface Position {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly sizeBase: SignedBase;
  readonly entryPrice: Price | null;
  readonly markPrice: Price;
  /** Null when there is none (for example a well-covered long). */
  readonly liquidationPrice: Price | null;
}

/** intent → sent → done | dead; sent → unknown → done | dead. Terminal states never change. */
export type AttemptState = "intent" | "sent" | "unknown" | "done" | "dead";

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
  readonly createdAtWall: EpochMs;
}

export function openingOrderSide(side: Side): OrderSide {
  return side === "long" ? "buy" : "sell";
}

export function closingOrderSide(side: Side): OrderSide {
  return side === "long" ? "sell" : "buy";
}
