import { type Decimal, dec, floorToStep, maxOf, minOf, ZERO } from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { Fill, FillCause, OrderReport, OrderRequest, OrderSide } from "#src/core/order.ts";
import { baseSize, price, usd } from "#src/core/units.ts";
import { type CoinOrder, Wallet } from "./wallet.ts";

export const MARK = price("60000");
const FEE = usd("1");

export interface VenueOrder {
  readonly request: OrderRequest;
  report: OrderReport;
  readonly acceptedAt: number;
  /** Of an order on spot: what really changes hands. */
  readonly coins: CoinOrder | null;
}

/** What really happened on one venue: it outlives the bot's process and is never asked nicely. */
export class VenueTruth {
  readonly id: string;
  readonly instruments: Map<string, Instrument>;
  readonly orders = new Map<string, VenueOrder>();
  readonly fills: Fill[] = [];
  readonly positions = new Map<string, Decimal>();
  /** What lies beside the hedges' coins on spot. */
  readonly wallet = new Wallet();
  /** Orders that look-ups do not know any more. */
  readonly forgotten = new Set<string>();
  /** Every change of a position, newest last. */
  readonly changes: { readonly symbol: string; readonly by: Decimal; readonly at: number }[] = [];
  /** Called after every change of a position. */
  readonly #onChange: () => void;
  #trades = 0;

  constructor(id: string, instruments: readonly Instrument[], onChange: () => void) {
    this.id = id;
    this.instruments = new Map(instruments.map((one) => [one.symbol, one]));
    this.#onChange = onChange;
  }

  position(symbol: string): Decimal {
    return this.positions.get(symbol) ?? ZERO;
  }

  fillsOf(clientOrderId: string): readonly Fill[] {
    return this.fills.filter((fill) => fill.clientOrderId === clientOrderId);
  }

  /** Accepts an order and fills as much of it as is said, never beyond what a reduce-only one may. */
  accept(
    request: OrderRequest,
    share: Decimal,
    at: number,
    coins: CoinOrder | null = null,
  ): VenueOrder {
    const { clientOrderId, symbol, side, reduceOnly } = request;
    const most = reduceOnly ? baseSize(this.reducible(request)) : request.sizeBase;
    const sizeBase = coins?.netBase ?? most;
    const order: VenueOrder = {
      ...{ request, coins },
      acceptedAt: at,
      report: {
        ...{ clientOrderId, symbol, side, reduceOnly, sizeBase, status: "open" },
        venueOrderId: `${this.id}-${clientOrderId}`,
        filledBase: baseSize(ZERO),
      },
    };
    this.orders.set(clientOrderId, order);
    this.fillMore(order, sizeBase.times(share), at);
    return order;
  }

  /** Fills another part, in lots; more than is left is cut. */
  fillMore(order: VenueOrder, wanted: Decimal, at: number): void {
    const { request, report, coins } = order;
    if (coins) {
      this.#fillCoins(order, coins, wanted, at);
      return;
    }
    const { lotStepBase } = this.#instrument(request.symbol);
    const left = report.sizeBase.minus(report.filledBase);
    const room = request.reduceOnly ? minOf(left, this.reducible(request)) : left;
    const size = floorToStep(minOf(wanted, room), lotStepBase);
    if (size.gt(ZERO)) {
      this.trade(request.symbol, request.side, size, "order", request.clientOrderId, at);
    }
    const filledBase = baseSize(report.filledBase.plus(size));
    const status = filledBase.eq(report.sizeBase) ? "filled" : "open";
    order.report = { ...report, filledBase, status };
  }

  /** On spot nothing is cut to what is held: coins are sold as far as there are any, or borrowed. */
  #fillCoins(order: VenueOrder, coins: CoinOrder, wanted: Decimal, at: number): void {
    const { request, report } = order;
    const { symbol, side, clientOrderId, reduceOnly } = request;
    const { lotStepBase } = this.#instrument(symbol);
    const left = coins.grossBase.minus(coins.tradedBase());
    const room = side === "sell" && reduceOnly ? maxOf(this.position(symbol), ZERO) : left;
    const all = wanted.gte(report.sizeBase) ? coins.grossBase : wanted;
    const size = floorToStep(minOf<Decimal>(all, left, room), lotStepBase);
    if (size.gt(ZERO)) {
      const { toldBase, movedBase } = coins.trade(size, lotStepBase);
      this.wallet.traded(symbol, side, movedBase, toldBase);
      if (side === "sell" && !reduceOnly) this.wallet.soldWithLoan(symbol);
      const told = toldBase.gt(ZERO) ? "order" : null;
      this.trade(symbol, side, toldBase, told, clientOrderId, at, movedBase);
    }
    const filledBase = baseSize(coins.toldBase());
    const whole = coins.tradedBase().eq(coins.grossBase);
    const status = whole ? (filledBase.eq(report.sizeBase) ? "filled" : "cancelled") : "open";
    order.report = { ...report, filledBase, status };
  }

  /** Interest on what is owed, in the borrowed coins; false where nothing is. */
  charge(symbol: string, share: Decimal, at: number): boolean {
    const owed = this.position(symbol).neg();
    if (owed.lt(this.#instrument(symbol).lotStepBase)) return false;
    const grownBase = baseSize(owed.times(share).round(8));
    this.wallet.charge({ venue: this.id, symbol, grownBase, price: MARK, at });
    this.#move(symbol, grownBase.neg(), at);
    return true;
  }

  /** Coins come or go without a trade. */
  transfer(symbol: string, by: Decimal, at: number): void {
    this.#move(symbol, by, at);
  }

  end(order: VenueOrder): void {
    if (order.report.status === "open") order.report = { ...order.report, status: "cancelled" };
  }

  /** Moves a position, with a fill that says why; null leaves no trace in the fills. */
  trade(
    symbol: string,
    side: OrderSide,
    size: Decimal,
    cause: FillCause | null,
    clientOrderId: string,
    at: number,
    movedBase: Decimal = size,
  ): void {
    if (cause !== null) {
      this.#trades += 1;
      this.fills.push({
        ...{ venue: this.id, symbol, side, clientOrderId, cause, liquidity: "taker" },
        ...{ tradeId: `${this.#trades}`, sizeBase: baseSize(size), price: MARK, feeUsd: FEE },
        filledAt: at,
      });
    }
    this.#move(symbol, side === "buy" ? movedBase : movedBase.neg(), at);
  }

  #move(symbol: string, by: Decimal, at: number): void {
    this.positions.set(symbol, this.position(symbol).plus(by));
    this.changes.push({ symbol, by, at });
    this.#onChange();
  }

  reducible({ symbol, side, sizeBase }: OrderRequest): Decimal {
    const held = this.position(symbol);
    const opposes = side === "sell" ? held.gt(ZERO) : held.lt(ZERO);
    return opposes ? minOf<Decimal>(held.abs(), sizeBase) : ZERO;
  }

  #instrument(symbol: string): Instrument {
    const found = this.instruments.get(symbol);
    if (!found) throw new Error(`no ${symbol} on ${this.id}`);
    return found;
  }
}

export const ALL = dec("1");
