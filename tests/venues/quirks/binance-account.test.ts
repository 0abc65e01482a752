import { afterEach, describe, expect, test } from "bun:test";
import type { Instrument } from "#src/core/instrument.ts";
import { baseSize, price } from "#src/core/units.ts";
import { instrument } from "#tests/support/builders.ts";
import { guardedCancel, orderRequest } from "#tests/support/guarded-orders.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";
import { BINANCE_KEY, createBinanceRig } from "#tests/support/venues/binance-rig.ts";

type Rig = Awaited<ReturnType<typeof createBinanceRig>>;
type Over = NonNullable<Parameters<typeof createBinanceRig>[0]>;
const VENUE = "binance-sim";
const rigs: Rig[] = [];

afterEach(async () => {
  await Promise.all(rigs.splice(0).map((rig) => rig.server.stop()));
});

describe("the account on Binance", () => {
  test("counts unrealised losses into its equity, and knows what is free and what is needed", async () => {
    const { rig, feed } = await makeRig();
    hold(rig, "0.5");
    feed.setPrice(VENUE, "58000");
    const account = await rig.venue.account.account();
    // 0.5 bought at 60,000.1, now at 58,000, less the fee.
    expect(account.equityUsd.toFixed(2)).toBe("98984.95");
    expect(account.maintenanceUsd.toFixed(2)).toBe("290.00");
    expect(account.freeCollateralUsd.lt(account.equityUsd)).toBe(true);
  });

  test("shows a position with its sign, entry, mark and liquidation", async () => {
    const { rig } = await makeRig();
    hold(rig, "-0.5");
    const [position] = await rig.venue.account.positions();
    expect(position).toMatchObject({ venue: "binance", symbol: "BTCUSDT" });
    expect(position?.sizeBase.toFixed()).toBe("-0.5");
    expect(position?.entryPrice?.toFixed()).toBe("59999.9");
    expect(position?.liquidationPrice?.gt("60000")).toBe(true);
  });

  test("knows no liquidation price where Binance writes 0", async () => {
    const { rig } = await makeRig();
    hold(rig, "0.5");
    expect((await rig.venue.account.positions())[0]?.liquidationPrice).toBeNull();
  });

  test.each([-5_000, 15_000])(
    "is read with a clock that is %p ms off: the venue's counts",
    async (offMs) => {
      const { rig } = await makeRig({}, { serverNow: () => Date.now() + offMs });
      expect(await rig.venue.account.positions()).toEqual([]);
      const order = orderRequest({ venue: "binance", symbol: "BTCUSDT" });
      expect(await rig.venue.trading.cancel(guardedCancel(order))).toMatchObject({
        kind: "refused",
        code: "UNKNOWN_ORDER",
      });
    },
  );

  test("pays the fees of its own tier", async () => {
    const { rig } = await makeRig();
    const { takerFeeRate, makerFeeRate } = await rig.venue.account.feeRates("BTCUSDT");
    expect([takerFeeRate, makerFeeRate].map(String)).toEqual(["0.0005", "0.0002"]);
  });
});

