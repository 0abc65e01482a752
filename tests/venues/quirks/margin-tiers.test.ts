import { afterAll, describe, expect, test } from "bun:test";
import { type Decimal, dec } from "#src/core/decimal.ts";
import { maintenanceUsd } from "#src/core/figures/maintenance.ts";
import type { Instrument } from "#src/core/instrument.ts";
import { price } from "#src/core/units.ts";
import type { Venue } from "#src/ports/venue.ts";
import { progressiveTiers } from "#src/venues/quirks/shared/progressive-tiers.ts";
import {
  bybitInstrument,
  connectBybit,
  startBybitSaying,
} from "#tests/support/venues/bybit-rig.ts";
import {
  BTC as HL_BTC,
  mustList,
  scriptedHyperliquid,
} from "#tests/support/venues/hyperliquid-scripted.ts";
import { BTC, scriptedOkx } from "#tests/support/venues/okx-rig.ts";

const running: { stop(): Promise<void> }[] = [];
afterAll(() => Promise.all(running.map((one) => one.stop())));

const MARK = price("50000");
const BOOK = { s: "BTCUSDT", b: [["49999", "1"]], a: [["50001", "1"]] };

async function listed({ data }: Venue, symbol: string): Promise<Instrument> {
  const found = (await data.instruments()).find((one) => one.symbol === symbol);
  if (!found) throw new Error(`${symbol} is not listed`);
  return found;
}

/** What positions of these sizes keep, as fractions of their notional. */
function shares(of: Instrument, sizes: readonly string[]): readonly string[] {
  const share = (size: Decimal) => maintenanceUsd(of, size, MARK).div(size.times(MARK));
  return sizes.map((size) => share(dec(size)).toFixed(6));
}

/** The background read has been sent; its answer needs some turns of the loop. */
async function withTiers(venue: Venue, symbol: string): Promise<Instrument> {
  for (let turn = 0; turn < 200; turn += 1) {
    const found = await listed(venue, symbol);
    if (found.maintenanceTiers) return found;
    await Bun.sleep(5);
  }
  throw new Error(`no tiers of ${symbol}`);
}

describe("Bybit's tiers", () => {
  const limit = (riskLimitValue: string, maintenanceMargin: string, rest: object) => ({
    ...{ id: 1, symbol: "BTCUSDT", riskLimitValue, maintenanceMargin, ...rest },
  });
  const LIMITS = [
    limit("2000000", "0.005", { initialMargin: "0.01", maxLeverage: "100.00", mmDeduction: "" }),
    limit("10000000", "0.01", {
      initialMargin: "0.02",
      maxLeverage: "50.00",
      mmDeduction: "10000",
    }),
  ];
  async function saying(limits: readonly unknown[]) {
    const asked: string[] = [];
    const server = startBybitSaying({
      "/v5/market/orderbook": BOOK,
      "/v5/market/risk-limit": (query: URLSearchParams) => {
        asked.push(String(query.get("symbol")));
        return { list: limits };
      },
    });
    running.push(server);
    return { asked, venue: await connectBybit(server, { credentials: null }) };
  }

  test("are read of what is looked at, once, and until then the one rate counts", async () => {
    const { asked, venue } = await saying(LIMITS);
    expect(shares(await listed(venue, "BTCUSDT"), ["1"])).toEqual(["0.010000"]);
    expect(asked).toEqual([]);
    await venue.data.orderBook("BTCUSDT");
    const known = await withTiers(venue, "BTCUSDT");
    // 100 BTC: 2 million at 0.5 %, 3 million at 1 %.
    expect(shares(known, ["1", "40", "100"])).toEqual(["0.005000", "0.005000", "0.008000"]);
    await venue.data.orderBook("BTCUSDT");
    await Bun.sleep(20);
    expect(asked).toEqual(["BTCUSDT"]);
  });

  test.each([
    ["margins are in percent", limit("2000000", "0.5", { initialMargin: "1", maxLeverage: "100" })],
    ["a figure is missing", limit("2000000", "", { initialMargin: "0.01", maxLeverage: "100" })],
    ["none is named", null],
  ])("are unknown when %s", async (_what, only) => {
    const { asked, venue } = await saying(only ? [only] : []);
    await venue.data.orderBook("BTCUSDT");
    for (let turn = 0; asked.length === 0 && turn < 200; turn += 1) await Bun.sleep(5);
    await Bun.sleep(20);
    expect(shares(await listed(venue, "BTCUSDT"), ["1"])).toEqual(["0.010000"]);
  });
});

