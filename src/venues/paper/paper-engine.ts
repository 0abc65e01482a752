import { type Decimal, dec, floorToStep, minOf, ZERO } from "#src/core/decimal.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import type { Fill, OrderOutcome, OrderReport, OrderRequest, OrderSide } from "#src/core/order.ts";
import { baseSize, type EpochMs } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { FeedBorrow, MarketFeed } from "#src/ports/market-feed.ts";
import type { Records } from "#src/ports/records.ts";
import { filledIn, wholly } from "./coin-fees.ts";
import { type Match, matchedSize, refuseOrder } from "./match-order.ts";
import { type Exposure, equityOf, heldBase, maintenanceOf } from "./paper-account.ts";
import { PaperDesk } from "./paper-desk.ts";
import { PaperFunding, type Unsettled } from "./paper-funding.ts";
import { PaperInterest } from "./paper-interest.ts";
import { lackOfCoins, lackOfMargin } from "./paper-margin.ts";
import { PaperMarket } from "./paper-market.ts";
import { type PaperOrder, type PaperState, PaperStateFile } from "./paper-records.ts";

export interface PaperOptions {
  readonly id: VenueId;
  readonly feed: MarketFeed;
  readonly records: Records;
  readonly clock: Clock;
  readonly startingCashUsd: string;
  /** Sets the posted margin, up to each instrument's own maximum; 3 unless said. */
  readonly leverage?: Decimal;
  readonly log?: Logger;
}

/**
 * The simulated venue's inside: matching, funding, liquidation. Synchronous, so nothing can run in
 * between; what an answer says is on disk before it is given.
 */
export class PaperEngine {
  readonly market: PaperMarket;
  readonly leverage: Decimal;
  readonly #options: PaperOptions;
  readonly #file: PaperStateFile;
  readonly #desk: PaperDesk;
  readonly #funding: PaperFunding;
  readonly #interest: PaperInterest;

  constructor(options: PaperOptions) {
    this.#options = options;
    this.leverage = options.leverage ?? dec("3");
    this.market = new PaperMarket(options.id, options.feed);
    this.#file = new PaperStateFile(options, this.market);
    this.#desk = new PaperDesk({ ...options, market: this.market, file: this.#file });
    this.#funding = new PaperFunding({ ...options, market: this.market, file: this.#file });
    this.#interest = new PaperInterest({ ...options, market: this.market, file: this.#file });
  }

  /** What must be known of settlements before `settle`. */
  unsettled(): Unsettled {
    return this.#funding.unsettled(this.symbolsInUse());
  }

  get state(): PaperState {
    return this.#file.state;
  }

  /**
   * Brings the account up to now, settlement by settlement: at each one first the payment on what was
   * held before it, then resting orders and liquidation. Where only the present can be seen, orders and
   * liquidation are looked at now alone. Returns the market time that it reached.
   */
  settle(): EpochMs {
    return this.#file.atomically((state) => {
      const lastFillAt = state.fills.at(-1)?.filledAt ?? 0;
      const now = Math.max(this.#options.clock.marketNow(), state.settledThrough, lastFillAt);
      const seesThePast = this.#options.feed.lateness === undefined;
      const settlements = this.#funding.until(now, this.symbolsInUse());
      const hours = new Set(this.#interest.due(now));
      const moments = new Set([...settlements.keys(), ...hours]);
      for (const at of [...moments].sort((a, b) => a - b)) {
        for (const settlement of settlements.get(at) ?? []) this.#funding.pay(settlement);
        if (hours.has(at)) this.#interest.charge(at);
        if (seesThePast) this.#tend(at);
      }
      state.interestThrough = now;
      const settledThrough = this.#funding.through(now, this.symbolsInUse());
      this.#tend(now);
      state.settledThrough = settledThrough;
      return now;
    });
  }

