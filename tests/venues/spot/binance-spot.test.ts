import { afterEach, describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { checkKey } from "#src/venues/ccxt/check-key.ts";
import {
  type BinanceSpotServer,
  connectBinanceSpot,
  income,
  startBinanceSpot,
} from "#tests/support/venues/binance-spot.ts";
import { spotConformance } from "./spot-conformance.ts";

spotConformance("Binance", {
  ...{ btc: "BTCUSDT-SPOT", pepe: "PEPEUSDT-SPOT" },
  start: startBinanceSpot,
  connect: connectBinanceSpot,
});

const servers: BinanceSpotServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

function server(): BinanceSpotServer {
  const started = startBinanceSpot();
  servers.push(started);
  return started;
}

describe("Binance's cross margin account", () => {
  test("is a wallet of its own beside the one of futures", async () => {
    const started = server();
    started.desk.move("BTC", dec("-0.5"));
    started.desk.move("BNB", dec("2"));
    const { account } = await connectBinanceSpot(started);
    const [perps, spot] = [await account.account(), await account.account("spot")];
    expect([perps.wallet, perps.equityUsd.toFixed()]).toEqual(["perp", "250"]);
    expect(spot.wallet).toBe("spot");
    // 100,000 in dollars and 1,200 in coins, less 30,000 that are owed.
    expect(spot.equityUsd.toFixed()).toBe("71200");
    expect(spot.freeCollateralUsd.toFixed()).toBe("40000");
    expect(spot.maintenanceUsd.toFixed()).toBe("3000");
  });

  test("is left alone, and its wallet not named, where the key may not use it", async () => {
    const started = server();
    started.mayTradeSpot = false;
    const { account } = await connectBinanceSpot(started);
    expect((await account.account()).wallet).toBeUndefined();
    expect(started.seen.some(({ url }) => url.pathname === "/sapi/v1/margin/account")).toBe(false);
  });

  test("is asked for by the doctor: the rights of the key, then its money", async () => {
    const started = server();
    const { driver } = await connectBinanceSpot(started);
    const check = async () =>
      (await checkKey({ driver, mode: "live", expectedAccountId: null })).findings;
    expect(await check()).toEqual([]);
    started.desk.balances.clear();
    expect(await check()).toMatchObject([{ code: "EMPTY_ACCOUNT", severity: "note" }]);
    started.mayTradeSpot = false;
    const [finding] = await check();
    expect(finding).toMatchObject({ code: "NO_SPOT", severity: "note" });
    expect(finding?.says).toContain("cross margin");
  });

  test("tells a move between its wallets to nobody, whichever end of it is told", async () => {
    const started = server();
    const { account } = await connectBinanceSpot(started);
    const told = async (since: number) =>
      (await account.transfers?.(since))?.map((one) => one.amountUsd.toFixed()).toSorted();
    // A look back that begins between the two ends.
    expect(await told(Date.now() - 119_000)).toEqual(["-30000"]);
    // The other end is not told yet.
    started.moves.futures = [income("-40", 2, Date.now() - 1_000)];
    started.moves.margin = [];
    expect(await told(Date.now() - 3_600_000)).toEqual([]);
  });

  test("does not keep the transfers of futures from being told where there is none", async () => {
    const started = server();
    started.mayTradeSpot = false;
    const { account } = await connectBinanceSpot(started);
    const moved = await account.transfers?.(Date.now() - 3_600_000);
    expect(moved?.map((one) => one.amountUsd.toFixed())).toEqual(["500", "-40"]);
  });

  test("is beside a futures wallet whose moves go by four names, each numbered by itself", async () => {
    const started = server();
    started.mayTradeSpot = false;
    started.moves.others = [
      { ...income("7", 1), incomeType: "INTERNAL_TRANSFER" },
      { ...income("-3", 1), incomeType: "STRATEGY_UMFUTURES_TRANSFER" },
      { ...income("2", 9), incomeType: "WELCOME_BONUS" },
    ];
    const { account } = await connectBinanceSpot(started);
    const moved = await account.transfers?.(Date.now() - 3_600_000);
    expect(moved?.map((one) => one.amountUsd.toFixed())).toEqual(["500", "-40", "7", "-3"]);
    expect(new Set(moved?.map((one) => one.transferId)).size).toBe(4);
  });

  test("is not used while it is closed for trading, and says so", async () => {
    const started = server();
    started.tradeEnabled = false;
    const { driver } = await connectBinanceSpot(started);
    expect((await driver.keyFacts()).noSpot).toContain("may not trade now");
  });

  test("is asked for what rests only in markets that it can have traded in", async () => {
    const started = server();
    started.desk.move("BTC", dec("0.5"));
    const { account } = await connectBinanceSpot(started);
    await account.openOrders();
    const asked = started.seen
      .filter(({ url }) => url.pathname === "/sapi/v1/margin/openOrders")
      .map(({ url }) => url.searchParams.get("symbol"));
    expect(asked).toEqual(["BTCUSDT"]);
  });

  test("tells nobody without a key what it lends", async () => {
    const { data } = await connectBinanceSpot(server(), { credentials: null, mode: "paper" });
    expect(data.borrowRates).toBeUndefined();
    expect((await data.instruments()).some((one) => one.kind === "spot")).toBe(true);
  });
});
