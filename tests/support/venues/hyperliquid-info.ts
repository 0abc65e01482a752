import { z } from "zod";
import { type Decimal, dec, ONE, sum, ZERO } from "#src/core/decimal.ts";
import { type FundingPayment, HOUR_MS } from "#src/core/funding.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { Fill } from "#src/core/order.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import {
  type Exposure,
  equityOf,
  initialMarginOf,
  liquidationOf,
  maintenanceOf,
} from "#src/venues/paper/paper-account.ts";
import type { PaperEngine } from "#src/venues/paper/paper-engine.ts";
import type { PaperOrder } from "#src/venues/paper/paper-records.ts";
import { candlesOf } from "./candles.ts";
import { type HyperliquidExchange, numberOf } from "./hyperliquid-exchange.ts";
import { HYPERLIQUID, szDecimalsOf } from "./hyperliquid-feed.ts";

/** Rows of one answer at most: of fills, and of everything else that has times. */
const [MOST_FILLS, MOST_ROWS] = [2000, 500];
/** Settlements are stamped some milliseconds after the hour. */
const JITTER_MS = 57;
const UNKNOWN = { status: "unknownOid" };
const NO_HASH = `0x${"0".repeat(64)}`;

type Body = Record<string, unknown>;

interface InfoParts {
  readonly engine: PaperEngine;
  readonly feed: MarketFeed;
  readonly clock: Clock;
  readonly user: string;
  readonly agents: readonly string[];
  readonly leverages: HyperliquidExchange["leverages"];
}

/** Answers the info path; undefined for a type that is not served. */
export function hyperliquidInfo(parts: InfoParts): (body: Body) => unknown {
  const { engine, clock, user } = parts;
  const all = () => engine.market.instruments;
  const instrument = (symbol: string) => engine.market.require(symbol);
  const now = () => clock.marketNow();
  const isOurs = ({ user: asked }: Body) => String(asked).toLowerCase() === user;
  const answers: Record<string, (body: Body) => unknown> = {
    meta: () => ({ universe: all().map(universeRow), marginTables: all().map(marginTable) }),
    metaAndAssetCtxs: () => [
      { universe: all().map(universeRow) },
      all().map((one) => contextRow(parts, one, now())),
    ],
    exchangeStatus: () => ({ specialStatuses: null, time: clock.wallNow() }),
    l2Book: ({ coin }) => bookOf(engine, String(coin), now()),
    fundingHistory: (body) => fundingHistory(parts, body, now()),
    candleSnapshot: ({ req }) => candlesOfCoin(parts, req),
    perpsAtOpenInterestCap: () => [],
    userRole: ({ user: asked }) => roleOf(parts, String(asked).toLowerCase()),
    userFees: () => ({
      userCrossRate: all()[0]?.takerFeeRate.toFixed(),
      userAddRate: all()[0]?.makerFeeRate.toFixed(),
    }),
    activeAssetData: ({ coin, user: asked }) => ({
      ...{
        user: asked,
        coin,
        leverage: leverageOf(parts, String(coin)),
      },
      ...{ maxTradeSzs: ["0", "0"], availableToTrade: ["0", "0"] },
      markPx: inUnit(engine.market.mark(String(coin), now()), instrument(String(coin))),
    }),
    clearinghouseState: (body) => accountOf(engine, clock, isOurs(body)),
    frontendOpenOrders: (body) =>
      isOurs(body) ? engine.openOrders().map((one) => orderRow(engine, one)) : [],
    openOrders: (body) =>
      isOurs(body) ? engine.openOrders().map((one) => orderRow(engine, one)) : [],
    orderStatus: (body) => (isOurs(body) ? orderStatus(parts, body) : UNKNOWN),
    historicalOrders: () => [...engine.state.orders.values()].map((one) => statusRow(parts, one)),
    userFills: () => fillRows(engine).toReversed().slice(0, MOST_FILLS),
    userFillsByTime: (body) => within(fillRows(engine), body).slice(0, MOST_FILLS),
    userFunding: (body) => within(engine.state.payments.map(paymentRow), body).slice(0, MOST_ROWS),
  };

  return (body) => {
    engine.settle();
    return answers[String(body["type"])]?.(body);
  };
}

function orderRow({ market }: PaperEngine, { report, request }: PaperOrder) {
  const traded = market.require(report.symbol);
  return {
    ...{ coin: report.symbol, side: report.side === "buy" ? "B" : "A" },
    limitPx: inUnit(request.limitPrice, traded),
    sz: amount(report.sizeBase.minus(report.filledBase), traded),
    oid: numberOf(report.venueOrderId),
    ...{ timestamp: 1, triggerCondition: "N/A", isTrigger: false, triggerPx: "0.0" },
    ...{ children: [], isPositionTpsl: false, reduceOnly: report.reduceOnly },
    ...{ orderType: "Limit", origSz: amount(report.sizeBase, traded) },
    tif: { ioc: "Ioc", gtc: "Gtc", postOnly: "Alo" }[request.timeInForce],
    cloid: report.clientOrderId.startsWith("0x") ? report.clientOrderId : null,
  };
}

