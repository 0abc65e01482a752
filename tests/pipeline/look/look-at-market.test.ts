import { describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { price } from "#src/core/units.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import { composeForTest } from "#tests/support/compose-for-test.ts";
import { createJumpingClock } from "#tests/support/fake-clock.ts";
import { type FakeListing, FakeMarketData } from "#tests/support/fake-market-data.ts";
import { createWatchedRig } from "#tests/support/watched-rig.ts";

const VENUES = ["alpha", "beta", "gamma", "delta"];
const COUNT = 300;

/** Hundreds of assets on every venue; the higher its number, the more an asset's spread pays. */
function listings(venueIndex: number): readonly FakeListing[] {
  return Array.from({ length: COUNT }, (_, at) => ({
    instrument: { symbol: `A${at}USDT`, asset: `A${at}`, priceTick: price("0.01") },
    price: "100",
    depth: "1000",
    rate: dec("0.000001")
      .times(String(at))
      .times(String(venueIndex - 1))
      .toFixed(),
  }));
}

function rig(over: (data: ReadonlyMap<string, FakeMarketData>) => void = () => undefined) {
  const clock = createJumpingClock();
  const data = new Map(
    VENUES.map((id, index) => [id, new FakeMarketData(clock, id, listings(index))]),
  );
  over(data);
  const pipeline = composeForTest({ clock, data });
  return { clock, data, pipeline };
}

function asked(data: ReadonlyMap<string, FakeMarketData>, call: "orderBook" | "fundingHistory") {
  return [...data.values()].reduce((total, one) => total + one.countOf(call), 0);
}

describe("looking at a market of thousands of instruments", () => {
  test("asks for books and histories of the best two dozen assets only, a few at once", async () => {
    const { data, pipeline } = rig();

    const { opportunities } = await pipeline.opportunities();

    expect(opportunities.length).toBe(24);
    expect(opportunities.map((one) => one.asset)).toContain(`A${COUNT - 1}`);
    expect(asked(data, "orderBook")).toBe(24 * 4);
    expect(asked(data, "fundingHistory")).toBe(24 * 4);
    for (const one of data.values()) expect(one.most).toBeLessThanOrEqual(2 * 4);
  });

  test("does not ask for the same history again within the hour, and does after it", async () => {
    const { clock, data, pipeline } = rig();
    await pipeline.opportunities();
    await pipeline.scan();
    expect(asked(data, "fundingHistory")).toBe(24 * 4);

    clock.jump(HOUR_MS);
    await pipeline.scan();
    expect(asked(data, "fundingHistory")).toBe(2 * 24 * 4);
  });

  test("answers for an asset that is not among the best", async () => {
    const { data, pipeline } = rig();

    const { opportunities } = await pipeline.opportunities("a7");
    const { assets } = await pipeline.rates("a7");

    expect(opportunities.map((one) => one.asset)).toEqual(["A7"]);
    expect(assets.map((one) => [one.asset, one.venues.length])).toEqual([["A7", 4]]);
    expect(asked(data, "orderBook")).toBe(4);
  });

  test("enters nothing whose payments come at other intervals than its venue says", async () => {
    const { pipeline, alpha, clock } = await createWatchedRig();
    const { fundingRates } = alpha.data;
    const reasonAt = async (intervalText: string) => {
      Object.assign(alpha.data, {
        fundingRates: async () => (await fundingRates()).map((one) => ({ ...one, intervalText })),
      });
      clock.jump(60_000);
      const { opportunities } = await pipeline.opportunities("BTC");
      return opportunities.map(({ reason }) => reason);
    };
    expect(await reasonAt("4h")).toEqual(["INTERVAL_UNSURE"]);
    expect(await reasonAt("1h")).toEqual([null]);
  });

  test("says why it did not judge the others", async () => {
    const { pipeline } = rig();
    await pipeline.scan();

    expect(outcomes(pipeline, "A7")).toEqual(["NOT_AMONG_BEST"]);
    expect(outcomes(pipeline, `A${COUNT - 1}`)).not.toContain("NOT_AMONG_BEST");
  });

  test("a leg whose book fails is left out with a reason, and others take its place", async () => {
    const top = `A${COUNT - 1}`;
    const { pipeline } = rig((data) => {
      const delta = data.get("delta");
      if (delta) delta.failingSymbols = new Set([`${top}USDT`]);
    });

    const best = (await pipeline.opportunities(top)).opportunities[0];

    expect([best?.shortVenue, best?.longVenue]).toEqual(["gamma", "alpha"]);
  });

  test("a venue that fails again and again is not asked about the rest", async () => {
    const { data, pipeline } = rig((all) => {
      const delta = all.get("delta");
      if (delta) delta.failing = new Set(["orderBook"]);
    });

    const { opportunities } = await pipeline.opportunities();

    expect(data.get("delta")?.countOf("orderBook")).toBeLessThan(12);
    expect(opportunities.length).toBe(24);
    expect(opportunities.every((one) => one.shortVenue !== "delta")).toBe(true);
  });

  test("a venue that asks us to be slower is waited for, the best assets first", async () => {
    const { data, pipeline } = rig((all) => {
      const delta = all.get("delta");
      if (delta) delta.busyMs = 3_000;
    });

    const { opportunities } = await pipeline.opportunities();

    const judged = opportunities.filter((one) => one.shortVenue === "delta");
    expect(judged.map((one) => one.asset)).toContain(`A${COUNT - 1}`);
    expect(judged.length).toBeGreaterThan(5);
    expect(opportunities.length).toBe(24);
    expect(data.get("delta")?.countOf("orderBook")).toBeLessThan(60);
  });

  test("with only one venue answering for an asset, the silence is the reason", async () => {
    const { pipeline } = rig((all) => {
      for (const id of ["beta", "gamma", "delta"]) {
        const venue = all.get(id);
        if (venue) venue.failing = new Set(["orderBook"]);
      }
    });

    const { opportunities, dropped } = await pipeline.opportunities("A299");

    expect(opportunities).toEqual([]);
    expect(dropped).toEqual([{ asset: "A299", reason: "VENUE_SILENT" }]);
    expect(await pipeline.proposeOpen({ asset: "A299" }, "owner")).toEqual({
      kind: "unavailable",
      reason: "VENUE_DOWN",
    });
  });

  test("of two instruments of one asset on a venue the one that can be traded makes the pair", async () => {
    const { pipeline } = rig((all) => {
      all.get("alpha")?.list({
        instrument: { symbol: "A299USDC", asset: "A299", settleCurrency: "USDC" },
        ...{ price: "100", depth: "0.01", rate: "-0.001" },
      });
    });

    const best = (await pipeline.opportunities("A299")).opportunities[0];

    expect([best?.shortVenue, best?.longVenue, best?.worthwhile]).toEqual(["delta", "alpha", true]);
  });

  test("a status asks nothing about rates that were read a moment ago", async () => {
    const { data, pipeline } = rig();
    await pipeline.rates();
    await Promise.all([pipeline.status(), pipeline.status(), pipeline.performance()]);

    expect(data.get("alpha")?.countOf("fundingRates")).toBe(1);
  });

  test("a general question about rates shows the best of the hundreds, as much as a model may read", async () => {
    const { pipeline } = rig();
    const view = await pipeline.rates();
    expect(view.assets.map((one) => one.asset).sort()[0]).toBe("A292");
    expect(view.assets.length).toBe(8);
    expect(JSON.stringify(view).length).toBeLessThan(24_000);
  });
});

function outcomes(pipeline: Pipeline, asset: string): readonly string[] {
  return pipeline.explain(asset).map((one) => one.outcome);
}
