import { afterAll, describe, expect, test } from "bun:test";
import { closeHedge } from "#src/execution/close-hedge.ts";
import { keepWatch } from "#src/execution/keep-watch.ts";
import { killSwitch } from "#src/execution/kill/kill-switch.ts";
import { wantKill } from "#src/execution/kill/kill-wish.ts";
import { openHedge } from "#src/execution/open-hedge.ts";
import { createFastClock } from "#tests/support/fake-clock.ts";
import { orderIdIn, troubleTheWire } from "#tests/support/venues/bad-wire.ts";
import { createVenueRig } from "#tests/support/venues/venue-rig.ts";

/** Five seconds of patience are an eighth of a second here. */
const SPEED = 40;
const ROUND_MS = 4_000;
/** Of the watch, on a wire that works again, until everything must be as it should. */
const ROUNDS_TO_SETTLE = 45;

const rig = await createVenueRig(createFastClock(SPEED));
const { context, store, clock, street, venues } = rig;
afterAll(() => rig.stop());
const struck = new Map<string, number>();

async function rounds(count: number, until = () => false): Promise<boolean> {
  for (let round = 0; round < count && !until(); round += 1) {
    await keepWatch(context);
    await clock.sleep(ROUND_MS);
  }
  return until();
}

async function kill(): Promise<void> {
  store.transaction(() => wantKill(context));
  await killSwitch(context, { startedAt: clock.wallNow() });
}

/** No order may still fill, and the books say what both venues hold: as much on one side as on the other. */
function isSettled(hedgeId: string): boolean {
  const hedge = store.getHedge(hedgeId);
  const { binance, bybit } = rig.held();
  const [short = "", long = ""] = hedge?.legs.map((leg) => leg.heldBase.toFixed()) ?? [];
  return (
    store.listAttempts({ states: ["sent", "unknown"] }).length === 0 &&
    (hedge?.phase === "open" || hedge?.phase === "closed") &&
    short === long &&
    binance === (short === "0" ? "0" : `-${short}`) &&
    bybit === long
  );
}

/** Mulberry32: small, and the same everywhere. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("the engine on a wire that fails at random, through ccxt", () => {
  test.each([
    [1, 0.1, "close"],
    [2, 0.3, "close"],
    [3, 0.45, "close"],
    [4, 0.2, "kill"],
    [5, 0.35, "kill"],
    [6, 0.15, "hold"],
    [7, 0.4, "hold"],
    [8, 0.5, "hold"],
  ] as const)(
    "sends nothing twice and ends neutral or flat (%d: %d, then %s)",
    async (seed, chance, then) => {
      const hedgeId = `H-${seed}`;
      store.transaction(() => store.setTradingState("active"));
      await rounds(9, () => [...venues.values()].every(({ health }) => health().state === "ok"));
      const before = street.seen.length;

      const wire = troubleTheWire(street.faults, { chance, random: seeded(seed) });
      const { hedge } = await openHedge(context, rig.admit(hedgeId));
      await rounds(2);
      if (then === "close") await closeHedge(context, { hedge });
      if (then === "kill") await kill();
      await rounds(2);
      street.faults.clear();
      for (const [what, count] of wire) struck.set(what, (struck.get(what) ?? 0) + count);

      const done = () => isSettled(hedgeId);
      expect(await rounds(ROUNDS_TO_SETTLE, done)).toBe(true);
      if (then !== "hold") expect(store.getHedge(hedgeId)?.phase).toBe("closed");
      await kill();
      expect(rig.held()).toEqual({ binance: "0", bybit: "0" });
      const sent = street.seen.slice(before).flatMap((request) => orderIdIn(request) ?? []);
      expect(sent).toEqual([...new Set(sent)]);
      for (const id of sent) expect(store.getAttempt(id)?.state).toMatch(/^(done|dead)$/);
    },
    120_000,
  );

  test("which struck in every way", () => {
    expect(struck.size).toBe(12);
  });
});
