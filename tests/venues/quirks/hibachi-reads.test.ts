import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  hibachiAccountInfo,
  hibachiInfo,
  hibachiOrder,
  hibachiTrade,
  startHibachi,
} from "#tests/support/venues/hibachi-rig.ts";
import { htmlReply, type LoopbackRequest } from "#tests/support/venues/loopback.ts";
import type { Answers, ScriptedVenue } from "#tests/support/venues/scripted-venue.ts";

const rigs: ScriptedVenue[] = [];
afterEach(() => Promise.all(rigs.splice(0).map((rig) => rig.server.stop())));

async function start(over: Answers = {}): Promise<ScriptedVenue> {
  const rig = await startHibachi(over);
  rigs.push(rig);
  return rig;
}

const HOUR = 3_600;
/** 2025-07-26 00:00 UTC, in seconds. */
const SETTLED = 1_753_488_000;

function prices(symbol: string, nextFundingTimestamp: number, rate = "0.000137") {
  return {
    ...{ askPrice: "3514.650296", bidPrice: "3513.596112", markPrice: "3514.288858", symbol },
    ...{ spotPrice: "3514.715000", tradePrice: "2372.746570" },
    fundingRateEstimation: { estimatedFundingRate: rate, nextFundingTimestamp },
  };
}

function settledEvery(hours: number, last = SETTLED) {
  const data = [0, 1, 2, 3].map((ago) => ({
    ...{ contractId: 2, fundingTimestamp: last - ago * hours * HOUR },
    ...{ fundingRate: "0.000137", indexPrice: "117623.65010" },
  }));
  return { data };
}

describe("Hibachi's contracts", () => {
  test("have the venue's steps and limits, not ccxt's", async () => {
    const { venue } = await start();
    const [btc] = await venue.data.instruments();
    expect(btc).toMatchObject({ venue: "hibachi", symbol: "BTC/USDT-P", asset: "BTC" });
    expect(btc?.lotStepBase.toFixed()).toBe("0.0000000001");
    expect(btc?.minSizeBase.toFixed()).toBe("0.0000000001");
    expect(btc?.minNotionalUsd.toFixed()).toBe("1");
    expect(btc?.priceTick.toFixed()).toBe("0.00001");
    expect(btc?.maintenanceRate.toFixed()).toBe("0.046667");
    expect(btc?.maxLeverage.toFixed(2)).toBe("15.00");
    expect(btc?.takerFeeRate.toFixed()).toBe("0.00045");
  });

  test.each([
    ["that are closed", { status: "CLOSED" }],
    ["in another currency", { settlementSymbol: "USDC" }],
  ])("%s are not listed", async (_which, over) => {
    const info = hibachiInfo({ ...over, symbol: "ETH/USDT-P", underlyingSymbol: "ETH", id: 1 });
    const { venue } = await start({ "GET /market/exchange-info": info });
    expect((await venue.data.instruments()).map((one) => one.symbol)).toEqual(["BTC/USDT-P"]);
  });

  test("are halted while the exchange is", async () => {
    const rig = await start();
    expect((await rig.venue.account.setup("BTC/USDT-P")).status).toBe("trading");
    rig.answers["GET /market/exchange-info"] = hibachiInfo({}, "SCHEDULED_MAINTENANCE");
    expect((await rig.venue.account.setup("BTC/USDT-P")).status).toBe("halted");
  });

  test("give their book at its finest", async () => {
    const rig = await start({
      "GET /market/data/orderbook": {
        ask: { levels: [{ price: "3245.50", quantity: "10.5" }] },
        bid: { levels: [{ price: "3245.40", quantity: "12.3" }] },
      },
    });
    const { bids, asks } = await rig.venue.data.orderBook("BTC/USDT-P");
    expect([bids[0]?.price.toFixed(), asks[0]?.sizeBase.toFixed()]).toEqual(["3245.4", "10.5"]);
    const query = rig.asked("GET /market/data/orderbook")[0]?.url.searchParams;
    expect([query?.get("granularity"), query?.get("depth")]).toEqual(["0.1", "100"]);
  });

  test("say mark, spot and open interest; the volume's unit nobody knows", async () => {
    const { venue } = await start({
      "GET /market/data/prices": prices("BTC/USDT-P", SETTLED),
      "GET /market/data/open-interest": { totalQuantity: "2.3299770166" },
    });
    const stats = await venue.data.marketStats("BTC/USDT-P");
    expect([stats.markPrice.toFixed(), stats.indexPrice?.toFixed()]).toEqual([
      "3514.288858",
      "3514.715",
    ]);
    expect(stats.openInterestBase?.toFixed()).toBe("2.3299770166");
    expect(stats.volume24hUsd).toBeNull();
  });
});

