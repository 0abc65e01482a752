import type { OrderBook } from "#src/core/book.ts";
import { dec, isMultipleOf, ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { Guarded } from "#src/core/guarded.ts";
import { type Instrument, isSpotSymbol } from "#src/core/instrument.ts";
import type {
  Fill,
  MutationOutcome,
  OrderOutcome,
  OrderRequest,
  Position,
  RefusalCode,
} from "#src/core/order.ts";
import { baseSize, price, rate, signedBase, usd } from "#src/core/units.ts";
import type { Venue } from "#src/ports/venue.ts";
import type { Choices } from "./choices.ts";
import type { Fault, Swarm } from "./faults.ts";
import { never, type Process, venueTime } from "./process.ts";
import { ALL, MARK, type VenueOrder, type VenueTruth } from "./venue-truth.ts";
import { CoinOrder } from "./wallet.ts";

/** How a venue is at the moment; windows that open and close, or stay. */
export interface VenueMood {
  /** No request gets through until then. */
  downUntilMs: number;
  bannedUntilMs: number;
  keyRevokedUntilMs: number;
  frozenUntilMs: number;
  reduceOnlyUntilMs: number;
  hedgeModeUntilMs: number;
}

interface SimVenueParts {
  readonly truth: VenueTruth;
  readonly mood: VenueMood;
  readonly process: Process;
  readonly choices: Choices;
  readonly swarm: Swarm;
  /** Every order that arrived, for the verdict. */
  readonly arrived: (request: OrderRequest) => void;
}

const VISIBLE_AFTER_MS = 1_500;
const POSITION_LAG_MS = 3_000;

/** A venue as one process sees it: the truth, through a network and an interface that fail. */
export function connectVenue(parts: SimVenueParts): Venue {
  const { truth, process, choices, swarm, mood } = parts;
  const { world } = process;
  const now = () => venueTime(world);

  /** A read: asked, answered later; null is an answer that never comes. */
  function ask<T>(answer: () => T, isPrivate = true): Promise<T> {
    if (!process.point()) return never();
    const request = new Promise<T>((resolve, reject) => {
      const there = latency();
      if (swarm.strikes("requestLost") || (swarm.strikes("outage") && goDown())) return;
      world.after(there, () => {
        const refusal = closedFor(isPrivate);
        const back = latency() + (swarm.strikes("slow") ? 1_000 + choices.draw(59_000) : 0);
        if (refusal !== null || swarm.strikes("html200")) {
          process.after(back, () => reject(refusal ?? new TypeError("Unexpected token <")));
          return;
        }
        const reply = replyOf(answer, resolve, reject);
        if (swarm.strikes("answerLost")) return;
        process.after(back, () => process.point() && reply());
      });
    });
    return process.point() ? request : never();
  }

  function goDown(): boolean {
    mood.downUntilMs = Math.max(mood.downUntilMs, world.nowMs + 1_000 + choices.draw(40) * 1_000);
    return true;
  }

  function latency(): number {
    return 20 + choices.draw(4) * 15;
  }

  function closedFor(isPrivate: boolean): Error | null {
    if (world.nowMs < mood.downUntilMs) return new RetryableError("503");
    if (world.nowMs < mood.bannedUntilMs) return new RetryableError("418 banned");
    if (isPrivate && world.nowMs < mood.keyRevokedUntilMs) return new RetryableError("-2015");
    return null;
  }

  function positions(): readonly Position[] {
    if (swarm.strikes("emptyPositions")) return [];
    const stale = swarm.strikes("stalePositions");
    const found: Position[] = [];
    for (const [symbol, { minSizeBase }] of truth.instruments) {
      const sizeBase = stale ? positionAgo(symbol) : truth.position(symbol);
      if (sizeBase.eq(ZERO)) continue;
      if (isSpotSymbol(symbol) && sizeBase.abs().lt(minSizeBase)) continue;
      found.push({
        ...{ venue: truth.id, symbol, entryPrice: MARK, markPrice: MARK },
        sizeBase: signedBase(sizeBase),
        liquidationPrice: null,
      });
    }
    return found;
  }

  /** As it was a few seconds ago: what was filled since is not seen. */
  function positionAgo(symbol: string) {
    const recent = truth.changes.filter(
      (change) => change.symbol === symbol && now() - change.at < POSITION_LAG_MS,
    );
    return recent.reduce((size, { by }) => size.minus(by), truth.position(symbol));
  }

  function listed(fills: readonly Fill[]): readonly Fill[] {
    if (fills.length === 0) return fills;
    if (swarm.strikes("fillsTruncated")) return fills.slice(0, -1);
    if (swarm.strikes("fillsTwice")) return [...fills, ...fills];
    return swarm.strikes("fillsShuffled") ? fills.toReversed() : fills;
  }

  return {
    id: truth.id,
    capabilities: { provable: true, restingFence: true },
    streams: null,
    health: () => ({ state: "ok", reason: null }),
    data: {
      venue: truth.id,
      time: () => ask(now, false),
      instruments: () => ask(() => [...truth.instruments.values()], false),
      fundingRates: () => ask(() => [], false),
      fundingHistory: () => ask(() => [], false),
      orderBook: (symbol) => ask((): OrderBook => book(truth.id, symbol, now()), false),
      hourlyCloses: () => ask(() => [], false),
      marketStats: () =>
        ask(
          () => ({
            ...{ markPrice: MARK, indexPrice: null, openInterestBase: null, volume24hUsd: null },
            observedAt: now(),
          }),
          false,
        ),
    },
    account: {
      account: () =>
        ask(() => ({
          ...{ venue: truth.id, equityUsd: usd("100000"), freeCollateralUsd: usd("100000") },
          ...{ maintenanceUsd: usd("0"), observedAt: now() },
        })),
      setup: (symbol) =>
        ask(() => ({
          leverage: isSpotSymbol(symbol) ? null : THREE,
          marginMode: "cross",
          positionMode: world.nowMs < mood.hedgeModeUntilMs ? "hedge" : "oneWay",
          status:
            world.nowMs < mood.frozenUntilMs
              ? "halted"
              : world.nowMs < mood.reduceOnlyUntilMs
                ? "reduceOnly"
                : "trading",
        })),
      feeRates: () => ask(() => ({ takerFeeRate: rate("0"), makerFeeRate: rate("0") })),
      positions: () =>
        ask(() => {
          if (swarm.strikes("positionsFail")) throw new RetryableError("500");
          return positions();
        }),
      openOrders: () =>
        ask(() =>
          [...truth.orders.values()]
            .map((order) => order.report)
            .filter((report) => report.status === "open"),
        ),
      lookupOrder: (symbol, clientOrderId) =>
        ask(() => {
          if (swarm.strikes("lookupFails")) throw new RetryableError("500");
          const order = truth.orders.get(clientOrderId);
          const young = order && now() - order.acceptedAt < VISIBLE_AFTER_MS;
          const hidden = young === true && swarm.isOn("lookupLags");
          if (hidden) swarm.reach("lookupLags");
          if (order && swarm.strikes("lookupForgets")) truth.forgotten.add(clientOrderId);
          if (order?.request.symbol !== symbol || hidden || truth.forgotten.has(clientOrderId)) {
            return { kind: "notFound", venueTime: now() };
          }
          const fills = listed(truth.fillsOf(clientOrderId));
          const other = order.report.side === "sell" ? "buy" : "sell";
          const side = swarm.strikes("foundOther") ? other : order.report.side;
          return { kind: "found", order: { ...order.report, side }, fills };
        }),
      fills: (since) => ask(() => listed(truth.fills.filter((fill) => fill.filledAt >= since))),
      fundingPayments: () => ask(() => []),
      interestPayments: (since) =>
        ask(() => truth.wallet.interest.filter((one) => one.chargedAt > since)),
    },
    trading: {
      place: (order) => place(parts, order, { latency, closedFor }),
      cancel: (cancel) =>
        ask((): OrderOutcome => {
          const order = truth.orders.get(cancel.request.clientOrderId);
          if (!order) return refused("UNKNOWN_ORDER");
          if (order.report.status === "open" && swarm.strikes("restingFilledWhileCancelled")) {
            truth.fillMore(order, order.report.sizeBase.times("0.5"), now());
          }
          if (!swarm.strikes("cancelLost")) truth.end(order);
          return {
            kind: "ack",
            order: order.report,
            fills: truth.fillsOf(order.request.clientOrderId),
          };
        }).catch((): OrderOutcome => ({ kind: "unknown", detail: "lost" })),
      setLeverage: async () => ({ kind: "ack" }),
      cancelAll: ({ request }) =>
        ask((): MutationOutcome => {
          const resting = [...truth.orders.values()].filter(
            ({ report }) => report.symbol === request.symbol && report.status === "open",
          );
          for (const order of resting) if (!swarm.strikes("cancelLost")) truth.end(order);
          return { kind: "ack" };
        }).catch((): MutationOutcome => ({ kind: "unknown", detail: "lost" })),
    },
  };
}

/** What the venue answers is decided when it is asked, and told when it arrives. */
function replyOf<T>(
  answer: () => T,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): () => void {
  try {
    const value = answer();
    return () => resolve(value);
  } catch (error) {
    return () => reject(error);
  }
}

const THREE = dec("3");
const HALF = dec("0.6");

/** An order on its way: what can go wrong before it arrives, with what it does there, and after. */
function place(
  parts: SimVenueParts,
  order: Parameters<Venue["trading"]["place"]>[0],
  net: { latency(): number; closedFor(isPrivate: boolean): Error | null },
): Promise<OrderOutcome> {
  const { process, swarm, choices, arrived, mood, truth } = parts;
  const { world } = process;
  if (!Guarded.isSealed(order)) return Promise.resolve(refused("NOT_GUARDED"));
  const { request } = order;
  if (!process.point()) return never();
  const coins = isSpotSymbol(request.symbol) ? toCoins(truth, request) : null;
  if (coins?.netBase.eq(ZERO)) return Promise.resolve(refused("NOT_SENT"));
  const answer = new Promise<OrderOutcome>((resolve) => {
    arrived(request);
    const reply = (outcome: OrderOutcome) => {
      if (swarm.strikes("answerLost")) return;
      process.after(net.latency(), () => process.point() && resolve(outcome));
    };
    if (swarm.strikes("requestLost")) return;
    if (swarm.strikes("failsThenLands")) {
      // The gateway has given up on it, the venue has not.
      process.after(net.latency(), () => process.point() && resolve(unknown("504")));
      world.after(landingMs(choices, request.expiresAt - venueTime(world)), () => {
        execute(parts, request, coins);
      });
      return;
    }
    const late = swarm.strikes("lateLanding") ? 1_000 + choices.draw(24) * 1_000 : 0;
    const land = () => {
      const closed = net.closedFor(true);
      if (closed) return reply(unknown(closed.message));
      if (swarm.strikes("ipBan")) {
        mood.bannedUntilMs = world.nowMs + 2_000 + choices.draw(30) * 1_000;
        return reply(refused("RATE_LIMITED"));
      }
      reply(execute(parts, request, coins));
    };
    world.after(net.latency() + late, land);
    if (!swarm.strikes("deliveredTwice")) return;
    world.after(200 + choices.draw(5) * 1_000, () => {
      if (truth.orders.has(request.clientOrderId)) reply(refused("DUPLICATE_CLIENT_ORDER_ID"));
    });
  });
  return process.point() ? answer : never();
}

/** Somewhere before its fence, in half of the cases just before it: that is where proof is hardest. */
function landingMs(choices: Choices, fenceMs: number): number {
  if (choices.draw(2) === 0) return 1_000 + choices.draw(12) * 1_000;
  return Math.max(0, fenceMs - choices.draw(15) * 100 - 1);
}

/** As an adapter does before it sends: what closes is cut to what is there then, not when it arrives. */
function toCoins(truth: VenueTruth, request: OrderRequest): CoinOrder | null {
  const instrument = truth.instruments.get(request.symbol);
  if (!instrument) return null;
  const { lotStepBase: lot, minSizeBase: least } = instrument;
  const { feeRate } = truth.wallet;
  return new CoinOrder(request, truth.position(request.symbol), { feeRate, lot, least });
}

/** What the venue does with an order that arrived, and what it says about it. */
function execute(
  parts: SimVenueParts,
  request: OrderRequest,
  coins: CoinOrder | null,
): OrderOutcome {
  const { truth, swarm, choices, process } = parts;
  const { world } = process;
  const at = venueTime(world);
  const refusal = refusalOf(parts, request, at, coins);
  if (refusal) return refusal;
  const rests = request.timeInForce !== "ioc";
  const share =
    rests || swarm.strikes("nothingFilled")
      ? NONE
      : swarm.strikes("partialFill")
        ? shareOf(choices)
        : ALL;
  const order = truth.accept(request, share, at, coins);
  if (rests) restAWhile(parts, order);
  else if (swarm.strikes("lateFill")) fillLater(parts, order);
  else truth.end(order);
  return distort(swarm, order, truth);
}

const NONE = dec("0");

function shareOf(choices: Choices) {
  return choices.draw(2) === 0 ? HALF : dec(String(1 + choices.draw(9))).div("10");
}

function refusalOf(
  { truth, swarm, process, mood }: SimVenueParts,
  request: OrderRequest,
  at: number,
  coins: CoinOrder | null,
): OrderOutcome | null {
  const { world } = process;
  if (at >= request.expiresAt) return refused("EXPIRED");
  if (truth.orders.has(request.clientOrderId)) return refused("DUPLICATE_CLIENT_ORDER_ID");
  if (world.nowMs < mood.frozenUntilMs) return refused("MARKET_UNAVAILABLE");
  if (world.nowMs < mood.reduceOnlyUntilMs && !request.reduceOnly)
    return refused("MARKET_UNAVAILABLE");
  const instrument = truth.instruments.get(request.symbol);
  if (!instrument) return refused("MARKET_UNAVAILABLE");
  if (!isMultipleOf(request.sizeBase, instrument.lotStepBase)) return refused("OFF_LOT");
  if (request.sizeBase.lt(instrument.minSizeBase)) return refused("BELOW_MIN_SIZE");
  const refusal = coins
    ? refusalOfCoins(truth, request, coins, instrument)
    : request.reduceOnly && truth.reducible(request).eq(ZERO)
      ? "REDUCE_ONLY_WOULD_INCREASE"
      : null;
  if (refusal) return refused(refusal);
  if (coins && !request.reduceOnly && request.side === "sell" && swarm.strikes("borrowRefused"))
    return refused("INSUFFICIENT_MARGIN");
  if (swarm.strikes("error5xxBefore")) return unknown("502");
  if (swarm.strikes("unlistedCode")) return unknown("code 31337");
  if (swarm.strikes("rateLimited")) return refused("RATE_LIMITED");
  if (!request.reduceOnly && swarm.strikes("refusedMargin")) return refused("INSUFFICIENT_MARGIN");
  if (request.reduceOnly && swarm.strikes("refusedReduceOnly"))
    return refused("MARKET_UNAVAILABLE");
  // A success in form, and no order behind it.
  return swarm.strikes("codeIn200") ? phantom(request) : null;
}

/** Spot knows no reduce-only: what closes is an order like any other that must not borrow. */
function refusalOfCoins(
  truth: VenueTruth,
  { symbol, side, reduceOnly }: OrderRequest,
  { grossBase }: CoinOrder,
  { minNotionalUsd }: Instrument,
): RefusalCode | null {
  if (grossBase.times(MARK).lt(minNotionalUsd)) return "BELOW_MIN_NOTIONAL";
  const sells = side === "sell" && reduceOnly;
  return sells && truth.position(symbol).lt(grossBase) ? "INSUFFICIENT_MARGIN" : null;
}

/** The same truth, told badly. */
function distort(swarm: Swarm, order: VenueOrder, truth: VenueTruth): OrderOutcome {
  for (const [fault, detail] of GARBLED) if (swarm.strikes(fault)) return unknown(detail);
  if (swarm.strikes("duplicateAnswer")) return refused("DUPLICATE_CLIENT_ORDER_ID");
  const fills = truth.fillsOf(order.request.clientOrderId);
  const listed = fills.length > 0 && swarm.strikes("fillsTruncated") ? fills.slice(0, -1) : fills;
  return { kind: "ack", order: order.report, fills: listed };
}

const GARBLED: readonly (readonly [Fault, string])[] = [
  ["error5xxAfter", "504"],
  ["html200", "Unexpected token <"],
  ["emptyBody", "Unexpected end of JSON input"],
  ["malformedJson", "Expected property name"],
];

function fillLater({ truth, process, choices }: SimVenueParts, order: VenueOrder): void {
  const { world } = process;
  world.after(200 + choices.draw(10) * 200, () => {
    if (order.report.status !== "open") return;
    truth.fillMore(order, order.report.sizeBase.times("0.6"), venueTime(world));
    truth.end(order);
  });
}

/** A resting order is filled in part or whole at some moment, or never. */
function restAWhile({ truth, process, choices }: SimVenueParts, order: VenueOrder): void {
  const { world } = process;
  const kind = choices.draw(4);
  if (kind === 3) return;
  const share = kind === 0 ? ALL : shareOf(choices);
  world.after(300 + choices.draw(12) * 300, () => {
    if (order.report.status === "open") {
      truth.fillMore(order, order.report.sizeBase.times(share), venueTime(world));
    }
  });
}

function phantom(request: OrderRequest): OrderOutcome {
  const { clientOrderId, symbol, side, sizeBase, reduceOnly } = request;
  const order = { clientOrderId, symbol, side, sizeBase, reduceOnly, filledBase: baseSize(ZERO) };
  return { kind: "ack", order: { ...order, venueOrderId: "0", status: "open" }, fills: [] };
}

function book(venue: string, symbol: string, observedAt: number): OrderBook {
  return { venue, symbol, observedAt, bids: BIDS, asks: ASKS };
}

const BIDS = [{ price: price("59999"), sizeBase: baseSize("100") }];
const ASKS = [{ price: price("60001"), sizeBase: baseSize("100") }];

function refused(code: RefusalCode): OrderOutcome {
  return { kind: "refused", code, detail: code };
}

function unknown(detail: string): OrderOutcome {
  return { kind: "unknown", detail };
}
