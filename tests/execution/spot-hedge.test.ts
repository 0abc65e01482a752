import { describe, expect, test } from "bun:test";
import { type Decimal, dec, ZERO } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { baseSize, price, signedBase } from "#src/core/units.ts";
import { closeHedge } from "#src/execution/close-hedge.ts";
import { requireHedge } from "#src/execution/context.ts";
import { keepWatch } from "#src/execution/keep-watch.ts";
import { killSwitch } from "#src/execution/kill/kill-switch.ts";
import { wantKill } from "#src/execution/kill/kill-wish.ts";
import { refreshLegs } from "#src/execution/legs/book-fills.ts";
import { reduceLeg } from "#src/execution/legs/reduce-leg.ts";
import { legAgrees } from "#src/execution/legs/spot-balance.ts";
import { openHedge } from "#src/execution/open-hedge.ts";
import { adoptFills } from "#src/execution/reconcile.ts";
import { bookInterest } from "#src/ledger/book-interest.ts";
import { postFills } from "#src/ledger/post-entry.ts";
import { openCheck } from "#tests/support/builders.ts";
import { guarded, orderRequest } from "#tests/support/guarded-orders.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { admitHedge, createTradingRig, type TradingRig } from "#tests/support/trading-rig.ts";

const SPOT = "BTC-SPOT";
const PERP = "BTC-PERP";
const onSpot = { symbol: SPOT, kind: "spot", maxLeverage: dec("1") } as const;

function createRig() {
  return createTradingRig({ alpha: { spot: {}, borrowPerHour: "0.00001" } });
}

/** Half a bitcoin: spot long against the perp, or borrowed and sold against it. */
async function open(rig: TradingRig, spotSide: "long" | "short") {
  const spot = { venue: "alpha", side: spotSide, instrument: onSpot } as const;
  const check =
    spotSide === "long"
      ? openCheck([{ venue: "alpha", side: "short" }, spot])
      : openCheck([spot, { venue: "alpha", side: "long" }]);
  const plan = admitHedge(rig, "H-1", null, check);
  const { outcome } = await openHedge(rig.context, plan);
  expect(outcome).toBe("open");
  return rig.store.getHedge("H-1") ?? plan.hedge;
}

async function held({ alpha }: TradingRig, symbol: string): Promise<Decimal> {
  const positions = await alpha.account.positions();
  return positions.find((one) => one.symbol === symbol)?.sizeBase ?? ZERO;
}

function buyByHand(rig: TradingRig, size: string) {
  return tradeByHand(rig, "buy", size);
}

async function tradeByHand(
  rig: TradingRig,
  side: "buy" | "sell",
  size: string,
  clientOrderId = "byhand",
) {
  const limit = side === "buy" ? "60030" : "59970";
  const request = orderRequest({ symbol: SPOT, size, limit, side, clientOrderId });
  expect((await rig.alpha.trading.place(guarded(request))).kind).toBe("ack");
}

async function watchForAWhile(rig: TradingRig, rounds = 6) {
  for (let round = 0; round < rounds; round += 1) {
    await keepWatch(rig.context);
    rig.clock.jump(15_000);
  }
}

function alertsOf({ store }: TradingRig) {
  return store.recentAlerts(20).map(({ severity, text }) => `${severity}: ${text}`);
}

const isDust = (size: Decimal) => size.gte(ZERO) && size.lt("0.0001");

