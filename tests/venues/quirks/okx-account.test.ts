import { afterAll, describe, expect, test } from "bun:test";
import { BTC, scriptedOkx, swap } from "#tests/support/venues/okx-rig.ts";

const running: { stop(): Promise<void> }[] = [];
afterAll(() => Promise.all(running.map((one) => one.stop())));

async function over(answers: Parameters<typeof scriptedOkx>[0]) {
  const { loopback, venue } = await scriptedOkx(answers);
  running.push(loopback);
  return venue;
}

/** The decimals of an answer as text, to compare. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe("equity", () => {
  const usdt = {
    ...{ ccy: "USDT", eq: "4992.890093622894", eqUsd: "4991.542013297616" },
    ...{ availEq: "4834.3170936228935", availBal: "4834.317093622894", upl: "-7.545600000000006" },
    ...{ cashBal: "5000.4356936228940006", imr: "158.573", mmr: "31.7", frozenBal: "158.573" },
  };
  const blank = { adjEq: "", availEq: "", imr: "", mmr: "", isoEq: "0", mgnRatio: "", upl: "" };
  const bitcoin = { ccy: "BTC", eq: "1", eqUsd: "50000", availEq: "1", mmr: "", upl: "0" };

  test("in the mode for futures is that of USDT alone, with unrealised P&L", async () => {
    const venue = await over({
      "GET account/balance": [{ ...blank, totalEq: "54991.54", details: [bitcoin, usdt] }],
    });
    expect(plain(await venue.account.account())).toMatchObject({
      ...{ equityUsd: "4992.890093622894", freeCollateralUsd: "4834.3170936228935" },
      maintenanceUsd: "31.7",
    });
    expect("marginRatio" in (await venue.account.account())).toBe(false);
  });

  test("carries the venue's own margin ratio, of the pool that backs our contracts", async () => {
    const futures = await over({
      "GET account/balance": [{ ...blank, details: [bitcoin, { ...usdt, mgnRatio: "41.5" }] }],
    });
    const whole = { adjEq: "55415.6", availEq: "624.7", mmr: "12.5", mgnRatio: "11.25" };
    const unified = await over({
      "GET account/balance": [{ ...blank, ...whole, details: [usdt] }],
    });
    const ratios = [futures, unified].map(async (one) => (await one.account.account()).marginRatio);
    expect(plain(await Promise.all(ratios))).toEqual(["41.5", "11.25"]);
  });

  test("in the modes with one pool is what all of it is worth as margin", async () => {
    const whole = { adjEq: "55415.624719833286", availEq: "624.719833286", mmr: "12.5", imr: "40" };
    const venue = await over({
      "GET account/balance": [{ ...blank, ...whole, totalEq: "55837.43", details: [usdt] }],
    });
    expect(plain(await venue.account.account())).toMatchObject({
      ...{ equityUsd: "55415.624719833286", freeCollateralUsd: "624.719833286" },
      maintenanceUsd: "12.5",
    });
  });

  test("needs no maintenance while nothing is held, and is nothing without USDT", async () => {
    const idle = { ...usdt, mmr: "", imr: "", upl: "0" };
    const venue = await over({ "GET account/balance": [{ ...blank, details: [idle] }] });
    expect((await venue.account.account()).maintenanceUsd.toFixed()).toBe("0");
    const poor = await over({ "GET account/balance": [{ ...blank, details: [bitcoin] }] });
    expect((await poor.account.account()).equityUsd.toFixed()).toBe("0");
  });

  test.each([
    ["maintenance beside an open result", { ...usdt, mmr: "" }],
    ["equity", { ...usdt, eq: "" }],
    ["free collateral", { ...usdt, availEq: "" }],
  ])("without %s is not guessed", async (_name, row) => {
    const venue = await over({ "GET account/balance": [{ ...blank, details: [row] }] });
    await expect(venue.account.account()).rejects.toThrow("is missing");
  });
});

describe("positions", () => {
  const row = (over: Readonly<Record<string, string>> = {}) => ({
    ...{ adl: "1", availPos: "", avgPx: "57517.1", ccy: "USDT", instId: BTC, instType: "SWAP" },
    ...{ lever: "3", liqPx: "79999.5", margin: "", markPx: "57500.2", mgnMode: "cross" },
    ...{ mgnRatio: "12", mmr: "0.2", notionalUsd: "575", pos: "-1.25", posSide: "net", upl: "0.2" },
    ...over,
  });

  test("are signed coins, not contracts (Q10)", async () => {
    const venue = await over({ "GET account/positions": [row()] });
    expect(plain(await venue.account.positions())).toEqual([
      {
        ...{ venue: "okx", symbol: BTC, sizeBase: "-0.0125", entryPrice: "57517.1" },
        ...{ markPrice: "57500.2", liquidationPrice: "79999.5", adlRank: 1 },
      },
    ]);
  });

  test("without a liquidation price have none, and flat ones are none", async () => {
    const venue = await over({ "GET account/positions": [row({ liqPx: "" })] });
    expect((await venue.account.positions())[0]?.liquidationPrice).toBeNull();
    const flat = await over({ "GET account/positions": [row({ pos: "0", avgPx: "" })] });
    expect(await flat.account.positions()).toEqual([]);
  });

  test("of both sides in hedge mode are one: what is held in all", async () => {
    const sides = [row({ pos: "3", posSide: "long" }), row({ pos: "1", posSide: "short" })];
    const venue = await over({ "GET account/positions": sides });
    expect(plain(await venue.account.positions())).toMatchObject([
      { sizeBase: "0.02", entryPrice: null, liquidationPrice: null },
    ]);
  });

  test("in a contract that is not listed are seen by what they are worth, beside the others", async () => {
    const strange = {
      ...{ instId: "NEW-USDT-SWAP", pos: "-40", markPx: "0.25", avgPx: "0.2", liqPx: "" },
      ...{ notionalUsd: "99.95", usdPx: "0.9995" },
    };
    const venue = await over({ "GET account/positions": [row(strange), row()] });
    expect(plain(await venue.account.positions())).toMatchObject([
      { symbol: "NEW-USDT-SWAP", sizeBase: "-400", markPrice: "0.25", entryPrice: "0.2" },
      { symbol: BTC, sizeBase: "-0.0125" },
    ]);
    const unnamed = await over({ "GET account/positions": [row({ ...strange, notionalUsd: "" })] });
    await expect(unnamed.account.positions()).rejects.toThrow("notionalUsd");
  });

  test("in coin-margined contracts are somebody else's", async () => {
    const venue = await over({ "GET account/positions": [row({ instId: "BTC-USD-SWAP" })] });
    expect(await venue.account.positions()).toEqual([]);
  });
});

describe("settings", () => {
  const config = (over: Readonly<Record<string, string>> = {}) => ({
    ...{ acctLv: "2", posMode: "net_mode", uid: "44705892343619584", perm: "read_only,trade" },
    ...over,
  });
  const lever = { instId: BTC, mgnMode: "cross", posSide: "net", lever: "3" };
  const settings = (
    account: Readonly<Record<string, string>>,
    instrument = swap(),
    levers: readonly object[] = [lever],
  ) =>
    over({
      "GET account/config": [account],
      "GET account/leverage-info": levers,
      "GET public/instruments": [instrument],
    });

  test("say leverage, one-way and cross", async () => {
    const venue = await settings(config());
    expect(plain(await venue.account.setup(BTC))).toEqual({
      ...{ leverage: "3", positionMode: "oneWay", marginMode: "cross", status: "trading" },
    });
  });

  test("in hedge mode are told, with the higher leverage of the two sides", async () => {
    const both = [
      { ...lever, posSide: "long" },
      { ...lever, posSide: "short", lever: "10" },
    ];
    const venue = await settings(config({ posMode: "long_short_mode" }), swap(), both);
    expect(plain(await venue.account.setup(BTC))).toMatchObject({
      ...{ leverage: "10", positionMode: "hedge" },
    });
  });

  test("of a suspended contract are halted", async () => {
    const venue = await settings(config(), swap({ state: "suspend" }));
    expect((await venue.account.setup(BTC)).status).toBe("halted");
  });

  test("of a contract that is going to be delisted let only close", async () => {
    const venue = await settings(config(), swap({ expTime: "1790000000000" }));
    expect((await venue.account.setup(BTC)).status).toBe("reduceOnly");
  });

  test("in spot mode cannot trade swaps at all", async () => {
    const venue = await settings(config({ acctLv: "1" }));
    await expect(venue.account.setup(BTC)).rejects.toThrow("spot mode");
  });

  test.each([
    ["read_only,trade", { canTrade: true, canWithdraw: false }],
    ["read_only,withdraw,trade", { canTrade: true, canWithdraw: true }],
    ["read_only", { canTrade: false, canWithdraw: false }],
  ])("tell of a key that may %s", async (perm, facts) => {
    const venue = await over({ "GET account/config": [config({ perm })] });
    expect(await venue.driver.keyFacts()).toEqual({ ...facts, accountId: "44705892343619584" });
  });

  test("do not tell of a key whose permissions the venue keeps to itself", async () => {
    const venue = await over({ "GET account/config": [config({ perm: "", uid: "" })] });
    const unknown = { canTrade: null, canWithdraw: null, accountId: null };
    expect(await venue.driver.keyFacts()).toEqual(unknown);
  });
});

describe("fees", () => {
  const fees = {
    ...{ category: "1", instType: "SWAP", level: "Lv1", maker: "-0.0002", taker: "-0.0005" },
    ...{ makerU: "-0.00018", takerU: "-0.00045" },
  };

  test("are those of the contract's group, charged as a positive number", async () => {
    const feeGroup = [
      { groupId: "1", maker: "-0.0001", taker: "-0.0003" },
      { groupId: "2", maker: "0.00005", taker: "-0.0004" },
    ];
    const venue = await over({ "GET account/trade-fee": [{ ...fees, feeGroup }] });
    const found = plain(await venue.account.feeRates(BTC));
    expect(found).toEqual({ takerFeeRate: "0.0004", makerFeeRate: "-0.00005" });
  });

  test("are those of USDT contracts where there are no groups", async () => {
    const venue = await over({ "GET account/trade-fee": [fees] });
    const found = plain(await venue.account.feeRates(BTC));
    expect(found).toEqual({ takerFeeRate: "0.00045", makerFeeRate: "0.00018" });
  });

  test("are not the list's where the venue says none", async () => {
    const venue = await over({ "GET account/trade-fee": [{ ...fees, takerU: "" }] });
    await expect(venue.account.feeRates(BTC)).rejects.toThrow("takerU is missing");
  });
});
