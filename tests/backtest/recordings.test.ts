import { describe, expect, test } from "bun:test";
import type { LegPair } from "#src/backtest/carry-series.ts";
import { londonToUtc } from "#src/backtest/read/london-time.ts";
import { commonPlaces, RateColumn } from "#src/backtest/read/rate-column.ts";
import { readRecording } from "#src/backtest/read/read-recording.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { PERPS, SPOT } from "./make-series.ts";

const SOURCE = { file: "f.csv", onProgress: () => undefined };
const START = Date.UTC(2026, 0, 1);

function read(lines: readonly string[]) {
  return readRecording(lines.join("\n"), SOURCE);
}

function series(lines: readonly string[], pair: LegPair, stepHours: 1 | 8 | null = null) {
  return read(lines).series({ asset: "BTC", pair, stepHours, withPrices: true });
}

const SPREAD = "coin,bucket_end_utc,hl_8h,binance_8h";
const FUNDING = "ts,venue,base,quote,rate,ih,mark";
const BARS = "time,exchange,crypto,pair,contract,open,high,low,close,volume,funding rate";

describe("a recording of 8-hour sums", () => {
  test("becomes the difference of both venues in whole units", () => {
    const found = series(
      [SPREAD, "BTC,2026-01-01T08:00:00Z,1.25e-05,0.0001", "BTC,2026-01-01T16:00:00Z,3e-05,-1e-10"],
      PERPS,
    );
    expect([...(found?.carry ?? [])]).toEqual([-87_500_000, 30_000_100]);
    expect([found?.places, found?.gaps, found?.rounded]).toEqual([12, 0, 0]);
  });

  test("counts the steps that are missing, and the rates that no unit fits", () => {
    const found = series(
      [
        SPREAD,
        "BTC,2026-01-01T08:00:00Z,4.00000000001e-10,0.0001",
        "BTC,2026-01-02T08:00:00Z,1e-05,0",
      ],
      PERPS,
    );
    expect([found?.gaps, found?.rounded]).toEqual([2, 1]);
  });

  test.each([
    ["BTC,2026-01-01T08:00:00Z,1e-05", "line 2: 3 columns instead of 4"],
    ["BTC,2026-01-01T09:00:00Z,1e-05,0", 'line 2: "2026-01-01T09:00:00Z" is not the end'],
    ["BTC,2026-01-01T08:00:00Z,abc,0", 'line 2: "abc" is not a rate'],
    ["BTC,2026-01-01T08:00:00Z,1.5,0", 'line 2: "1.5" is not a rate'],
    ["BTC,2026-01-01T08:00:00Z,NaN,0", 'line 2: "NaN" is not a rate'],
    [",2026-01-01T08:00:00Z,0,0", "line 2: no coin"],
    ["", "no rows"],
  ])("refuses %p in one line", (row, words) => {
    expect(() => read([SPREAD, row])).toThrow(words);
  });

  test("refuses time that goes back, and hours that it does not have", () => {
    const rows = [SPREAD, "BTC,2026-01-01T16:00:00Z,0,0", "BTC,2026-01-01T08:00:00Z,0,0"];
    expect(() => read(rows)).toThrow("line 3: BTC is not in time order");
    expect(() => series(rows.slice(0, 2), PERPS, 1)).toThrow("has sums of 8 hours");
  });
});

/** A day and a bit: an hourly venue whose stamps come late, and one that pays every 8 hours. */
function settlements(hours: number): string[] {
  const rows = [FUNDING];
  for (let hour = 0; hour <= hours; hour += 1) {
    const at = START + hour * HOUR_MS;
    rows.push(`${at + 55},hyperliquid,BTC,USDC,1e-05,1.0,`);
    if (hour % 8 === 0) rows.push(`${at},binance,BTC,USDT,0.0001,8.0,${60_000 + hour}`);
  }
  return rows;
}

