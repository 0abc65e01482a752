import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { dec } from "#src/core/decimal.ts";
import type { Hedge } from "#src/core/hedge.ts";
import type { ExecutionContext } from "#src/execution/context.ts";
import { cutHedge } from "#src/execution/cut-hedge.ts";
import { createEngineMemory } from "#src/execution/engine-memory.ts";
import { difference } from "#src/execution/legs/match-legs.ts";
import { openHedge } from "#src/execution/open-hedge.ts";
import { recover } from "#src/execution/recover.ts";
import { tendHedge } from "#src/execution/tend-hedge.ts";
import {
  admitHedge,
  createTradingRig,
  positionsOf,
  type TradingRig,
} from "#tests/support/trading-rig.ts";

async function openRig(): Promise<{ readonly rig: TradingRig; readonly hedge: Hedge }> {
  const rig = createTradingRig();
  const { hedge } = await openHedge(rig.context, admitHedge(rig));
  return { rig, hedge };
}

function cut({ context }: TradingRig, { id: hedgeId, version }: Hedge, share: string) {
  return cutHedge(context, { hedgeId, version, share: dec(share) });
}

/** As the watch does, round after round. */
async function tendUntilEqual(rig: TradingRig, context: ExecutionContext): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    const hedge = rig.store.getHedge("H-1");
    if (!hedge || (hedge.phase === "open" && difference(hedge).eq("0"))) return;
    await tendHedge(context, hedge);
    rig.clock.jump(12_000);
  }
}

describe("cutting a hedge", () => {
  test("takes the same size off both legs, rounded up to the lot, and leaves it open", async () => {
    const { rig, hedge } = await openRig();

    const result = await cut(rig, hedge, "0.3333");

    expect(result.kind === "cut" && result.cutBase.toFixed()).toBe("0.167");
    expect(await positionsOf(rig)).toEqual(["-0.333", "0.333"]);
    expect(rig.store.getHedge(hedge.id)?.phase).toBe("open");
    expect([...rig.alpha.placed, ...rig.beta.placed].filter((one) => /reduce/.test(one))).toEqual([
      "buy reduce",
      "sell reduce",
    ]);
  });

  test("sends nothing on a hedge that has changed since it was judged, or that is worked on", async () => {
    const { rig, hedge } = await openRig();
    await cut(rig, hedge, "0.25");
    const sent = rig.alpha.placed.length;

    expect((await cut(rig, hedge, "0.25")).kind).toBe("left");
    expect(rig.alpha.placed).toHaveLength(sent);
    expect(await positionsOf(rig)).toEqual(["-0.375", "0.375"]);
  });

  test("is done once when two rounds want it at the same time", async () => {
    const { rig, hedge } = await openRig();

    const kinds = await Promise.all([cut(rig, hedge, "0.25"), cut(rig, hedge, "0.25")]);

    expect(kinds.map(({ kind }) => kind).toSorted()).toEqual(["cut", "left"]);
    expect(await positionsOf(rig)).toEqual(["-0.375", "0.375"]);
  });

  test("sends neither leg while a venue is silent", async () => {
    const { rig, hedge } = await openRig();
    const beta = rig.context.venues.get("beta");
    if (!beta) throw new Error("no beta");
    const silent = { ...beta.account, positions: () => Promise.reject(new Error("503")) };
    const context = {
      ...rig.context,
      venues: new Map([...rig.context.venues, ["beta", { ...beta, account: silent }]]),
    };

    const result = await cutHedge(context, {
      hedgeId: hedge.id,
      version: hedge.version,
      share: dec("0.5"),
    });

    expect(result.kind).toBe("silent");
    expect(await positionsOf(rig)).toEqual(["-0.5", "0.5"]);
    expect(rig.store.getHedge(hedge.id)?.phase).toBe("open");
  });

  test("ends with equal legs when one of them fills in part, is refused, or its answer is lost", async () => {
    const arrange: readonly ((rig: TradingRig) => void)[] = [
      ({ market }) => market.setDepth("beta", "0.05"),
      ({ beta }) => beta.faults.push("rejected"),
      ({ alpha }) => alpha.faults.push("answerLost"),
      ({ alpha }) => alpha.faults.push("requestLost"),
    ];
    for (const disturb of arrange) {
      const { rig, hedge } = await openRig();
      disturb(rig);

      await cut(rig, hedge, "0.5");
      await tendUntilEqual(rig, rig.context);

      const [a = "", b = ""] = await positionsOf(rig);
      expect(dec(a).plus(b).toFixed()).toBe("0");
      expect(dec(b).lte("0.5")).toBe(true);
      expect(rig.store.getHedge(hedge.id)?.phase).toBe("open");
    }
  });

  test("is made equal by the next start when the process ends between the legs", async () => {
    const { rig, hedge } = await openRig();
    const ends = new Error("the process ends");
    const beta = rig.context.venues.get("beta");
    if (!beta) throw new Error("no beta");
    const dying = {
      ...beta,
      trading: { ...beta.trading, place: () => new Promise<never>(() => undefined) },
    };
    const context = { ...rig.context, venues: new Map([...rig.context.venues, ["beta", dying]]) };
    void cutHedge(context, { hedgeId: hedge.id, version: hedge.version, share: dec("0.5") }).catch(
      () => ends,
    );
    while (rig.store.getHedge(hedge.id)?.legs[0].heldBase.eq("0.5")) await rig.clock.sleep(10);
    expect(await positionsOf(rig)).toEqual(["-0.25", "0.5"]);

    const reborn = { ...rig.context, memory: createEngineMemory(rig.clock.elapsedMs()) };
    rig.clock.jump(30_000);
    await recover(reborn);
    await tendUntilEqual(rig, reborn);

    expect(await positionsOf(rig)).toEqual(["-0.25", "0.25"]);
    expect(rig.store.getHedge(hedge.id)?.phase).toBe("open");
  });

  test("leaves a hedge alone that would become too small to be closed", async () => {
    const { rig, hedge } = await openRig();
    expect((await cut(rig, hedge, "0.9999")).kind).toBe("tooSmall");
    expect(await positionsOf(rig)).toEqual(["-0.5", "0.5"]);
  });

  test("never makes the legs differ, never grows one and never turns one around", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 990 }),
        fc.integer({ min: 60, max: 400 }),
        async (perMille, depth) => {
          const { rig, hedge } = await openRig();
          rig.market.setDepth("alpha", dec(String(depth)).div("1000").toFixed());
          await cut(rig, hedge, dec(String(perMille)).div("1000").toFixed());
          await tendUntilEqual(rig, rig.context);
          const [short = "", long = ""] = await positionsOf(rig);
          expect(dec(short).plus(long).toFixed()).toBe("0");
          expect(dec(long).gte("0") && dec(long).lte("0.5")).toBe(true);
        },
      ),
      { numRuns: 4 },
    );
  }, 120_000);
});