describe("Hibachi's funding", () => {
  const twoContracts = hibachiInfo({ symbol: "ETH/USDT-P", underlyingSymbol: "ETH", id: 1 });

  test("is the upcoming estimate, for the time at which it settles", async () => {
    const { venue } = await start({
      "GET /market/data/prices": prices("BTC/USDT-P", SETTLED + 8 * HOUR),
      "GET /market/data/funding-rates": settledEvery(8),
    });
    const [rate] = await venue.data.fundingRates();
    expect(rate).toMatchObject({ symbol: "BTC/USDT-P", fundingAt: (SETTLED + 8 * HOUR) * 1_000 });
    expect([rate?.rate.toFixed(), rate?.intervalText]).toEqual(["0.000137", "28800000ms"]);
  });

  test("has the period that it has, where ccxt writes 8 hours whatever it is", async () => {
    const { venue } = await start({
      "GET /market/data/prices": prices("BTC/USDT-P", SETTLED + HOUR),
      "GET /market/data/funding-rates": settledEvery(1),
    });
    expect((await venue.data.fundingRates())[0]?.intervalText).toBe("3600000ms");
  });

  test("is believed a moment after a settlement that is not listed yet", async () => {
    const { venue } = await start({
      "GET /market/data/prices": prices("BTC/USDT-P", SETTLED + 16 * HOUR),
      "GET /market/data/funding-rates": settledEvery(8),
    });
    expect((await venue.data.fundingRates())[0]?.intervalText).toBe("28800000ms");
  });

  test.each([
    ["its period changes", settledEvery(8), SETTLED + 4 * HOUR],
    ["nothing was settled yet", { data: [] }, SETTLED + 8 * HOUR],
  ])("has no period while %s", async (_when, history, next) => {
    const { venue } = await start({
      "GET /market/data/prices": prices("BTC/USDT-P", next),
      "GET /market/data/funding-rates": history,
    });
    expect((await venue.data.fundingRates())[0]?.intervalText).toBeNull();
  });

  test("costs one request a contract, and its history once a settlement", async () => {
    const rig = await start({
      "GET /market/exchange-info": twoContracts,
      "GET /market/data/prices": ({ url }: LoopbackRequest) =>
        prices(url.searchParams.get("symbol") ?? "", SETTLED + 8 * HOUR),
      "GET /market/data/funding-rates": settledEvery(8),
    });
    await rig.venue.data.fundingRates();
    const before = rig.server.seen.length;
    expect(await rig.venue.data.fundingRates()).toHaveLength(2);
    expect(rig.server.seen.length - before).toBe(2);
  });

  test("of one contract may be missing without the others'; of all, it is an error", async () => {
    const rig = await start({
      "GET /market/exchange-info": twoContracts,
      "GET /market/data/prices": ({ url }: LoopbackRequest) =>
        url.searchParams.get("symbol") === "BTC/USDT-P"
          ? prices("BTC/USDT-P", SETTLED + 8 * HOUR)
          : htmlReply(503),
      "GET /market/data/funding-rates": settledEvery(8),
    });
    expect((await rig.venue.data.fundingRates()).map((one) => one.symbol)).toEqual(["BTC/USDT-P"]);
    rig.answers["GET /market/data/prices"] = () => htmlReply(503);
    await expect(rig.venue.data.fundingRates()).rejects.toThrow("Hibachi, funding rates");
  });

  test("that was settled is given with the hours since the one before", async () => {
    const { venue } = await start({ "GET /market/data/funding-rates": settledEvery(8) });
    const history = await venue.data.fundingHistory("BTC/USDT-P", 0);
    expect(history.map((one) => [one.fundingAt / 1_000 - SETTLED, one.intervalHours])).toEqual([
      [-16 * HOUR, "8"],
      [-8 * HOUR, "8"],
      [0, "8"],
    ]);
  });
});

