import { describe, expect, test } from "bun:test";
import { HOUR_MS } from "#src/core/funding.ts";
import { price, rate } from "#src/core/units.ts";
import type { SettledRate, VenueHealth } from "#src/ports/venue.ts";
import { compareHistories } from "#src/rates/compare-histories.ts";
import { describeCloses } from "#src/rates/describe-closes.ts";
import { createEvidence, UNKNOWN_EVIDENCE } from "#src/rates/market-evidence.ts";
import { createTrailingRates } from "#src/rates/trailing-rates.ts";
import { createJumpingClock } from "#tests/support/fake-clock.ts";
import { FakeMarketData } from "#tests/support/fake-market-data.ts";

const NOON = Date.UTC(2026, 0, 20, 12, 20);
const PAIR = {
  short: { venue: "alpha", symbol: "BTC-PERP" },
  long: { venue: "beta", symbol: "BTC-PERP" },
};
const OK: VenueHealth = { state: "ok", reason: null };

/** Two venues of which the first pays more. */
function createRig() {
  const clock = createJumpingClock(NOON);
  const closes = Array.from({ length: 100 }, (_, hour) => String(60_000 + hour * 10));
  const alpha = new FakeMarketData(clock, "alpha", [{ rate: "0.00003", closes }]);
  const beta = new FakeMarketData(clock, "beta", [{ rate: "0.00001" }]);
  const health = { alpha: OK, beta: OK };
  const real = new Map([
    ["alpha", { data: alpha, health: () => health.alpha }],
    ["beta", { data: beta, health: () => health.beta }],
  ]);
  // Only what evidence asks of a venue is there.
  const venues = real as unknown as Parameters<typeof createTrailingRates>[0]["venues"];
  const trailing = createTrailingRates({ venues, clock, lookbackMs: 14 * 24 * HOUR_MS });
  return {
    clock,
    alpha,
    beta,
    health,
    trailing,
    evidence: createEvidence({ venues, clock, trailing }),
  };
}

describe("market evidence", () => {
  test("says how the pair paid and how the short leg's price moved", async () => {
    const { evidence } = createRig();
    const found = await evidence.of(PAIR);
    expect(found.rsi14?.toFixed()).toBe("100");
    expect(found.emaGap?.gt("0")).toBe(true);
    expect(found.macdHistogram).not.toBeNull();
    expect(found.persistence?.toFixed()).toBe("1");
    expect(found.spread8hByDay.map((one) => one.toFixed())).toEqual(Array(7).fill("0.00016"));
    expect(found.openInterestUsd?.toFixed()).toBe("6000000000000");
  });

  test("reads no history again that the trailing means have read", async () => {
    const { evidence, trailing, alpha } = createRig();
    await trailing.meanPerHour("alpha", "BTC-PERP");
    await evidence.of(PAIR);
    expect(alpha.countOf("fundingHistory")).toBe(1);
  });

  test("asks once an hour, whoever asks meanwhile", async () => {
    const { evidence, alpha, clock } = createRig();
    await Promise.all([evidence.of(PAIR), evidence.of(PAIR)]);
    await evidence.of(PAIR);
    expect(alpha.countOf("hourlyCloses")).toBe(1);
    clock.jump(HOUR_MS);
    await evidence.of(PAIR);
    expect(alpha.countOf("hourlyCloses")).toBe(2);
  });

  test("leaves unknown what a venue does not tell, and asks for it again", async () => {
    const { evidence, alpha } = createRig();
    alpha.failing = new Set(["hourlyCloses"]);
    const found = await evidence.of(PAIR);
    expect(found).toMatchObject({ rsi14: null, macdHistogram: null, emaGap: null });
    expect(found.persistence?.toFixed()).toBe("1");
    alpha.failing = new Set();
    expect((await evidence.of(PAIR)).rsi14).not.toBeNull();
  });

  test("knows nothing when every venue is silent, slow or down, and never throws", async () => {
    const { evidence, alpha, beta, health } = createRig();
    alpha.failing = "all";
    beta.delayMs = 60_000;
    expect(await evidence.of(PAIR)).toEqual(UNKNOWN_EVIDENCE);
    health.alpha = { state: "down", reason: "x" };
    const before = alpha.countOf("hourlyCloses");
    await evidence.of(PAIR);
    expect(alpha.countOf("hourlyCloses")).toBe(before);
    const nowhere = { venue: "nowhere", symbol: "X" };
    expect(await evidence.of({ short: nowhere, long: nowhere })).toEqual(UNKNOWN_EVIDENCE);
  });

  test("asks about a few pairs at a time", async () => {
    const { evidence, alpha, clock } = createRig();
    for (let index = 0; index < 12; index += 1) alpha.list({ instrument: { symbol: `X${index}` } });
    alpha.delayMs = 100;
    const legs = Array.from({ length: 12 }, (_, index) => ({
      venue: "alpha",
      symbol: `X${index}`,
    }));
    await Promise.all(legs.map((short) => evidence.of({ short, long: PAIR.long })));
    expect(alpha.countOf("hourlyCloses")).toBe(12);
    expect(alpha.most).toBeLessThanOrEqual(9);
    expect(clock.elapsedMs() - NOON).toBeLessThan(1_000);
  });
});

