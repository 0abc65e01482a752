import { afterEach, describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Instrument } from "#src/core/instrument.ts";
import { baseSize, price, rate } from "#src/core/units.ts";
import type { FeedSettlement, MarketFeed } from "#src/ports/market-feed.ts";
import { instrument } from "#tests/support/builders.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";
import { createBinanceRig } from "#tests/support/venues/binance-rig.ts";
import { jsonReply } from "#tests/support/venues/loopback.ts";

type Rig = Awaited<ReturnType<typeof createBinanceRig>>;
const VENUE = "binance-sim";
const rigs: Rig[] = [];

afterEach(async () => {
  await Promise.all(rigs.splice(0).map((rig) => rig.server.stop()));
});

describe("Binance's instruments", () => {
  test("are two where a coin trades against two currencies, each with its own rate (Q14)", async () => {
    const both = ["USDT", "USDC"].map((settleCurrency) =>
      instrument({ venue: VENUE, symbol: `BTC${settleCurrency}`, settleCurrency }),
    );
    const { venue } = await makeRig({ feed: marketOf(both) });
    const listed = await venue.data.instruments();
    expect(
      listed.map(({ symbol, asset, settleCurrency }) => [symbol, asset, settleCurrency]),
    ).toEqual([
      ["BTCUSDT", "BTC", "USDT"],
      ["BTCUSDC", "BTC", "USDC"],
    ]);
    const rates = await venue.data.fundingRates();
    expect(rates.map(({ symbol }) => symbol)).toEqual(["BTCUSDT", "BTCUSDC"]);
  });

  test("leave out what is dated, not launched or no longer traded, or not settled in dollars", async () => {
    for (const credentials of [undefined, null] as const) {
      const { venue } = await makeRig({ feed: marketOf([bitcoin()]) }, credentials);
      expect((await venue.data.instruments()).map(({ symbol }) => symbol)).toEqual(["BTCUSDT"]);
    }
  });

  test("count 1000PEPE as PEPE, in grids, prices and books alike", async () => {
    const pepe = instrument({
      ...{
        venue: VENUE,
        symbol: "1000PEPEUSDT",
        asset: "PEPE",
        contractSizeBase: baseSize("1000"),
      },
      ...{ lotStepBase: baseSize("1000"), minSizeBase: baseSize("1000") },
      priceTick: price("0.0000000001"),
    });
    const { venue, server } = await makeRig({ feed: marketOf([pepe], "0.0000123456") });
    expect(await venue.data.instruments()).toMatchObject([{ asset: "PEPE" }]);
    const [listed] = await venue.data.instruments();
    expect([listed?.lotStepBase, listed?.contractSizeBase].map(String)).toEqual(["1000", "1000"]);
    expect(listed?.priceTick.toFixed()).toBe("0.0000000001");
    const { markPrice } = await venue.data.marketStats("1000PEPEUSDT");
    expect(markPrice.toFixed()).toBe("0.0000123456");
    const { asks } = await venue.data.orderBook("1000PEPEUSDT");
    expect(asks[0]?.price.toFixed()).toBe("0.0000123457");
    expect(asks[0]?.sizeBase.toFixed()).toBe("100000");
    const sent = await (
      await fetch(`${server.baseUrl("https://fapi.binance.com")}/fapi/v1/depth?symbol=1000PEPEUSDT`)
    ).json();
    expect(sent.asks[0]).toEqual(["0.0123457", "100"]);
  });

  test("have the account's own leverage and maintenance with a key, the public ones without", async () => {
    const feed = marketOf([bitcoin({ maintenanceRate: rate("0.004") })]);
    const withKey = await makeRig({ feed });
    const without = await makeRig({ feed }, null);
    const [own] = await withKey.venue.data.instruments();
    const [general] = await without.venue.data.instruments();
    expect([own?.maxLeverage, own?.maintenanceRate].map(String)).toEqual(["50", "0.004"]);
    expect([general?.maxLeverage, general?.maintenanceRate].map(String)).toEqual(["20", "0.025"]);
    expect(without.server.seen.map(({ url }) => url.pathname)).toEqual(["/fapi/v1/exchangeInfo"]);
  });

  test("carry the tiers of the account's own brackets", async () => {
    const tiers = [
      { lowerUsd: dec("0"), rate: dec("0.004") },
      { lowerUsd: dec("300000"), rate: dec("0.01") },
    ];
    const one = bitcoin({ maintenanceTiers: { by: "notional", tiers } });
    const { venue } = await makeRig({ feed: marketOf([one]) });
    const [own] = await venue.data.instruments();
    expect(JSON.stringify(own?.maintenanceTiers)).toBe(JSON.stringify(one.maintenanceTiers));
    // What a larger position than ours would count with, where tiers do not.
    expect(own?.maintenanceRate.toFixed()).toBe("0.004");
  });
});

