import { type BookLevel, levelsFor } from "#src/core/book.ts";
import { type Decimal, dec, minOf, ZERO } from "#src/core/decimal.ts";
import { type FundingPayment, fundingPayment } from "#src/core/funding.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import type { Fill, OrderOutcome, OrderRequest, OrderSide, RefusalCode } from "#src/core/order.ts";
import { baseSize, price, usd } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import type { Records } from "#src/ports/records.ts";
import { type Match, matchOrder, refuseOrder } from "./match-order.ts";
import {
  applyFill,
  equityOf,
  maintenanceOf,
  toBase,
  usedMarginOf,
  type Valued,
} from "./paper-account.ts";
import {
  loadPaperState,
  type PaperOrder,
  type PaperState,
  savePaperState,
} from "./paper-records.ts";

export interface PaperOptions {
  readonly id: VenueId;
  readonly feed: MarketFeed;
  readonly records: Records;
  readonly clock: Clock;
  readonly startingCashUsd: string;
  /** Sets the posted margin. */
  readonly leverage: Decimal;
}

/** Depth that our own fills took comes back after this much market time. */
const REFILL_MS = 60_000;

/** The simulated venue's inside: matching, funding, liquidation. Synchronous; saved before it answers. */
export class PaperEngine {
  readonly state: PaperState;
  readonly #options: PaperOptions;
  readonly #instruments: ReadonlyMap<string, Instrument>;
  readonly #taken = new Map<string, { until: number; readonly levels: Map<string, Decimal> }>();

  constructor(options: PaperOptions) {
    const { feed, id, records, clock, startingCashUsd } = options;
    this.#options = options;
    this.#instruments = new Map(feed.instruments(id).map((one) => [one.symbol, one]));
    this.state = loadPaperState(records, id, { startingCashUsd, now: clock.marketNow() });
  }