describe("a Hibachi account", () => {
  test("counts its unrealised P&L once: its balance holds it already", async () => {
    const { venue } = await start();
    const state = await venue.account.account();
    expect(state.equityUsd.toFixed()).toBe("404.256286");
    expect(state.freeCollateralUsd.toFixed()).toBe("386.117897");
    // 1500.889746 × 0.046667
    expect(state.maintenanceUsd.toFixed()).toBe("70.042021776582");
  });

  test("is refused with collateral that is no dollar", async () => {
    const assets = [{ quantity: "1", symbol: "BTC" }];
    const { venue } = await start({ "GET /trade/account/info": hibachiAccountInfo({ assets }) });
    await expect(venue.account.account()).rejects.toThrow("Hibachi, account");
  });

  test("pays its own fees, or the general ones where it has none", async () => {
    const rig = await start();
    const rates = async () => {
      const { takerFeeRate, makerFeeRate } = await rig.venue.account.feeRates("BTC/USDT-P");
      return [takerFeeRate.toFixed(), makerFeeRate.toFixed()];
    };
    expect(await rates()).toEqual(["0.0002", "0.00015"]);
    const none = { tradeMakerFeeRate: null, tradeTakerFeeRate: null };
    rig.answers["GET /trade/account/info"] = hibachiAccountInfo(none);
    expect(await rates()).toEqual(["0.00045", "0"]);
  });

  test("reports entry and mark, which ccxt loses", async () => {
    const { venue } = await start();
    const [long] = await venue.account.positions();
    expect(long?.sizeBase.toFixed()).toBe("0.0139");
    expect(long?.entryPrice?.toFixed()).toBe("107743.86612");
    expect(long?.markPrice.toFixed()).toBe("107977.67957");
  });

  test("reports shorts with a minus, and entry and mark from their notionals where it must", async () => {
    const short = {
      ...{ direction: "Short", entryNotional: "10", notionalValue: "12", quantity: "4" },
      ...{ symbol: "GONE/USDT-P", unrealizedFundingPnl: "0", unrealizedTradingPnl: "-2" },
    };
    const info = hibachiAccountInfo({ positions: [short] });
    const { venue } = await start({ "GET /trade/account/info": info });
    const [held] = await venue.account.positions();
    expect([held?.symbol, held?.sizeBase.toFixed()]).toEqual(["GONE/USDT-P", "-4"]);
    expect([held?.entryPrice?.toFixed(), held?.markPrice.toFixed()]).toEqual(["2.5", "3"]);
  });
});