describe("a recording of settlements", () => {
  test("is laid on complete buckets of 8 hours, or on their hours", () => {
    const eights = series(settlements(24), PERPS);
    expect([...(eights?.carry ?? [])]).toEqual([-20_000_000, -20_000_000, -20_000_000]);
    expect(eights?.endAt[0]).toBe(START + 8 * HOUR_MS);
    const hours = series(settlements(24), PERPS, 1);
    expect(hours?.carry.slice(6, 9)).toEqual(Float64Array.from([1e7, -9e7, 1e7]));
    expect([...(hours?.stamps?.second.hours ?? [])]).toEqual(Array(24).fill(8));
    expect(hours?.stamps?.second.nextAt.slice(6, 8)).toEqual(
      Float64Array.from([START + 8 * HOUR_MS, START + 16 * HOUR_MS]),
    );
    expect(hours?.prices?.reference[3]?.toFixed()).toBe("60004");
  });

  test("leaves out a bucket that is not covered, and rows without an interval", () => {
    const rows = settlements(24).filter((row) => !row.startsWith(`${START + 11 * HOUR_MS + 55},`));
    expect(series(rows, PERPS)?.carry.length).toBe(2);
    expect(series(rows, PERPS)?.gaps).toBe(1);
    const unknown = settlements(24).map((row) => row.replace(/8\.0,60008$/, ",60008"));
    expect(read(unknown).leftOut).toBe("rows without an interval: 1");
    expect(series(unknown, PERPS)?.carry.length).toBe(2);
  });

  test("tells the last settled spread from the one that settles next", () => {
    const rows = settlements(24).map((row) => row.replace("0.0001,8.0,60016", "0.0005,8.0,60016"));
    const hours = series(rows, PERPS, 1);
    expect([hours?.settled8h[8], hours?.upcoming8h?.[8]]).toEqual([-20_000_000, -420_000_000]);
    expect([hours?.settled8h[15], hours?.upcoming8h?.[15]]).toEqual([-420_000_000, -20_000_000]);
  });

  test.each([
    [`${START},binance,BTC,USDT,0.0001,3.0,`, '"3.0" is not an interval'],
    ["soon,binance,BTC,USDT,0.0001,8.0,", '"soon" is not a time'],
    [`${START},,BTC,USDT,0.0001,8.0,`, "no venue or no asset"],
    [`${START},binance,BTC,USDT,0.0001,8.0,-1`, '"-1" is not a price'],
    [`${START},binance,BTC,USDT,,8.0,1`, '"" is not a rate'],
  ])("refuses %p in one line", (row, words) => {
    expect(() => read([FUNDING, row])).toThrow(`f.csv, line 2: ${words}`);
  });

  test("refuses a second row of one hour", () => {
    const row = `${START + 3},binance,BTC,USDT,0.0001,8.0,`;
    expect(() => read([FUNDING, row, row])).toThrow("line 3: binance BTC is not in time order");
  });
});

describe("a recording of spot and perp", () => {
  const bar = (time: string, contract: string, rest: string) =>
    `${time},binance,bitcoin,${contract === "spot" ? "BTC/USDT" : "BTCUSDT"},${contract},${rest}`;
  const rows = [
    ...[BARS, bar("2023-03-26 00:00:00", "spot", "10,0,0,11,0,")],
    bar("2023-03-26 00:00:00", "perpetual", "12,0,0,13,0,0.0001"),
    bar("2023-03-26 09:00:00", "spot", "11,0,0,14,0,"),
    bar("2023-03-26 09:00:00", "perpetual", "13,0,0,15,0,-2e-05"),
    "2023-03-26 09:00:00,binance,bitcoin,BTCUSDCM,perpetual,1,1,1,1,1,0.0001",
  ];

  test("pairs the bars of one venue in UTC, across the night that summer time begins", () => {
    const found = series(rows, SPOT);
    expect([...(found?.endAt ?? [])]).toEqual([
      Date.UTC(2023, 2, 26),
      Date.UTC(2023, 2, 26) + 8 * HOUR_MS,
    ]);
    expect([found?.gaps, found?.prices?.second[1]?.toFixed()]).toEqual([0, "14"]);
    expect(read(rows).leftOut).toBe("coin-margined bars: 1");
  });

  test("refuses venues across, because they are not in step", () => {
    expect(() => series(rows, { ...SPOT, second: { venue: "okx", kind: "perp" } })).toThrow(
      "can only be used inside one: --spot binance",
    );
  });

  test.each([
    [bar("2023-07-01 08:00:00", "spot", "1,1,1,1,1,"), "is not an 8-hour bar's time in London"],
    [bar("2023-13-01 08:00:00", "spot", "1,1,1,1,1,"), "is not an 8-hour bar's time in London"],
    [bar("2023-01-01 08:00:00", "spot", ",1,1,1,1,"), "a price is missing"],
    [bar("2023-01-01 08:00:00", "perpetual", "1,1,1,1,1,"), '"" is not a rate'],
    [bar("2023-01-01 08:00:00", "future", "1,1,1,1,1,0"), 'unknown contract "future"'],
  ])("refuses %p in one line", (row, words) => {
    expect(() => read([BARS, row])).toThrow(words);
  });
});

test("London's wall clock is read on the bars' grid, summer and winter", () => {
  const utc = (text: string) => {
    const at = londonToUtc(text, 8 * HOUR_MS);
    return at === null ? null : new Date(at).toISOString().slice(0, 13);
  };
  expect([
    utc("2023-10-28 17:00:00"),
    utc("2023-10-29 01:00:00"),
    utc("2023-10-29 08:00:00"),
    utc("2024-03-31 00:00:00"),
    utc("2024-03-31 01:00:00"),
  ]).toEqual(["2023-10-28T16", "2023-10-29T00", "2023-10-29T08", "2024-03-31T00", null]);
});

test("an unknown first line is refused with those that are known", () => {
  expect(() => read(["a,b,c", "1,2,3"])).toThrow('f.csv: its first line is none of "coin,');
});

test("rates keep every decimal that a year's sum has room for, and round half to even beyond", () => {
  const column = new RateColumn();
  for (const text of ["0.0123456789012345", "-5e-17", "1.5e-16", "0"]) column.push(text);
  expect(commonPlaces([column])).toBe(16);
  const { units, rounded } = column.units(16);
  expect([...units].map((value) => value + 0)).toEqual([123456789012345, 0, 2, 0]);
  expect(rounded).toBe(2);
});