function statusRow({ engine, clock }: InfoParts, order: PaperOrder) {
  const { report, request } = order;
  const none = report.status === "cancelled" && report.filledBase.eq(ZERO);
  const cancelled = none && request.timeInForce === "ioc" ? "iocCancelRejected" : "canceled";
  const status = report.status === "cancelled" ? cancelled : report.status;
  return { order: orderRow(engine, order), status, statusTimestamp: clock.wallNow() };
}

function orderStatus(parts: InfoParts, { oid }: Body) {
  const found = [...parts.engine.state.orders.values()].find(({ report }) =>
    typeof oid === "string" && oid.startsWith("0x")
      ? report.clientOrderId === oid
      : numberOf(report.venueOrderId) === Number(oid),
  );
  return found ? { status: "order", order: statusRow(parts, found) } : UNKNOWN;
}

function leverageOf({ engine, leverages }: InfoParts, coin: string) {
  const asset = engine.market.instruments.findIndex((one) => one.symbol === coin);
  const value = Number(engine.leverage.toFixed());
  return leverages.get(asset) ?? { type: "cross", value };
}

/** Only tables from the fiftieth on are listed; the others are one tier of the leverage that names them. */
const FIRST_LISTED_TABLE = 50;

function marginTable({ maxLeverage, maintenanceTiers: known }: Instrument, index: number) {
  const flat = [{ lowerUsd: ZERO, rate: ONE.div(maxLeverage.times("2")) }];
  const marginTiers = (known?.by === "notional" ? known.tiers : flat).map((tier) => ({
    lowerBound: tier.lowerUsd.toFixed(1),
    maxLeverage: Number(ONE.div(tier.rate.times("2")).toFixed(0)),
  }));
  return [FIRST_LISTED_TABLE + index, { description: "", marginTiers }];
}

function universeRow(one: Instrument, index: number) {
  const maxLeverage = Number(one.maxLeverage.toFixed());
  return {
    szDecimals: szDecimalsOf(one),
    name: one.symbol,
    maxLeverage,
    marginTableId: FIRST_LISTED_TABLE + index,
  };
}

function contextRow({ engine: { market }, feed }: InfoParts, one: Instrument, at: number) {
  const mark = inUnit(market.mark(one.symbol, at), one);
  const [best] = market.levels(one.symbol, "buy", at);
  return {
    funding: feed.upcomingRate(HYPERLIQUID, one.symbol, at).rate.toFixed(),
    ...{ markPx: mark, oraclePx: mark, midPx: mark, prevDayPx: mark, premium: "0.0" },
    ...{ openInterest: "1000000", dayNtlVlm: "123456789.5", dayBaseVlm: "1000" },
    impactPxs: best ? [mark, inUnit(best.price, one)] : null,
  };
}

function bookOf({ market }: PaperEngine, coin: string, at: number) {
  const one = market.find(coin);
  if (!one) return null;
  const side = (taker: "buy" | "sell") =>
    market
      .levels(coin, taker, at)
      .slice(0, 20)
      .map((level) => ({ px: inUnit(level.price, one), sz: amount(level.sizeBase, one), n: 1 }));
  return { coin, time: at, levels: [side("sell"), side("buy")] };
}

function fundingHistory({ engine: { market }, feed }: InfoParts, body: Body, at: number) {
  const coin = String(body["coin"]);
  if (!market.find(coin)) return null;
  const since = Number(body["startTime"]) - JITTER_MS - 1;
  const rows = feed.settlements(HYPERLIQUID, Math.max(0, since), at, coin).map((one) => ({
    ...{ coin, fundingRate: one.rate.toFixed(), premium: "0.0" },
    time: one.fundingAt + JITTER_MS,
  }));
  return within(rows, body).slice(0, MOST_ROWS);
}

function candlesOfCoin({ engine: { market }, feed, clock }: InfoParts, asked: unknown) {
  const { coin, startTime, endTime } = candleQuestion.parse(asked);
  const one = market.require(coin);
  const world = { feed, clock, venue: HYPERLIQUID };
  return candlesOf(world, coin, { since: startTime, until: endTime }).map((candle) => {
    const text = inUnit(candle.close, one);
    return {
      ...{ t: candle.startedAt, T: candle.startedAt + HOUR_MS - 1, s: coin, i: "1h" },
      ...{ o: text, c: text, h: text, l: text, v: "12.3", n: 7 },
    };
  });
}

const candleQuestion = z.object({
  coin: z.string(),
  interval: z.literal("1h"),
  startTime: z.number(),
  endTime: z.number(),
});

function roleOf({ user, agents }: InfoParts, asked: string) {
  if (asked === user) return { role: "user" };
  return agents.includes(asked) ? { role: "agent", data: { user } } : { role: "missing" };
}