describe("Hibachi's fills", () => {
  const BTC = "BTC/USDT-P";

  test("say whose order came second, with its fee in dollars", async () => {
    const maker = { ...{ id: 2, orderType: "LIMIT" }, askOrderId: "588744753406280999" };
    const { venue } = await start({
      "GET /trade/account/trades": { trades: [hibachiTrade(), hibachiTrade(maker)] },
    });
    const found = await venue.account.fills(0);
    expect(found.map((one) => [one.tradeId, one.liquidity])).toEqual([
      ["159729044", "taker"],
      ["2", "maker"],
    ]);
    expect(found[0]).toMatchObject({ symbol: BTC, side: "buy", clientOrderId: "", cause: "order" });
    expect(found[0]?.feeUsd.toFixed()).toBe("0.048618");
    expect(found[0]?.filledAt).toBe(1_750_926_945_000);
  });

  test("and orders of a contract that is not traded any more are told in its coins", async () => {
    const symbol = "1000PEPE/USDT-P";
    const rig = await start({
      "GET /trade/account/trades": {
        trades: [hibachiTrade({ symbol, price: "0.0125", quantity: "2" })],
      },
      "GET /trade/orders": [hibachiOrder({ symbol })],
    });
    const [fill] = await rig.venue.account.fills(0);
    expect(fill).toMatchObject({ symbol });
    expect([fill?.sizeBase.toFixed(), fill?.price.toFixed()]).toEqual(["2000", "0.0000125"]);
    const [order] = await rig.venue.account.openOrders();
    expect([order?.symbol, order?.sizeBase.toFixed()]).toEqual([symbol, "10"]);
  });

  test("keep their order's 18 digits when the venue writes them as a number", async () => {
    const numbers = JSON.stringify({ trades: [hibachiTrade()] }).replace(
      /"(askOrderId|bidOrderId)":"(\d+)"/g,
      '"$1":$2',
    );
    const reply = () => new Response(numbers, { headers: { "content-type": "application/json" } });
    const { venue } = await start({ "GET /trade/account/trades": reply });
    expect((await venue.account.fills(0))[0]?.liquidity).toBe("taker");
  });

  const trades = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) =>
      hibachiTrade({ id: to - index, timestamp: 1_750_000_000 + Math.floor((to - index) / 3) }),
    );

  test("are refused when the venue's hundred do not reach back far enough", async () => {
    const rig = await start({ "GET /trade/account/trades": { trades: trades(200, 300) } });
    await expect(rig.venue.account.fills(0)).rejects.toThrow("more trades than the venue lists");
    // The oldest listed second may be cut in its middle.
    const oldest = 1_750_000_000_000 + 67_000;
    await expect(rig.venue.account.fills(oldest)).rejects.toThrow();
    expect(await rig.venue.account.fills(oldest + 1_000)).toHaveLength(97);
  });

  test("reach back further the longer we have read them without a gap", async () => {
    const rig = await start({ "GET /trade/account/trades": { trades: trades(0, 60) } });
    expect(await rig.venue.account.fills(0)).toHaveLength(60);
    rig.answers["GET /trade/account/trades"] = { trades: trades(40, 140) };
    expect(await rig.venue.account.fills(0)).toHaveLength(140);
    rig.answers["GET /trade/account/trades"] = { trades: trades(300, 400) };
    await expect(rig.venue.account.fills(0)).rejects.toThrow("more trades than the venue lists");
  });

  test.each([
    ["LIQUIDATION", "liquidation"],
    ["ADL", "deleveraging"],
    ["MARKET", "order"],
  ])("of type %s are the work of: %s", async (orderType, cause) => {
    const { venue } = await start({
      "GET /trade/account/trades": { trades: [hibachiTrade({ orderType })] },
    });
    expect((await venue.account.fills(0)).map((one) => one.cause as string)).toEqual([cause]);
  });
});

describe("Hibachi's funding payments", () => {
  const settlement = (over: Readonly<Record<string, unknown>> = {}) => ({
    ...{ direction: "Long", indexPrice: "107370.46250", quantity: "0.0047000000" },
    ...{ settledAmount: "-0.021688691085131433", symbol: "BTC/USDT-P", timestamp: 1_750_896_000 },
    ...over,
  });

  test("are negative when a long paid, at a positive rate", async () => {
    const { venue } = await start({
      "GET /trade/account/settlements_history": { settlements: [settlement()] },
    });
    const [paid] = await venue.account.fundingPayments(0);
    expect(paid).toMatchObject({
      ...{ symbol: "BTC/USDT-P", fundingAt: 1_750_896_000_000 },
      paymentId: "273:BTC/USDT-P:1750896000000",
    });
    expect(paid?.amountUsd.toFixed()).toBe("-0.021688691085131433");
    expect(paid?.rate.toFixed()).toBe("0.000042978441");
    expect(paid?.refPrice?.toFixed()).toBe("107370.4625");
  });

  test("are positive when a short received, at a positive rate", async () => {
    const received = settlement({ direction: "Short", settledAmount: "0.0217" });
    const { venue } = await start({
      "GET /trade/account/settlements_history": { settlements: [received] },
    });
    const [one] = await venue.account.fundingPayments(0);
    expect([one?.amountUsd.toFixed(), one?.rate.gt("0")]).toEqual(["0.0217", true]);
  });

  test("are read to the last page, also where a page ends within one second", async () => {
    const all = Array.from({ length: 250 }, (_, index) =>
      settlement({
        ...{ timestamp: 1_750_896_000 - Math.floor(index / 3) * 8 * HOUR },
        symbol: ["BTC/USDT-P", "ETH/USDT-P", "SOL/USDT-P"][index % 3],
      }),
    );
    const rig = await start({
      "GET /trade/account/settlements_history": ({ url }: LoopbackRequest) => {
        const until = Number(url.searchParams.get("endTime") ?? "9999999999");
        const found = all.filter(({ timestamp }) => Number(timestamp) <= until);
        return { settlements: found.slice(0, Number(url.searchParams.get("limit"))) };
      },
    });
    expect(await rig.venue.account.fundingPayments(0)).toHaveLength(250);
    expect(rig.asked("GET /trade/account/settlements_history")).toHaveLength(3);
  });

  test("are refused when the venue's list does not go on", async () => {
    const stuck = Array.from({ length: 100 }, (_, index) =>
      settlement({ timestamp: 1_750_896_000 - index * 8 * HOUR }),
    );
    const { venue } = await start({
      "GET /trade/account/settlements_history": { settlements: stuck },
    });
    await expect(venue.account.fundingPayments(0)).rejects.toThrow("does not go on");
  });
});