  get instruments(): readonly Instrument[] {
    return [...this.#instruments.values()];
  }

  /** Everything held, at the marks of now. */
  valued(): readonly Valued[] {
    const { feed, id, clock } = this.#options;
    const at = clock.marketNow();
    return [...this.state.account.positions].flatMap(([symbol, position]) => {
      const instrument = this.#instruments.get(symbol);
      if (!instrument) return [];
      const sizeBase = toBase(instrument, position.contracts);
      return [{ instrument, sizeBase, mark: feed.mark(id, symbol, at) }];
    });
  }

  /** Brings the account up to now: settlements in time order, resting orders, liquidation. */
  settle(): void {
    this.#payFunding();
    this.#fillResting();
    this.#liquidate();
  }

  place(order: OrderRequest): OrderOutcome {
    this.settle();
    const { clock } = this.#options;
    const instrument = this.#instruments.get(order.symbol);
    if (this.state.orders.has(order.clientOrderId)) return refused("DUPLICATE_CLIENT_ORDER_ID");
    if (clock.wallNow() >= order.expiresAt) return refused("EXPIRED");
    if (!instrument) return refused("MARKET_UNAVAILABLE");
    const refusal = refuseOrder(order, instrument);
    if (refusal) return refused(refusal);
    const size = order.reduceOnly ? this.#reducible(order, instrument) : order.sizeBase;
    if (size.eq(ZERO)) return refused("REDUCE_ONLY_WOULD_INCREASE");
    const matches = matchOrder(order, size, this.#levels(order.symbol, order.side));
    if (!order.reduceOnly && !this.#hasMargin(order, size)) return refused("INSUFFICIENT_MARGIN");
    return this.#accept(order, size, instrument, matches);
  }

  cancel(clientOrderId: string): OrderOutcome {
    this.settle();
    const order = this.state.orders.get(clientOrderId);
    if (!order) return refused("OTHER");
    if (order.report.status === "open") {
      order.report = { ...order.report, status: "cancelled" };
      this.#save({ orders: [order] });
    }
    return { kind: "ack", order: order.report, fills: this.fillsOf(clientOrderId) };
  }

  fillsOf(clientOrderId: string): readonly Fill[] {
    return this.state.fills.filter((fill) => fill.clientOrderId === clientOrderId);
  }

  /** Both sides of the book, less what we have just taken from it. */
  #levels(symbol: string, side: OrderSide): readonly BookLevel[] {
    const { feed, id, clock } = this.#options;
    const at = clock.marketNow();
    const book = { venue: id, symbol, ...feed.book(id, symbol, at), observedAt: clock.wallNow() };
    const taken = this.#taken.get(`${symbol}:${side}`);
    const levels = levelsFor(book, side);
    if (!taken || at >= taken.until) return levels;
    return levels.map((level) => {
      const gone = taken.levels.get(level.price.toFixed()) ?? ZERO;
      return {
        price: level.price,
        sizeBase: baseSize(level.sizeBase.minus(minOf<Decimal>(gone, level.sizeBase))),
      };
    });
  }

  bookSides(symbol: string) {
    return { asks: this.#levels(symbol, "buy"), bids: this.#levels(symbol, "sell") };
  }

  #accept(
    order: OrderRequest,
    size: Decimal,
    instrument: Instrument,
    matches: readonly Match[],
  ): OrderOutcome {
    const fills = matches.map((match) => this.#fill(order, instrument, match, "taker"));
    const filledBase = baseSize(fills.reduce((total, fill) => total.plus(fill.sizeBase), ZERO));
    const rests = order.timeInForce === "gtc" && filledBase.lt(size);
    const report = {
      clientOrderId: order.clientOrderId,
      venueOrderId: `o${this.state.nextSequence++}`,
      symbol: order.symbol,
      side: order.side,
      status: filledBase.eq(size) ? "filled" : rests ? "open" : "cancelled",
      sizeBase: baseSize(size),
      filledBase,
      reduceOnly: order.reduceOnly,
    } as const;
    const paper: PaperOrder = { report, request: order };
    this.state.orders.set(order.clientOrderId, paper);
    this.#save({ orders: [paper], fills });
    return { kind: "ack", order: report, fills };
  }

  #fill(
    order: Pick<OrderRequest, "symbol" | "side" | "clientOrderId">,
    instrument: Instrument,
    match: Match,
    liquidity: "maker" | "taker",
  ): Fill {
    const { id, clock } = this.#options;
    const feeRate = liquidity === "taker" ? instrument.takerFeeRate : instrument.makerFeeRate;
    const fill: Fill = {
      venue: id,
      symbol: order.symbol,
      tradeId: `t${this.state.nextSequence++}`,
      clientOrderId: order.clientOrderId,
      side: order.side,
      sizeBase: baseSize(match.sizeBase),
      price: match.price,
      feeUsd: usd(match.sizeBase.times(match.price).times(feeRate)),
      liquidity,
      filledAt: clock.marketNow(),
    };
    applyFill(this.state.account, instrument, fill);
    this.state.fills.push(fill);
    if (liquidity === "taker") this.#remember(order, match);
    return fill;
  }

  #remember(order: Pick<OrderRequest, "symbol" | "side">, match: Match): void {
    const at = this.#options.clock.marketNow();
    const key = `${order.symbol}:${order.side}`;
    const before = this.#taken.get(key);
    const levels = before && at < before.until ? before.levels : new Map<string, Decimal>();
    const level = match.price.toFixed();
    levels.set(level, (levels.get(level) ?? ZERO).plus(match.sizeBase));
    this.#taken.set(key, { until: at + REFILL_MS, levels });
  }

  #reducible(order: OrderRequest, instrument: Instrument): Decimal {
    const contracts = this.state.account.positions.get(order.symbol)?.contracts ?? ZERO;
    const held = toBase(instrument, contracts);
    const opposes = order.side === "sell" ? held.gt(ZERO) : held.lt(ZERO);
    return opposes ? minOf<Decimal>(held.abs(), order.sizeBase) : ZERO;
  }

