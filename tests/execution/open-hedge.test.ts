import { describe, expect, test } from "bun:test";
import { closeHedge } from "#src/execution/close-hedge.ts";
import { killSwitch } from "#src/execution/kill/kill-switch.ts";
import { openHedge } from "#src/execution/open-hedge.ts";
import { tendHedge } from "#src/execution/tend-hedge.ts";
import {
  admitHedge,
  createTradingRig,
  positionsOf,
  type TradingRig,
} from "#tests/support/trading-rig.ts";

function alerts({ store }: TradingRig): readonly string[] {
  return store.recentAlerts(10).map((alert) => alert.severity);
}

describe("opening", () => {
  test("fills both legs with exactly equal base size, on opposite sides", async () => {
    const rig = createTradingRig();

    const { outcome, hedge } = await openHedge(rig.context, admitHedge(rig));

    expect(outcome).toBe("open");
    expect(await positionsOf(rig)).toEqual(["-0.5", "0.5"]);
    expect(hedge.legs.map((leg) => leg.heldBase.toFixed())).toEqual(["0.5", "0.5"]);
  });

  test("sizes the second leg by what the first one filled", async () => {
    const rig = createTradingRig();
    rig.market.setDepth("alpha", "0.1");

    const { outcome } = await openHedge(rig.context, admitHedge(rig));

    expect(outcome).toBe("open");
    expect(await positionsOf(rig)).toEqual(["-0.3", "0.3"]);
  });

  test("takes the first leg back when the second one is rejected", async () => {
    const rig = createTradingRig();
    rig.beta.faults.push("rejected", "rejected");

    const { outcome, hedge } = await openHedge(rig.context, admitHedge(rig));

    expect(outcome).toBe("unwound");
    expect(hedge.phase).toBe("closed");
    expect(await positionsOf(rig)).toEqual(["0", "0"]);
  });

  test("cuts the first leg down when the second one fills in part", async () => {
    const rig = createTradingRig();
    rig.market.setDepth("beta", "0.05");

    const { outcome, hedge } = await openHedge(rig.context, admitHedge(rig));

    expect(outcome).toBe("open");
    expect(hedge.legs[0].heldBase.eq(hedge.legs[1].heldBase)).toBe(true);
    const [a, b] = await positionsOf(rig);
    expect(a).toBe(`-${b}`);
  });

  test.each(["answerLost", "throwsAfterFill"] as const)(
    "finds an order whose answer was lost (%s) and does not send another",
    async (fault) => {
      const rig = createTradingRig();
      rig.alpha.faults.push(fault);
      rig.beta.faults.push(fault);
      rig.beta.lookupFailures = 2;

      const { outcome } = await openHedge(rig.context, admitHedge(rig));

      expect(outcome).toBe("open");
      expect(await positionsOf(rig)).toEqual(["-0.5", "0.5"]);
      expect([rig.alpha.placed, rig.beta.placed]).toEqual([["sell"], ["buy"]]);
    },
  );

  test("tries again only after a lost request is provably dead", async () => {
    const rig = createTradingRig();
    rig.beta.faults.push("requestLost");
    const startedAt = rig.clock.wallNow();

    const { outcome } = await openHedge(rig.context, admitHedge(rig));

    expect(outcome).toBe("open");
    expect(rig.clock.wallNow() - startedAt).toBeGreaterThan(rig.context.settings.orderLifeMs);
    expect(await positionsOf(rig)).toEqual(["-0.5", "0.5"]);
  });

  test("goes under review with a critical alert, and sends nothing more, while the fate of an order is unknown", async () => {
    const rig = createTradingRig();
    rig.beta.faults.push("answerLost");
    rig.beta.lookupFailures = 10_000;

    const { outcome } = await openHedge(rig.context, admitHedge(rig));

    expect(outcome).toBe("review");
    expect(rig.beta.placed).toEqual(["buy"]);
    expect(alerts(rig)).toContain("critical");
  });

  test("sends no opening order once halted is on disk, and takes back what there is", async () => {
    const rig = createTradingRig();
    const plan = admitHedge(rig);
    const place = rig.alpha.trading.place;
    rig.alpha.trading.place = async (order) => {
      const outcome = await place(order);
      rig.store.transaction(() => rig.store.setTradingState("halted"));
      return outcome;
    };

    const { outcome } = await openHedge(rig.context, plan);

    expect(outcome).toBe("unwound");
    expect(rig.beta.placed).toEqual([]);
    expect(await positionsOf(rig)).toEqual(["0", "0"]);
  });
});

