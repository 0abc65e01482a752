import { afterAll, describe, expect, test } from "bun:test";
import { dec, isMultipleOf, sum, ZERO } from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { Fill, OrderRequest, OrderSide } from "#src/core/order.ts";
import type { CcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import { checkKey } from "#src/venues/ccxt/check-key.ts";
import type { OwnSpotOrders } from "#src/venues/spot/spot-driver.ts";
import {
  guardedCancel,
  guardedCancelAll,
  orderRequest,
  guarded as ticketed,
} from "#tests/support/guarded-orders.ts";
import { shortly } from "#tests/support/paper-rig.ts";
import type { Loopback } from "#tests/support/venues/loopback.ts";
import type { SpotDesk } from "#tests/support/venues/spot-desk.ts";

export interface SpotServer extends Loopback {
  readonly desk: SpotDesk;
  /** Whether the account's key may trade spot. */
  mayTradeSpot: boolean;
}

export interface SpotVenue {
  /** The spot instruments of the two coins: one in single units, one whose perpetual is in thousands. */
  readonly btc: string;
  readonly pepe: string;
  start(): SpotServer;
  connect(server: SpotServer, over?: { readonly spot?: OwnSpotOrders }): Promise<CcxtVenue>;
}

const DAY_MS = 86_400_000;
let count = 0;

/** What spot must do behind the port on every venue that has it. */
export function spotConformance(name: string, under: SpotVenue): void {
  const servers: SpotServer[] = [];
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });
  async function make(over?: { readonly spot?: OwnSpotOrders }) {
    const server = under.start();
    servers.push(server);
    const venue = await under.connect(server, over);
    const find = async (symbol: string) => {
      const found = (await venue.data.instruments()).find((one) => one.symbol === symbol);
      if (!found) throw new Error(`no ${symbol}`);
      return found;
    };
    const [btc, pepe] = [await find(under.btc), await find(under.pepe)];
    return { server, venue, btc, pepe };
  }
  describe(`${name}: spot`, () => {
    describeMarkets(under, make);
    describeNetSizes(make);
    describeOrders(make);
    describeMoney(make);
  });
}

type Make = (over?: { readonly spot?: OwnSpotOrders }) => Promise<{
  readonly server: SpotServer;
  readonly venue: CcxtVenue;
  readonly btc: Instrument;
  readonly pepe: Instrument;
}>;

function describeMarkets({ btc: btcSymbol, pepe: pepeSymbol }: SpotVenue, make: Make): void {
  test("lists one market a coin that also has a perpetual, and none of dollars", async () => {
    const { venue } = await make();
    const all = await venue.data.instruments();
    const spot = all.filter((one) => one.kind === "spot");
    expect(spot.map((one) => one.symbol).toSorted()).toEqual([btcSymbol, pepeSymbol].toSorted());
    const thousands = all.find((one) => one.kind === "perp" && one.asset === "PEPE");
    expect(thousands?.contractSizeBase.gt("1")).toBe(true);
    for (const one of spot) {
      expect(one.contractSizeBase.toFixed()).toBe("1");
      expect(one.maxLeverage.toFixed()).toBe("1");
      expect(one.settleCurrency).toBe("USDT");
      expect(isMultipleOf(one.minSizeBase, one.lotStepBase)).toBe(true);
    }
  });

  test("names no funding of it, and tells its book, its price and its hours", async () => {
    const { venue, btc } = await make();
    const { bids, asks } = await venue.data.orderBook(btc.symbol);
    expect(bids[0]?.price.lt(asks[0]?.price ?? ZERO)).toBe(true);
    const stats = await venue.data.marketStats(btc.symbol);
    expect(stats.markPrice.toFixed()).toBe("60000");
    expect(stats.openInterestBase).toBeNull();
    expect(stats.volume24hUsd?.gt("1000000")).toBe(true);
    expect((await venue.data.hourlyCloses(btc.symbol, 5)).map((one) => one.toFixed())).toEqual([
      ...Array.from({ length: 5 }, () => "60000"),
    ]);
    expect(await venue.data.fundingHistory(btc.symbol, 0)).toEqual([]);
  });

  test("says per hour what borrowing costs, and only of what is lent", async () => {
    const { venue } = await make();
    const rates = await venue.data.borrowRates?.();
    expect(rates?.map((one) => [one.venue, one.asset])).toEqual([[venue.id, "BTC"]]);
    const yearly = rates?.[0]?.perHour.times("8760");
    expect(yearly?.gt("0.005") && yearly.lt("0.2")).toBe(true);
    expect(rates?.[0]?.maxBorrowBase?.toFixed()).toBe("3");
  });
}

