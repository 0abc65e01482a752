import { describe, expect, test } from "bun:test";
import { price, signedBase } from "#src/core/units.ts";
import { closeHedge } from "#src/execution/close-hedge.ts";
import { readPositions } from "#src/execution/fate/ask-venue.ts";
import { keepWatch } from "#src/execution/keep-watch.ts";
import { killSwitch } from "#src/execution/kill/kill-switch.ts";
import { insistOnKill, isKillWanted, wantKill } from "#src/execution/kill/kill-wish.ts";
import { openHedge } from "#src/execution/open-hedge.ts";
import { recover } from "#src/execution/recover.ts";
import {
  admitHedge,
  createTradingRig,
  positionsOf,
  type TradingRig,
} from "#tests/support/trading-rig.ts";

async function kill({ context, store, clock }: TradingRig) {
  store.transaction(() => wantKill(context));
  return killSwitch(context, { startedAt: clock.wallNow() });
}

describe("/kill", () => {
  test("flattens a leg whose order is of unknown fate, and is flat only once that fate is known", async () => {
    const rig = createTradingRig();
    rig.beta.faults.push("answerLost");
    rig.beta.lookupFailures = 40;
    const opening = openHedge(rig.context, admitHedge(rig));
    await rig.clock.sleep(3_000);

    const result = await kill(rig);
    await opening;

    expect(result.flat).toBe(true);
    expect(await positionsOf(rig)).toEqual(["0", "0"]);
    expect(rig.store.listAttempts({ states: ["intent", "sent", "unknown"] })).toEqual([]);
  });

  test("closes one venue at once while another one never answers", async () => {
    const rig = createTradingRig();
    await openHedge(rig.context, admitHedge(rig));
    Object.assign(rig.beta.account, { positions: () => new Promise(() => {}) });
    Object.assign(rig.beta.trading, { place: () => new Promise(() => {}) });
    const startedAt = rig.clock.wallNow();

    const killing = kill(rig);
    await rig.clock.sleep(1_000);

    expect(await rig.alpha.account.positions()).toEqual([]);
    expect(rig.clock.wallNow() - startedAt).toBeLessThan(5_000);
    expect((await killing).flat).toBe(false);
    expect(
      rig.store.recentAlerts(5).some(({ text }) => text.includes("Not everything is flat")),
    ).toBe(true);
    expect(isKillWanted(rig.context)).toBe(true);
  });

  test("does not go by a look that is old by the time its answer is heard", async () => {
    const rig = createTradingRig();
    await openHedge(rig.context, admitHedge(rig));
    const { positions } = rig.alpha.account;
    const seen = await positions();
    // The machine sleeps between the question and the answer, and somebody closes it meanwhile.
    Object.assign(rig.alpha.account, {
      positions: async () => {
        rig.clock.jump(20_000);
        return seen;
      },
    });
    await readPositions(rig.context, rig.alpha.id);
    Object.assign(rig.alpha.account, { positions: async () => [] });

    await kill(rig);

    const purposes = rig.store
      .listAttempts({})
      .filter(({ request }) => request.venue === rig.alpha.id)
      .map(({ purpose }) => purpose);
    expect(purposes).toEqual(["open"]);
  });

  test("that did not end flat goes on after a restart, without being asked again", async () => {
    const rig = createTradingRig();
    await openHedge(rig.context, admitHedge(rig));
    rig.store.transaction(() => wantKill(rig.context));

    const reborn = createTradingRig({ records: rig.records, store: rig.store });
    await recover(reborn.context);

    expect(await positionsOf(reborn)).toEqual(["0", "0"]);
    expect(isKillWanted(reborn.context)).toBe(false);
    expect(reborn.store.listHedges(["closed"])).toHaveLength(1);
  });

  test("is insisted on until it is on disk, and the owner hears why it waits", async () => {
    const shouts: string[] = [];
    const rig = createTradingRig({ shout: (text) => shouts.push(text) });
    let full = 3;

    await insistOnKill(rig.context, () => {
      full -= 1;
      if (full > 0) throw new Error("database or disk is full");
      rig.store.transaction(() => wantKill(rig.context));
    });

    expect(isKillWanted(rig.context)).toBe(true);
    expect(rig.store.tradingState()).toBe("halted");
    expect(shouts).toHaveLength(1);
  });

  test("closes what a venue holds although its list of orders fails, and calls it flat only later", async () => {
    const rig = createTradingRig();
    await openHedge(rig.context, admitHedge(rig));
    const { openOrders } = rig.beta.account;
    let failing = 40;
    Object.assign(rig.beta.account, {
      openOrders: () => {
        failing -= 1;
        return failing > 0 ? Promise.reject(new Error("500")) : openOrders();
      },
    });

    const killing = kill(rig);
    await rig.clock.sleep(2_000);

    expect(await positionsOf(rig)).toEqual(["0", "0"]);
    expect(isKillWanted(rig.context)).toBe(true);
    expect((await killing).flat).toBe(true);
  });

  test("closes everything else, and names the position in a market that is not traded here", async () => {
    const rig = createTradingRig();
    await openHedge(rig.context, admitHedge(rig));
    const { positions } = rig.alpha.account;
    const strange = {
      ...{ venue: "alpha", symbol: "NEW-USDT-SWAP", sizeBase: signedBase("-40") },
      ...{ entryPrice: null, markPrice: price("2"), liquidationPrice: null },
    };
    Object.assign(rig.alpha.account, { positions: async () => [strange, ...(await positions())] });

    const result = await kill(rig);

    expect(await positions()).toEqual([]);
    expect((await rig.beta.account.positions()).length).toBe(0);
    expect(result.flat).toBe(false);
    expect(
      result.legs.filter((leg) => !leg.closed).map((leg) => `${leg.instrument} ${leg.sizeBase}`),
    ).toEqual(["NEW-USDT-SWAP 40"]);
  });

  test("is not flat while a leg stands on a venue that is not connected", async () => {
    const rig = createTradingRig();
    await openHedge(rig.context, admitHedge(rig));
    const venues = new Map([...rig.context.venues].filter(([id]) => id !== "beta"));
    rig.store.transaction(() => wantKill(rig.context));

    const result = await killSwitch({ ...rig.context, venues }, { startedAt: rig.clock.wallNow() });

    expect(result.flat).toBe(false);
    expect(isKillWanted(rig.context)).toBe(true);
  });

  test("asked for twice is one kill", async () => {
    const rig = createTradingRig();
    await openHedge(rig.context, admitHedge(rig));

    const [first, second] = await Promise.all([kill(rig), kill(rig)]);

    expect(first).toBe(second);
    expect(rig.alpha.placed).toEqual(["sell", "buy reduce"]);
  });
});

