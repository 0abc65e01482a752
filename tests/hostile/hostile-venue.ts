import { dec, minOf, ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { Guarded, type GuardedOrder } from "#src/core/guarded.ts";
import type { Fill, OrderOutcome, OrderReport, OrderRequest, Position } from "#src/core/order.ts";
import { baseSize, notionalUsd, rate, signedBase, usd } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Venue, VenueMarketData } from "#src/ports/venue.ts";
import type { Listing, VenueName } from "./hostile-market.ts";
import { Track, type Turns } from "./track.ts";

/** What becomes of the next order that reaches the venue. */
export type OrderFate =
  | "rejected"
  | "half"
  | "answerLost"
  | "requestLost"
  /** The venue gives up on it, and executes it a little later. */
  | "landsLate"
  | "slow"
  | "throws";

/** What the judge is told by the trading port itself. */
export interface OrderWitness {
  arrived(request: OrderRequest): void;
  filled(fill: Fill, reduceOnly: boolean): void;
  /** Nothing more can come of it. */
  ended(clientOrderId: string): void;
  /** It was asked what it holds. */
  told(symbol: string, sizeBase: string): void;
}

export type HostileVenue = ReturnType<typeof createHostileVenue>;

/** A venue that keeps its own books, answers at once, and misbehaves as it is told to. */
export function createHostileVenue(parts: {
  readonly id: VenueName;
  readonly listings: readonly Listing[];
  readonly clock: Clock;
  readonly turns: Turns;
  readonly witness: OrderWitness;
  readonly provable: boolean;
  readonly equityUsd: number;
}) {
  const { id, listings, clock, turns, witness } = parts;
  const bySymbol = new Map(listings.map((one) => [one.symbol, one]));
  const orders = new Map<string, { request: OrderRequest; report: OrderReport; fills: Fill[] }>();
  const fills: Fill[] = [];
  const held = new Map<string, ReturnType<typeof dec>>();
  const hand = new Map<string, Track<string>>();
  const state = {
    equityUsd: new Track(turns, parts.equityUsd),
    maintenanceUsd: new Track(turns, 0),
    leverage: new Track(turns, 3),
    obeysLeverage: true,
    bookAgeMs: new Track(turns, 0),
    rateAgeMs: new Track(turns, 0),
    accountAgeMs: new Track(turns, 0),
    down: false,
    /** Says nothing of payments for a while. */
    thinks: false,
    fates: [] as OrderFate[],
  };
  let sequence = 0;

  function listing(symbol: string): Listing {
    const found = bySymbol.get(symbol);
    if (!found) throw new RetryableError(`${id} has no ${symbol}`);
    return found;
  }

  async function ask<T>(answer: () => T): Promise<T> {
    if (state.down) throw new RetryableError("503");
    return answer();
  }

  function position(symbol: string) {
    return held.get(symbol) ?? ZERO;
  }

  function fill(request: OrderRequest, sizeBase: ReturnType<typeof dec>): Fill[] {
    const book = listing(request.symbol).book(clock.wallNow());
    const made: Fill[] = [];
    let left = sizeBase;
    for (const level of request.side === "buy" ? book.asks : book.bids) {
      const limit = request.limitPrice;
      if (request.side === "buy" ? level.price.gt(limit) : level.price.lt(limit)) break;
      const taken = minOf(left, level.sizeBase);
      if (taken.lte(ZERO)) break;
      sequence += 1;
      const one: Fill = {
        ...{ venue: id, symbol: request.symbol, tradeId: `${id}-${sequence}` },
        ...{ clientOrderId: request.clientOrderId, side: request.side, price: level.price },
        ...{ sizeBase: baseSize(taken), liquidity: "taker", cause: "order" },
        feeUsd: usd(taken.times(level.price).times("0.0005")),
        filledAt: clock.marketNow(),
      };
      const signed = request.side === "buy" ? taken : taken.neg();
      held.set(request.symbol, position(request.symbol).plus(signed));
      if (position(request.symbol).eq(ZERO)) hand.delete(request.symbol);
      made.push(one);
      fills.push(one);
      witness.filled(one, request.reduceOnly);
      left = left.minus(taken);
    }
    return made;
  }

  function execute(request: OrderRequest, share = 10): OrderOutcome {
    const outcome = match(request, share);
    witness.ended(request.clientOrderId);
    return outcome;
  }

  /** What the order comes to at the venue; at most `share` (tenths) of it fills. */
  function match(request: OrderRequest, share: number): OrderOutcome {
    if (clock.wallNow() >= request.expiresAt) return refused("EXPIRED");
    if (orders.has(request.clientOrderId)) return refused("DUPLICATE_CLIENT_ORDER_ID");
    const lot = listing(request.symbol).instrument().lotStepBase;
    if (!request.sizeBase.mod(lot).eq(ZERO)) return refused("OFF_LOT");
    const size = request.reduceOnly ? reducible(request) : request.sizeBase;
    if (size.eq(ZERO)) return refused("REDUCE_ONLY_WOULD_INCREASE");
    const part = size.times(String(share)).div("10");
    const made = fill(request, part.minus(part.mod(lot)));
    const filledBase = made.reduce((total, one) => total.plus(one.sizeBase), ZERO);
    const report: OrderReport = {
      ...{ clientOrderId: request.clientOrderId, symbol: request.symbol, side: request.side },
      ...{ reduceOnly: request.reduceOnly, venueOrderId: `${id}-o${orders.size}` },
      status: filledBase.eq(size) ? "filled" : "cancelled",
      sizeBase: baseSize(size),
      filledBase: baseSize(filledBase),
    };
    orders.set(request.clientOrderId, { request, report, fills: made });
    return { kind: "ack", order: report, fills: made };
  }

  function reducible(request: OrderRequest) {
    const now = position(request.symbol);
    const opposes = request.side === "sell" ? now.gt(ZERO) : now.lt(ZERO);
    return opposes ? minOf(now.abs(), request.sizeBase) : ZERO;
  }

  async function place(order: GuardedOrder): Promise<OrderOutcome> {
    if (!Guarded.isSealed(order)) return refused("NOT_GUARDED");
    const { request } = order;
    witness.arrived(request);
    if (state.down) return { kind: "unknown", detail: "503" };
    switch (state.fates.shift()) {
      case "rejected":
        witness.ended(request.clientOrderId);
        return refused("INSUFFICIENT_MARGIN");
      case "half":
        return execute(request, 4);
      case "answerLost":
        execute(request);
        return { kind: "unknown", detail: "timeout" };
      case "requestLost":
        return { kind: "unknown", detail: "timeout" };
      case "landsLate":
        clock.later(1_500, () => execute(request));
        return { kind: "unknown", detail: "504" };
      case "slow":
        await clock.sleep(700);
        return execute(request);
      case "throws":
        execute(request);
        throw new TypeError("Unexpected token <");
      case undefined:
        return execute(request);
    }
  }

  const positions = (): readonly Position[] => {
    for (const [symbol, sizeBase] of held) witness.told(symbol, sizeBase.toFixed());
    return [...held]
      .filter(([, sizeBase]) => !sizeBase.eq(ZERO))
      .map(([symbol, sizeBase]) => {
        const mark = listing(symbol).mark();
        return {
          ...{ venue: id, symbol, sizeBase: signedBase(sizeBase), liquidationPrice: null },
          ...{ entryPrice: mark, markPrice: mark },
        };
      });
  };

  const venue: Venue = {
    id,
    capabilities: { provable: parts.provable, restingFence: true },
    streams: null,
    health: () => ({ state: "ok", reason: null }),
    data: marketData(id, listings, clock, ask, listing, state),
    account: {
      account: () =>
        ask(() => ({
          ...{ venue: id, equityUsd: usd(String(state.equityUsd.value)) },
          freeCollateralUsd: usd(String(Math.max(0, state.equityUsd.value))),
          maintenanceUsd: usd(String(state.maintenanceUsd.value)),
          observedAt: clock.wallNow() - state.accountAgeMs.value,
        })),
      setup: () =>
        ask(() => ({
          ...{ leverage: dec(String(state.leverage.value)), marginMode: "cross" },
          ...{ positionMode: "oneWay", status: "trading" },
        })),
      feeRates: () => ask(() => FEES),
      positions: () => ask(positions),
      openOrders: () => ask(() => []),
      lookupOrder: (_symbol, clientOrderId) =>
        ask(() => {
          const found = orders.get(clientOrderId);
          return found
            ? { kind: "found", order: found.report, fills: found.fills }
            : { kind: "notFound", venueTime: clock.wallNow() };
        }),
      fills: (since) => ask(() => fills.filter((one) => one.filledAt >= since)),
      async fundingPayments() {
        if (state.thinks) await clock.sleep(3_000);
        return ask(() => []);
      },
    },
    trading: {
      place,
      cancel: async () => ({ kind: "refused", code: "UNKNOWN_ORDER", detail: "nothing rests" }),
      cancelAll: async () => (state.down ? { kind: "unknown", detail: "503" } : { kind: "ack" }),
      async setLeverage({ request }) {
        if (state.obeysLeverage) state.leverage.set(Number(request.leverage.toFixed()));
        return { kind: "ack" };
      },
    },
  };
  /** Somebody traded by hand. */
  function byHand(symbol: string, sizeBase: string) {
    held.set(symbol, position(symbol).plus(sizeBase));
    const track = hand.get(symbol) ?? new Track(turns, "0");
    hand.set(symbol, track);
    track.set(dec(track.value).plus(sizeBase).toFixed());
  }

  return {
    ...{ id, venue, state, position, byHand },
    /** And takes it back. */
    undoByHand(symbol: string) {
      const track = hand.get(symbol);
      if (track && track.value !== "0") byHand(symbol, dec(track.value).neg().toFixed());
    },
    tradedByHand: (symbol: string, since: number): readonly string[] =>
      hand.get(symbol)?.since(since) ?? ["0"],
  };
}

