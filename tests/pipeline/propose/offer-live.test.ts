import { describe, expect, test } from "bun:test";
import { loadSettings } from "#config/load.ts";
import type { Settings } from "#config/schema.ts";
import { liveConfirmation, rehearsedMs } from "#src/approvals/rehearsal.ts";
import { dec } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { usd } from "#src/core/units.ts";
import { composePipeline } from "#src/main/compose-pipeline.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Store } from "#src/ports/store.ts";
import type { VenueHealth } from "#src/ports/venue.ts";
import type { Mode } from "#src/reports/views.ts";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createPaperVenue } from "#src/venues/paper/paper-venue.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";

const VENUES = ["binance", "bybit"] as const;
const ROUND_MS = 5_000;
const market = createSyntheticMarket({ seed: 7 });
const feed = {
  ...market,
  instruments: (venue: string) => market.instruments(`${venue}-sim`),
};

/** A clock whose hands and whose running are moved apart. */
function handClock() {
  const at = { wall: Date.UTC(2026, 1, 2), elapsed: 1_000 };
  const clock: Clock = {
    wallNow: () => at.wall,
    marketNow: () => at.wall,
    elapsedMs: () => at.elapsed,
    later: () => () => undefined,
    sleep: () => Promise.resolve(),
  };
  return { at, clock };
}

function openRehearsal(options: { readonly mode?: Mode; readonly minHours?: number } = {}) {
  const { at, clock } = handClock();
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  store.transaction(() => {
    store.setFact("ownerId", "1");
    store.setFact("chatId", "1");
  });
  const health = new Map<string, VenueHealth>();
  const { settings: read, secrets } = loadSettings("operator");
  const records = createMemoryRecords();
  const parts = { feed, records, clock, startingCashUsd: "1000", leverage: dec("3") };
  const venues = new Map(
    VENUES.map((id) => {
      const venue = createPaperVenue({ ...parts, id });
      const now = (): VenueHealth => health.get(id) ?? { state: "ok", reason: null };
      return [id, { ...venue, health: now }];
    }),
  );
  const settings: Settings = {
    ...read,
    venues: { ...read.venues, use: [...VENUES] },
    paper: { ...read.paper, minHours: options.minHours ?? 2 },
  };
  async function start(change: Partial<Settings["limits"]> = {}) {
    const pipeline = composePipeline({
      ...{ mode: options.mode ?? "paper", venues, store, clock, secrets, log: silentLogger },
      settings: { ...settings, limits: { ...settings.limits, ...change } },
      shout: () => undefined,
    });
    await pipeline.recover();
    return pipeline;
  }
  return { at, store, start, health };
}

type Rehearsal = ReturnType<typeof openRehearsal>;
type Running = Awaited<ReturnType<Rehearsal["start"]>>;

/** The watch's rounds, one every five seconds, as long as the process runs. */
async function run({ at }: Rehearsal, pipeline: Running, ms: number) {
  for (let done = 0; done <= ms; done += ROUND_MS) {
    await pipeline.tend();
    at.wall += ROUND_MS;
    at.elapsed += ROUND_MS;
  }
}

/** As if it had run so long. */
function grantHours(store: Store, hours: number) {
  store.transaction(() => {
    for (const venue of VENUES) store.setFact(`rehearsedMs:${venue}`, String(hours * HOUR_MS));
  });
}

/** The newest card's button. */
function newestTap(store: Store) {
  const approvals = store.listApprovals({ subjectId: "live-mode" });
  const nonce = approvals.at(-1)?.nonce ?? "none";
  return { nonce, userId: 1, chatId: 1, messageId: 7 };
}

async function readyToTap(options: Parameters<typeof openRehearsal>[0] = {}) {
  const rehearsal = openRehearsal(options);
  grantHours(rehearsal.store, 2);
  const pipeline = await rehearsal.start();
  expect(pipeline.offerLive()).toBe(true);
  return { ...rehearsal, pipeline, tap: newestTap(rehearsal.store) };
}