// The unit data of the venue's own SDK, beside the project.
const RECORDED = join(import.meta.dir, "../../../../shared/data/recorded/hibachi");
const hasRecorded = existsSync(RECORDED);
if (!hasRecorded) process.stdout.write(`skipped: no recorded answers of Hibachi at ${RECORDED}\n`);

describe.skipIf(!hasRecorded)("Hibachi's recorded answers", () => {
  const recorded = (name: string): Readonly<Record<string, unknown>>[] =>
    readdirSync(RECORDED)
      .filter((file) => file.startsWith(name))
      .map((file) => JSON.parse(readFileSync(join(RECORDED, file), "utf8")));

  test("of contracts, prices, books and open interest are understood", async () => {
    const infos = recorded("response.exchange_info");
    expect(infos.length).toBeGreaterThan(1);
    for (const [index, info] of infos.entries()) {
      const { venue } = await start({
        "GET /market/exchange-info": info,
        "GET /market/data/prices": recorded("response.prices")[index] ?? {},
        "GET /market/data/orderbook": recorded("response.orderbook")[index] ?? {},
        "GET /market/data/open-interest": recorded("response.open_interest")[index] ?? {},
        "GET /market/data/funding-rates": { data: [] },
      });
      const instruments = await venue.data.instruments();
      expect(instruments.length).toBeGreaterThan(0);
      const symbol = instruments[0]?.symbol ?? "";
      expect((await venue.data.marketStats(symbol)).markPrice.gt("0")).toBe(true);
      const { bids, asks } = await venue.data.orderBook(symbol);
      expect(bids[0]?.price.lt(asks[0]?.price ?? "0")).toBe(true);
      expect((await venue.data.fundingRates())[0]?.rate.abs().lt("0.01")).toBe(true);
    }
  });

  test("of resting orders are understood, also without their whole size", async () => {
    const info = recorded("response.exchange_info")[0] ?? {};
    const lists = recorded("test.cancel_all_orders").map((one) => one["response.pending_orders"]);
    for (const list of lists.filter((one) => Array.isArray(one))) {
      const { venue } = await start({
        "GET /market/exchange-info": info,
        "GET /trade/orders": list,
      });
      const resting = await venue.account.openOrders();
      expect(resting.length).toBe(list.filter(({ symbol }) => symbol === "ETH/USDT-P").length);
      expect(resting.every((one) => one.status === "open" && one.sizeBase.gt("0"))).toBe(true);
    }
  });

  test("of one order are understood", async () => {
    const details = recorded("test.update_order").map((one) => one["response.order_details"]);
    expect(details.length).toBeGreaterThan(0);
    for (const order of details) {
      const { venue } = await start({
        "GET /market/exchange-info": recorded("response.exchange_info")[0] ?? {},
        "GET /trade/orders": [Object.assign(hibachiOrder(), order)],
      });
      const resting = await venue.account.openOrders();
      expect(resting.every((one) => one.filledBase.eq("0"))).toBe(true);
    }
  });
});