describe("how the account would trade on Binance", () => {
  test.each([
    [
      "one-way, cross, trading",
      {},
      { positionMode: "oneWay", marginMode: "cross", status: "trading" },
    ],
    ["hedge mode", { dualSidePosition: true }, { positionMode: "hedge" }],
    ["isolated margin", { isolated: true }, { marginMode: "isolated" }],
    ["an account that may not trade", { canTrade: false }, { status: "halted" }],
    ["single-asset mode in USDT", { multiAssetsMargin: false }, { status: "trading" }],
  ])("says %s", async (_name, settings, expected) => {
    const { rig } = await makeRig();
    Object.assign(rig.desk.settings, settings);
    expect(await rig.venue.account.setup("BTCUSDT")).toMatchObject(expected);
  });

  test("lets nothing open that is going to be delisted", async () => {
    const { rig } = await makeRig();
    rig.desk.settings.ends.set("BTCUSDT", Date.now() + 3 * 86_400_000);
    expect(await rig.venue.account.setup("BTCUSDT")).toMatchObject({ status: "reduceOnly" });
  });

  test("is listed with its end only once one was announced", async () => {
    const ends = Date.now() + 3 * 86_400_000;
    const { rig } = await makeRig();
    const leaving = (await makeRig()).rig;
    leaving.desk.settings.ends.set("BTCUSDT", ends);
    const [stays, leaves] = await Promise.all(
      [rig, leaving].map(async ({ venue }) =>
        (await venue.data.instruments()).find(({ symbol }) => symbol === "BTCUSDT"),
      ),
    );
    expect([stays?.asset, stays?.endsAt, leaves?.endsAt]).toEqual(["BTC", undefined, ends]);
  });

  test("lets nothing open in USDC where only USDT backs positions", async () => {
    const { rig } = await makeRig({ settleCurrency: "USDC", symbol: "BTCUSDC" });
    rig.desk.settings.multiAssetsMargin = false;
    expect(await rig.venue.account.setup("BTCUSDC")).toMatchObject({ status: "reduceOnly" });
  });

  test("sees an instrument stop trading although it is still listed here", async () => {
    const { rig } = await makeRig();
    await rig.venue.data.instruments();
    rig.desk.settings.statuses.set("BTCUSDT", "SETTLING");
    expect(await rig.venue.account.setup("BTCUSDT")).toMatchObject({ status: "halted" });
  });
});

describe("a key for Binance", () => {
  test("shows whether it may trade or withdraw, and whose it is", async () => {
    const { rig } = await makeRig();
    const trusted = { canTrade: true, canWithdraw: false, accountId: "SgsR" };
    expect(await rig.driver.keyFacts()).toEqual(trusted);
    Object.assign(rig.desk.settings, { enableWithdrawals: true, enableFutures: false });
    const facts = { ...trusted, canWithdraw: true, canTrade: false };
    expect(await rig.driver.keyFacts()).toEqual(facts);
  });

  test("tells less on the demo venue, which is asked at its own address", async () => {
    const { rig } = await makeRig({}, { mode: "testnet" });
    expect(await rig.driver.keyFacts()).toMatchObject({ canTrade: true, canWithdraw: null });
    const hosts = new Set(rig.server.seen.map(({ url }) => url.host));
    expect([...hosts]).toEqual(["demo-fapi.binance.com"]);
  });

  test.each([
    ["its secret is wrong", { ...BINANCE_KEY, secret: "another" }, "-1022"],
    ["it is unknown", { ...BINANCE_KEY, apiKey: "another" }, "-2015"],
  ])(
    "is refused with the venue's code when %s, and is not shown",
    async (_name, credentials, code) => {
      const { rig } = await makeRig({}, { credentials });
      const error = await rig.driver.account().catch((thrown: unknown) => thrown);
      expect(String(error)).toContain(code);
      const shown = await rig.venue.account.account().catch((thrown: unknown) => String(thrown));
      expect(shown).toContain(code);
      for (const secret of Object.values(credentials)) expect(shown).not.toContain(secret);
    },
  );
});

async function makeRig(over: Partial<Instrument> = {}, rest: Omit<Over, "server"> = {}) {
  const traded = instrument({ venue: VENUE, symbol: "BTCUSDT", ...over });
  const feed = createSteadyMarket({ [VENUE]: { instrument: traded } });
  const rig = await createBinanceRig({ server: { feed }, ...rest });
  rigs.push(rig);
  return { rig, feed };
}

/** Through the venue's own engine: signed size. */
function hold({ desk }: Rig, signed: string): void {
  const sells = signed.startsWith("-");
  const outcome = desk.engine.place({
    ...{ venue: VENUE, symbol: "BTCUSDT", clientOrderId: "byHand0000", timeInForce: "ioc" },
    ...{ side: sells ? "sell" : "buy", sizeBase: baseSize(signed.replace("-", "")) },
    ...{ limitPrice: price(sells ? "59000" : "61000"), reduceOnly: false },
    expiresAt: Number.MAX_SAFE_INTEGER,
  });
  expect(outcome.kind).toBe("ack");
}
