import { describe, expect, test } from "bun:test";
import { isMultipleOf, sum, ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Guarded } from "#src/core/guarded.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { Fill, OrderRequest } from "#src/core/order.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { Venue } from "#src/ports/venue.ts";
import {
  guarded,
  guardedCancel,
  guardedCancelAll,
  orderRequest,
} from "#tests/support/guarded-orders.ts";
import { shortly } from "#tests/support/paper-rig.ts";

const ORDER_LIFE_MS = 10_000;
let count = 0;

/** In the form of our own ids: letters and digits, never twice. */
function freshId(): string {
  count += 1;
  return `Hconform4o0n1x${process.pid}z${count}`;
}

/** What the suite needs: a fresh, funded account without positions, and one instrument to trade. */
export interface VenueUnderTest {
  readonly venue: Venue;
  readonly symbol: string;
  readonly marketNow: () => EpochMs;
  readonly wallNow: () => EpochMs;
}

/** What every venue behind the port must do, whatever it is made of. */
export function venueConformance(name: string, make: () => Promise<VenueUnderTest>): void {
  describe(`${name} as a venue`, () => {
    describePublicData(make);
    describeTrading(make);
    describeRefusals(make);
  });
}

function describePublicData(make: () => Promise<VenueUnderTest>): void {
  test("lists instruments of its own, each once, on positive grids", async () => {
    const { venue } = await make();
    const all = await venue.data.instruments();
    expect(new Set(all.map((one) => one.symbol)).size).toBe(all.length);
    for (const one of all) {
      expect(one.venue).toBe(venue.id);
      expect(isMultipleOf(one.minSizeBase, one.lotStepBase)).toBe(true);
      expect(one.lotStepBase.gt(ZERO) && one.priceTick.gt(ZERO)).toBe(true);
      expect(one.contractSizeBase.gt(ZERO)).toBe(true);
      expect(one.takerFeeRate.gte(one.makerFeeRate)).toBe(true);
    }
  });

  test("names the interval and the coming settlement of every rate", async () => {
    const { venue, marketNow } = await make();
    const symbols = (await venue.data.instruments()).map((one) => one.symbol);
    const rates = await venue.data.fundingRates();
    expect(rates.length).toBeGreaterThan(0);
    for (const one of rates) {
      expect(symbols).toContain(one.symbol);
      expect(one.intervalText ?? one.intervalHint).not.toBeNull();
      expect(one.fundingAt).toBeGreaterThan(marketNow());
    }
  });

  test("gives history in (since, now], oldest first", async () => {
    const { venue, symbol, marketNow } = await make();
    const since = marketNow() - 72 * HOUR_MS;
    const stamps = (await venue.data.fundingHistory(symbol, since)).map((one) => one.fundingAt);
    expect(stamps.length).toBeGreaterThan(0);
    expect(stamps).toEqual([...new Set(stamps)].sort((a, b) => a - b));
    expect(stamps.at(0)).toBeGreaterThan(since);
    expect(stamps.at(-1)).toBeLessThanOrEqual(marketNow());
    const [first = 0] = stamps;
    expect((await venue.data.fundingHistory(symbol, first)).map((one) => one.fundingAt)).toEqual(
      stamps.slice(1),
    );
  });

  test("shows a book on its grids, best first, that does not cross itself", async () => {
    const { venue, symbol } = await make();
    const instrument = await instrumentOf(venue, symbol);
    const { bids, asks } = await venue.data.orderBook(symbol);
    for (const level of [...bids, ...asks]) {
      expect(isMultipleOf(level.price, instrument.priceTick)).toBe(true);
      expect(isMultipleOf(level.sizeBase, instrument.lotStepBase)).toBe(true);
    }
    const upwards = [...bids.toReversed(), ...asks].map((level) => level.price);
    for (const [index, one] of upwards.entries()) {
      expect(upwards[index + 1]?.gt(one) ?? true).toBe(true);
    }
  });

  test("closes each whole hour once, in canonical units, and leaves the running hour out", async () => {
    const { venue, symbol, marketNow } = await make();
    const hour = () => Math.floor(marketNow() / HOUR_MS);
    const askedIn = hour();
    const { markPrice } = await venue.data.marketStats(symbol);
    const closes = await venue.data.hourlyCloses(symbol, 30);
    expect(closes).toHaveLength(30);
    for (const close of closes) {
      expect(close.div(markPrice).minus("1").abs().lt("0.5")).toBe(true);
    }
    const again = (await venue.data.hourlyCloses(symbol, 5)).map((close) => close.toFixed());
    if (hour() === askedIn) expect(again).toEqual(closes.slice(-5).map((one) => one.toFixed()));
  });

  test("throws a retryable error about an instrument that it does not have", async () => {
    const { venue } = await make();
    for (const ask of [venue.data.orderBook, venue.data.marketStats]) {
      await expect(ask("NOPE")).rejects.toBeInstanceOf(RetryableError);
    }
    await expect(venue.data.fundingHistory("NOPE", 0)).rejects.toBeInstanceOf(RetryableError);
    await expect(venue.data.hourlyCloses("NOPE", 5)).rejects.toBeInstanceOf(RetryableError);
  });
}