describe("an opening that breaks between its legs", () => {
  test("takes back the first leg", async () => {
    const rig = createTradingRig();
    const plan = admitHedge(rig);
    const insert = rig.store.insertAttempt;
    rig.store.insertAttempt = (attempt) => {
      if (attempt.purpose === "open" && attempt.legIndex === 1) throw new Error("disk is full");
      insert(attempt);
    };

    const { outcome } = await openHedge(rig.context, plan);

    expect(outcome).toBe("unwound");
    expect(await positionsOf(rig)).toEqual(["0", "0"]);
  });

  test("sends nothing when a venue is not fit to trade: what stops the second leg stops the first", async () => {
    const rig = createTradingRig();
    const setup = rig.beta.account.setup;
    Object.assign(rig.beta.account, {
      setup: async (symbol: string) => ({ ...(await setup(symbol)), positionMode: "hedge" }),
    });

    const { outcome, detail } = await openHedge(rig.context, admitHedge(rig));

    expect({ outcome, detail }).toEqual({
      outcome: "unwound",
      detail: "beta: the account is not in one-way mode",
    });
    expect(rig.alpha.placed).toEqual([]);
  });
});

describe("closing", () => {
  test("waits for whoever works on the hedge, instead of being lost", async () => {
    const rig = createTradingRig();
    const plan = admitHedge(rig);
    const opening = openHedge(rig.context, plan);

    const closing = closeHedge(rig.context, { hedge: plan.hedge });

    expect((await opening).outcome).toBe("open");
    expect((await closing).outcome).toBe("closed");
    expect(await positionsOf(rig)).toEqual(["0", "0"]);
  });

  test("sends neither leg while a venue does not trade", async () => {
    const rig = createTradingRig();
    const { hedge } = await openHedge(rig.context, admitHedge(rig));
    const setup = rig.beta.account.setup;
    let asked = 0;
    Object.assign(rig.beta.account, {
      setup: async (symbol: string) => {
        asked += 1;
        return { ...(await setup(symbol)), status: asked < 3 ? "halted" : "trading" };
      },
    });

    const { outcome } = await closeHedge(rig.context, { hedge });

    expect(outcome).toBe("closed");
    expect(asked).toBe(3);
    expect([rig.alpha.placed, rig.beta.placed]).toEqual([
      ["sell", "buy reduce"],
      ["buy", "sell reduce"],
    ]);
  });
});