  place(order: OrderRequest): OrderOutcome {
    const at = this.settle();
    const instrument = this.market.find(order.symbol);
    if (order.venue !== this.#options.id || !instrument) {
      return refused("MARKET_UNAVAILABLE", `no ${order.symbol} of ${order.venue} here`);
    }
    if (this.state.orders.has(order.clientOrderId)) return refused("DUPLICATE_CLIENT_ORDER_ID");
    if (this.#options.clock.wallNow() >= order.expiresAt) return refused("EXPIRED");
    const refusal = refuseOrder(order, instrument);
    if (refusal) return { kind: "refused", ...refusal };
    const size = order.reduceOnly ? this.#reducible(order, instrument) : order.sizeBase;
    if (size.eq(ZERO)) return refused("REDUCE_ONLY_WOULD_INCREASE");
    const matches = this.#desk.matches(order, size, "taker", at);
    if (order.timeInForce === "postOnly" && matches.length > 0) return refused("WOULD_TAKE");
    const lack = order.reduceOnly
      ? null
      : (lackOfCoins(order, this.#heldBase(instrument), instrument, this.#lent(order.symbol, at)) ??
        this.#lackOfMargin(order, matches, at));
    if (lack !== null) return refused("INSUFFICIENT_MARGIN", lack);
    return this.#file.atomically(() => this.#accept(order, size, matches, at));
  }

  cancel(symbol: string, clientOrderId: string): OrderOutcome {
    this.settle();
    return this.#file.atomically((state) => {
      const order = state.orders.get(clientOrderId);
      if (order?.request.symbol !== symbol) return refused("UNKNOWN_ORDER");
      const now =
        order.report.status === "open" ? this.#update(order, { status: "cancelled" }) : order;
      return { kind: "ack", order: now.report, fills: this.fillsOf(clientOrderId) };
    });
  }

  /** Takes everything off one book. */
  cancelAll(symbol: string): void {
    this.settle();
    this.#file.atomically(() => {
      for (const order of this.openOrders()) {
        if (order.request.symbol === symbol) this.#update(order, { status: "cancelled" });
      }
    });
  }

  fillsOf(clientOrderId: string): readonly Fill[] {
    return this.state.fills.filter((fill) => fill.clientOrderId === clientOrderId);
  }

  openOrders(): readonly PaperOrder[] {
    return [...this.state.orders.values()].filter((order) => order.report.status === "open");
  }

  /** Every instrument that is held or has resting orders, at its mark. */
  exposures(at: EpochMs): readonly Exposure[] {
    const open = this.openOrders();
    return [...this.symbolsInUse()].map((symbol) => {
      const instrument = this.market.require(symbol);
      const resting = (side: OrderSide) =>
        open
          .filter(({ request }) => request.symbol === symbol && request.side === side)
          .filter(({ request }) => !request.reduceOnly)
          .reduce((total, { report }) => total.plus(unfilled(report)), ZERO);
      return {
        instrument,
        sizeBase: heldBase(this.state.account, instrument),
        mark: this.market.mark(symbol, at),
        restingBuys: resting("buy"),
        restingSells: resting("sell"),
      };
    });
  }

  /** Instruments that are held or have resting orders. */
  symbolsInUse(): ReadonlySet<string> {
    const open = this.openOrders().map((order) => order.request.symbol);
    return new Set([...this.state.account.positions.keys(), ...open]);
  }

  #tend(at: EpochMs): void {
    const now = this.#options.clock.wallNow();
    for (const order of this.openOrders()) {
      // What the book did before the fence was not seen: a later book fills nothing.
      if (order.request.expiresAt <= now) this.#update(order, { status: "cancelled" });
      else this.#fillResting(order, at);
    }
    this.#liquidate(at);
  }

  #fillResting(order: PaperOrder, at: EpochMs): void {
    const { request } = order;
    const room = request.reduceOnly
      ? this.#reducible(request, this.market.require(request.symbol))
      : request.sizeBase;
    // The position that it was to reduce is gone: venues take such an order off the book.
    if (room.eq(ZERO)) {
      this.#update(order, { status: "cancelled" });
      return;
    }
    const left = minOf<Decimal>(unfilled(order.report), room);
    const sizeBase = matchedSize(this.#desk.matches(request, left, "maker", at));
    if (sizeBase.eq(ZERO)) return;
    // It was on the book first: it fills at its own price and pays the maker's fee.
    const matched = [{ price: request.limitPrice, sizeBase }];
    const fills = this.#desk.fill(request, matched, left, "maker", at);
    if (fills.length === 0) return;
    const filledBase = baseSize(order.report.filledBase.plus(filledIn(fills)));
    const status = filledBase.eq(order.report.sizeBase) ? "filled" : "open";
    this.#update(order, { filledBase, status });
  }

  /** Below maintenance the venue cancels everything and closes everything at the book. */
  #liquidate(at: EpochMs): void {
    if (this.state.account.positions.size === 0) return;
    const exposures = this.exposures(at);
    if (equityOf(this.state.account, exposures).gte(maintenanceOf(exposures))) return;
    for (const order of this.openOrders()) this.#update(order, { status: "cancelled" });
    for (const { instrument, sizeBase } of exposures) {
      if (sizeBase.eq(ZERO)) continue;
      const { symbol } = instrument;
      const side: OrderSide = sizeBase.gt(ZERO) ? "sell" : "buy";
      const order = { symbol, side, clientOrderId: `liquidation:${symbol}:${at}` };
      const forced = { ...order, cause: "liquidation" } as const;
      for (const match of this.market.takeAll(order, sizeBase.abs(), at)) {
        // The venue takes its fee from the money, whatever it closes: nothing may be left or owed.
        this.#desk.book(forced, { ...match, ...wholly(match) }, "taker", at);
      }
      this.#options.log?.warn("paperLiquidation", { venue: this.#options.id, symbol, at });
    }
  }

  #accept(
    request: OrderRequest,
    size: Decimal,
    matches: readonly Match[],
    at: EpochMs,
  ): OrderOutcome {
    const fills = this.#desk.fill(request, matches, size, "taker", at);
    const filledBase = baseSize(filledIn(fills));
    const rests = request.timeInForce !== "ioc";
    const { clientOrderId, symbol, side, reduceOnly } = request;
    const report: OrderReport = {
      ...{ clientOrderId, symbol, side, reduceOnly, filledBase },
      venueOrderId: `${this.#options.id}:${this.state.nextSequence++}`,
      status: filledBase.eq(size) ? "filled" : rests ? "open" : "cancelled",
      sizeBase: baseSize(size),
    };
    this.#file.putOrder({ report, request });
    return { kind: "ack", order: report, fills };
  }

  #update(order: PaperOrder, change: Partial<OrderReport>): PaperOrder {
    const next = { ...order, report: { ...order.report, ...change } };
    this.#file.putOrder(next);
    return next;
  }

  /** How much of a reduce-only order can reduce: none when it opposes nothing. */
  #reducible(order: OrderRequest, instrument: Instrument): Decimal {
    const held = this.#heldBase(instrument);
    const opposes = order.side === "sell" ? held.gt(ZERO) : held.lt(ZERO);
    if (!opposes) return ZERO;
    // What is left of a fee in coins is no whole lot, and nobody can sell it.
    return minOf<Decimal>(floorToStep(held.abs(), instrument.lotStepBase), order.sizeBase);
  }

  #lent(symbol: string, at: EpochMs): FeedBorrow | null {
    return this.#options.feed.borrow?.(this.#options.id, symbol, at) ?? null;
  }

  #heldBase(instrument: Instrument): Decimal {
    return heldBase(this.state.account, instrument);
  }

  #lackOfMargin(order: OrderRequest, matches: readonly Match[], at: EpochMs): string | null {
    return lackOfMargin({
      order,
      matches,
      instrument: this.market.require(order.symbol),
      mark: this.market.mark(order.symbol, at),
      account: this.state.account,
      exposures: this.exposures(at),
      leverage: this.leverage,
    });
  }
}

function unfilled(report: OrderReport): Decimal {
  return report.sizeBase.minus(report.filledBase);
}

function refused(
  code: Extract<OrderOutcome, { kind: "refused" }>["code"],
  detail: string = code,
): OrderOutcome {
  return { kind: "refused", code, detail };
}