function describeNetSizes(make: Make): void {
  test("a buy ends up with just what was asked for, although the fee is taken in coins", async () => {
    const { server, venue, btc } = await make();
    const request = await order(venue, btc, "buy", "0.05");
    const fills = await story(venue, request, btc);
    expect(server.desk.trades.length).toBeGreaterThan(2);
    expect(filled(fills)).toBe("0.05");
    const left = server.desk.of("BTC").minus("0.05");
    expect(left.gte(ZERO) && left.lt(btc.lotStepBase)).toBe(true);
    // All that left the wallet is in size x price and the fees.
    const paid = dec("100000").minus(server.desk.of("USDT"));
    expect(cost(fills).toFixed()).toBe(paid.toFixed());
    const [position] = await venue.account.positions();
    expect(position?.symbol).toBe(btc.symbol);
    // What the fee left over is in the wallet, and seen there.
    expect(position?.sizeBase.toFixed()).toBe(server.desk.of("BTC").toFixed());
    expect(position?.markPrice.toFixed()).toBe("60000");
  });

  test("the list of fills says the same as the look-up, also after a restart", async () => {
    const asked = new Map<string, OrderRequest>();
    const own: OwnSpotOrders = {
      asked: (id) => asked.get(id)?.sizeBase ?? null,
      symbols: () => [...asked.values()].map((one) => one.symbol),
    };
    const { server, venue, btc } = await make({ spot: own });
    const request = await order(venue, btc, "buy", "0.0123");
    asked.set(request.clientOrderId, request);
    const fills = await story(venue, request, btc);
    expect(await venue.account.fills(Date.now() - DAY_MS)).toEqual([...fills]);
    expect(server.desk.orders).toHaveLength(1);
  });

  test("a sale gives up just what was asked for, and its fee is in dollars", async () => {
    const { server, venue, btc } = await make();
    await story(venue, await order(venue, btc, "buy", "0.05"), btc);
    const before = server.desk.of("USDT");
    const fills = await story(venue, await order(venue, btc, "sell", "0.05", true), btc);
    expect(filled(fills)).toBe("0.05");
    expect(cost(fills).neg().toFixed()).toBe(server.desk.of("USDT").minus(before).toFixed());
    expect(await venue.account.positions()).toEqual([]);
  });

  test("coins whose perpetual counts in thousands are counted one by one", async () => {
    const { server, venue, pepe } = await make();
    server.desk.levelSize = dec("3000000");
    const fills = await story(venue, await order(venue, pepe, "buy", "2000000"), pepe);
    expect(filled(fills)).toBe("2000000");
    expect(fills[0]?.price.lt("0.0001")).toBe(true);
    const [position] = await venue.account.positions();
    const over = position?.sizeBase.minus("2000000");
    expect(position?.symbol).toBe(pepe.symbol);
    expect(over?.gte(ZERO) && over.lt(pepe.lotStepBase)).toBe(true);
  });

  test("what is less than a smallest order is no position", async () => {
    const { server, venue, btc } = await make();
    server.desk.move("BTC", dec("0.000004"));
    expect(await venue.account.positions()).toEqual([]);
    server.desk.move("BTC", dec("0.0100060004"));
    const [position] = await venue.account.positions();
    expect(position?.sizeBase.toFixed()).toBe("0.0100100004");
    expect(position?.symbol).toBe(btc.symbol);
  });

  test("a debt is told however small it is", async () => {
    const { server, venue, btc } = await make();
    server.desk.move("BTC", dec("-0.000000004"));
    const [position] = await venue.account.positions();
    expect(position?.sizeBase.toFixed()).toBe("-0.000000004");
    expect(position?.symbol).toBe(btc.symbol);
  });
}