  #hasMargin(order: OrderRequest, size: Decimal): boolean {
    const { leverage } = this.#options;
    const valued = this.valued();
    const held = valued.find((one) => one.instrument.symbol === order.symbol)?.sizeBase ?? ZERO;
    const after = order.side === "buy" ? held.plus(size) : held.minus(size);
    if (after.abs().lte(held.abs())) return true;
    const needed = size.times(order.limitPrice).div(leverage);
    const used = usedMarginOf(valued, leverage);
    return used.plus(needed).lte(equityOf(this.state.account, valued));
  }

  #payFunding(): void {
    const { feed, id, clock } = this.#options;
    const now = clock.marketNow();
    const from = this.state.settledThrough;
    if (now <= from) return;
    const payments: FundingPayment[] = [];
    for (const [symbol, position] of this.state.account.positions) {
      const instrument = this.#instruments.get(symbol);
      if (!instrument) continue;
      const size = toBase(instrument, position.contracts);
      for (const settlement of feed.settlements(id, from, now, symbol)) {
        const amountUsd = fundingPayment(
          size.gt(ZERO) ? "long" : "short",
          baseSize(size.abs()),
          settlement.refPrice,
          settlement.rate,
        );
        const { fundingAt, rate } = settlement;
        const paymentId = `${symbol}:${fundingAt}`;
        payments.push({ venue: id, symbol, paymentId, fundingAt, amountUsd, rate });
        this.state.account.cashUsd = this.state.account.cashUsd.plus(amountUsd);
      }
    }
    this.state.settledThrough = now;
    if (payments.length === 0) return;
    payments.sort((a, b) => a.fundingAt - b.fundingAt);
    this.state.payments.push(...payments);
    this.#save({ payments });
  }

  #fillResting(): void {
    for (const order of this.state.orders.values()) {
      if (order.report.status !== "open") continue;
      const instrument = this.#instruments.get(order.request.symbol);
      if (!instrument) continue;
      const { request, report } = order;
      const wanted = report.sizeBase.minus(report.filledBase);
      const left = request.reduceOnly
        ? minOf<Decimal>(wanted, this.#reducible(request, instrument))
        : wanted;
      const crossing = matchOrder(request, left, this.#levels(request.symbol, request.side));
      const size = crossing.reduce((total, match) => total.plus(match.sizeBase), ZERO);
      if (size.eq(ZERO)) continue;
      // It was on the book first: it fills at its own price and pays the maker's fee.
      const fill = this.#fill(
        request,
        instrument,
        { price: request.limitPrice, sizeBase: size },
        "maker",
      );
      const filledBase = baseSize(report.filledBase.plus(size));
      const status = filledBase.eq(report.sizeBase) ? "filled" : "open";
      order.report = { ...report, filledBase, status };
      this.#save({ orders: [order], fills: [fill] });
    }
  }

  #liquidate(): void {
    const valued = this.valued();
    if (valued.length === 0) return;
    if (equityOf(this.state.account, valued).gte(maintenanceOf(valued))) return;
    const fills = valued.map(({ instrument, sizeBase, mark }) => {
      const side: OrderSide = sizeBase.gt(ZERO) ? "sell" : "buy";
      const order = { symbol: instrument.symbol, side, clientOrderId: "liquidation" };
      // Taken over by the venue half a percent away from the mark.
      const away = dec(side === "sell" ? "0.995" : "1.005");
      const match = { price: price(mark.times(away)), sizeBase: sizeBase.abs() };
      return this.#fill(order, instrument, match, "taker");
    });
    this.#save({ fills });
  }

  #save(change: Parameters<typeof savePaperState>[3]): void {
    savePaperState(this.#options.records, this.#options.id, this.state, change);
  }
}

function refused(code: RefusalCode): OrderOutcome {
  return { kind: "refused", code, detail: code };
}
