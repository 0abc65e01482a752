import type { Decimal } from "#src/core/decimal.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import type { Fill } from "#src/core/order.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import type { PaperEngine } from "#src/venues/paper/paper-engine.ts";
import type { PaperOrder } from "#src/venues/paper/paper-records.ts";

/** What stands behind the server; tests turn its settings and its engine as they like. */
export interface BinanceDesk {
  readonly engine: PaperEngine;
  readonly feed: MarketFeed;
  readonly venue: VenueId;
  readonly clock: Clock;
  readonly settings: {
    dualSidePosition: boolean;
    multiAssetsMargin: boolean;
    canTrade: boolean;
    isolated: boolean;
    enableWithdrawals: boolean;
    enableFutures: boolean;
    /** Fees in this asset instead, at this price in USD. */
    feeAsset: string | null;
    feePrice: string;
    /** exchangeInfo statuses that are not TRADING, by symbol. */
    readonly statuses: Map<string, string>;
    /** When perpetuals end that are going to be delisted, by symbol. */
    readonly ends: Map<string, number>;
    readonly leverages: Map<string, number>;
  };
  /** When orders were placed, by client id. */
  readonly placedAt: Map<string, number>;
  /** More rows at the end of a list, by path: for histories that the engine cannot make. */
  readonly tails: Map<string, readonly Record<string, unknown>[]>;
}

export interface BinanceAnswer {
  readonly status: number;
  readonly body: unknown;
}

export type BinanceRoutes = Readonly<
  Record<string, (desk: BinanceDesk, params: URLSearchParams) => BinanceAnswer>
>;

/** Far beyond 2^53, as real order numbers of some symbols are. */
const ORDER_NUMBERS_FROM = 8_389_765_000_000_000_000n;

export function ok(body: unknown): BinanceAnswer {
  return { status: 200, body };
}

export function refusal(code: number, msg: string, status = 400): BinanceAnswer {
  return { status, body: { code, msg } };
}

export function instrumentOf({ engine }: BinanceDesk, params: URLSearchParams): Instrument | null {
  return engine.market.find(params.get("symbol") ?? "");
}

export const NO_SYMBOL = refusal(-1121, "Invalid symbol.");

/** The engine's ids end with a running number. */
export function numberOf(engineId: string): string {
  return engineId.slice(engineId.lastIndexOf(":") + 1);
}

export function orderNumberOf(engineId: string): string {
  return (ORDER_NUMBERS_FROM + BigInt(numberOf(engineId))).toString();
}

export function wireQuantity({ contractSizeBase }: Instrument, base: Decimal): string {
  return base.div(contractSizeBase).toFixed();
}

export function wirePrice({ contractSizeBase }: Instrument, price: Decimal): string {
  return price.times(contractSizeBase).toFixed();
}

/** A forced order has no entry of its own in the engine; it gets the ids that Binance would give it. */
export function orderOfFill(
  { engine }: BinanceDesk,
  fill: Fill,
): { readonly orderId: string; readonly clientOrderId: string } {
  const order = engine.state.orders.get(fill.clientOrderId);
  if (order) {
    const orderId = orderNumberOf(order.report.venueOrderId);
    return { orderId, clientOrderId: fill.clientOrderId };
  }
  const first = engine.state.fills.find((one) => one.clientOrderId === fill.clientOrderId) ?? fill;
  const prefix = fill.cause === "deleveraging" ? "adl_autoclose" : `autoclose-${fill.filledAt}`;
  return { orderId: orderNumberOf(first.tradeId), clientOrderId: prefix };
}

/** By number or by client id, as Binance lets its clients name an order. */
export function findOrder({ engine }: BinanceDesk, params: URLSearchParams): PaperOrder | null {
  const orderId = params.get("orderId");
  const found =
    orderId === null
      ? engine.state.orders.get(params.get("origClientOrderId") ?? "")
      : [...engine.state.orders.values()].find(
          ({ report }) => orderNumberOf(report.venueOrderId) === orderId,
        );
  return found?.request.symbol === params.get("symbol") ? found : null;
}

/**
 * Rows of a list as Binance cuts it: in [startTime, endTime], oldest first, at most `limit`. Without times
 * it is the last stretch.
 */
export function cutList<T extends { readonly time: number }>(
  all: readonly T[],
  params: URLSearchParams,
  limits: { readonly usual: number; readonly most: number; readonly stretchMs?: number },
  now = 0,
): readonly T[] {
  const { stretchMs = Number.POSITIVE_INFINITY } = limits;
  const start = Number(params.get("startTime") ?? Math.max(0, now - stretchMs));
  const longest = start + stretchMs;
  const end = Math.min(Number(params.get("endTime") ?? longest), longest);
  const limit = Math.min(Number(params.get("limit") ?? limits.usual), limits.most);
  return all
    .filter(({ time }) => time >= start && time <= end)
    .sort((a, b) => a.time - b.time)
    .slice(0, limit);
}
