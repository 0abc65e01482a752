import { type Decimal, ZERO } from "#src/core/decimal.ts";
import { type Denial, denial } from "#src/core/denial.ts";
import {
  claimSealer,
  type GuardedCancel,
  type GuardedCancelAll,
  type GuardedLeverage,
  type GuardedOrder,
} from "#src/core/guarded.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type {
  CancelAllRequest,
  CancelRequest,
  LeverageRequest,
  OrderRequest,
  OrderSide,
} from "#src/core/order.ts";
import type { BaseSize, EpochMs, Price } from "#src/core/units.ts";

/** What one leg of a ticket allows. */
export interface TicketLeg {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly sizeBase: BaseSize;
  /** Worst price; null where only the direction matters (reducing). */
  readonly collarPrice: Price | null;
  /** What it was judged at, and may be set to; null where it is none of the ticket's business. */
  readonly leverage: Decimal | null;
}

interface TicketTerms {
  readonly legs: readonly TicketLeg[];
  readonly reduceOnly: boolean;
  /** Wall time. */
  readonly expiresAt: EpochMs;
}

const seal = claimSealer();

let make: (terms: TicketTerms) => Ticket;

/** The guard's proof. It turns order requests into guarded orders, within its terms and nothing more. */
export class Ticket {
  readonly #terms: TicketTerms;
  readonly #used = new Map<string, { readonly legKey: string; readonly sizeBase: Decimal }>();

  private constructor(terms: TicketTerms) {
    this.#terms = terms;
  }

  static {
    make = (terms) => new Ticket(terms);
  }

  static isTicket(value: unknown): value is Ticket {
    return typeof value === "object" && value !== null && #terms in value;
  }

  get expiresAt(): EpochMs {
    return this.#terms.expiresAt;
  }

  /** `now` is wall time. The admitted size counts as used until `release` gives back what did not fill. */
  admit(order: OrderRequest, now: EpochMs): GuardedOrder | Denial {
    const { reduceOnly, expiresAt } = this.#terms;
    if (now >= expiresAt) return denial("TICKET_EXPIRED", { lateMs: String(now - expiresAt) });
    const leg = this.#legFor(order);
    if (!leg || leg.side !== order.side || this.#used.has(order.clientOrderId)) {
      return denial("TICKET_ORDER_NOT_COVERED", { venue: order.venue, instrument: order.symbol });
    }
    if (order.reduceOnly !== reduceOnly) return denial("TICKET_NOT_REDUCE_ONLY");
    const left = leg.sizeBase.minus(this.#usedOf(leg));
    if (order.sizeBase.lte(ZERO) || order.sizeBase.gt(left)) {
      return denial("TICKET_SIZE_EXCEEDED", {
        sizeBase: order.sizeBase.toFixed(),
        leftBase: left.toFixed(),
      });
    }
    if (leg.collarPrice && isBeyond(order, leg.collarPrice)) {
      return denial("TICKET_PRICE_BEYOND_COLLAR", {
        limitPrice: order.limitPrice.toFixed(),
        collarPrice: leg.collarPrice.toFixed(),
      });
    }
    this.#used.set(order.clientOrderId, { legKey: keyOf(leg), sizeBase: order.sizeBase });
    return seal(order);
  }

  /** Once an order can never fill again: what it did not fill may be ordered anew. */
  release(clientOrderId: string, filledBase: BaseSize): void {
    const entry = this.#used.get(clientOrderId);
    if (entry) this.#used.set(clientOrderId, { ...entry, sizeBase: filledBase });
  }

  /** Cancelling only ever reduces: any order on the ticket's instruments. */
  admitCancel(cancel: CancelRequest, now: EpochMs): GuardedCancel | Denial {
    const { expiresAt } = this.#terms;
    if (now >= expiresAt) return denial("TICKET_EXPIRED", { lateMs: String(now - expiresAt) });
    if (this.#legFor(cancel)) return seal(cancel);
    return denial("TICKET_ORDER_NOT_COVERED", { venue: cancel.venue, instrument: cancel.symbol });
  }

  /** Everything that rests on one of the ticket's instruments. */
  admitCancelAll({ venue, symbol }: CancelAllRequest, now: EpochMs): GuardedCancelAll | Denial {
    const { expiresAt } = this.#terms;
    if (now >= expiresAt) return denial("TICKET_EXPIRED", { lateMs: String(now - expiresAt) });
    if (this.#legFor({ venue, symbol })) return seal({ venue, symbol });
    return denial("TICKET_ORDER_NOT_COVERED", { venue, instrument: symbol });
  }

  /** The leverage that a leg was judged at; null for one that the ticket does not cover. */
  leverageOf(leg: CancelAllRequest): Decimal | null {
    return this.#legFor(leg)?.leverage ?? null;
  }

  /** Lowers an instrument's leverage to what the opening was judged at, or below. */
  admitLeverage(request: LeverageRequest, now: EpochMs): GuardedLeverage | Denial {
    const { expiresAt } = this.#terms;
    if (now >= expiresAt) return denial("TICKET_EXPIRED", { lateMs: String(now - expiresAt) });
    const judged = this.leverageOf(request);
    if (judged && request.leverage.gt(ZERO) && request.leverage.lte(judged)) return seal(request);
    return denial("TICKET_ORDER_NOT_COVERED", { venue: request.venue, instrument: request.symbol });
  }

  #legFor(request: CancelAllRequest): TicketLeg | undefined {
    return this.#terms.legs.find(
      (leg) => leg.venue === request.venue && leg.symbol === request.symbol,
    );
  }

  #usedOf(leg: TicketLeg): Decimal {
    let total = ZERO;
    for (const entry of this.#used.values()) {
      if (entry.legKey === keyOf(leg)) total = total.plus(entry.sizeBase);
    }
    return total;
  }
}

/** For guard/check.ts alone: makes a ticket once every rule has passed. */
export function issueTicket(terms: TicketTerms): Ticket {
  return make({ ...terms, legs: terms.legs.map((leg) => Object.freeze({ ...leg })) });
}

function keyOf(leg: TicketLeg): string {
  return `${leg.venue}:${leg.symbol}`;
}

function isBeyond(order: OrderRequest, collar: Price): boolean {
  return order.side === "buy" ? order.limitPrice.gt(collar) : order.limitPrice.lt(collar);
}
