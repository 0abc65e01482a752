import { afterEach, describe, expect, test } from "bun:test";
import { dydxMarket, startDydx } from "#tests/support/venues/dydx-rig.ts";
import type { Answers, ScriptedVenue } from "#tests/support/venues/scripted-venue.ts";

const rigs: ScriptedVenue[] = [];
afterEach(() => Promise.all(rigs.splice(0).map((rig) => rig.server.stop())));

async function start(over: Answers = {}): Promise<ScriptedVenue> {
  const rig = await startDydx(over);
  rigs.push(rig);
  return rig;
}

const marketsOf = (...all: readonly ReturnType<typeof dydxMarket>[]) => ({
  markets: Object.fromEntries(all.map((one) => [one.ticker, one])),
});

describe("dYdX's markets", () => {
  test("give step as lot and least size, and leverage from the initial margin", async () => {
    const { venue } = await start();
    const [btc] = await venue.data.instruments();
    expect(btc).toMatchObject({ venue: "dydx", symbol: "BTC-USD", asset: "BTC", linear: true });
    expect(btc?.lotStepBase.toFixed()).toBe("0.0001");
    expect(btc?.minSizeBase.toFixed()).toBe("0.0001");
    expect(btc?.minNotionalUsd.toFixed()).toBe("0");
    expect(btc?.priceTick.toFixed()).toBe("1");
    expect(btc?.maxLeverage.toFixed()).toBe("50");
    expect(btc?.maintenanceRate.toFixed()).toBe("0.012");
    expect(btc?.takerFeeRate.toFixed()).toBe("0.0005");
  });

  test("are listed only when they share the account's collateral and are trading", async () => {
    const { venue } = await start({
      "GET /v4/perpetualMarkets": marketsOf(
        dydxMarket({ ticker: "ETH-USD", marketType: "ISOLATED" }),
        dydxMarket({ ticker: "LUNA-USD", status: "FINAL_SETTLEMENT" }),
        dydxMarket({ ticker: "NEW-USD", status: "INITIALIZING" }),
        dydxMarket({ ticker: "BUFFI,UNISWAP_V3,0X4C1B1302220D7DE5C22B495E78B72F2DD2457D45-USD" }),
        dydxMarket({ ticker: "SOL-USD", status: "CANCEL_ONLY" }),
      ),
    });
    expect((await venue.data.instruments()).map((one) => one.symbol)).toEqual(["SOL-USD"]);
  });

  test("are listed without one that lacks something, which must not take the others away", async () => {
    const odd = dydxMarket({ ticker: "ETH-USD", tickSize: "" });
    const { venue } = await start({ "GET /v4/perpetualMarkets": marketsOf(dydxMarket(), odd) });
    expect((await venue.data.instruments()).map((one) => one.symbol)).toEqual(["BTC-USD"]);
    const none = await start({ "GET /v4/perpetualMarkets": marketsOf(odd) });
    await expect(none.venue.data.instruments()).rejects.toThrow("tickSize");
  });

  test("cost one request for all funding rates, each per hour", async () => {
    const rig = await start({
      "GET /v4/perpetualMarkets": marketsOf(
        dydxMarket(),
        dydxMarket({ ticker: "ETH-USD", nextFundingRate: "-0.00000687500000000001" }),
      ),
    });
    await rig.venue.data.instruments();
    const before = rig.server.seen.length;
    const rates = await rig.venue.data.fundingRates();
    expect(rig.server.seen.length - before).toBe(1);
    expect(rates.map((one) => [one.symbol, one.rate.toFixed(), one.intervalText])).toEqual([
      ["BTC-USD", "0.0000125", "1h"],
      ["ETH-USD", "-0.00000687500000000001", "1h"],
    ]);
  });

  test.each([undefined, null, ""])(
    "give no rate just after a settlement (%p), not 0",
    async (nextFundingRate) => {
      const { venue } = await start({
        "GET /v4/perpetualMarkets": marketsOf(
          dydxMarket({ nextFundingRate }),
          dydxMarket({ ticker: "ETH-USD" }),
        ),
      });
      expect((await venue.data.fundingRates()).map((one) => one.symbol)).toEqual(["ETH-USD"]);
    },
  );

  test("give their whole history, page by page, stamped with the hour that was settled", async () => {
    const now = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    const row = (hoursAgo: number) => ({
      ...{ ticker: "BTC-USD", rate: "0.00001", price: "116302.62419", effectiveAtHeight: "1" },
      effectiveAt: new Date(now - hoursAgo * 3_600_000 + 13).toISOString(),
    });
    const all = Array.from({ length: 250 }, (_, index) => row(index));
    const rig = await start({
      "GET /v4/historicalFunding/BTC-USD": ({ url }: { readonly url: URL }) => {
        const before = url.searchParams.get("effectiveBeforeOrAt");
        const from = all.filter((one) => before === null || one.effectiveAt <= before);
        return { historicalFunding: from.slice(0, Number(url.searchParams.get("limit"))) };
      },
    });
    const history = await rig.venue.data.fundingHistory("BTC-USD", now - 220 * 3_600_000);
    expect(history).toHaveLength(220);
    expect(history[0]).toMatchObject({ intervalHours: "1", fundingAt: now - 219 * 3_600_000 });
    expect(rig.asked("GET /v4/historicalFunding")).toHaveLength(3);
  });

  test("take what crosses off both sides of the book", async () => {
    const { venue } = await start({
      "GET /v4/orderbooks/perpetualMarket/BTC-USD": {
        bids: [
          { price: "118500", size: "0.3" },
          { price: "118400", size: "0.2" },
          { price: "118267", size: "0.3182" },
        ],
        asks: [
          { price: "118390", size: "0.4" },
          { price: "118485", size: "0.0001" },
        ],
      },
    });
    const { bids, asks } = await venue.data.orderBook("BTC-USD");
    const plain = (side: typeof bids) =>
      side.map((level) => [level.price.toFixed(), level.sizeBase.toFixed()]);
    expect(plain(bids)).toEqual([
      ["118400", "0.1"],
      ["118267", "0.3182"],
    ]);
    expect(plain(asks)).toEqual([["118485", "0.0001"]]);
  });

  test("are marked at the oracle's price, with open interest in base units", async () => {
    const { venue } = await start();
    const stats = await venue.data.marketStats("BTC-USD");
    expect(stats.markPrice.toFixed()).toBe("118976.5376");
    expect(stats.indexPrice?.toFixed()).toBe("118976.5376");
    expect(stats.openInterestBase?.toFixed()).toBe("52.0691");
    expect(stats.volume24hUsd?.toFixed()).toBe("1292729.3605");
  });

  test("tell the time to the millisecond, which ccxt cuts to seconds", async () => {
    const { venue } = await start({
      "GET /v4/time": { iso: "2025-07-20T15:12:13.466Z", epoch: 1_753_024_333.466 },
    });
    expect(await venue.data.time()).toBe(1_753_024_333_466);
  });
});
