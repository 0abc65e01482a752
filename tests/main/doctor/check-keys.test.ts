import { describe, expect, test } from "bun:test";
import { RetryableError } from "#src/core/errors.ts";
import { usd } from "#src/core/units.ts";
import { accountFact, createKeyJudge } from "#src/main/doctor/check-keys.ts";
import type { VenueMarketData } from "#src/ports/venue.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import type { KeyFacts, VenueDriver } from "#src/venues/ccxt/driver.ts";
import { binance } from "#src/venues/quirks/binance.ts";
import { bybit } from "#src/venues/quirks/bybit.ts";
import { createFakeClock } from "#tests/support/fake-clock.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";

const QUIRKS = { binance, bybit };
type Facts = Partial<KeyFacts> | Error;

/** Both venues, with keys that say this; a store that lives as long as the test. */
function rig(facts: { binance?: Facts; bybit?: Facts | "hangs" } = {}) {
  const clock = createFakeClock();
  const store = openStore({ path: ":memory:", wallNow: Date.now });
  const venues = new Map(
    (["binance", "bybit"] as const).map((id) => {
      const driver: Partial<VenueDriver> = {
        profile: QUIRKS[id].profile,
        async keyFacts() {
          const said = facts[id] ?? {};
          if (said === "hangs") return new Promise(() => undefined);
          if (said instanceof Error) throw said;
          return { canTrade: true, canWithdraw: false, accountId: `account-of-${id}`, ...said };
        },
        account: async () => ({
          ...{ equityUsd: usd("10"), freeCollateralUsd: usd("10"), maintenanceUsd: usd("0") },
        }),
      };
      const data: Partial<VenueMarketData> = { time: () => Promise.reject(new Error("no answer")) };
      return [id, { driver: driver as VenueDriver, data: data as VenueMarketData }] as const;
    }),
  );
  store.transaction(() => store.setFact("chatId", "1"));
  const judgeIn = (mode: "paper" | "testnet" | "live") =>
    createKeyJudge({ venues, mode, store, log: silentLogger, clock });
  const told = () => store.recentAlerts(9).map(({ text }) => text);
  return { ...{ store, clock, facts, judgeIn, told }, judge: judgeIn("live") };
}

describe("keys at the start", () => {
  test("that are good are let through, and whose they are is remembered", async () => {
    const { store, judge } = rig();
    expect(judge.why("binance")).toBe("its key is not checked yet");

    await judge.start(false);
    expect([judge.why("binance"), judge.why("bybit")]).toEqual([null, null]);
    expect(store.getFact(accountFact("binance"))).toBe("account-of-binance");
    expect(store.getFact(accountFact("bybit"))).toBe("account-of-bybit");
    await judge.start(false);
  });

  test("that are refused stop it, with a line for each; nothing is remembered", async () => {
    const { store, judge } = rig({
      binance: { canWithdraw: true },
      bybit: { canTrade: false, canWithdraw: true },
    });
    const error = await judge.start(false).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ name: "OperatorError" });
    expect(error instanceof Error && error.message.split("\n")).toHaveLength(3);
    expect(store.getFact(accountFact("binance"))).toBeNull();
  });

  test("of another account than at the first start stop it", async () => {
    const { store, judge } = rig();
    store.transaction(() => store.setFact(accountFact("bybit"), "account-before"));

    for (const held of [false, true]) {
      await expect(judge.start(held)).rejects.toThrow(
        /of account …ybit, but the hedges here were made with …fore/,
      );
    }
  });

  test("whose venue does not answer do not stop it: nothing opens there until it does", async () => {
    const { store, clock, facts, judge, told } = rig({
      bybit: new RetryableError("Bybit: too many requests"),
    });
    await judge.start(false);
    expect([judge.why("binance"), judge.why("bybit")]).toEqual([
      null,
      expect.stringContaining("its key is not checked and nothing opens there"),
    ]);
    expect(store.getFact(accountFact("bybit"))).toBeNull();
    expect(store.getFact(accountFact("binance"))).not.toBeNull();

    await clock.advance(30_000);
    expect(judge.why("bybit")).not.toBeNull();
    facts.bybit = {};
    await clock.advance(30_000);
    expect(judge.why("bybit")).toBeNull();
    expect(store.getFact(accountFact("bybit"))).toBe("account-of-bybit");
    expect(told()).toEqual([]);
  });

  test("that turn out bad later are told of once, and judged again when they were mended", async () => {
    const { clock, facts, judge, told } = rig({ bybit: new RetryableError("no answer") });
    await judge.start(false);
    facts.bybit = { canWithdraw: true };
    await clock.advance(30_000);
    await clock.advance(30_000);
    expect(judge.why("bybit")).toContain("may withdraw");
    expect(told()).toEqual([expect.stringContaining("the key for Bybit may withdraw")]);

    facts.bybit = {};
    await clock.advance(30_000);
    expect(judge.why("bybit")).toBeNull();
  });

  test("that are refused while hedges are held do not leave the other legs alone", async () => {
    const { judge, told } = rig({ bybit: { canTrade: false } });

    await judge.start(true);
    expect([judge.why("binance"), judge.why("bybit")]).toEqual([
      null,
      expect.stringContaining("may not trade"),
    ]);
    expect(told()).toEqual([expect.stringContaining("what is held is watched")]);
  });

  test("whose venue hangs do not hold up the start", async () => {
    const { clock, judge } = rig({ bybit: "hangs" });
    const start = judge.start(false);
    await clock.advance(12_000);
    await start;
    expect(judge.why("bybit")).toContain("did not say in time");
  });

  test("are not looked at in mode paper", async () => {
    const { judgeIn } = rig({ binance: new Error("asked"), bybit: new Error("asked") });
    const judge = judgeIn("paper");
    await judge.start(false);
    expect(judge.why("binance")).toBeNull();
  });
});
