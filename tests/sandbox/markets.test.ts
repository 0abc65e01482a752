import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperatorError } from "#src/core/errors.ts";
import { DAY_MS, HOUR_MS } from "#src/core/funding.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import { loadReplayMarket } from "#src/sandbox/replay-market.ts";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";

const DATA = "../shared/data/funding-2025-08_2026-08.csv.gz";
const hasData = existsSync(DATA);
if (!hasData) process.stdout.write(`skipped: no recorded year at ${DATA}\n`);

function symbolOf(feed: MarketFeed, venue: string, asset: string): string {
  return feed.instruments(venue).find((one) => one.asset === asset)?.symbol ?? "";
}

/** Sums of 8 hours in basis points, one a bucket. */
function buckets(
  feed: MarketFeed,
  venue: string,
  asset: string,
  from: number,
  days: number,
): number[] {
  const sums = new Array<number>(days * 3).fill(0);
  for (const one of feed.settlements(
    venue,
    from,
    from + days * DAY_MS,
    symbolOf(feed, venue, asset),
  )) {
    const index = Math.ceil((one.fundingAt - from) / (8 * HOUR_MS)) - 1;
    sums[index] = (sums[index] ?? 0) + Number(one.rate.toFixed()) * 10_000;
  }
  return sums;
}

function statistics(values: readonly number[]) {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  const centred = values.map((value) => value - mean);
  const power = centred.reduce((total, value) => total + value * value, 0);
  const lagged = centred
    .slice(1)
    .reduce((total, value, index) => total + value * (centred[index] ?? 0), 0);
  return { mean, sd: Math.sqrt(power / values.length), rho: lagged / power };
}

describe("the synthetic market", () => {
  const feed = createSyntheticMarket({ seed: 1 });

  test("has the venues, intervals, lots and symbols that make trouble", () => {
    const all = feed.venues
      .flatMap((venue) => feed.instruments(venue))
      .filter((one) => one.kind === "perp");
    const intervals = new Set(
      all.map((one) => feed.upcomingRate(one.venue, one.symbol, feed.startAt).intervalHours),
    );
    expect(feed.venues.length).toBeGreaterThanOrEqual(4);
    expect(new Set(all.map((one) => one.asset)).size).toBeGreaterThanOrEqual(10);
    expect([...intervals].sort()).toEqual(["1", "4", "8"]);
    expect(all.some((one) => one.contractSizeBase.toFixed() === "0.01")).toBe(true);
    expect(
      all
        .filter((one) => one.asset === "PEPE")
        .map((one) => one.symbol)
        .sort(),
    ).toEqual(["1000PEPEUSDT", "1000PEPEUSDT", "PEPE-USDT-SWAP", "kPEPE"]);
  });

  test.each([
    ["BTC", 0.251, 0.605, 0.558],
    ["ETH", 0.354, 0.6, 0.475],
    ["SOL", 0.162, 0.9, 0.382],
    ["LINK", 0.482, 0.8, 0.186],
  ])(
    "gives %s spreads the measured mean, deviation and autocorrelation",
    (asset, mean, sd, rho) => {
      const from = feed.startAt - (feed.startAt % DAY_MS);
      const days = 700;
      const a = buckets(feed, "hyperliquid-sim", asset, from, days);
      const b = buckets(feed, "binance-sim", asset, from, days);
      const found = statistics(a.map((value, index) => value - (b[index] ?? 0)));
      expect(Math.abs(found.mean - mean)).toBeLessThan(0.15);
      expect(Math.abs(found.sd - sd)).toBeLessThan(0.12);
      expect(Math.abs(found.rho - rho)).toBeLessThan(0.12);
    },
  );

  test("is the same for the same seed, whatever was asked before, and another for another", () => {
    const at = feed.startAt + 20 * DAY_MS;
    const mark = (seed: number) =>
      createSyntheticMarket({ seed }).mark("okx-sim", "BTC-USDT-SWAP", at).toFixed();
    expect(mark(1)).toBe(feed.mark("okx-sim", "BTC-USDT-SWAP", at).toFixed());
    expect(mark(2)).not.toBe(mark(1));
  });

  test("keeps venues' prices near each other and books uncrossed", () => {
    for (let hour = 0; hour < 48; hour += 1) {
      const at = feed.startAt + hour * HOUR_MS;
      const marks = feed.venues.map((venue) =>
        Number(feed.mark(venue, symbolOf(feed, venue, "BTC"), at).toFixed()),
      );
      expect(Math.max(...marks) / Math.min(...marks)).toBeLessThan(1.005);
      for (const venue of feed.venues) {
        const { bids, asks } = feed.book(venue, symbolOf(feed, venue, "BTC"), at);
        expect(bids[0]?.price.lt(asks[0]?.price ?? "0")).toBe(true);
      }
    }
  });
});

describe("the recorded year", () => {
  test.if(hasData)("plays back the file's own rates, intervals and marks", async () => {
    const feed = await loadReplayMarket(DATA);
    const onAll = feed
      .instruments("hyperliquid-sim")
      .filter(({ asset }) => feed.venues.every((venue) => symbolOf(feed, venue, asset) !== ""));
    expect(onAll).toHaveLength(18);
    const year = feed.settlements(
      "binance-sim",
      0,
      feed.endAt,
      symbolOf(feed, "binance-sim", "BTC"),
    );
    const total = year.reduce((sum, one) => sum + Number(one.rate.toFixed()), 0);
    expect((total * 100).toFixed(2)).toBe("3.31");
  });

  test.each([
    ["a missing file", null, "there is no such file"],
    ["another table", "a,b,c\n1,2,3\n", "the first line must be"],
    ["an empty table", "ts,venue,base,quote,rate,ih,mark\n", "no rows"],
    [
      "a broken row",
      "ts,venue,base,quote,rate,ih,mark\nx,binance,BTC,USDT,0.1,8,1\n",
      "line 2: not a funding row",
    ],
    ["a broken archive", "\u001f\u008bgarbage", "must be"],
  ])("%s is one clear line", async (_what, content, says) => {
    const folder = mkdtempSync(join(tmpdir(), "hedgerow-replay-"));
    const path = join(folder, "year.csv");
    if (content !== null) writeFileSync(path, content);

    const error = await loadReplayMarket(path).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(OperatorError);
    expect(String(error)).toContain(says);
    expect(String(error)).not.toContain("\n");
    rmSync(folder, { recursive: true, force: true });
  });
});