const FEES = { takerFeeRate: rate("0.0005"), makerFeeRate: rate("0.0002") };

function marketData(
  id: VenueName,
  listings: readonly Listing[],
  clock: Clock,
  ask: <T>(answer: () => T) => Promise<T>,
  listing: (symbol: string) => Listing,
  state: { readonly bookAgeMs: Track<number>; readonly rateAgeMs: Track<number> },
): VenueMarketData {
  return {
    venue: id,
    time: () => ask(clock.wallNow),
    instruments: () => ask(() => listings.map((one) => one.instrument())),
    fundingRates: () =>
      ask(() =>
        listings.map((one) => ({
          ...{ symbol: one.symbol, rate: one.rate(), intervalText: "1h", intervalHint: null },
          ...{ fundingAt: null, observedAt: clock.wallNow() - state.rateAgeMs.value },
        })),
      ),
    fundingHistory: (symbol) => ask(() => listing(symbol).history(clock.marketNow())),
    orderBook: (symbol) => ask(() => listing(symbol).book(clock.wallNow() - state.bookAgeMs.value)),
    hourlyCloses: () => ask(() => []),
    marketStats: (symbol) =>
      ask(() => ({
        ...{ markPrice: listing(symbol).mark(), indexPrice: null, observedAt: clock.wallNow() },
        // Enough of both: what filters refuse never comes to a model.
        ...{ volume24hUsd: notionalUsd("900000000"), openInterestBase: baseSize("100000000") },
      })),
  };
}

function refused(
  code: Extract<OrderOutcome, { kind: "refused" }>["code"],
): Extract<OrderOutcome, { kind: "refused" }> {
  return { kind: "refused", code, detail: code };
}
