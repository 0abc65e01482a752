import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { loadSettings } from "#config/load.ts";
import { dec, sum } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Transfer } from "#src/core/transfer.ts";
import { usd } from "#src/core/units.ts";
import { closeHedge } from "#src/execution/close-hedge.ts";
import { cutHedge } from "#src/execution/cut-hedge.ts";
import { createEngineMemory } from "#src/execution/engine-memory.ts";
import { openHedge } from "#src/execution/open-hedge.ts";
import { composePipeline } from "#src/main/compose-pipeline.ts";
import type { Store } from "#src/ports/store.ts";
import type { Venue } from "#src/ports/venue.ts";
import { openCheck } from "#tests/support/builders.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { admitHedge, createTradingRig } from "#tests/support/trading-rig.ts";

const KINDS = ["two perps", "spot long", "spot short"] as const;
const step = fc.record({
  act: fc.constantFrom("wait", "wait", "pay", "cut", "depth", "book"),
  hours: fc.integer({ min: 1, max: 40 }),
  cents: fc.integer({ min: -99_999, max: 99_999 }).filter((one) => one !== 0),
  dollars: fc.integer({ min: 58_500, max: 61_500 }),
  share: fc.integer({ min: 5, max: 60 }).map((one) => dec(String(one)).div("100")),
  /** The process dies at this write, before or after it is on disk. */
  dies: fc.option(fc.record({ at: fc.integer({ min: 0, max: 12 }), written: fc.boolean() }), {
    nil: null,
  }),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
/** Every life ends once in the midst of its booking. */
const LAST: Step = {
  ...{ act: "wait", hours: 9, cents: 1, dollars: 60_100, share: dec("0.1") },
  dies: { at: 1, written: true },
};

/** A hedge that is cut, paid for, charged and closed, by processes that die while they write. */
async function live(kind: (typeof KINDS)[number], steps: readonly Step[], closes: boolean) {
  const rig = createTradingRig({ alpha: { spot: {}, borrowPerHour: "0.00004" } });
  const { clock, market } = rig;
  const mortal = mortalStore(rig.store);
  const transfers: Transfer[] = [];
  const venues = new Map(
    [...rig.context.venues].map(([id, one]) => [id, withMoney(one, transfers)]),
  );
  const start = async () => {
    const pipeline = composePipeline({
      ...{ mode: "paper", ...loadSettings("operator"), store: mortal.store, clock, venues },
      ...{ log: silentLogger, shout: () => undefined },
    });
    await pipeline.recover();
    return pipeline;
  };
  rig.store.transaction(() => {
    for (const id of venues.keys()) rig.store.setFact(`equityAtStart:${id}`, "100000");
  });
  let pipeline = await start();
  let context = { ...rig.context, store: mortal.store };
  const book = async () => {
    await pipeline.tend();
    await pipeline.bookFunding();
    await pipeline.keepEquity();
  };
  await book();
  await openHedge(context, admitHedge(rig, "H-1", null, checkOf(kind)));
  for (const [index, one] of steps.entries()) {
    mortal.dieAt(one.dies);
    try {
      await act(one, index);
    } catch (error) {
      if (error !== DEATH) throw error;
    }
    if (!mortal.isDead()) continue;
    mortal.dieAt(null);
    context = { ...context, memory: createEngineMemory(clock.elapsedMs()) };
    pipeline = await start();
  }
  mortal.dieAt(null);
  await settle();
  const [open] = rig.store.listHedges(["open"]);
  if (closes && open) await closeHedge(context, { hedge: open });
  clock.jump(HOUR_MS);
  await settle();
  return {
    view: await pipeline.performance(),
    csv: await pipeline.exportCsv(),
    deaths: mortal.deaths(),
  };

  async function act({ act: what, hours, cents, dollars, share }: Step, index: number) {
    const [hedge] = rig.store.listHedges(["open"]);
    clock.jump(1_000);
    if (what === "pay") {
      const amountUsd = usd(dec(String(cents)).div("100"));
      const transferredAt = clock.marketNow();
      transfers.push({ venue: "alpha", transferId: String(index), amountUsd, transferredAt });
    }
    if (what === "depth") market.setDepth("alpha", dec(String(hours)).div("50").toFixed());
    if (what === "cut" && hedge) {
      await cutHedge(context, { hedgeId: hedge.id, version: hedge.version, share });
    }
    for (const venue of venues.keys()) market.setPrice(venue, String(dollars));
    if (what === "wait") clock.jump(hours * HOUR_MS);
    await book();
  }

  /** Whatever was cut short has been brought to its end. */
  async function settle() {
    market.setDepth("alpha", "100");
    for (let round = 0; round < 8; round += 1) {
      clock.jump(30_000);
      await pipeline.tend();
    }
    await book();
  }
}

function checkOf(kind: (typeof KINDS)[number]) {
  if (kind === "two perps") return openCheck();
  const instrument = { symbol: "BTC-SPOT", kind: "spot", maxLeverage: dec("1") } as const;
  return kind === "spot long"
    ? openCheck([
        { venue: "alpha", side: "short" },
        { venue: "alpha", side: "long", instrument },
      ])
    : openCheck([
        { venue: "alpha", side: "short", instrument },
        { venue: "alpha", side: "long" },
      ]);
}

function withMoney(venue: Venue, transfers: readonly Transfer[]): Venue {
  const own = () => transfers.filter((one) => one.venue === venue.id);
  return {
    ...venue,
    account: {
      ...venue.account,
      async account(wallet) {
        const state = await venue.account.account(wallet);
        const came = sum(own().map((one) => one.amountUsd));
        return { ...state, equityUsd: usd(state.equityUsd.plus(came)) };
      },
      transfers: async (since) => own().filter((one) => one.transferredAt > since),
    },
  };
}

const DEATH = new Error("the process died");

/** Once it has died nothing is written any more, as nobody is there. */
function mortalStore(real: Store) {
  let left: number | null = null;
  let written = false;
  let dead = false;
  let deaths = 0;
  const store: Store = {
    ...real,
    transaction(work) {
      if (dead) throw DEATH;
      if (left === null || left > 0) {
        if (left !== null) left -= 1;
        return real.transaction(work);
      }
      dead = true;
      deaths += 1;
      if (written) real.transaction(work);
      throw DEATH;
    },
  };
  return {
    store,
    dieAt(wish: Step["dies"]) {
      left = wish?.at ?? null;
      written = wish?.written ?? false;
      dead = false;
    },
    isDead: () => dead,
    deaths: () => deaths,
  };
}

const total = (values: readonly (string | null)[]) =>
  sum(values.map((one) => dec(one ?? "unknown"))).toFixed();

describe("what the accounts gained", () => {
  test.each(KINDS)(
    "of %s is the sum of its parts, whatever happens and whenever it dies",
    async (kind) => {
      let deaths = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 2, maxLength: 7 }),
          fc.boolean(),
          async (steps, closes) => {
            const { view, csv, deaths: died } = await live(kind, [...steps, LAST], closes);
            deaths += died;
            const pnl = view.total;
            if (!pnl) throw new Error("all marks are known");
            expect(view.unexplainedUsd).toBe("0");
            const parts = [pnl.priceUsd, pnl.fundingUsd, pnl.feesUsd, pnl.interestUsd];
            expect(total(parts)).toBe(pnl.totalUsd);
            expect(total([pnl.basisUsd, pnl.residualUsd])).toBe(pnl.priceUsd);
            expect(total([pnl.realisedUsd, pnl.unrealisedUsd])).toBe(pnl.totalUsd);
            expect(csv.trimEnd().split("\r\n").at(-1)).toContain(",unexplained,,,,,,,,,0,,,");
            expect(sumOfRows(csv)).toBe(csv.match(/,sum of rows,+([-\d.]+)/)?.[1] ?? "");
          },
        ),
        { numRuns: 5 },
      );
      expect(deaths).toBeGreaterThanOrEqual(5);
    },
    30_000,
  );
});

/** Counted from the lines alone, as a spreadsheet would. */
function sumOfRows(csv: string): string {
  const rows = csv
    .trimEnd()
    .split("\r\n")
    .slice(1)
    .map((line) => line.split(","));
  const booked = rows.filter((cells) => cells[2] !== "");
  return sum(booked.map((cells) => dec(cells[10] ?? "unknown"))).toFixed();
}