function describeTrading(make: () => Promise<VenueUnderTest>): void {
  test("tells one story of an order in its answer, the look-up, the fills and the position", async () => {
    const under = await make();
    const { venue, symbol, marketNow } = under;
    const { request, instrument } = await crossing(under, "buy");
    const fills = await storyOf(venue, request, instrument);
    const filled = sum(fills.map((fill) => fill.sizeBase));

    expect(fills.length).toBeGreaterThan(0);
    expect(filled.lte(request.sizeBase)).toBe(true);
    for (const fill of fills) {
      expect(fill.price.lte(request.limitPrice)).toBe(true);
      expect(fill.filledAt).toBeLessThanOrEqual(marketNow());
    }
    const found = await venue.account.lookupOrder(symbol, request.clientOrderId);
    expect(found).toMatchObject({ kind: "found", fills: [...fills] });
    expect(await venue.account.fills(0)).toEqual([...fills]);
    const [position] = await venue.account.positions();
    expect(position?.sizeBase.toFixed()).toBe(filled.toFixed());
  });

  test("goes back to flat with a reduce-only order, and the account explains every cent", async () => {
    const under = await make();
    const { venue } = under;
    const before = (await venue.account.account()).equityUsd;
    const entry = await crossing(under, "sell");
    await storyOf(venue, entry.request, entry.instrument);
    const exit = await crossing(under, "buy");
    await storyOf(venue, { ...exit.request, reduceOnly: true }, exit.instrument);

    expect(await venue.account.positions()).toEqual([]);
    const flows = (await venue.account.fills(0)).map((fill) => {
      const flow = fill.sizeBase.times(fill.price);
      return (fill.side === "sell" ? flow : flow.neg()).minus(fill.feeUsd);
    });
    const funding = (await venue.account.fundingPayments(0)).map((payment) => payment.amountUsd);
    const after = (await venue.account.account()).equityUsd;
    expect(after.toFixed()).toBe(sum([before, ...flows, ...funding]).toFixed());
  });

  test("keeps a resting order until it is cancelled, and answers a second cancel calmly", async () => {
    const under = await make();
    const { venue, symbol } = under;
    const { request, instrument } = await crossing(under, "buy");
    const best = (await venue.data.orderBook(symbol)).bids[0]?.price ?? request.limitPrice;
    const resting = orderRequest({
      ...{ venue: venue.id, symbol, timeInForce: "gtc", clientOrderId: freshId() },
      expiresAt: request.expiresAt,
      size: request.sizeBase.toFixed(),
      limit: best.minus(instrument.priceTick.times("20")).toFixed(),
    });
    expect(shortly(await venue.trading.place(guarded(resting, instrument)))).toBe("ack open");
    expect((await venue.account.openOrders()).map((one) => one.clientOrderId)).toEqual([
      resting.clientOrderId,
    ]);
    expect((await venue.trading.cancel(guardedCancel(resting))).kind).toBe("ack");
    expect(await venue.account.openOrders()).toEqual([]);
    expect((await venue.trading.cancel(guardedCancel(resting))).kind).not.toBe("unknown");
  });

  test("takes everything off a book at once, and nothing off the others", async () => {
    const under = await make();
    const { venue, symbol } = under;
    const { request, instrument } = await crossing(under, "buy");
    const best = (await venue.data.orderBook(symbol)).bids[0]?.price ?? request.limitPrice;
    for (const ticks of ["20", "21"]) {
      const resting = orderRequest({
        ...{ venue: venue.id, symbol, timeInForce: "gtc", clientOrderId: freshId() },
        expiresAt: request.expiresAt,
        size: request.sizeBase.toFixed(),
        limit: best.minus(instrument.priceTick.times(ticks)).toFixed(),
      });
      await venue.trading.place(guarded(resting, instrument));
    }
    expect(await venue.account.openOrders()).toHaveLength(2);
    expect(await venue.trading.cancelAll(guardedCancelAll(request))).toEqual({ kind: "ack" });
    expect(await venue.account.openOrders()).toEqual([]);
  });

  test("says what the account pays and how it would trade", async () => {
    const { venue, symbol } = await make();
    const { takerFeeRate, makerFeeRate } = await venue.account.feeRates(symbol);
    expect(takerFeeRate.gte(makerFeeRate)).toBe(true);
    const setup = await venue.account.setup(symbol);
    expect(setup.leverage?.gt(ZERO) ?? true).toBe(true);
    expect(setup).toMatchObject({ positionMode: "oneWay", status: "trading" });
  });

  test("does not know an order that was never sent", async () => {
    const { venue, symbol } = await make();
    expect(await venue.account.lookupOrder(symbol, freshId())).toMatchObject({ kind: "notFound" });
  });
}