describe("closing", () => {
  test("closes both legs reduce-only and books every fill", async () => {
    const rig = createTradingRig();
    const { hedge } = await openHedge(rig.context, admitHedge(rig));

    const { outcome } = await closeHedge(rig.context, { hedge });

    expect(outcome).toBe("closed");
    expect(await positionsOf(rig)).toEqual(["0", "0"]);
    expect(rig.alpha.placed).toEqual(["sell", "buy reduce"]);
  });

  test("tries again until nothing is left when a leg is rejected at first", async () => {
    const rig = createTradingRig();
    const { hedge } = await openHedge(rig.context, admitHedge(rig));
    rig.alpha.faults.push("rejected", "answerLost");

    expect((await closeHedge(rig.context, { hedge })).outcome).toBe("closed");
    expect(await positionsOf(rig)).toEqual(["0", "0"]);
  });
});

describe("/kill", () => {
  test("flattens every venue, verifies, and closes the books", async () => {
    const rig = createTradingRig();
    await openHedge(rig.context, admitHedge(rig));
    rig.store.transaction(() => rig.store.setTradingState("halted"));

    const result = await killSwitch(rig.context, { startedAt: rig.clock.wallNow() });

    expect(result.flat).toBe(true);
    expect(result.legs.map((leg) => leg.closed)).toEqual([true, true]);
    expect(await positionsOf(rig)).toEqual(["0", "0"]);
    expect(rig.store.getHedge("H-1")?.phase).toBe("closed");
  });

  test("goes on until flat when venues reject and answers are lost", async () => {
    const rig = createTradingRig();
    await openHedge(rig.context, admitHedge(rig));
    rig.alpha.faults.push("rejected", "rejected", "answerLost");
    rig.beta.faults.push("requestLost");

    const result = await killSwitch(rig.context, { startedAt: rig.clock.wallNow() });

    expect(result.flat).toBe(true);
    expect(await positionsOf(rig)).toEqual(["0", "0"]);
  });

  test("works against an opening in flight: afterwards everything is flat", async () => {
    const rig = createTradingRig();
    const opening = openHedge(rig.context, admitHedge(rig));
    rig.store.transaction(() => rig.store.setTradingState("halted"));

    const killed = await killSwitch(rig.context, { startedAt: rig.clock.wallNow() });
    await opening;

    expect(killed.flat).toBe(true);
    expect(await positionsOf(rig)).toEqual(["0", "0"]);
  });
});

describe("reconciling", () => {
  test("cuts the survivor when a leg was liquidated, and says so", async () => {
    const rig = createTradingRig();
    const { hedge } = await openHedge(rig.context, admitHedge(rig));
    rig.market.setPrice("alpha", "300000");
    await rig.alpha.account.account();
    rig.market.setPrice("alpha", "60000");

    await tendHedge(rig.context, hedge);

    expect(await positionsOf(rig)).toEqual(["0", "0"]);
    expect(alerts(rig)).toContain("critical");
  });

  test("changes nothing when books and venues agree", async () => {
    const rig = createTradingRig();
    const { hedge } = await openHedge(rig.context, admitHedge(rig));

    await tendHedge(rig.context, hedge);

    expect(await positionsOf(rig)).toEqual(["-0.5", "0.5"]);
    expect(alerts(rig)).toEqual([]);
  });
});