describe("hours of rehearsal", () => {
  test("are those in which the process ran, and a restart keeps them", async () => {
    const rehearsal = openRehearsal();
    await run(rehearsal, await rehearsal.start(), 600_000);
    rehearsal.at.wall += 5 * HOUR_MS;
    rehearsal.at.elapsed += 5 * HOUR_MS;
    const again = await rehearsal.start();
    await run(rehearsal, again, 600_000);

    const { state, rehearsedMinutes } = await again.live();
    expect({ state, rehearsedMinutes }).toEqual({ state: "rehearsing", rehearsedMinutes: 20 });
    expect(again.offerLive()).toBe(false);
  });

  test("do not come from a wall clock that is set forward, nor from a machine that slept", async () => {
    const rehearsal = openRehearsal();
    const pipeline = await rehearsal.start();
    for (let round = 0; round < 13; round += 1) {
      rehearsal.at.wall += 100 * HOUR_MS;
      rehearsal.at.elapsed += ROUND_MS;
      await pipeline.tend();
    }
    expect((await pipeline.live()).rehearsedMinutes).toBe(1);

    rehearsal.at.elapsed += 100 * HOUR_MS;
    await pipeline.tend();
    await run(rehearsal, pipeline, 120_000);
    expect((await pipeline.live()).rehearsedMinutes).toBeLessThan(4);
  });

  test("count a venue by venue while it answers, and the least decides", async () => {
    const rehearsal = openRehearsal();
    const pipeline = await rehearsal.start();
    await run(rehearsal, pipeline, 300_000);
    rehearsal.health.set("bybit", { state: "down", reason: "it does not answer" });
    await run(rehearsal, pipeline, 300_000);

    const { venues, rehearsedMinutes } = await pipeline.live();
    expect(venues.map((one) => one.rehearsedMinutes)).toEqual([10, 5]);
    expect(rehearsedMinutes).toBe(5);
  });

  test("stand still while trading is halted, and in the demo", async () => {
    const halted = openRehearsal();
    const pipeline = await halted.start();
    pipeline.halt("test");
    await run(halted, pipeline, 300_000);
    const demo = openRehearsal({ mode: "demo" });
    const played = await demo.start();
    await run(demo, played, 300_000);

    expect([halted.store, demo.store].map((store) => rehearsedMs(store, "binance"))).toEqual([
      0, 0,
    ]);
    expect([played.offerLive(), (await played.live()).state]).toEqual([false, "demo"]);
  });
});

test("what came of a rehearsal tells its worst drawdown, without what was paid in", async () => {
  const { store, start } = openRehearsal();
  store.transaction(() => {
    const points = [
      ["1000", "0"],
      ["900", "0"],
      ["1900", "1000"],
    ] as const;
    for (const [hour, [equity, flow]] of points.entries()) {
      const at = Date.UTC(2026, 1, 1, hour);
      store.saveEquityPoint({ at, equityUsd: usd(equity), flowsUsd: usd(flow) });
    }
  });
  expect((await (await start()).live()).results.worstDrawdown).toBe("0.1");
});

describe("the tap for live mode", () => {
  test("confirms the limits and venues of the card, once", async () => {
    const { store, pipeline, tap } = await readyToTap();
    expect((await pipeline.approve(tap)).kind).toBe("confirmed");
    expect((await pipeline.approve(tap)).kind).toBe("alreadyUsed");

    const confirmed = liveConfirmation(store);
    expect(confirmed?.bounds.venues).toEqual([...VENUES]);
    expect(confirmed?.bounds.hardCapUsd.toFixed()).toBe("100");
    expect(confirmed?.ownerId).toBe(1);
    expect([(await pipeline.live()).state, pipeline.offerLive()]).toEqual(["confirmed", false]);
    expect(store.verifyAudit()).toBeNull();
  });

  test.each([
    ["too late", 120_000, {}, "expired"],
    ["by another person", 0, { userId: 2 }, "unknown"],
    ["in another chat", 0, { chatId: 2 }, "unknown"],
    ["with another button's data", 0, { nonce: "forged" }, "unknown"],
  ] as const)("%s confirms nothing", async (_, waitMs, over, kind) => {
    const { at, store, pipeline, tap } = await readyToTap();
    at.wall += waitMs;
    expect((await pipeline.approve({ ...tap, ...over })).kind).toBe(kind);
    expect(liveConfirmation(store)).toBeNull();
  });

  test("on an older card confirms nothing", async () => {
    const { store, pipeline, tap } = await readyToTap();
    expect(pipeline.offerLive()).toBe(true);
    expect((await pipeline.approve(tap)).kind).toBe("withdrawn");
    expect(liveConfirmation(store)).toBeNull();
  });

  test("on a card of other settings confirms nothing", async () => {
    const { store, start, tap } = await readyToTap();
    const wider = await start({ hardCapUsd: dec("5000") });
    const result = await wider.approve(tap);
    expect([result.kind, result.answer]).toEqual([
      "denied",
      "Not confirmed: the settings are not those of this card. /live shows them.",
    ]);
    expect(liveConfirmation(store)).toBeNull();
  });

  test("is asked for again when the settings allow more than was confirmed", async () => {
    const { pipeline, start, tap } = await readyToTap();
    await pipeline.approve(tap);
    const tighter = await start({ hardCapUsd: dec("50") });
    expect((await tighter.live()).state).toBe("confirmed");

    const wider = await start({ hardCapUsd: dec("5000"), leverage: dec("5") });
    const { state, widened } = await wider.live();
    expect(state).toBe("ready");
    expect(widened).toEqual([
      { what: "hardCapUsd", confirmed: "100", wanted: "5000" },
      { what: "leverage", confirmed: "3", wanted: "5" },
    ]);
    expect(wider.offerLive()).toBe(true);
  });

  test("is not to be had after /halt withdrew the card", async () => {
    const { store, pipeline, tap } = await readyToTap();
    pipeline.halt("test");
    expect((await pipeline.approve(tap)).kind).toBe("withdrawn");
    expect(liveConfirmation(store)).toBeNull();
  });
});