describe("a hedge of spot and perp on one venue", () => {
  test.each(["long", "short"] as const)(
    "with spot %s opens, is watched in peace, and closes",
    async (side) => {
      const rig = createRig();
      const hedge = await open(rig, side);
      expect(hedge.legs.map((leg) => leg.heldBase.toFixed())).toEqual(["0.5", "0.5"]);
      await watchForAWhile(rig);
      expect(rig.store.getHedge("H-1")?.phase).toBe("open");
      expect((await closeHedge(rig.context, { hedge })).outcome).toBe("closed");
      expect((await held(rig, PERP)).toFixed()).toBe("0");
      expect(isDust(await held(rig, SPOT))).toBe(true);
      // What is left over is no stranger either.
      await watchForAWhile(rig);
      expect(alertsOf(rig)).toEqual([]);
    },
  );

  test.each(["long", "short"] as const)("with spot %s is flat after /kill", async (side) => {
    const rig = createRig();
    await open(rig, side);
    rig.store.transaction(() => wantKill(rig.context));
    const result = await killSwitch(rig.context, { startedAt: rig.clock.wallNow() });
    expect(result.flat).toBe(true);
    expect((await held(rig, PERP)).toFixed()).toBe("0");
    expect(isDust(await held(rig, SPOT))).toBe(true);
    expect(rig.store.getHedge("H-1")?.phase).toBe("closed");
  });

  test("the owner's own coins beside it are left alone by the watch and by /kill", async () => {
    const rig = createRig();
    await open(rig, "long");
    rig.clock.jump(15_000);
    await buyByHand(rig, "0.3");
    await watchForAWhile(rig);
    expect(rig.store.getHedge("H-1")?.phase).toBe("open");
    expect(isDust((await held(rig, SPOT)).minus("0.8"))).toBe(true);
    rig.store.transaction(() => wantKill(rig.context));
    const { flat } = await killSwitch(rig.context, { startedAt: rig.clock.wallNow() });
    expect(flat).toBe(true);
    expect(isDust((await held(rig, SPOT)).minus("0.3"))).toBe(true);
  });

  test("coins of the owner's that pay its loan off are never sold: nothing is, until they are gone", async () => {
    const rig = createRig();
    const hedge = await open(rig, "short");
    const { positions } = rig.alpha.account;
    // They were sent there: no fill tells of them.
    const withCoins = async () =>
      (await positions()).map((one) =>
        one.symbol === SPOT ? { ...one, sizeBase: signedBase(one.sizeBase.plus("3")) } : one,
      );
    Object.assign(rig.alpha.account, { positions: withCoins });
    const before = rig.store.listAttempts({ hedgeId: "H-1" }).length;
    expect((await closeHedge(rig.context, { hedge })).outcome).toBe("partial");
    expect(rig.store.listAttempts({ hedgeId: "H-1" })).toHaveLength(before);
    expect(alertsOf(rig)[0]).toStartWith("critical: BTC H-1 is not closed yet");
    expect(alertsOf(rig)[0]).toContain("Move what you brought there elsewhere");
    Object.assign(rig.alpha.account, { positions });
    expect((await closeHedge(rig.context, { hedge })).outcome).toBe("closed");
    expect((await held(rig, PERP)).toFixed()).toBe("0");
    expect(isDust(await held(rig, SPOT))).toBe(true);
  });

  test("of a loan that coins of the owner's repaid in part /kill buys back the rest, and says what to do", async () => {
    const rig = createRig();
    await open(rig, "short");
    const { positions } = rig.alpha.account;
    const partlyRepaid = async () =>
      (await positions()).map((one) =>
        one.symbol === SPOT ? { ...one, sizeBase: signedBase(one.sizeBase.plus("0.2")) } : one,
      );
    Object.assign(rig.alpha.account, { positions: partlyRepaid });
    rig.store.transaction(() => wantKill(rig.context));
    expect((await killSwitch(rig.context, { startedAt: rig.clock.wallNow() })).flat).toBe(true);
    // What the owner had put there is owed no more, and was not sold.
    expect((await held(rig, SPOT)).abs().lt("0.0001")).toBe(true);
    const told = alertsOf(rig).find((text) => text.includes("is closed:"));
    expect(told).toContain("buy 0.2 BTC there by hand");
    expect(told).toContain("dollars that the loan was sold for are in the account");
  });

  test("coins too few for an order leave no lot of its loan behind", async () => {
    const rig = createRig();
    // A fee in coins leaves such: here a tenth of a lot.
    const { positions } = rig.alpha.account;
    const hedge = await open(rig, "short");
    const withDust = async () =>
      (await positions()).map((one) =>
        one.symbol === SPOT ? { ...one, sizeBase: signedBase(one.sizeBase.plus("0.00001")) } : one,
      );
    Object.assign(rig.alpha.account, { positions: withDust });
    expect((await closeHedge(rig.context, { hedge })).outcome).toBe("closed");
    expect(heldOf(rig)).toEqual(["0", "0"]);
  });

  test("own coins that no hedge explains are told of once, as information, and /kill leaves them", async () => {
    const rig = createRig();
    await buyByHand(rig, "0.3");
    await watchForAWhile(rig, 10);
    const [alert, ...others] = alertsOf(rig);
    expect(others).toEqual([]);
    expect(alert).toStartWith("info: alpha holds 0.3");
    expect(alert).toContain("sub-account");
    rig.store.transaction(() => wantKill(rig.context));
    expect((await killSwitch(rig.context, { startedAt: rig.clock.wallNow() })).flat).toBe(true);
    expect((await held(rig, SPOT)).gte("0.3")).toBe(true);
  });

  test("many more own coins than were told of are told of again: they may be a lost hedge's", async () => {
    const rig = createRig();
    await buyByHand(rig, "0.2");
    await watchForAWhile(rig);
    await tradeByHand(rig, "buy", "0.01", "byhand-2");
    await watchForAWhile(rig);
    expect(alertsOf(rig)).toHaveLength(1);
    await tradeByHand(rig, "buy", "0.5", "byhand-3");
    await watchForAWhile(rig);
    const [newest, ...others] = alertsOf(rig);
    expect(others).toHaveLength(1);
    expect(newest).toMatch(/^info: alpha holds 0\.7\d+ /);
  });

  test("coins that the owner sold from under it are missed, and the other leg is cut to match", async () => {
    const rig = createRig();
    await open(rig, "long");
    rig.clock.jump(15_000);
    const request = orderRequest({
      ...{ symbol: SPOT, size: "0.2", limit: "59990", side: "sell", reduceOnly: true },
    });
    await rig.alpha.trading.place(guarded(request));
    await watchForAWhile(rig);
    expect((await held(rig, PERP)).toFixed()).toBe("-0.3");
    expect(alertsOf(rig).some((text) => text.includes("a trade by hand"))).toBe(true);
  });

  test("coins of his own that the owner sold beside it are his affair", async () => {
    const rig = createRig();
    await open(rig, "long");
    rig.clock.jump(15_000);
    await buyByHand(rig, "0.3");
    await watchForAWhile(rig);
    const request = orderRequest({
      ...{ symbol: SPOT, size: "0.2", limit: "59990", side: "sell", reduceOnly: true },
    });
    await rig.alpha.trading.place(guarded(request));
    await watchForAWhile(rig);
    expect(heldOf(rig)).toEqual(["0.5", "0.5"]);
    expect((await held(rig, PERP)).toFixed()).toBe("-0.5");
  });

  test("nor are coins that he sold before it had any", async () => {
    const rig = createRig();
    const hedge = await open(rig, "long");
    const fills = await rig.alpha.account.fills(hedge.openedAt);
    const ours = fills.find(({ symbol }) => symbol === SPOT);
    if (!ours) throw new Error("no fill");
    const sold = { ...ours, side: "sell", tradeId: "by-hand", clientOrderId: "byhand" } as const;
    const adopt = (filledAt: number) => {
      const account = { ...rig.alpha.account, fills: async () => [{ ...sold, filledAt }] };
      const venues = new Map([["alpha", { ...rig.alpha, account }]]);
      return adoptFills({ ...rig.context, venues }, requireHedge(rig.store, "H-1"));
    };
    expect(await adopt(ours.filledAt - 1)).toBe(0);
    expect(heldOf(rig)).toEqual(["0.5", "0.5"]);
    expect(await adopt(ours.filledAt + 1)).toBe(1);
  });

  test("coins that were brought where a loan was are not sold to close it", async () => {
    const rig = createRig();
    const hedge = await open(rig, "short");
    await tradeByHand(rig, "buy", "0.6");
    expect((await closeHedge(rig.context, { hedge })).outcome).toBe("partial");
    expect((await held(rig, SPOT)).gte("0.1")).toBe(true);
  });

  test("of coins whose books have shrunk meanwhile no more is sold than they say", async () => {
    const rig = createRig();
    await open(rig, "long");
    await tradeByHand(rig, "buy", "0.3");
    const wish = { hedgeId: "H-1", legIndex: 1, venue: "alpha", symbol: SPOT } as const;
    const slippage = dec("0.01");
    await reduceLeg(rig.context, { ...wish, sizeBase: dec("0.7"), purpose: "close", slippage });
    expect(isDust((await held(rig, SPOT)).minus("0.3"))).toBe(true);
  });

  test("/kill repays its own loan, and leaves one that the owner took by hand", async () => {
    const rig = createRig();
    await open(rig, "short");
    await tradeByHand(rig, "sell", "0.2");
    await watchForAWhile(rig);
    rig.store.transaction(() => wantKill(rig.context));
    await killSwitch(rig.context, { startedAt: rig.clock.wallNow() });
    expect(isDust((await held(rig, SPOT)).plus("0.2"))).toBe(true);
  });

  test("a remainder of it that no venue lists any more is no difference", async () => {
    const rig = createRig();
    const [leg] = (await open(rig, "short")).legs;
    rig.context.memory.seen.clear();
    // Five dollars are the least there.
    const left = { ...leg, heldBase: baseSize("0.004"), entryPrice: price("1000") };
    expect(legAgrees(rig.context, left, ZERO)).toBe(true);
    expect(legAgrees(rig.context, { ...left, heldBase: baseSize("0.006") }, ZERO)).toBe(false);
  });

  test("interest that was not booked yet is repaid with the loan", async () => {
    const rig = createTradingRig({ alpha: { spot: {}, borrowPerHour: "0.005" } });
    const hedge = await open(rig, "short");
    rig.clock.jump(3 * HOUR_MS);
    expect((await closeHedge(rig.context, { hedge })).outcome).toBe("closed");
    expect((await held(rig, SPOT)).abs().lt("0.0001")).toBe(true);
  });

  test("interest that a report does not show yet while it is closed is repaid before it is over", async () => {
    const rig = createTradingRig({ alpha: { spot: {}, borrowPerHour: "0.005" } });
    const { account } = rig.alpha;
    const hedge = await open(rig, "short");
    const { positions } = account;
    const before = await positions();
    rig.clock.jump(HOUR_MS);
    const isSent = () =>
      rig.store.listAttempts({ hedgeId: "H-1" }).some(({ purpose }) => purpose === "close");
    Object.assign(account, { positions: async () => (isSent() ? positions() : before) });
    const { outcome, detail } = await closeHedge(rig.context, { hedge });
    expect([outcome, detail]).toEqual(["partial", expect.stringContaining("interest")]);
    expect((await held(rig, SPOT)).lt("-0.002")).toBe(true);
    await watchForAWhile(rig);
    expect(rig.store.getHedge("H-1")?.phase).toBe("closed");
    expect((await held(rig, SPOT)).abs().lt("0.0001")).toBe(true);
    expect(alertsOf(rig)).toEqual([]);
  });

  test("interest on what a hand repaid is no loan of the owner's own", async () => {
    const rig = createTradingRig({ alpha: { spot: {}, borrowPerHour: "0.005" } });
    await open(rig, "short");
    rig.clock.jump(HOUR_MS);
    await tradeByHand(rig, "buy", "0.5");
    await watchForAWhile(rig);
    expect((await held(rig, PERP)).toFixed()).toBe("0");
    expect((await held(rig, SPOT)).abs().lt("0.0001")).toBe(true);
    expect(rig.store.getHedge("H-1")?.phase).toBe("closed");
  });

  test("what its loan cost before the first look is booked to it too", async () => {
    const rig = createRig();
    await open(rig, "short");
    rig.clock.jump(HOUR_MS);
    await bookCharges(rig);
    expect(heldOf(rig)).toEqual(["0.500005", "0.5"]);
  });

  test("interest of its loan is booked to it, each charge once, and held from then on", async () => {
    const rig = createRig();
    const { store } = rig;
    await bookCharges(rig);
    await open(rig, "short");
    rig.clock.jump(3 * HOUR_MS);
    await bookCharges(rig);
    await bookCharges(rig);
    const sums = (kind: string) =>
      store
        .listLedgerEntries({ hedgeId: "H-1" })
        .filter((entry) => entry.kind === kind && entry.id.includes("-SPOT:"))
        .map((entry) => entry.amountUsd.toFixed());
    // 0.5 at 60,000 and 0.001 % an hour, and the same of what it has grown by.
    expect(sums("interest")).toEqual(["-0.3", "-0.300003", "-0.300006"]);
    expect(sums("trade")).toEqual(["0.3", "0.300003", "0.300006"]);
    expect(heldOf(rig)).toEqual(["0.50001500015", "0.5"]);
    expect((await held(rig, SPOT)).toFixed()).toBe("-0.50001500015");
  });
});