describe("a remainder that is too small for any order", () => {
  test("is kept in the books, told once with its value, and not topped up or tried again", async () => {
    const rig = createTradingRig();
    rig.market.setDepth("beta", "0.1");
    const place = rig.alpha.trading.place;
    rig.alpha.trading.place = async (order) =>
      order.request.reduceOnly
        ? { kind: "refused", code: "BELOW_MIN_SIZE", detail: "too small" }
        : place(order);

    const { outcome } = await openHedge(rig.context, admitHedge(rig));
    for (let round = 0; round < 3; round += 1) await keepWatch(rig.context);

    expect(outcome).toBe("open");
    expect(rig.store.getFact("dust:H-1")).toBe("0.2");
    const told = rig.store.recentAlerts(10).map(({ text }) => text);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain("0.2 BTC (about 1");
    expect(
      rig.store.listAttempts({ hedgeId: "H-1" }).filter((one) => one.purpose === "unwind"),
    ).toHaveLength(1);
  });
});

describe("the watch", () => {
  test("cuts a lonely leg while the venue of the empty one is silent", async () => {
    const rig = createTradingRig();
    rig.beta.faults.push("rejected", "rejected");
    rig.alpha.faults.push("none", "rejected", "rejected", "rejected");
    const { outcome } = await openHedge(rig.context, admitHedge(rig));
    expect(outcome).toBe("review");
    Object.assign(rig.beta.account, { positions: () => Promise.reject(new Error("503")) });

    await keepWatch(rig.context);

    expect(await rig.alpha.account.positions()).toEqual([]);
    expect(rig.store.listHedges(["closed"])).toHaveLength(1);
  });

  test("tells of a position that no hedge explains, once, and leaves it alone", async () => {
    const rig = createTradingRig();
    await openHedge(rig.context, admitHedge(rig));
    const forgotten = createTradingRig({ records: rig.records });

    for (let round = 0; round < 4; round += 1) await keepWatch(forgotten.context);

    const told = forgotten.store.recentAlerts(10).map(({ text }) => text);
    expect(told.filter((text) => text.includes("no hedge of these books explains"))).toHaveLength(
      2,
    );
    expect(await positionsOf(forgotten)).toEqual(["-0.5", "0.5"]);
  });

  test("tells of a position that no hedge explains also when it is seen among empty answers", async () => {
    const rig = createTradingRig();
    await openHedge(rig.context, admitHedge(rig));
    const forgotten = createTradingRig({ records: rig.records });
    const { account } = forgotten.alpha;
    const { positions } = account;
    let looks = 0;
    Object.assign(account, {
      positions: async () => (looks++ % 6 === 0 ? positions() : []),
    });
    for (let round = 0; round < 8; round += 1) await keepWatch(forgotten.context);
    const told = forgotten.store.recentAlerts(10).map(({ text }) => text);
    expect(told.filter((text) => text.startsWith("alpha holds -0.5"))).toHaveLength(1);
  });

  test.each([
    ["does not answer", () => Promise.reject(new Error("503")), "warning"],
    ["never says the same twice", flickering(), "critical"],
  ] as const)(
    "tells within a minute of a hedge whose venue %s",
    async (_name, positions, severity) => {
      const rig = createTradingRig();
      await openHedge(rig.context, admitHedge(rig));
      await keepWatch(rig.context);
      Object.assign(rig.beta.account, { positions });

      for (let round = 0; round < 12; round += 1) {
        await keepWatch(rig.context);
        await rig.clock.sleep(5_000);
      }

      const told = rig.store.recentAlerts(10).filter(({ text }) => text.includes("H-1"));
      expect(told.map((alert) => alert.severity)).toEqual([severity]);
    },
  );
});

/** A position that is another one at every look. */
function flickering() {
  let looks = 0;
  return async () => {
    looks += 1;
    const sizeBase = signedBase(looks % 2 === 0 ? "0.4" : "0.3");
    const at = { venue: "beta", symbol: "BTC-PERP", markPrice: price("60000") };
    return [{ ...at, sizeBase, entryPrice: null, liquidationPrice: null }];
  };
}
