import { describe, expect, test } from "bun:test";
import { keepWatch } from "#src/execution/keep-watch.ts";
import { openHedge } from "#src/execution/open-hedge.ts";
import { admitHedge, createTradingRig, positionsOf } from "#tests/support/trading-rig.ts";

describe("before either leg is sent", () => {
  test("lowers an account's leverage to what the opening was judged at", async () => {
    const rig = createTradingRig();
    rig.alpha.leverage = "20";
    const { outcome } = await openHedge(rig.context, admitHedge(rig));
    expect(outcome).toBe("open");
    expect(rig.alpha.leverage).toBe("3");
  });

  test("never raises it", async () => {
    const rig = createTradingRig();
    rig.alpha.leverage = "2";
    await openHedge(rig.context, admitHedge(rig));
    expect(rig.alpha.leverage).toBe("2");
  });

  test("opens nothing when the venue does not do what it was told", async () => {
    const rig = createTradingRig();
    rig.alpha.leverage = "20";
    rig.alpha.obeysLeverage = false;
    const { outcome, detail } = await openHedge(rig.context, admitHedge(rig));
    expect(outcome).toBe("unwound");
    expect(detail).toContain("leverage is 20 and could not be lowered");
    expect([rig.alpha.placed, rig.beta.placed]).toEqual([[], []]);
  });

  test("opens nothing on isolated margin", async () => {
    const rig = createTradingRig();
    rig.beta.isolated = true;
    const { detail } = await openHedge(rig.context, admitHedge(rig));
    expect(detail).toContain("is on isolated margin; set it to cross");
    expect([rig.alpha.placed, rig.beta.placed]).toEqual([[], []]);
  });

  test.each(["down", "recovering"] as const)(
    "opens nothing on a venue that is %s",
    async (state) => {
      const rig = createTradingRig();
      rig.beta.state = state;
      const { detail } = await openHedge(rig.context, admitHedge(rig));
      expect(detail).toContain(`it is ${state}`);
      expect([rig.alpha.placed, rig.beta.placed]).toEqual([[], []]);
    },
  );
});

describe("an outage of one venue", () => {
  test("leaves the hedge alone, is told once, and its end too", async () => {
    const rig = createTradingRig();
    await openHedge(rig.context, admitHedge(rig));
    const told = () =>
      rig.store.recentAlerts(20).map(({ severity, text }) => `${severity} ${text}`);
    const before = told().length;
    const positions = rig.alpha.account.positions;
    rig.alpha.account.positions = () => Promise.reject(new Error("503"));
    rig.alpha.state = "down";
    for (let round = 0; round < 120; round += 1) {
      await keepWatch(rig.context);
      rig.clock.jump(5_000);
    }
    const during = told().slice(0, told().length - before);
    expect(during).toHaveLength(1);
    expect(during[0]).toStartWith("warning alpha did not say");
    expect(during[0]).toContain("H-1");

    rig.alpha.account.positions = positions;
    rig.alpha.state = "ok";
    await keepWatch(rig.context);
    await keepWatch(rig.context);
    expect(told().filter((line) => line.includes("alpha answers again"))).toHaveLength(1);
    expect(await positionsOf(rig)).toEqual(["-0.5", "0.5"]);
    expect(rig.store.listHedges(["open"])).toHaveLength(1);
  });
});