describe("the drift that interest brings", () => {
  /** A short whose loan grows by so much in the first hour. */
  async function grown(perHour: string, change: Partial<Rebalance> = {}) {
    const rig = createTradingRig({ alpha: { spot: {}, borrowPerHour: perHour } });
    await bookCharges(rig);
    await open(rig, "short");
    const { settings } = rig.context;
    const context = {
      ...rig.context,
      settings: { ...settings, rebalance: { ...settings.rebalance, ...change } },
    };
    const changed = { ...rig, context };
    await anHour(changed);
    return changed;
  }

  async function anHour(rig: TradingRig) {
    rig.clock.jump(HOUR_MS);
    await bookCharges(rig);
    await keepWatch(rig.context);
  }

  test("is left within the limit, and told of to nobody", async () => {
    const rig = await grown("0.03");
    await watchForAWhile(rig);
    expect(heldOf(rig)).toEqual(["0.515", "0.5"]);
    expect(rig.store.getHedge("H-1")?.phase).toBe("open");
    expect(alertsOf(rig)).toEqual([]);
  });

  test.each([
    ["the limit of the settings", "0.03", { maxDrift: dec("0.02") }],
    ["the limit", "0.04", {}],
  ] as const)("is bought back beyond %s, the loan alone", async (_, perHour, change) => {
    const rig = await grown(perHour, change);
    expect(heldOf(rig)).toEqual(["0.5", "0.5"]);
    expect((await held(rig, PERP)).toFixed()).toBe("0.5");
    expect((await held(rig, SPOT)).plus("0.5").gte(ZERO)).toBe(true);
    const [attempt] = rig.store.listAttempts({ hedgeId: "H-1" }).slice(-1);
    expect([attempt?.purpose, attempt?.request.reduceOnly]).toEqual(["rebalance", true]);
    const told = alertsOf(rig).filter((text) => text.startsWith("info: BTC H-1: 0.0"));
    expect(told).toHaveLength(1);
  });

  test("is looked at once in an interval, and at once in an emergency", async () => {
    const rig = await grown("0.04", { intervalMs: 10 * HOUR_MS });
    expect(heldOf(rig)).toEqual(["0.5", "0.5"]);
    for (const grownTo of ["0.52", "0.5408"]) {
      await anHour(rig);
      // 3.99 and 8.16 % wait for the next look, 12.49 % do not.
      expect(
        dec(heldOf(rig)[0] ?? "0")
          .round(4)
          .toFixed(),
      ).toBe(grownTo);
    }
    await anHour(rig);
    expect(
      dec(heldOf(rig)[0] ?? "0")
        .round(3)
        .toFixed(),
    ).toBe("0.5");
    expect(heldOf(rig)[1]).toBe("0.5");
    expect(alertsOf(rig).filter((text) => text.includes("too small"))).toEqual([]);
  });

  test("is looked at again at once when a look came to nothing", async () => {
    const rig = createTradingRig({ alpha: { spot: {}, borrowPerHour: "0.04" } });
    await bookCharges(rig);
    await open(rig, "short");
    rig.clock.jump(HOUR_MS);
    await bookCharges(rig);
    const { transaction } = rig.store;
    Object.assign(rig.store, {
      transaction: () => {
        throw new Error("disk I/O error");
      },
    });
    await keepWatch(rig.context);
    Object.assign(rig.store, { transaction });
    expect(heldOf(rig)).toEqual(["0.52", "0.5"]);
    await keepWatch(rig.context);
    expect(heldOf(rig)).toEqual(["0.5", "0.5"]);
  });

  test("is closed with the rest, and what an order cannot take is no more than a lot", async () => {
    const rig = await grown("0.0301234567");
    const hedge = rig.store.getHedge("H-1");
    if (!hedge) throw new Error("it is there");
    expect((await closeHedge(rig.context, { hedge })).outcome).toBe("closed");
    expect((await held(rig, PERP)).toFixed()).toBe("0");
    expect((await held(rig, SPOT)).abs().lt("0.0001")).toBe(true);
  });

  test("is no reason for /kill to call itself unfinished when no order can take the rest", async () => {
    const rig = await grown("0.0301234567");
    rig.store.transaction(() => wantKill(rig.context));
    const result = await killSwitch(rig.context, { startedAt: rig.clock.wallNow() });
    expect(result.flat).toBe(true);
    expect(result.legs.every(({ closed }) => closed)).toBe(true);
    expect(rig.store.getHedge("H-1")?.phase).toBe("closed");
    expect(alertsOf(rig).filter((text) => text.startsWith("critical"))).toEqual([]);
  });

  test("is no excuse for legs that differ by a trade", async () => {
    const rig = await grown("0.01");
    rig.clock.jump(15_000);
    const request = orderRequest({
      ...{ symbol: PERP, size: "0.02", limit: "59990", side: "sell", reduceOnly: true },
    });
    await rig.alpha.trading.place(guarded(request));
    await watchForAWhile(rig);
    expect(heldOf(rig)).toEqual(["0.48", "0.48"]);
  });
});

type Rebalance = TradingRig["context"]["settings"]["rebalance"];

function heldOf({ store }: TradingRig): readonly string[] {
  return store.getHedge("H-1")?.legs.map((leg) => leg.heldBase.toFixed()) ?? [];
}

async function bookCharges(rig: TradingRig) {
  const { store, clock, context } = rig;
  const refresh = (hedgeId: string) => void refreshLegs(context, hedgeId);
  await bookInterest({ store, venues: context.venues, clock, log: silentLogger, refresh });
  store.transaction(() => void postFills(store));
}