test("one failure to read tiers is not repeated for each instrument, nor taken for an outage", async () => {
  const other = bybitInstrument({ symbol: "ETHUSDT", baseCoin: "ETH" });
  const asked: string[] = [];
  const server = startBybitSaying({
    "/v5/market/instruments-info": { list: [bybitInstrument(), other] },
    "/v5/market/orderbook": BOOK,
    "/v5/market/risk-limit": (query: URLSearchParams) => {
      asked.push(String(query.get("symbol")));
      return { list: "maintenance" };
    },
  });
  running.push(server);
  const venue = await connectBybit(server, { credentials: null });
  await Promise.all(["BTCUSDT", "ETHUSDT"].map((symbol) => venue.data.orderBook(symbol)));
  await Bun.sleep(50);
  expect(asked).toHaveLength(1);
  expect(venue.health().state).toBe("ok");
});

test("OKX's tiers go by contracts, and the rate of a tier is for the whole position", async () => {
  const { loopback, venue } = await scriptedOkx({
    "GET market/books": [{ bids: [["49999", "1"]], asks: [["50001", "1"]] }],
    "GET public/position-tiers": (query: URLSearchParams) => [
      { instFamily: query.get("instFamily"), minSz: "1001", maxSz: "5000", mmr: "0.01", tier: "2" },
      { instFamily: query.get("instFamily"), minSz: "0", maxSz: "1000", mmr: "0.004", tier: "1" },
    ],
  });
  running.push(loopback);
  expect(shares(await listed(venue, BTC), ["1"])).toEqual(["0.010000"]);
  await venue.data.orderBook(BTC);
  const known = await withTiers(venue, BTC);
  // A contract is 0.01 BTC; a size between two tiers counts as the upper one.
  expect(shares(known, ["9.99", "10", "40"])).toEqual(["0.004000", "0.010000", "0.010000"]);
});

describe("Hyperliquid's tiers", () => {
  test("come with its coins, and are half of the initial margin in each", async () => {
    const context = { markPx: "64000.0", funding: "0.00001", openInterest: "1", dayNtlVlm: "1" };
    const universe = [{ ...HL_BTC, marginTableId: 56 }];
    const tiers = [
      { lowerBound: "0.0", maxLeverage: 40 },
      { lowerBound: "150000000.0", maxLeverage: 20 },
    ];
    const { driver, exchange } = await scriptedHyperliquid({
      metaAndAssetCtxs: () => [{ universe }, [context]],
      meta: () => ({ universe, marginTables: [[56, { description: "", marginTiers: tiers }]] }),
    });
    await exchange.loadMarkets();
    const [market] = Object.values(exchange.markets ?? {});
    const { instrument } = driver.list(market) ?? mustList(driver, {});
    // 6,000 BTC: 150 million at 1.25 %, 150 million at 2.5 %.
    expect(shares(instrument, ["1", "3000", "6000"])).toEqual(["0.012500", "0.012500", "0.018750"]);
  });

  test("that nobody knows count as the second, and a table of one tier as that", async () => {
    const { driver } = await scriptedHyperliquid({});
    const rateOf = (marginTableId: number) =>
      mustList(driver, { ...HL_BTC, marginTableId }).instrument.maintenanceRate.toFixed();
    expect([rateOf(40), rateOf(56)]).toEqual(["0.0125", "0.025"]);
  });
});

describe("tiers by notional", () => {
  const tier = (lower: string | null, rate: string | null, deduction: string | null = null) => ({
    ...{ lowerUsd: lower === null ? null : dec(lower), rate: rate === null ? null : dec(rate) },
    deductionUsd: deduction === null ? null : dec(deduction),
  });

  test("are known in whatever order they come, with deductions as they follow from them", () => {
    const known = progressiveTiers([tier("50000", "0.01", "300"), tier("0", "0.004", "0")]);
    expect(JSON.stringify(known)).toBe(
      '{"by":"notional","tiers":[{"lowerUsd":"0","rate":"0.004"},{"lowerUsd":"50000","rate":"0.01"}]}',
    );
  });

  test.each([
    ["there are none", []],
    ["they do not begin at nothing", [tier("10", "0.004")]],
    ["one falls", [tier("0", "0.01"), tier("100", "0.005")]],
    ["two begin together", [tier("0", "0.01"), tier("0", "0.02")]],
    ["one keeps all of it", [tier("0", "1")]],
    ["one keeps nothing", [tier("0", "0")]],
    ["a rate is missing", [tier("0", "0.01"), tier("100", null)]],
    ["a bound is missing", [tier("0", "0.01"), tier(null, "0.02")]],
    // The venue would count the higher rate for all of it, and liquidate earlier.
    ["less is taken off than follows", [tier("0", "0.004"), tier("50000", "0.01", "0")]],
  ])("are unknown when %s", (_what, listing) => {
    expect(progressiveTiers(listing)).toBeNull();
  });
});
