import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperatorError } from "#src/core/errors.ts";
import { DAY_MS, HOUR_MS } from "#src/core/funding.ts";
import type { FeedSettlement } from "#src/ports/market-feed.ts";
import { loadReplayMarket } from "#src/sandbox/replay-market.ts";
import { createPaperVenue } from "#src/venues/paper/paper-venue.ts";
import { asNumber } from "#tests/support/as-number.ts";
import { createFakeClock } from "#tests/support/fake-clock.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";

const HEADER = "ts,venue,base,quote,rate,ih,mark";
const YEAR = "../shared/data/funding-2025-08_2026-08.csv.gz";
const SUMS = "../shared/data/spread-8h-2025-08_2026-08.csv";
const START = Date.UTC(2026, 0, 1);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hedgerow-replay-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Twenty days on two venues; stamps of the hourly one come some milliseconds late. */
function twentyDays(): string {
  const rows = [HEADER];
  for (let hour = 0; hour <= 480; hour += 1) {
    const at = START + hour * HOUR_MS;
    rows.push(`${at + 55},hyperliquid,BTC,USDC,1.25e-05,1.0,`);
    if (hour % 8 === 0) rows.push(`${at},binance,BTC,USDT,0.0001,8.0,${60_000 + hour}`);
  }
  return rows.join("\n");
}

async function file(content: string | Uint8Array): Promise<string> {
  const path = join(folder, `${crypto.randomUUID()}.csv`);
  await Bun.write(path, content);
  return path;
}

describe("a replayed file", () => {
  test("starts when fourteen days of history are there, and ends with its last row", async () => {
    const feed = await loadReplayMarket(await file(Bun.gzipSync(twentyDays())));
    expect(feed.startAt - START).toBeGreaterThanOrEqual(14 * DAY_MS);
    expect(feed.endAt).toBe(START + 480 * HOUR_MS);
    expect(feed.settlements("binance-sim", feed.endAt, feed.endAt + 30 * DAY_MS)).toEqual([]);
  });

  test("floors late stamps to the hour and keeps each rate's own interval", async () => {
    const feed = await loadReplayMarket(await file(twentyDays()));
    const [first] = feed.settlements("hyperliquid-sim", START, START + 2 * HOUR_MS, "BTC");
    expect(first?.fundingAt).toBe(START + HOUR_MS);
    expect([first?.rate.toFixed(), first?.intervalHours]).toEqual(["0.0000125", "1"]);
    const coming = feed.upcomingRate("binance-sim", "BTCUSDT", START + HOUR_MS);
    expect([coming.fundingAt, coming.intervalHours]).toEqual([START + 8 * HOUR_MS, "8"]);
  });

  test("has no closes from before its first mark", async () => {
    const feed = await loadReplayMarket(await file(twentyDays()));
    const clock = createFakeClock(START + 3 * HOUR_MS + 5);
    const records = createMemoryRecords();
    const venue = createPaperVenue({
      ...{ id: "binance-sim", feed, clock, records, startingCashUsd: "100" },
    });
    const closes = await venue.data.hourlyCloses("BTCUSDT", 10);
    expect(closes.map((close) => close.toFixed())).toEqual(["60000", "60001", "60002", "60003"]);
  });

  test("has the recorded marks at their stamps, a line between them, and the other venue close by", async () => {
    const feed = await loadReplayMarket(await file(twentyDays()));
    expect(feed.mark("binance-sim", "BTCUSDT", START + 8 * HOUR_MS).toFixed()).toBe("60008");
    expect(feed.mark("binance-sim", "BTCUSDT", START + 10 * HOUR_MS).toFixed()).toBe("60010");
    const beside = asNumber(feed.mark("hyperliquid-sim", "BTC", START + 8 * HOUR_MS));
    expect(Math.abs(beside / 60_008 - 1)).toBeLessThan(0.002);
  });

  test("leaves out a row whose interval is unknown instead of guessing it", async () => {
    const text = twentyDays().replace("1.25e-05,1.0,", "0.5,,");
    const feed = await loadReplayMarket(await file(text));
    const rates = feed.settlements("hyperliquid-sim", START - 1, feed.endAt).map((one) => one.rate);
    expect(rates).toHaveLength(480);
    expect(rates.some((rate) => rate.eq("0.5"))).toBe(false);
  });
});