function describeOrders(make: Make): void {
  test("only a sale that opens may borrow, and buying it back may not go beyond what is owed", async () => {
    const { server, venue, btc } = await make();
    await story(venue, await order(venue, btc, "sell", "0.02"), btc);
    expect(server.desk.of("BTC").toFixed()).toBe("-0.02");
    const [short] = await venue.account.positions();
    expect(short?.sizeBase.toFixed()).toBe("-0.02");
    // Its interest makes it grow, by less than a lot at a time.
    server.desk.move("BTC", dec("-0.000000001"));
    expect((await venue.account.positions())[0]?.sizeBase.toFixed()).toBe("-0.020000001");
    // More than is owed is cut to it.
    const fills = await story(venue, await order(venue, btc, "buy", "0.03", true), btc);
    expect(filled(fills)).toBe("0.02");
    expect(server.desk.of("BTC").gte(ZERO)).toBe(true);
    expect(server.desk.orders.map((one) => one.mayBorrow)).toEqual([true, false]);
    expect(await venue.account.positions()).toEqual([]);
  });

  test("the last of a loan is bought back with its interest, also where no fee is taken in coins", async () => {
    const { server, venue, btc } = await make();
    server.desk.fee = ZERO;
    await story(venue, await order(venue, btc, "sell", "0.02"), btc);
    server.desk.move("BTC", dec("-0.000000001"));
    const part = await story(venue, await order(venue, btc, "buy", "0.015", true), btc);
    expect([filled(part), server.desk.of("BTC").toFixed()]).toEqual(["0.015", "-0.005000001"]);
    const rest = await story(venue, await order(venue, btc, "buy", "0.005", true), btc);
    expect(filled(rest)).toBe("0.005");
    const left = server.desk.of("BTC");
    expect(left.gte(ZERO) && left.lt(btc.lotStepBase)).toBe(true);
    // What the lot on top cost is in the fees.
    const paid = dec("100000").minus(server.desk.of("USDT"));
    expect(cost(rest).gt(dec("0.005").times("60000"))).toBe(true);
    expect(paid.lt("5")).toBe(true);
  });

  test("coins too few for an order, that lay there before, leave no lot of a loan behind", async () => {
    const { server, venue, btc } = await make();
    server.desk.move("BTC", dec("0.000000004"));
    await story(venue, await order(venue, btc, "sell", "0.02"), btc);
    expect(server.desk.of("BTC").toFixed()).toBe("-0.019999996");
    const fills = await story(venue, await order(venue, btc, "buy", "0.02", true), btc);
    expect(filled(fills)).toBe("0.02");
    const left = server.desk.of("BTC");
    expect(left.gte("0.000000004") && left.lt(btc.lotStepBase.plus("0.000000004"))).toBe(true);
  });

  test.each(["buy", "sell"] as const)("a closing %s of nothing is not sent", async (side) => {
    const { server, venue, btc } = await make();
    const outcome = await venue.trading.place(guarded(await order(venue, btc, side, "0.02", true)));
    expect(shortly(outcome)).toBe("refused NOT_SENT");
    expect(server.desk.orders).toEqual([]);
  });

  test("what the account cannot pay is refused, and an id is executed once", async () => {
    const { server, venue, btc } = await make();
    server.desk.move("USDT", dec("-99000"));
    const dear = await venue.trading.place(guarded(await order(venue, btc, "buy", "0.5"), btc));
    expect(["refused INSUFFICIENT_MARGIN", "refused NOT_SENT"]).toContain(shortly(dear));
    const request = await order(venue, btc, "buy", "0.001");
    await venue.trading.place(guarded(request, btc));
    const again = await venue.trading.place(guarded(request, btc));
    expect(again.kind).not.toBe("ack");
    expect(server.desk.orders).toHaveLength(1);
  });

  test("what rests is seen net, is found by our id and can be cancelled, one or all", async () => {
    const { venue, btc } = await make();
    const wishes = [await resting(venue, btc), await resting(venue, btc)];
    for (const one of wishes) {
      expect(shortly(await venue.trading.place(guarded(one, btc)))).toBe("ack open");
    }
    const open = await venue.account.openOrders();
    expect(
      open.map((one) => [one.symbol, one.sizeBase.toFixed(), one.filledBase.toFixed()]),
    ).toEqual(wishes.map(() => [btc.symbol, "0.05", "0"]));
    const [first, second] = wishes;
    if (!first || !second) throw new Error("two orders were placed");
    expect(await venue.trading.cancel(guardedCancel(first))).toEqual({ kind: "ack" });
    expect(await venue.account.openOrders()).toHaveLength(1);
    expect(await venue.trading.cancelAll(guardedCancelAll(second))).toEqual({ kind: "ack" });
    expect(await venue.account.openOrders()).toEqual([]);
    expect((await venue.trading.cancel(guardedCancel(first))).kind).not.toBe("unknown");
    const found = await venue.account.lookupOrder(btc.symbol, first.clientOrderId);
    expect(found).toMatchObject({ kind: "found", fills: [], order: { status: "cancelled" } });
    const never = await venue.account.lookupOrder(btc.symbol, "Hnever00000001");
    expect(never).toMatchObject({ kind: "notFound" });
  });

  test("an order whose answer was lost is found with its net fills", async () => {
    const { server, venue, btc } = await make();
    const request = await order(venue, btc, "buy", "0.03");
    server.faults.next({ method: "POST", execute: true, reply: "cut" });
    expect((await venue.trading.place(guarded(request, btc))).kind).toBe("unknown");
    const found = await venue.account.lookupOrder(btc.symbol, request.clientOrderId);
    expect(found).toMatchObject({ kind: "found", order: { status: "filled" } });
    expect(found.kind === "found" && filled(found.fills)).toBe("0.03");
  });

  test("a key without the right to it still sees the perpetuals, and trades no spot", async () => {
    const { server, venue, btc } = await make();
    server.mayTradeSpot = false;
    server.desk.move("BTC", dec("1"));
    expect(await venue.account.positions()).toEqual([]);
    expect(await venue.account.openOrders()).toEqual([]);
    expect((await venue.account.setup(btc.symbol)).status).toBe("halted");
    expect((await venue.driver.keyFacts()).noSpot).toContain("spot");
  });

  test("an account that may not borrow buys coins all the same, and says what to change", async () => {
    const { server, venue, btc } = await make();
    expect((await venue.driver.keyFacts()).noLoans).toBeNull();
    server.desk.lends = false;
    const check = checkKey({ driver: venue.driver, mode: "live", expectedAccountId: null });
    const findings = (await check).findings.filter(({ code }) => code !== "RIGHTS_NOT_TOLD");
    expect(findings).toMatchObject([{ code: "NO_LOANS", severity: "note" }]);
    expect(findings[0]?.says).toContain("none sold short");
    expect((await venue.account.setup(btc.symbol)).status).toBe("trading");
  });

  test("it has no leverage, and says what it costs", async () => {
    const { venue, btc } = await make();
    expect(await venue.account.setup(btc.symbol)).toMatchObject({
      ...{ leverage: null, positionMode: "oneWay", status: "trading" },
    });
    const fees = await venue.account.feeRates(btc.symbol);
    expect(fees.takerFeeRate.toFixed()).toBe("0.001");
    expect((await venue.driver.keyFacts()).noSpot).toBeNull();
  });
}

