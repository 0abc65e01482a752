import { describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { rate } from "#src/core/units.ts";
import type { Venue } from "#src/ports/venue.ts";
import { collectRates } from "#src/rates/collect-rates.ts";
import { collectSnapshot } from "#src/rates/collect-snapshot.ts";
import { createTrailingRates } from "#src/rates/trailing-rates.ts";
import { createTradingRig } from "#tests/support/trading-rig.ts";

function withRates(
  venue: Venue,
  change: (text: string) => { readonly intervalText: string | null; readonly value?: string },
): Venue {
  return {
    ...venue,
    data: {
      ...venue.data,
      fundingRates: async () =>
        (await venue.data.fundingRates()).map((raw) => {
          const { intervalText, value } = change(raw.symbol);
          return { ...raw, intervalText, ...(value ? { rate: rate(value) } : {}) };
        }),
    },
  };
}

function down(venue: Venue): Venue {
  return {
    ...venue,
    data: { ...venue.data, fundingRates: () => Promise.reject(new Error("503")) },
  };
}

describe("collecting rates", () => {
  test("a venue that fails is down and does not hide the others", async () => {
    const { alpha, beta, clock } = createTradingRig();
    const venues = new Map<string, Venue>([
      ["alpha", down(alpha)],
      ["beta", beta],
    ]);

    const { rates, down: silent } = await collectRates({ venues, clock });

    expect(silent).toEqual(["alpha"]);
    expect(rates.map((one) => one.venue)).toEqual(["beta"]);
  });

  test.each([
    ["INTERVAL_UNKNOWN", { intervalText: "0h" }],
    ["INTERVAL_UNKNOWN", { intervalText: null }],
    ["RATE_IMPLAUSIBLE", { intervalText: "8h", value: "0.05" }],
    // Q16: a venue once reported 284,000 bp.
    ["RATE_IMPLAUSIBLE", { intervalText: "8h", value: "28.4" }],
    ["RATE_IMPLAUSIBLE", { intervalText: "8h", value: "-28.4" }],
  ])("a sample is refused with %s, and says so", async (reason, change) => {
    const { alpha, clock } = createTradingRig();
    const venues = new Map([["alpha", withRates(alpha, () => change)]]);

    const { rates, refused } = await collectRates({ venues, clock });

    expect(rates).toEqual([]);
    expect(refused).toEqual([{ venue: "alpha", symbol: "BTC-PERP", reason }]);
  });

  test("no snapshot is taken on half a picture", async () => {
    const { alpha, beta, clock } = createTradingRig();
    const take = (first: Venue) =>
      collectSnapshot({
        venues: new Map<string, Venue>([
          ["alpha", first],
          ["beta", beta],
        ]),
        legs: [
          { venue: "alpha", symbol: "BTC-PERP" },
          { venue: "beta", symbol: "BTC-PERP" },
        ],
        hedgedAssets: [],
        entryStops: [],
        reservedUsd: new Map(),
        leverage: dec("3"),
        clock,
      });

    await expect(take(down(alpha))).rejects.toThrow("503");
    await expect(take(withRates(alpha, () => ({ intervalText: "?" })))).rejects.toThrow(
      "INTERVAL_UNKNOWN",
    );
    expect((await take(alpha)).legs).toHaveLength(2);
  });
});

test("a trailing mean is by the hour, and unknown when history is too short", async () => {
  const { alpha, clock } = createTradingRig();
  const venues = new Map([["alpha", alpha]]);
  const mean = createTrailingRates({ venues, clock, lookbackMs: 48 * HOUR_MS });
  expect((await mean.meanPerHour("alpha", "BTC-PERP"))?.toFixed()).toBe("0.0001");
  expect(await mean.meanPerHour("nobody", "BTC-PERP")).toBeNull();
});