describe("a file that cannot be replayed is refused in one line that names it", () => {
  const row = `${START},binance,BTC,USDT,0.0001,8.0,60000`;

  test.each([
    ["is empty", ""],
    ["the first line must be", `time,venue\n${row}`],
    ["no rows", HEADER],
    ["line 2: not a funding row", `${HEADER}\n${row.replace("0.0001", "many")}`],
    ["line 2: not a funding row", `${HEADER}\nyesterday,binance,BTC,USDT,0.0001,8.0,`],
    ["line 3: rows are not in time order", `${HEADER}\n${row}\n${row}`],
    ["unknown venue", `${HEADER}\n${row.replace("binance", "mtgox")}`],
    ["fewer than two venues", `${HEADER}\n${row}`],
    ["cannot be read or unpacked", new Uint8Array([0x1f, 0x8b, 1, 2, 3, 4, 5, 6])],
  ] as const)("%s", async (says, content) => {
    const path = await file(content);
    const error = await loadReplayMarket(path).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(OperatorError);
    const text = error instanceof Error ? error.message : "";
    expect(text).toContain(says);
    expect(text).toContain(path);
    expect(text).not.toContain("\n");
  });

  test("a year that was cut off half way is not unpacked in part", async () => {
    const whole = Bun.gzipSync(twentyDays());
    const cut = loadReplayMarket(await file(whole.slice(0, whole.length / 2)));
    await expect(cut).rejects.toThrow("cannot be read or unpacked");
  });

  test("a file that is not there, a folder", async () => {
    await expect(loadReplayMarket(join(folder, "none.csv.gz"))).rejects.toThrow("no such file");
    await expect(loadReplayMarket(folder)).rejects.toBeInstanceOf(OperatorError);
  });
});

/** Rates added up per 8-hour bucket, by the bucket's end. */
function sumsByBucket(settled: readonly FeedSettlement[]): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const { fundingAt, rate } of settled) {
    const end = Math.ceil(fundingAt / (8 * HOUR_MS)) * 8 * HOUR_MS;
    sums.set(end, (sums.get(end) ?? 0) + asNumber(rate));
  }
  return sums;
}

const recorded = existsSync(YEAR) && existsSync(SUMS);
if (!recorded) process.stdout.write("the recorded year is not here: its replay is not tested\n");

describe.skipIf(!recorded)("the recorded year", () => {
  test("is replayed row by row: rates, intervals and marks as they stand in the file", async () => {
    const feed = await loadReplayMarket(YEAR);
    const bytes = await Bun.file(YEAR).bytes();
    const rows = new TextDecoder().decode(Bun.gunzipSync(bytes)).trim().split("\n").slice(1);
    const wanted = rows
      .map((row) => row.split(","))
      .filter(([, venue, base]) => venue === "binance" && ["BTC", "TIA"].includes(base ?? ""));
    for (const base of ["BTC", "TIA"]) {
      const mine = wanted.filter((row) => row[2] === base);
      const settled = feed.settlements("binance-sim", 0, feed.endAt, `${base}USDT`);
      expect(settled.map((one) => [one.fundingAt, asNumber(one.rate), one.intervalHours])).toEqual(
        mine.map(([ts, , , , rate, ih]) => [
          Math.floor(Number(ts) / HOUR_MS) * HOUR_MS,
          Number(rate),
          String(Number(ih)),
        ]),
      );
      for (const [index, one] of settled.entries()) {
        const mark = Number(mine[index]?.[6]);
        if (mark > 0) expect(Math.abs(asNumber(one.refPrice) / mark - 1)).toBeLessThan(1e-4);
      }
    }
  });

  test("adds up to the published 8-hour sums, bucket by bucket, on every coin and venue", async () => {
    const feed = await loadReplayMarket(YEAR);
    const rows = (await Bun.file(SUMS).text()).trim().split("\n").slice(1);
    const wanted = rows.map((row) => row.split(","));
    const coins = new Set(wanted.map(([coin = ""]) => coin));
    expect(coins.size).toBeGreaterThan(15);
    for (const coin of coins) {
      for (const [column, venue, symbol] of [
        [2, "hyperliquid-sim", coin],
        [3, "binance-sim", `${coin}USDT`],
        [4, "bybit-sim", `${coin}USDT`],
      ] as const) {
        const sums = sumsByBucket(feed.settlements(venue, 0, feed.endAt, symbol));
        const off = wanted.filter(
          ([name, end = "", ...rest]) =>
            name === coin &&
            Math.abs((sums.get(Date.parse(end)) ?? 0) - Number(rest[column - 2])) > 1e-9,
        );
        expect(off).toEqual([]);
      }
    }
  });

  test("can be traded with a hundred dollars on every listing", async () => {
    const feed = await loadReplayMarket(YEAR);
    for (const venue of feed.venues) {
      for (const { symbol, lotStepBase } of feed.instruments(venue)) {
        for (const at of [feed.startAt, feed.startAt + 180 * DAY_MS, feed.endAt]) {
          const lot = lotStepBase.times(feed.mark(venue, symbol, at));
          expect(`${symbol} ${lot.lt("100")}`).toBe(`${symbol} true`);
        }
      }
    }
  });
});