function describeMoney(make: Make): void {
  test("interest is paid in coins and told in dollars, with the market that it was for", async () => {
    const { venue, btc } = await make();
    const paid = await venue.account.interestPayments?.(Date.now() - DAY_MS);
    expect(paid?.map((one) => [one.symbol, one.amountUsd.toFixed()])).toEqual([
      [btc.symbol, "-0.072"],
    ]);
    // What is charged in another coin does not make the loan grow.
    const grown = paid?.[0]?.grownBase?.toFixed() ?? null;
    expect(grown).toBe(btc.venue === "binance" ? null : "0.0000012");
  });

  test("what came and went is told once, in dollars", async () => {
    const { venue } = await make();
    const moved = await venue.account.transfers?.(Date.now() - DAY_MS);
    const amounts = moved?.map((one) => one.amountUsd.toFixed()).toSorted();
    expect(amounts).toEqual(["-30000", "500"]);
    expect(new Set(moved?.map((one) => one.transferId)).size).toBe(2);
  });
}

/** The guard's ticket for a pair of venues: its rules for spot are tested with the guard. */
function guarded(request: OrderRequest, instrument?: Instrument) {
  const paired = instrument && { ...instrument, kind: "perp" as const, maxLeverage: dec("10") };
  return ticketed(request, paired);
}

async function story(
  venue: CcxtVenue,
  request: OrderRequest,
  instrument: Instrument,
): Promise<readonly Fill[]> {
  expect(shortly(await venue.trading.place(guarded(request, instrument)))).toBe("ack open");
  const found = await venue.account.lookupOrder(request.symbol, request.clientOrderId);
  if (found.kind === "notFound") throw new Error("an accepted order is not known");
  expect(found.order.status).not.toBe("open");
  expect(found.order.filledBase.toFixed()).toBe(filled(found.fills));
  return found.fills;
}

/** Immediate, and within one percent of the market. */
async function order(
  venue: CcxtVenue,
  { symbol, priceTick }: Instrument,
  side: OrderSide,
  size: string,
  reduceOnly = false,
): Promise<OrderRequest> {
  const { markPrice } = await venue.data.marketStats(symbol);
  const ticks = markPrice
    .times(side === "buy" ? "1.01" : "0.99")
    .div(priceTick)
    .round(0);
  count += 1;
  return orderRequest({
    ...{
      venue: venue.id,
      symbol,
      side,
      size,
      reduceOnly,
      clientOrderId: `Hspot${process.pid}z${count}`,
    },
    ...{ limit: priceTick.times(ticks).toFixed(), expiresAt: Date.now() + 5_000 },
  });
}

async function resting(venue: CcxtVenue, instrument: Instrument): Promise<OrderRequest> {
  const wish = await order(venue, instrument, "buy", "0.05");
  return { ...wish, limitPrice: orderRequest({ limit: "50000" }).limitPrice, timeInForce: "gtc" };
}

function filled(fills: readonly Fill[]): string {
  return sum(fills.map((fill) => fill.sizeBase)).toFixed();
}

/** What the fills say that went out of the wallet. */
function cost(fills: readonly Fill[]) {
  return sum(
    fills.map(({ side, sizeBase, price, feeUsd }) => {
      const value = sizeBase.times(price);
      return (side === "buy" ? value : value.neg()).plus(feeUsd);
    }),
  );
}