describe("Binance's funding", () => {
  test("has the interval of fundingInfo, and 8 hours where that is silent (Q3)", async () => {
    const { venue } = await makeRig({ feed: marketOf([bitcoin(), ether()], "60000", "4", "8") });
    const rates = await venue.data.fundingRates();
    expect(rates.map(({ symbol, intervalText }) => [symbol, intervalText])).toEqual([
      ["BTCUSDT", "4h"],
      ["ETHUSDT", "8h"],
    ]);
    expect(rates[0]?.fundingAt).toBeGreaterThan(Date.now());
    expect(rates[0]?.rate.toFixed()).toBe("0.0001");
  });

  test("of an instrument whose last settlement is past leaves the others theirs", async () => {
    const rig = await makeRig({ feed: marketOf([bitcoin(), ether()]) });
    await rig.venue.data.instruments();
    const [path, at] = ["/fapi/v1/premiumIndex", Date.now() + HOUR_MS];
    const row = (symbol: string, nextFundingTime: number) => ({
      ...{ symbol, markPrice: "60000", indexPrice: "60000", lastFundingRate: "0.0001" },
      ...{ nextFundingTime, time: Date.now() },
    });
    const rows = [row("ETHUSDT", 0), row("BTCUSDT", at)];
    rig.server.faults.next({ path, reply: () => jsonReply(rows) });
    expect((await rig.venue.data.fundingRates()).map((one) => one.symbol)).toEqual(["BTCUSDT"]);
  });

  test("is not guessed when fundingInfo is empty or does not answer", async () => {
    const rig = await makeRig({ feed: marketOf([bitcoin()]) });
    rig.server.faults.next({ path: "/fapi/v1/fundingInfo", reply: () => jsonReply([]) });
    await expect(rig.venue.data.fundingRates()).rejects.toThrow("fundingInfo is empty");
    const broken = () => jsonReply({ code: -1001, msg: "Internal error" }, 503);
    rig.server.faults.next({ path: "/fapi/v1/fundingInfo", reply: broken });
    await expect(rig.venue.data.fundingRates()).rejects.toThrow("Binance USD-M, funding rates");
    expect(await rig.venue.data.fundingRates()).toHaveLength(1);
  });

  test("takes one request for all instruments, and one more every few minutes", async () => {
    const { venue, server } = await makeRig({ feed: marketOf([bitcoin(), ether()]) });
    for (let turn = 0; turn < 3; turn += 1) await venue.data.fundingRates();
    const paths = server.seen.map(({ url }) => url.pathname);
    expect(paths.filter((path) => path.endsWith("premiumIndex"))).toHaveLength(3);
    expect(paths.filter((path) => path.endsWith("fundingInfo"))).toHaveLength(1);
  });

  test("has for every settled rate the hours that it was for, also after a change", async () => {
    const hours = [0, 8, 16, 20, 24, 25];
    const start = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 26 * HOUR_MS;
    const settled = hours.map((hour) => settlement(start + hour * HOUR_MS));
    const feed = { ...marketOf([bitcoin()]), settlements: within(settled) };
    const { venue } = await makeRig({ feed });
    const history = await venue.data.fundingHistory("BTCUSDT", start);
    expect(history.map((one) => [one.fundingAt, one.intervalHours])).toEqual([
      [start + 8 * HOUR_MS, "8"],
      [start + 16 * HOUR_MS, "8"],
      [start + 20 * HOUR_MS, "4"],
      [start + 24 * HOUR_MS, "4"],
      [start + 25 * HOUR_MS, "1"],
    ]);
  });

  test("is read to its end when it has more than a page", async () => {
    const until = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    const settled = Array.from({ length: 1_300 }, (_, ago) => settlement(until - ago * HOUR_MS));
    const feed = { ...marketOf([bitcoin()]), settlements: within(settled.toReversed()) };
    const { venue } = await makeRig({ feed });
    const since = until - 1_250 * HOUR_MS;
    const history = await venue.data.fundingHistory("BTCUSDT", since);
    expect(history).toHaveLength(1_250);
    expect(new Set(history.map((one) => one.intervalHours))).toEqual(new Set(["1"]));
  });
});

test("says how an instrument trades, and null for what Binance does not say", async () => {
  const rig = await makeRig({ feed: marketOf([bitcoin()]) });
  const stats = await rig.venue.data.marketStats("BTCUSDT");
  expect(stats.markPrice.toFixed()).toBe("60000");
  expect(stats.openInterestBase?.toFixed()).toBe("10659.509");
  expect(stats.volume24hUsd?.toFixed()).toBe("1234567890.12");
  rig.server.faults.next({ path: "/fapi/v1/openInterest", reply: () => jsonReply({}) });
  expect((await rig.venue.data.marketStats("BTCUSDT")).openInterestBase).toBeNull();
});

async function makeRig(
  server: NonNullable<NonNullable<Parameters<typeof createBinanceRig>[0]>["server"]>,
  credentials?: null,
): Promise<Rig> {
  const rig = await createBinanceRig({
    ...{ server },
    ...(credentials === null && { credentials }),
  });
  rigs.push(rig);
  return rig;
}

function bitcoin(over: Partial<Instrument> = {}): Instrument {
  return instrument({ venue: VENUE, symbol: "BTCUSDT", ...over });
}

function ether(): Instrument {
  return instrument({ venue: VENUE, symbol: "ETHUSDT", asset: "ETH" });
}

/** A steady market of several instruments, each with its own interval. */
function marketOf(
  all: readonly Instrument[],
  mark = "60000",
  ...hours: readonly string[]
): MarketFeed {
  const [first] = all;
  const depth = first?.contractSizeBase.times("100").toFixed() ?? "1";
  const feed = createSteadyMarket({
    [VENUE]: { price: mark, depth, ...(first && { instrument: first }) },
  });
  return {
    ...feed,
    instruments: () => all,
    upcomingRate(venue, symbol, at) {
      const intervalHours = hours[all.findIndex((one) => one.symbol === symbol)] ?? "1";
      return { ...feed.upcomingRate(venue, symbol, at), intervalHours };
    },
  };
}

function settlement(fundingAt: number): FeedSettlement {
  const [refPrice, paid] = [price("60000"), rate("0.0001")];
  return { symbol: "BTCUSDT", fundingAt, rate: paid, intervalHours: "1", refPrice };
}

function within(all: readonly FeedSettlement[]): MarketFeed["settlements"] {
  return (_venue, from, to) => all.filter(({ fundingAt }) => fundingAt > from && fundingAt <= to);
}
