import { dec, minOf, ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { BorrowRate, InterestPayment } from "#src/core/figures/borrow.ts";
import { Guarded, type GuardedOrder } from "#src/core/guarded.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import type { Fill, OrderOutcome, OrderReport, OrderRequest, Position } from "#src/core/order.ts";
import { baseSize, notionalUsd, rate, signedBase, usd } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Venue, VenueMarketData } from "#src/ports/venue.ts";
import { isSpot, type Listing, type VenueName } from "./hostile-market.ts";
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
  /** A loan grew by its interest. */
  charged(venue: string, symbol: string, grownBase: string): void;
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
  /** What lies in a wallet of its own for spot; null: one balance backs everything. */
  readonly spotUsd: number | null;
}) {
  const { id, listings, clock, turns, witness } = parts;
  const bySymbol = new Map(listings.map((one) => [one.symbol, one]));
  const orders = new Map<string, { request: OrderRequest; report: OrderReport; fills: Fill[] }>();
  const fills: Fill[] = [];
  const held = new Map<string, ReturnType<typeof dec>>();
  const hand = new Map<string, Track<string>>();
  const interests: InterestPayment[] = [];
  const state = {
    equityUsd: new Track(turns, parts.equityUsd),
    spotUsd: parts.spotUsd === null ? null : new Track(turns, parts.spotUsd),
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
      // A position that is gone is nobody's; coins that are gone may have been somebody else's.
      if (!isSpotSymbol(request.symbol) && position(request.symbol).eq(ZERO))
        hand.delete(request.symbol);
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
    // Spot knows no reduce-only: who sells more than he has sells what is not his, or borrows it.
    const isBound = request.reduceOnly && !isSpotSymbol(request.symbol);
    const size = isBound ? reducible(request) : request.sizeBase;
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
      account: (kind = "perp") =>
        ask(() => {
          const isApart = state.spotUsd !== null && kind === "spot";
          const held = (isApart ? state.spotUsd : state.equityUsd)?.value ?? 0;
          return {
            ...{ venue: id, equityUsd: usd(String(held)) },
            ...(state.spotUsd === null ? {} : { wallet: kind }),
            freeCollateralUsd: usd(String(Math.max(0, held))),
            maintenanceUsd: usd(String(isApart ? 0 : state.maintenanceUsd.value)),
            observedAt: clock.wallNow() - state.accountAgeMs.value,
          };
        }),
      setup: (symbol) =>
        ask(() => ({
          leverage: isSpotSymbol(symbol) ? null : dec(String(state.leverage.value)),
          ...{ marginMode: "cross", positionMode: "oneWay", status: "trading" },
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
      ...(listings.some(isSpot)
        ? {
            interestPayments: (since: number) =>
              ask(() => interests.filter((one) => one.chargedAt > since)),
          }
        : {}),
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

  /** What is owed grows by a ten-thousandth of it. */
  function chargeInterest() {
    for (const [symbol, sizeBase] of held) {
      if (!isSpotSymbol(symbol) || !sizeBase.lt(ZERO)) continue;
      const grown = sizeBase.neg().div("10000");
      held.set(symbol, sizeBase.minus(grown));
      witness.charged(id, symbol, grown.toFixed());
      interests.push({
        ...{ venue: id, paymentId: `${id}-i${interests.length}`, symbol },
        amountUsd: usd(grown.times(listing(symbol).mark()).neg()),
        ...{ grownBase: baseSize(grown), chargedAt: clock.marketNow() },
      });
    }
  }

  return {
    ...{ id, venue, state, position, byHand, chargeInterest },
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
  const perps = listings.filter((one) => !isSpot(one));
  const spots = listings.filter(isSpot);
  return {
    venue: id,
    ...(spots.length > 0
      ? { borrowRates: () => ask(() => spots.flatMap((one) => loanOf(id, one, clock.wallNow()))) }
      : {}),
    time: () => ask(clock.wallNow),
    instruments: () => ask(() => listings.map((one) => one.instrument())),
    fundingRates: () =>
      ask(() =>
        perps.map((one) => ({
          ...{ symbol: one.symbol, rate: one.rate(), intervalText: "1h", intervalHint: null },
          ...{ fundingAt: null, observedAt: clock.wallNow() - state.rateAgeMs.value },
        })),
      ),
    fundingHistory: (symbol) =>
      ask(() => (isSpotSymbol(symbol) ? [] : listing(symbol).history(clock.marketNow()))),
    orderBook: (symbol) => ask(() => listing(symbol).book(clock.wallNow() - state.bookAgeMs.value)),
    hourlyCloses: () => ask(() => []),
    marketStats: (symbol) =>
      ask(() => ({
        ...{ markPrice: listing(symbol).mark(), indexPrice: null, observedAt: clock.wallNow() },
        // Enough of both: what filters refuse never comes to a model.
        volume24hUsd: notionalUsd("900000000"),
        openInterestBase: isSpotSymbol(symbol) ? null : baseSize("100000000"),
      })),
  };
}

function loanOf(venue: VenueName, { asset, lent }: Listing, now: number): readonly BorrowRate[] {
  if (!lent.value) return [];
  const { perHourText, mostText, ageMs } = lent.value;
  const maxBorrowBase = mostText === null ? null : baseSize(mostText);
  return [{ venue, asset, perHour: rate(perHourText), maxBorrowBase, observedAt: now - ageMs }];
}

function refused(
  code: Extract<OrderOutcome, { kind: "refused" }>["code"],
): Extract<OrderOutcome, { kind: "refused" }> {
  return { kind: "refused", code, detail: code };
}