function describeRefusals(make: () => Promise<VenueUnderTest>): void {
  test("takes nothing that the guard has not sealed", async () => {
    const under = await make();
    const { venue } = under;
    const { request } = await crossing(under, "buy");
    const forged = { request } as unknown as Guarded<OrderRequest>;
    expect((await venue.trading.place(forged)).kind).toBe("refused");
    expect(await venue.account.positions()).toEqual([]);
  });

  test("refuses an order after its fence", async () => {
    const under = await make();
    const { venue, wallNow } = under;
    const { request, instrument } = await crossing(under, "buy");
    const late = guarded({ ...request, expiresAt: wallNow() }, instrument);
    expect((await venue.trading.place(late)).kind).toBe("refused");
    expect(await venue.account.positions()).toEqual([]);
  });

  test("executes a client order id once", async () => {
    const under = await make();
    const { venue } = under;
    const { request, instrument } = await crossing(under, "buy");
    await venue.trading.place(guarded(request, instrument));
    const [held] = await venue.account.positions();
    const again = await venue.trading.place(guarded(request, instrument));
    expect(shortly(again)).toBe("refused DUPLICATE_CLIENT_ORDER_ID");
    const [now] = await venue.account.positions();
    expect(now?.sizeBase.toFixed()).toBe(held?.sizeBase.toFixed());
  });

  test.each(["buy", "sell"] as const)("lets no reduce-only %s open a position", async (side) => {
    const under = await make();
    const { venue } = under;
    const { request } = await crossing(under, side);
    await venue.trading.place(guarded({ ...request, reduceOnly: true }));
    expect(await venue.account.positions()).toEqual([]);
  });
}

/** Places it and says what it filled, as the look-up tells it: not every answer names the fills. */
async function storyOf(
  venue: Venue,
  request: OrderRequest,
  instrument: Instrument,
): Promise<readonly Fill[]> {
  expect((await venue.trading.place(guarded(request, instrument))).kind).toBe("ack");
  const found = await venue.account.lookupOrder(request.symbol, request.clientOrderId);
  if (found.kind === "notFound") throw new Error("an accepted order is not known");
  expect(found.order.status).not.toBe("open");
  return found.fills;
}

/** An immediate order that the book can fill: about 200 USD, or one lot, within half a percent. */
async function crossing(
  { venue, symbol, wallNow }: VenueUnderTest,
  side: OrderRequest["side"],
): Promise<{ readonly request: OrderRequest; readonly instrument: Instrument }> {
  const instrument = await instrumentOf(venue, symbol);
  const { markPrice: mark } = await venue.data.marketStats(symbol);
  const lots = mark.pow(-1).times("200").div(instrument.lotStepBase).round(0, 3);
  const ticks = mark
    .times(side === "buy" ? "1.005" : "0.995")
    .div(instrument.priceTick)
    .round(0);
  const request = orderRequest({
    ...{ venue: venue.id, symbol, side, clientOrderId: freshId() },
    expiresAt: wallNow() + ORDER_LIFE_MS,
    size: instrument.lotStepBase.times(lots).toFixed(),
    limit: instrument.priceTick.times(ticks).toFixed(),
  });
  return { request, instrument };
}

async function instrumentOf(venue: Venue, symbol: string): Promise<Instrument> {
  const found = (await venue.data.instruments()).find((one) => one.symbol === symbol);
  if (!found) throw new Error(`no ${symbol}`);
  return found;
}