function accountOf(engine: PaperEngine, clock: Clock, ours: boolean) {
  const exposures = ours ? engine.exposures(clock.marketNow()) : [];
  const { account } = engine.state;
  const equity = ours ? equityOf(account, exposures) : ZERO;
  const used = initialMarginOf(exposures, engine.leverage);
  const free = equity.minus(used);
  const held = exposures.filter((one) => !one.sizeBase.eq(ZERO));
  const summary = {
    accountValue: equity.toFixed(),
    totalNtlPos: sum(held.map((one) => one.sizeBase.abs().times(one.mark))).toFixed(),
    totalRawUsd: ours ? account.cashUsd.toFixed() : "0.0",
    totalMarginUsed: used.toFixed(),
  };
  return {
    ...{ marginSummary: summary, crossMarginSummary: summary },
    crossMaintenanceMarginUsed: maintenanceOf(exposures).toFixed(),
    withdrawable: free.gt(ZERO) ? free.toFixed() : "0.0",
    assetPositions: held.map((one) => ({
      type: "oneWay",
      position: positionRow(engine, exposures, one),
    })),
    time: clock.wallNow(),
  };
}

function positionRow(engine: PaperEngine, exposures: readonly Exposure[], one: Exposure) {
  const { account } = engine.state;
  const { instrument, sizeBase, mark } = one;
  const liquidation = liquidationOf(account, exposures, one);
  const entry = account.positions.get(instrument.symbol)?.entryPrice ?? mark;
  const value = sizeBase.abs().times(mark);
  return {
    ...{ coin: instrument.symbol, szi: amount(sizeBase, instrument) },
    leverage: { type: "cross", value: Number(engine.leverage.toFixed()) },
    ...{ entryPx: inUnit(entry, instrument), positionValue: value.toFixed() },
    unrealizedPnl: sizeBase.times(mark.minus(entry)).toFixed(),
    ...{ returnOnEquity: "0.0", marginUsed: value.div(engine.leverage).toFixed() },
    liquidationPx: liquidation ? inUnit(liquidation, instrument) : null,
    maxLeverage: Number(instrument.maxLeverage.toFixed()),
    cumFunding: { allTime: "0.0", sinceOpen: "0.0", sinceChange: "0.0" },
  };
}

/** Fills in the order in which they happened, each with the position that it started from. */
function fillRows({ state, market }: PaperEngine) {
  const held = new Map<string, Decimal>();
  return state.fills.map((fill) => {
    const one = market.require(fill.symbol);
    const before = held.get(fill.symbol) ?? ZERO;
    const change = fill.side === "buy" ? fill.sizeBase : fill.sizeBase.neg();
    held.set(fill.symbol, before.plus(change));
    const order = state.orders.get(fill.clientOrderId);
    return {
      ...{ coin: fill.symbol, px: inUnit(fill.price, one), sz: amount(fill.sizeBase, one) },
      ...{ side: fill.side === "buy" ? "B" : "A", time: fill.filledAt },
      ...{ startPosition: amount(before, one), dir: directionOf(fill, before) },
      ...{ closedPnl: "0.0", hash: NO_HASH, crossed: fill.liquidity === "taker" },
      oid: order ? numberOf(order.report.venueOrderId) : 1,
      ...{
        fee: fill.feeUsd.toFixed(),
        tid: numberOf(fill.tradeId),
        feeToken: "USDC",
        twapId: null,
      },
      ...(fill.clientOrderId.startsWith("0x") ? { cloid: fill.clientOrderId } : {}),
    };
  });
}

function directionOf({ side, cause }: Fill, before: Decimal): string {
  const held = before.gt(ZERO) ? "Long" : "Short";
  if (cause === "liquidation") return `Liquidated Cross ${held}`;
  if (cause === "deleveraging") return "Auto-Deleveraging";
  const reduces = side === "sell" ? before.gt(ZERO) : before.lt(ZERO);
  return reduces ? `Close ${held}` : `Open ${side === "buy" ? "Long" : "Short"}`;
}

function paymentRow({ symbol, amountUsd, rate, fundingAt }: FundingPayment) {
  return {
    time: fundingAt + JITTER_MS,
    hash: NO_HASH,
    delta: {
      ...{ type: "funding", coin: symbol, usdc: amountUsd.toFixed(), szi: "1" },
      ...{ fundingRate: rate.toFixed(), nSamples: null },
    },
  };
}

function within<T extends { readonly time: number }>(rows: readonly T[], body: Body): T[] {
  const until = body["endTime"] === undefined ? Number.MAX_SAFE_INTEGER : Number(body["endTime"]);
  return rows.filter((one) => one.time >= Number(body["startTime"]) && one.time <= until);
}

function inUnit(value: Decimal, one: Instrument): string {
  return value.times(one.contractSizeBase).toFixed();
}

function amount(size: Decimal, one: Instrument): string {
  return dec(size).div(one.contractSizeBase).toFixed();
}