describe("indicators", () => {
  test("agree with Wilder's and Appel's own formulas", async () => {
    const series = Array.from({ length: 100 }, (_, hour) => 100 + Math.sin(hour) * 3 + hour / 20);
    const found = await describeCloses(series.map((close) => price(String(close))));
    expect(Number(found.rsi14?.toFixed())).toBeCloseTo(wilder(series, 14), 2);
    const [last = 0] = series.slice(-1);
    expect(Number(found.emaGap?.toFixed())).toBeCloseTo(
      last / (ema(series, 20).at(-1) ?? 0) - 1,
      8,
    );
    const macd = ema(series, 12).map((fast, hour) => fast - (ema(series, 26)[hour] ?? 0));
    const histogram = (macd.at(-1) ?? 0) - (ema(macd.slice(25), 9).at(-1) ?? 0);
    expect(Number(found.macdHistogram?.toFixed())).toBeCloseTo(histogram / last, 7);
  });

  test("are unknown of a young market and of one that never moved", async () => {
    const unknown = { rsi14: null, macdHistogram: null, emaGap: null };
    const rising = (count: number) =>
      Array.from({ length: count }, (_, hour) => price(String(100 + hour)));
    expect(await describeCloses(rising(34))).toEqual(unknown);
    expect((await describeCloses(rising(35))).macdHistogram).not.toBeNull();
    expect(await describeCloses(Array(100).fill(price("7")))).toEqual(unknown);
    expect(await describeCloses([])).toEqual(unknown);
  });
});

describe("two histories", () => {
  const hour = Math.floor(NOON / HOUR_MS);
  const settled = (count: number, intervalHours: number, each: (index: number) => string) =>
    Array.from(
      { length: count },
      (_, index): SettledRate => ({
        ...{ symbol: "BTC", intervalHours: String(intervalHours) },
        rate: rate(each(index)),
        fundingAt: (hour - (hour % intervalHours) - (count - 1 - index) * intervalHours) * HOUR_MS,
      }),
    );

  test("are compared hour by hour, whatever their intervals", () => {
    const hourly = settled(200, 1, (index) => (index % 4 === 0 ? "-0.00001" : "0.00003"));
    const every8 = settled(30, 8, () => "0.00008");
    const { persistence, spread8hByDay } = compareHistories(hourly, every8, NOON);
    expect(persistence?.toFixed()).toBe("0.75");
    expect(spread8hByDay.map((one) => one.toFixed())).toEqual(Array(7).fill("0.00008"));
  });

  test("with a gap or a short past are unknown, not 0", () => {
    const week = settled(200, 1, () => "0.00001");
    expect(compareHistories(week, [], NOON)).toEqual({ persistence: null, spread8hByDay: [] });
    const half = compareHistories(
      week,
      settled(100, 1, () => "0"),
      NOON,
    );
    expect(half.persistence?.toFixed()).toBe("1");
    expect(half.spread8hByDay).toEqual([]);
  });
});

function ema(series: readonly number[], hours: number): readonly number[] {
  let mean = series[0] ?? 0;
  return series.map((value) => {
    mean += (value - mean) * (2 / (hours + 1));
    return mean;
  });
}

function wilder(series: readonly number[], hours: number): number {
  const moves = series.slice(1).map((value, index) => value - (series[index] ?? 0));
  const smooth = (of: readonly number[]) => {
    let mean = of.slice(0, hours).reduce((a, b) => a + b) / hours;
    for (const value of of.slice(hours)) mean += (value - mean) / hours;
    return mean;
  };
  const gain = smooth(moves.map((move) => Math.max(0, move)));
  const loss = smooth(moves.map((move) => Math.max(0, -move)));
  return 100 - 100 / (1 + gain / loss);
}
