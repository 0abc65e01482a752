import { afterAll, describe, expect, test } from "bun:test";
import { parseIntervalHours } from "#src/core/interval.ts";
import { BTC, PEPE, scriptedOkx, swap } from "#tests/support/venues/okx-rig.ts";

const running: { stop(): Promise<void> }[] = [];
afterAll(() => Promise.all(running.map((one) => one.stop())));

async function over(answers: Parameters<typeof scriptedOkx>[0]) {
  const { loopback, venue } = await scriptedOkx(answers);
  running.push(loopback);
  return { loopback, venue };
}

/** The decimals of an answer as text, to compare. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe("instruments", () => {
  test("are counted in coins, however many a contract holds", async () => {
    const { venue } = await over({});
    expect(plain(await venue.data.instruments())).toMatchObject([
      {
        ...{ venue: "okx", symbol: BTC, asset: "BTC", kind: "perp", settleCurrency: "USDT" },
        ...{ contractSizeBase: "0.01", lotStepBase: "0.0001", minSizeBase: "0.0001" },
        ...{ minNotionalUsd: "0", priceTick: "0.1", maxLeverage: "100", maintenanceRate: "0.01" },
      },
      {
        ...{ symbol: "PEPE-USDT-SWAP", asset: "PEPE", contractSizeBase: "10000000" },
        ...{ lotStepBase: "1000000", priceTick: "0.000000001", maintenanceRate: "0.02" },
      },
    ]);
  });

  test("of a thousand coins a unit come down to one coin", async () => {
    const name = { instId: "1000SATS-USDT-SWAP", uly: "1000SATS-USDT", ctValCcy: "1000SATS" };
    const { venue } = await over({
      "GET public/instruments": [swap({ ...name, ctVal: "10", lotSz: "1", tickSz: "0.0001" })],
    });
    expect(plain(await venue.data.instruments())).toMatchObject([
      { asset: "SATS", contractSizeBase: "10000", lotStepBase: "10000", priceTick: "0.0000001" },
    ]);
  });

  test.each([
    [
      "coin-margined",
      { ctType: "inverse", settleCcy: "BTC", instId: "BTC-USD-SWAP", uly: "BTC-USD" },
    ],
    ["settled in another dollar", { settleCcy: "USDC", uly: "BTC-USDC", instId: "BTC-USDC-SWAP" }],
    ["dated", { instType: "FUTURES", instId: "BTC-USDT-261225", expTime: "1798185600000" }],
    ["not open yet", { state: "preopen" }],
    ["traded before its launch", { ruleType: "pre_market" }],
    ["worth dollars, not coins", { ctValCcy: "USDT" }],
    ["multiplied once more", { ctMult: "10" }],
    ["without a lot", { lotSz: "" }],
  ])("that are %s are left out", async (_name, change) => {
    const { venue } = await over({ "GET public/instruments": [swap(PEPE), swap(change)] });
    const symbols = (await venue.data.instruments()).map((one) => one.symbol);
    expect(symbols).toEqual(["PEPE-USDT-SWAP"]);
  });

  test("have an end once their delisting was announced", async () => {
    const leaving = swap({ expTime: "1790000000000" });
    const { venue } = await over({ "GET public/instruments": [swap(PEPE), leaving] });
    const ends = (await venue.data.instruments()).map(({ asset, endsAt }) => [asset, endsAt]);
    expect(ends).toEqual([
      ["PEPE", undefined],
      ["BTC", 1_790_000_000_000],
    ]);
  });

  test("stay listed while they are suspended: what is held must be seen", async () => {
    const { venue } = await over({ "GET public/instruments": [swap({ state: "suspend" })] });
    expect(await venue.data.instruments()).toHaveLength(1);
  });
});

describe("funding", () => {
  const HOUR = 3_600_000;
  const COMING = 1_743_609_600_000;
  const rateRow = (over: Readonly<Record<string, string>> = {}) => ({
    ...{ formulaType: "noRate", fundingRate: "0.0000182221218054", fundingTime: String(COMING) },
    ...{ impactValue: "", instId: BTC, instType: "SWAP", interestRate: "" },
    ...{ maxFundingRate: "0.00375", method: "current_period", minFundingRate: "-0.00375" },
    ...{ nextFundingRate: "", nextFundingTime: String(COMING + 8 * HOUR) },
    ...{ premium: "0.0000910113652644", settFundingRate: "0.0000145824401745" },
    ...{ settState: "settled", ts: "1743588686291" },
    ...over,
  });

  test("of all instruments comes with one request, for the coming settlement", async () => {
    const rows = [
      rateRow(),
      rateRow({ instId: "PEPE-USDT-SWAP", nextFundingTime: String(COMING + 4 * HOUR) }),
      rateRow({ instId: "BTC-USD-SWAP" }),
    ];
    const { venue, loopback } = await over({ "GET public/funding-rate": rows });
    const rates = await venue.data.fundingRates();
    expect(plain(rates)).toMatchObject([
      { symbol: BTC, rate: "0.0000182221218054", intervalText: "28800000ms", fundingAt: COMING },
      { symbol: "PEPE-USDT-SWAP", intervalText: "14400000ms", fundingAt: COMING },
    ]);
    const asked = loopback.seen
      .map((one) => one.url)
      .filter((url) => url.pathname.endsWith("rate"));
    expect(asked.map((url) => url.search)).toEqual(["?instId=ANY"]);
  });

  // ccxt's table of intervals lacks these, and would hand on raw milliseconds (Q3).
  test.each(["1", "2", "3", "4", "6", "8"])("every %s hours is understood", async (hours) => {
    const nextFundingTime = String(COMING + Number(hours) * HOUR);
    const { venue } = await over({ "GET public/funding-rate": [rateRow({ nextFundingTime })] });
    const [rate] = await venue.data.fundingRates();
    expect(parseIntervalHours(rate?.intervalText ?? null, null)?.toFixed()).toBe(hours);
  });

  test.each([{ nextFundingTime: "" }, { nextFundingTime: String(COMING) }, { fundingTime: "" }])(
    "has no interval where the venue says %p",
    async (change) => {
      const { venue } = await over({ "GET public/funding-rate": [rateRow(change)] });
      expect((await venue.data.fundingRates())[0]?.intervalText).toBeNull();
    },
  );

  test("that the venue does not state is not a rate of zero", async () => {
    const { venue } = await over({ "GET public/funding-rate": [rateRow({ fundingRate: "" })] });
    expect(await venue.data.fundingRates()).toEqual([]);
  });

  test("of the past is the realised rate with the spacing of its stamps, over pages", async () => {
    const start = Date.UTC(2026, 0, 1);
    // Every 8 hours for 50 days, then every 4; newest first, as the venue gives it.
    const stamps = [...Array(150).keys()].map((index) => start + index * 8 * HOUR);
    const last = stamps.at(-1) ?? 0;
    stamps.push(...[...Array(60).keys()].map((index) => last + (index + 1) * 4 * HOUR));
    const { venue, loopback } = await over({
      "GET public/funding-rate-history": (query: URLSearchParams) =>
        stamps
          .filter((at) => at < Number(query.get("after") ?? Number.MAX_SAFE_INTEGER))
          .toReversed()
          .slice(0, Number(query.get("limit")))
          .map((at) => ({
            ...{ instId: BTC, fundingTime: String(at), fundingRate: "0.0009" },
            realizedRate: "0.00017",
          })),
    });
    const history = await venue.data.fundingHistory(BTC, start + 100 * 8 * HOUR);
    expect(history.map((one) => one.fundingAt)).toEqual(stamps.slice(101));
    expect(history.map((one) => one.intervalHours)).toEqual([
      ...Array(49).fill("8"),
      ...Array(60).fill("4"),
    ]);
    expect(history[0]?.rate.toFixed()).toBe("0.00017");
    expect(loopback.seen.filter((one) => one.url.pathname.endsWith("history"))).toHaveLength(2);
  });
});

describe("prices", () => {
  test("of the book are per coin, its sizes in coins (Q10)", async () => {
    const { venue } = await over({
      "GET market/books": [
        {
          asks: [["41006.8", "60.03", "0", "1"]],
          bids: [["41006.3", "3", "0", "2"]],
          ...{ ts: "1629966436396", seqId: 3235851742 },
        },
      ],
    });
    expect(plain(await venue.data.orderBook(BTC))).toMatchObject({
      asks: [{ price: "41006.8", sizeBase: "0.6003" }],
      bids: [{ price: "41006.3", sizeBase: "0.03" }],
    });
  });

  test("that are not there make no book", async () => {
    const { venue } = await over({ "GET market/books": [{ asks: [["41006.8"]], bids: [] }] });
    await expect(venue.data.orderBook(BTC)).rejects.toThrow("a broken level");
  });

  test("and volumes are of one contract's worth each", async () => {
    const { venue } = await over({
      "GET public/mark-price": [{ instId: BTC, instType: "SWAP", markPx: "42310.6", ts: "1" }],
      "GET market/index-tickers": [{ instId: "BTC-USDT", idxPx: "42300.5", ts: "1" }],
      "GET public/open-interest": [{ instId: BTC, oi: "5000", oiCcy: "50", oiUsd: "1" }],
      "GET market/ticker": [{ instId: BTC, last: "42311", vol24h: "2222.5", volCcy24h: "22.225" }],
    });
    expect(plain(await venue.data.marketStats(BTC))).toMatchObject({
      ...{ markPrice: "42310.6", indexPrice: "42300.5", openInterestBase: "50" },
      volume24hUsd: "940353.085",
    });
  });

  test("without a mark are none", async () => {
    const { venue } = await over({
      "GET public/mark-price": [{ instId: BTC, markPx: "" }],
      "GET market/index-tickers": [{ instId: "BTC-USDT", idxPx: "" }],
      "GET public/open-interest": [{ instId: BTC, oi: "" }],
      "GET market/ticker": [{ instId: BTC, vol24h: "" }],
    });
    await expect(venue.data.marketStats(BTC)).rejects.toThrow("markPx is missing");
  });
});
