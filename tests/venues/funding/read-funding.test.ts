import { describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { rawFundingRate } from "#src/venues/funding/raw-funding-rate.ts";
import { readFunding } from "#src/venues/funding/read-funding.ts";

const AT = 1_777_446_000_000;

/** [what, venue, payload, per hour, interval in hours, settles at] */
const READABLE: readonly (readonly [string, string, unknown, string, string, number | null])[] = [
  [
    "binance off its list is 8 h",
    "binance",
    { info: { lastFundingRate: "0.0001", nextFundingTime: String(AT) } },
    "0.0000125",
    "8",
    AT,
  ],
  [
    "binance on its list is what the list says",
    "binanceusdm",
    { info: { lastFundingRate: "0.0001" }, intervalHours: 4 },
    "0.000025",
    "4",
    null,
  ],
  [
    "bybit in minutes",
    "bybit",
    {
      ccxt: { fundingRate: 0.0001, interval: "0h", fundingTimestamp: AT },
      market: { info: { fundingInterval: 30 } },
    },
    "0.0002",
    "0.5",
    AT,
  ],
  [
    "bybit's row with the market's minutes",
    "bybit",
    {
      info: { fundingRate: "-0.0001", nextFundingTime: String(AT) },
      market: { info: { fundingInterval: "240" } },
    },
    "-0.000025",
    "4",
    AT,
  ],
  [
    "okx settles at fundingTime",
    "okx",
    {
      info: {
        fundingRate: "0.0003",
        fundingTime: String(AT),
        nextFundingTime: String(AT + 10_800_000),
        nextFundingRate: "",
      },
    },
    "0.0001",
    "3",
    AT,
  ],
  [
    "okx's 6 h that ccxt leaves in ms",
    "okx",
    { ccxt: { fundingRate: "0.0006", interval: "21600000" } },
    "0.0001",
    "6",
    null,
  ],
  [
    "dydx for an hour",
    "dydx",
    { market: { info: { nextFundingRate: "0.0000125" } } },
    "0.0000125",
    "1",
    null,
  ],
  [
    "hyperliquid for an hour",
    "hyperliquid",
    { info: { funding: "0.00004807" }, ccxt: { fundingTimestamp: AT } },
    "0.00004807",
    "1",
    AT,
  ],
  [
    "hibachi for 8 h, stamped in seconds",
    "hibachi",
    { info: { estimatedFundingRate: "0.000008", nextFundingTimestamp: 1_777_446_000 } },
    "0.000001",
    "8",
    AT,
  ],
  [
    "hibachi through ccxt",
    "hibachi",
    { ccxt: { fundingRate: "0.000008", fundingTimestamp: AT, interval: "8h" } },
    "0.000001",
    "8",
    AT,
  ],
  [
    "extended, whose next rate is a time",
    "extended",
    { market: { info: { marketStats: { fundingRate: "0.000012", nextFundingRate: AT } } } },
    "0.000012",
    "1",
    AT,
  ],
  [
    "pacifica's next, not its last",
    "pacifica",
    { info: { funding: "0.00010529", next_funding: "0.00011096" } },
    "0.00011096",
    "1",
    null,
  ],
  [
    "kraken in USD over the mark, beyond ccxt's clip",
    "krakenfutures",
    { info: { fundingRate: -3, markPrice: 10 } },
    "-0.3",
    "1",
    null,
  ],
  [
    "kraken's stream in fractions",
    "krakenfutures",
    { info: { relative_funding_rate: 9.2e-7, next_funding_rate_time: AT } },
    "0.00000092",
    "1",
    AT,
  ],
  [
    "bitget's current rate",
    "bitget",
    { info: { fundingRate: "-0.000024", fundingRateInterval: "8", nextUpdate: String(AT) } },
    "-0.000003",
    "8",
    AT,
  ],
  [
    "gate in seconds",
    "gate",
    { info: { funding_rate: "0.0002", funding_interval: 7200, funding_next_apply: 1_777_446_000 } },
    "0.0001",
    "2",
    AT,
  ],
  [
    "gate's 2 h that ccxt leaves in ms",
    "gate",
    { ccxt: { fundingRate: "0.0002", interval: "7200000", fundingTimestamp: AT } },
    "0.0001",
    "2",
    AT,
  ],
  [
    "paradex for its own period",
    "paradex",
    { info: { funding_rate: "0.0003" }, market: { info: { funding_period_hours: 24 } } },
    "0.0000125",
    "24",
    null,
  ],
  [
    "aster with its list's interval",
    "aster",
    { info: { lastFundingRate: "0.0001", nextFundingTime: AT }, intervalHours: "4" },
    "0.000025",
    "4",
    AT,
  ],
  [
    "lighter's fraction for 8 h, paid hourly",
    "lighter",
    { info: { exchange: "lighter", rate: 0.000096 } },
    "0.000012",
    "1",
    null,
  ],
  [
    "lighter's stream in percent for an hour",
    "lighter",
    { info: { current_funding_rate: "0.0012" } },
    "0.000012",
    "1",
    null,
  ],
  [
    "binance with its interval as ccxt joins it",
    "binanceusdm",
    {
      ccxt: { fundingRate: "0.0001", fundingTimestamp: AT },
      fundingInterval: { interval: "4h", info: { fundingIntervalHours: 4 } },
    },
    "0.000025",
    "4",
    AT,
  ],
  [
    "hyperliquid among what it predicts for all venues",
    "hyperliquid",
    { HlPerp: { fundingRate: "0.0000125", nextFundingTime: AT, fundingIntervalHours: 1 } },
    "0.0000125",
    "1",
    AT,
  ],
  [
    "hibachi in the row of its prices",
    "hibachi",
    {
      prices: {
        fundingRateEstimation: {
          ...{ estimatedFundingRate: "0.000008", nextFundingTimestamp: 1_777_446_000 },
        },
      },
    },
    "0.000001",
    "8",
    AT,
  ],
  [
    "lighter's stream in its envelope",
    "lighter",
    { message: { market_stats: { current_funding_rate: "0.0012", funding_rate: "0.0010" } } },
    "0.000012",
    "1",
    null,
  ],
  [
    "lighter's estimate beside a realised percentage",
    "lighter",
    { ccxt: { fundingRate: "0.000096" }, funding: { rate: "0.0012", direction: "long" } },
    "0.000012",
    "1",
    null,
  ],
  [
    "kraken by its other name",
    "kraken",
    { info: { fundingRate: "1.25", markPrice: "100000" } },
    "0.0000125",
    "1",
    null,
  ],
  [
    "gate by its other name",
    "gateio",
    { ccxt: { fundingRate: "0.0001", interval: "4h", fundingTimestamp: AT } },
    "0.000025",
    "4",
    AT,
  ],
];

const REFUSED: readonly (readonly [string, string, unknown, string])[] = [
  [
    "a venue that it does not know",
    "ftx",
    { ccxt: { fundingRate: "0.0001", interval: "8h" } },
    "VENUE_UNKNOWN",
  ],
  ["a name that every object has", "constructor", {}, "VENUE_UNKNOWN"],
  ["bybit's 0h", "bybit", { ccxt: { fundingRate: "0.0001", interval: "0h" } }, "INTERVAL_UNKNOWN"],
  [
    "binance's interval when it is not understood",
    "binance",
    { ccxt: { fundingRate: "0.0001", interval: "0h" } },
    "INTERVAL_UNKNOWN",
  ],
  [
    "bitget's tickers",
    "bitget",
    { info: { fundingRate: "-0.0007", lastPr: "29904.5" } },
    "INTERVAL_UNKNOWN",
  ],
  [
    "an interval that lies deeper, but is not understood",
    "binance",
    { ccxt: { fundingRate: "0.0001" }, fundingInterval: { interval: "0h" } },
    "INTERVAL_UNKNOWN",
  ],
  ["aster off its list", "aster", { info: { lastFundingRate: "0.0001" } }, "INTERVAL_UNKNOWN"],
  [
    "paradex's period of zero",
    "paradex",
    { info: { funding_rate: "0.1" }, market: { info: { funding_period_hours: 0 } } },
    "INTERVAL_UNKNOWN",
  ],
  ["dydx just after a settlement", "dydx", { info: { ticker: "BTC-USD" } }, "RATE_UNKNOWN"],
  ["dydx's realised rate", "dydx", { ccxt: { fundingRate: "0.0001" } }, "RATE_UNKNOWN"],
  [
    "pacifica's past rate",
    "pacifica",
    { ccxt: { fundingRate: "0.0001", interval: "1h" } },
    "RATE_UNKNOWN",
  ],
  ["kraken without a mark", "krakenfutures", { info: { fundingRate: "1.25" } }, "RATE_UNKNOWN"],
  ["kraken at ccxt's clip", "krakenfutures", { ccxt: { fundingRate: "0.25" } }, "RATE_UNKNOWN"],
  [
    "another venue's rate in lighter's list",
    "lighter",
    { info: { exchange: "bybit", rate: "0.0001" } },
    "RATE_UNKNOWN",
  ],
  [
    "lighter's realised percentages",
    "lighter",
    { info: { rate: "0.0012", direction: "long" } },
    "RATE_UNKNOWN",
  ],
  [
    "an empty rate",
    "okx",
    { info: { fundingRate: "", fundingTime: AT, nextFundingTime: AT + 1 } },
    "RATE_UNKNOWN",
  ],
  ["no payload at all", "okx", null, "RATE_UNKNOWN"],
];

describe("a funding rate", () => {
  test.each(READABLE)("is read: %s", (_, venue, payload, perHour, intervalHours, fundingAt) => {
    const reading = readFunding(venue, payload);

    if ("refused" in reading) throw new Error(reading.refused);
    expect(reading.perHour.toFixed()).toBe(perHour);
    expect(reading.intervalHours.toFixed()).toBe(intervalHours);
    expect(reading.rate.eq(dec(perHour).times(dec(intervalHours)))).toBe(true);
    expect(reading.fundingAt).toBe(fundingAt);
  });

  test.each(REFUSED)("is refused rather than guessed: %s", (_, venue, payload, refused) => {
    expect(readFunding(venue, payload)).toMatchObject({ refused });
  });

  test("keeps what was paid and what comes after apart from what is due", () => {
    const pacifica = readFunding("pacifica", {
      info: { funding: "0.0002", next_funding: "0.0001" },
    });
    const gate = readFunding("gate", {
      info: { funding_rate: "0.0008", funding_rate_indicative: "0.0016", funding_interval: 28800 },
    });

    expect(pacifica).toMatchObject({ lastRealisedPerHour: dec("0.0002"), nextPerHour: null });
    expect(gate).toMatchObject({ lastRealisedPerHour: null, nextPerHour: dec("0.0002") });
  });

  test("goes to the port with no interval when none is known, and not at all without a rate", () => {
    const unknown = rawFundingRate("bitget", "BTCUSDT", { info: { fundingRate: "0.0001" } });

    expect(unknown).toMatchObject({ symbol: "BTCUSDT", intervalText: null, fundingAt: null });
    expect(rawFundingRate("dydx", "BTC-USD", { info: {} })).toBeNull();
    expect(
      rawFundingRate("bybit", "X", { info: { fundingRate: "1" }, intervalHours: "0.5" }),
    ).toMatchObject({
      intervalText: "0.5h",
    });
  });
});
