import { afterEach, describe, expect, test } from "bun:test";
import { HOUR_MS } from "#src/core/funding.ts";
import { parseIntervalHours } from "#src/core/interval.ts";
import {
  bybitInstrument,
  connectBybit,
  startBybitSaying,
} from "#tests/support/venues/bybit-rig.ts";
import type { Loopback } from "#tests/support/venues/loopback.ts";

const servers: Loopback[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function saying(answers: Parameters<typeof startBybitSaying>[0]) {
  const server = startBybitSaying(answers);
  servers.push(server);
  return { server, venue: await connectBybit(server, { credentials: null }) };
}

function listing(...rows: readonly unknown[]) {
  const list = (query: URLSearchParams) => (query.get("status") === "PreLaunch" ? [] : rows);
  return { "/v5/market/instruments-info": (query: URLSearchParams) => ({ list: list(query) }) };
}

describe("Bybit's instruments", () => {
  test("are read exactly, in canonical base units", async () => {
    const filter = { ...bybitInstrument().lotSizeFilter, qtyStep: "100", minOrderQty: "100" };
    const pepe = bybitInstrument({
      ...{ symbol: "1000PEPEUSDT", baseCoin: "1000PEPE", lotSizeFilter: filter },
      priceFilter: { tickSize: "0.0000001" },
      leverageFilter: { maxLeverage: "75.00" },
    });
    const { venue } = await saying(listing(bybitInstrument(), pepe));
    const [btc, thousands] = await venue.data.instruments();
    expect(btc).toMatchObject({ symbol: "BTCUSDT", asset: "BTC", settleCurrency: "USDT" });
    expect(btc?.lotStepBase.toFixed()).toBe("0.001");
    expect(btc?.priceTick.toFixed()).toBe("0.1");
    expect(btc?.minNotionalUsd.toFixed()).toBe("5");
    expect(btc?.maxLeverage.toFixed()).toBe("100");
    // Never less than the first tier's real maintenance.
    expect(btc?.maintenanceRate.toFixed()).toBe("0.01");
    expect(thousands).toMatchObject({ symbol: "1000PEPEUSDT", asset: "PEPE" });
    expect(thousands?.contractSizeBase.toFixed()).toBe("1000");
    expect(thousands?.lotStepBase.toFixed()).toBe("100000");
    expect(thousands?.priceTick.toFixed()).toBe("0.0000000001");
  });

  test("have an end once their delisting was announced", async () => {
    const leaving = bybitInstrument({
      symbol: "ETHUSDT",
      baseCoin: "ETH",
      deliveryTime: "1790000000000",
    });
    const { venue } = await saying(listing(bybitInstrument(), leaving));
    const ends = (await venue.data.instruments()).map(({ asset, endsAt }) => [asset, endsAt]);
    expect(ends).toEqual([
      ["BTC", undefined],
      ["ETH", 1_790_000_000_000],
    ]);
  });

  test("with the multiplier behind the name are the same asset", async () => {
    const shib = bybitInstrument({ symbol: "SHIB1000USDT", baseCoin: "SHIB1000" });
    const { venue } = await saying(listing(shib));
    const [one] = await venue.data.instruments();
    expect(one?.asset).toBe("SHIB");
    expect(one?.contractSizeBase.toFixed()).toBe("1000");
  });

  test.each([
    ["a dated future", { symbol: "ETH-26DEC26", contractType: "LinearFutures" }],
    ["an inverse perpetual", { symbol: "ETHUSD", contractType: "InversePerpetual" }],
    ["a market that is not open yet", { isPreListing: true }],
    ["a market that is closing", { status: "Delivering" }],
    ["a perpetual settled in a coin", { settleCoin: "ETH" }],
    ["one without a minimum value", { lotSizeFilter: { qtyStep: "1", minOrderQty: "1" } }],
    ["one with a step of zero", { priceFilter: { tickSize: "0" } }],
  ])("leave out %s", async (_what, over) => {
    const other = bybitInstrument({ symbol: "ETHUSDT", baseCoin: "ETH", ...over });
    const { venue } = await saying(listing(bybitInstrument(), other));
    const kept = await venue.data.instruments();
    expect(kept.map((one) => one.symbol)).toEqual(["BTCUSDT"]);
  });
});

describe("Bybit's funding", () => {
  const ticker = (over: Readonly<Record<string, unknown>> = {}) => ({
    ...{ symbol: "BTCUSDT", fundingRate: "0.00004512", nextFundingTime: "1772006400000" },
    ...{ fundingIntervalHour: "8", markPrice: "60000.10", indexPrice: "60001.2" },
    ...{ openInterest: "57319.482", turnover24h: "6543210987.65" },
    ...over,
  });

  test("comes for all instruments in one request, with its interval", async () => {
    const { venue, server } = await saying({
      "/v5/market/tickers": {
        list: [ticker(), ticker({ symbol: "BTC-26DEC26", fundingRate: "" })],
      },
    });
    await venue.data.instruments();
    const before = server.seen.length;
    const [one, ...rest] = await venue.data.fundingRates();
    expect(server.seen.length - before).toBe(1);
    expect(rest).toEqual([]);
    expect(one?.rate.toFixed()).toBe("0.00004512");
    expect(one).toMatchObject({ intervalText: "8h", fundingAt: 1_772_006_400_000 });
  });

  // Q3: whole hours make "0h" of thirty minutes.
  test("of thirty minutes is known by the listing's minutes", async () => {
    const half = bybitInstrument({ fundingInterval: 30 });
    const { venue } = await saying({
      ...listing(half),
      "/v5/market/tickers": { list: [ticker({ fundingIntervalHour: "0" })] },
    });
    const [one] = await venue.data.fundingRates();
    const { intervalText = null, intervalHint = null } = one ?? {};
    expect(parseIntervalHours(intervalText, intervalHint)?.toFixed()).toBe("0.5");
  });

  test("that changed its interval since the listing was read is known by the ticker", async () => {
    const { venue } = await saying({
      "/v5/market/tickers": { list: [ticker({ fundingIntervalHour: "4" })] },
    });
    const [one] = await venue.data.fundingRates();
    const { intervalText = null, intervalHint = null } = one ?? {};
    expect(parseIntervalHours(intervalText, intervalHint)?.toFixed()).toBe("4");
  });

  test("that is missing is left out, never zero", async () => {
    const { venue } = await saying({
      "/v5/market/tickers": { list: [ticker({ fundingRate: "" })] },
    });
    expect(await venue.data.fundingRates()).toEqual([]);
  });

  test("of the past is paged to the end, each stamp with the distance to the one before", async () => {
    const now = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    // Eight-hourly until the last ten, which are hourly.
    const stamps = Array.from({ length: 450 }, (_, index) =>
      index < 10 ? now - index * HOUR_MS : now - 9 * HOUR_MS - (index - 9) * 8 * HOUR_MS,
    );
    const { venue, server } = await saying({
      "/v5/market/funding/history": (query: URLSearchParams) => {
        const end = Number(query.get("endTime") ?? now);
        const found = stamps.filter((at) => at <= end).slice(0, Number(query.get("limit")));
        const rows = found.map((at) => ({
          fundingRateTimestamp: String(at),
          fundingRate: "0.0001",
        }));
        return { list: rows };
      },
    });
    await venue.data.instruments();
    const before = server.seen.length;
    const all = await venue.data.fundingHistory("BTCUSDT", 0);
    expect(server.seen.length - before).toBe(3);
    expect(all.map((one) => one.fundingAt)).toEqual(stamps.toReversed());
    expect(all.slice(-10).map((one) => one.intervalHours)).toEqual([
      ...["8", "1", "1", "1", "1", "1", "1", "1", "1", "1"],
    ]);
    expect(all[0]?.intervalHours).toBe("8");
  });

  test("and prices of one instrument come from one ticker; what is not said is null", async () => {
    const { venue } = await saying({
      "/v5/market/tickers": { list: [ticker({ openInterest: "", indexPrice: "" })] },
    });
    const stats = await venue.data.marketStats("BTCUSDT");
    expect(stats.markPrice.toFixed()).toBe("60000.1");
    expect(stats.volume24hUsd?.toFixed()).toBe("6543210987.65");
    expect(stats).toMatchObject({ openInterestBase: null, indexPrice: null });
  });
});
