import { afterEach, describe, expect, test } from "bun:test";
import {
  bybitInstrument,
  connectBybit,
  startBybitSaying,
} from "#tests/support/venues/bybit-rig.ts";
import type { Loopback } from "#tests/support/venues/loopback.ts";

const servers: Loopback[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function saying(answers: Parameters<typeof startBybitSaying>[0]) {
  const server = startBybitSaying(answers);
  servers.push(server);
  return { server, venue: await connectBybit(server) };
}

const wallet = {
  ...{ accountType: "UNIFIED", totalEquity: "18070.32797922", totalWalletBalance: "18180.43" },
  ...{ totalPerpUPL: "-110.10202078", totalAvailableBalance: "17887.72614237" },
  totalMaintenanceMargin: "0.38106773",
  coin: [{ coin: "USDT", walletBalance: "18180.43", equity: "18070.32797922" }],
};

describe("Bybit's account", () => {
  test("counts unrealised P&L into equity, where ccxt's total does not", async () => {
    const { venue } = await saying({ "/v5/account/wallet-balance": { list: [wallet] } });
    const state = await venue.account.account();
    expect(state.equityUsd.toFixed()).toBe("18070.32797922");
    expect(state.freeCollateralUsd.toFixed()).toBe("17887.72614237");
    expect(state.maintenanceUsd.toFixed()).toBe("0.38106773");
  });

  test("tells the venue's own ratio turned over, and none while nothing is at stake", async () => {
    const ratioAt = async (accountMMRate: string) => {
      const list = [{ ...wallet, accountMMRate }];
      const { venue } = await saying({ "/v5/account/wallet-balance": { list } });
      return (await venue.account.account()).marginRatio?.toFixed();
    };
    expect([await ratioAt("0.2"), await ratioAt("0"), await ratioAt("")]).toEqual([
      ...["5", undefined, undefined],
    ]);
  });

  test("without free collateral is refused with what to do, never taken for zero", async () => {
    const isolated = { ...wallet, totalAvailableBalance: "", totalMaintenanceMargin: "" };
    const { venue } = await saying({ "/v5/account/wallet-balance": { list: [isolated] } });
    await expect(venue.account.account()).rejects.toThrow("cross margin mode");
  });

  test("is asked for its own fees", async () => {
    const fees = { symbol: "BTCUSDT", takerFeeRate: "0.00044", makerFeeRate: "-0.00001" };
    const { venue } = await saying({ "/v5/account/fee-rate": { list: [fees] } });
    const { takerFeeRate, makerFeeRate } = await venue.account.feeRates("BTCUSDT");
    expect([takerFeeRate.toFixed(), makerFeeRate.toFixed()]).toEqual(["0.00044", "-0.00001"]);
  });
});

describe("Bybit's positions", () => {
  const short = {
    ...{ positionIdx: 0, symbol: "1000PEPEUSDT", side: "Sell", size: "2500", leverage: "3" },
    ...{ avgPrice: "0.0123456", markPrice: "0.0124", liqPrice: "", isReduceOnly: false },
  };
  const pepe = bybitInstrument({ symbol: "1000PEPEUSDT", baseCoin: "1000PEPE" });
  const instruments = (query: URLSearchParams) => ({
    list: query.get("status") === "PreLaunch" ? [] : [pepe],
  });

  test("are read for both currencies, to the last page, signed and in canonical base units", async () => {
    const { venue, server } = await saying({
      "/v5/market/instruments-info": instruments,
      "/v5/position/list": (query: URLSearchParams) => {
        if (query.get("settleCoin") === "USDC") return { list: [], nextPageCursor: "" };
        // It comes encoded and goes back as it came, so the venue reads the comma.
        const second = query.get("cursor") === "1000PEPEUSDT,1";
        const dated = { ...short, symbol: "PEPE-26DEC26" };
        return second
          ? { list: [short], nextPageCursor: "" }
          : { list: [dated, { ...short, size: "0" }], nextPageCursor: "1000PEPEUSDT%2C1" };
      },
    });
    const [one, ...rest] = await venue.account.positions();
    expect(rest).toEqual([]);
    expect(one).toMatchObject({ symbol: "1000PEPEUSDT", liquidationPrice: null });
    expect(one?.sizeBase.toFixed()).toBe("-2500000");
    expect(one?.entryPrice?.toFixed()).toBe("0.0000123456");
    expect(one?.markPrice.toFixed()).toBe("0.0000124");
    const asked = server.seen.filter(({ url }) => url.pathname === "/v5/position/list");
    expect(asked.map(({ url }) => url.searchParams.get("settleCoin")).toSorted()).toEqual([
      ...["USDC", "USDT", "USDT"],
    ]);
  });

  test("that go round in circles are not read for ever", async () => {
    const { venue } = await saying({
      "/v5/market/instruments-info": instruments,
      "/v5/position/list": { list: [short], nextPageCursor: "again" },
    });
    await expect(venue.account.positions()).rejects.toThrow("round in circles");
  });
});

describe("how Bybit's account would trade", () => {
  const flat = { positionIdx: 0, symbol: "BTCUSDT", side: "", size: "0", leverage: "10" };
  const asked = (
    over: {
      readonly sides?: readonly unknown[];
      readonly mode?: string;
      readonly instrument?: Readonly<Record<string, unknown>>;
    } = {},
  ) =>
    saying({
      "/v5/position/list": { list: over.sides ?? [flat] },
      "/v5/account/info": { marginMode: over.mode ?? "REGULAR_MARGIN", unifiedMarginStatus: 6 },
      "/v5/market/instruments-info": (query: URLSearchParams) => ({
        list: query.has("limit") ? [bybitInstrument()] : [bybitInstrument(over.instrument)],
      }),
    });

  test("is one-way, cross and trading by the venue's own words", async () => {
    const { venue } = await asked();
    const setup = await venue.account.setup("BTCUSDT");
    expect(setup.leverage?.toFixed()).toBe("10");
    expect(setup).toMatchObject({ positionMode: "oneWay", marginMode: "cross", status: "trading" });
  });

  test("shows hedge mode and isolated margin", async () => {
    const sides = [1, 2].map((positionIdx) => ({ ...flat, positionIdx }));
    const { venue } = await asked({ sides, mode: "ISOLATED_MARGIN" });
    expect(await venue.account.setup("BTCUSDT")).toMatchObject({
      ...{ positionMode: "hedge", marginMode: "isolated" },
    });
  });

  test("only reduces when a delisting is announced, and halts when it trades no more", async () => {
    const leaving = await asked({ instrument: { deliveryTime: "1790000000000" } });
    expect((await leaving.venue.account.setup("BTCUSDT")).status).toBe("reduceOnly");
    const gone = await asked({ instrument: { status: "Closed" } });
    expect((await gone.venue.account.setup("BTCUSDT")).status).toBe("halted");
    const limited = await asked({ sides: [{ ...flat, isReduceOnly: true }] });
    expect((await limited.venue.account.setup("BTCUSDT")).status).toBe("reduceOnly");
  });

  test("is refused in portfolio margin, where no leverage is named", async () => {
    const { venue } = await asked({ mode: "PORTFOLIO_MARGIN", sides: [{ ...flat, leverage: "" }] });
    await expect(venue.account.setup("BTCUSDT")).rejects.toThrow("choose cross margin");
  });
});

describe("a key of Bybit", () => {
  const key = {
    ...{ readOnly: 0, uta: 1, userID: 53888001 },
    permissions: { ContractTrade: ["Order", "Position"], Wallet: ["AccountTransfer"] },
  };
  const facts = async (over: Readonly<Record<string, unknown>>) => {
    const { venue } = await saying({ "/v5/user/query-api": { ...key, ...over } });
    return venue.driver.keyFacts();
  };

  test("that trades and cannot withdraw is told from one that can", async () => {
    expect(await facts({})).toEqual({
      ...{ canTrade: true, canWithdraw: false, accountId: "53888001" },
    });
    const permissions = { ...key.permissions, Wallet: ["AccountTransfer", "Withdraw"] };
    expect(await facts({ permissions })).toMatchObject({ canWithdraw: true });
  });

  test("that only reads, or may not place orders, cannot trade", async () => {
    expect(await facts({ readOnly: 1 })).toMatchObject({ canTrade: false });
    expect(await facts({ permissions: { Wallet: [] } })).toMatchObject({ canTrade: false });
  });

  test("of an account that is not unified says what to do", async () => {
    await expect(facts({ uta: 0 })).rejects.toThrow("upgrade it there");
  });
});

describe("a market that Bybit has suspended or taken off its list", () => {
  const symbol = "1000PEPEUSDT";
  const at = String(Date.now() - 60_000);
  const held = {
    ...{ positionIdx: 0, symbol, side: "Sell", size: "2500", leverage: "3" },
    ...{ avgPrice: "0.0123456", markPrice: "0.0124", liqPrice: "" },
  };
  const resting = {
    ...{ symbol, orderId: "fd4300ae", orderLinkId: "Hlate", side: "Buy", qty: "2500" },
    ...{ cumExecQty: "0", orderStatus: "New", reduceOnly: true },
  };
  const settled = {
    ...{ symbol, orderId: "8c065341", orderLinkId: "", side: "Buy", execId: "e1" },
    ...{ execType: "Settle", execPrice: "0.0125", execQty: "2500", execFee: "0.0171875" },
    ...{ feeCurrency: "", isMaker: false, execTime: at },
  };
  const paid = {
    ...{ symbol, type: "SETTLEMENT", currency: "USDT", side: "Sell", tradeId: "t1" },
    ...{ funding: "-0.01", feeRate: "-0.0001", transactionTime: at },
  };
  const answers = {
    "/v5/position/list": { list: [held] },
    "/v5/order/realtime": { list: [resting] },
    "/v5/execution/list": { list: [settled] },
    "/v5/account/transaction-log": { list: [paid] },
  };

  test("is not taken for flat, and what rests there is shown", async () => {
    const { account } = (await saying(answers)).venue;
    const [position] = await account.positions();
    expect([position?.symbol, position?.sizeBase.toFixed()]).toEqual([symbol, "-2500000"]);
    const [order] = await account.openOrders();
    expect([order?.venueOrderId, order?.sizeBase.toFixed()]).toEqual(["fd4300ae", "2500000"]);
  });

  test("has its last fill and its last payment booked", async () => {
    const { account } = (await saying(answers)).venue;
    const [fill, ...others] = await account.fills(Number(at) - 1_000);
    expect(others).toEqual([]);
    expect(fill).toMatchObject({ symbol, cause: "deleveraging" });
    expect([fill?.sizeBase.toFixed(), fill?.price.toFixed()]).toEqual(["2500000", "0.0000125"]);
    const [payment] = await account.fundingPayments(Number(at) - 1_000);
    expect([payment?.symbol, payment?.amountUsd.toFixed()]).toEqual([symbol, "-0.01"]);
  });
});
