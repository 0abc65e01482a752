import { afterEach, describe, expect, test } from "bun:test";
import type { Answers, DocumentedVenue } from "#tests/support/venues/documented-venue.ts";
import {
  done,
  PACIFICA_AGENT_KEY,
  PACIFICA_WALLET,
  PACIFICA_WALLET_KEY,
  pacificaMarketRow,
  pacificaPriceRow,
  startPacifica,
} from "#tests/support/venues/pacifica-documents.ts";

const running: DocumentedVenue[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

async function saying(answers: Answers = {}, over = {}): Promise<DocumentedVenue> {
  const documented = await startPacifica(answers, over);
  running.push(documented);
  return documented;
}

/** On the hour, and what the venue writes a moment later. */
const [HOUR, AT] = [1_759_222_800_000, 1_759_222_804_122];
const PEPE = pacificaMarketRow({
  ...{
    symbol: "kPEPE",
    base_asset: "kPEPE",
    lot_size: "1",
    tick_size: "0.000001",
    max_leverage: 10,
  },
});

describe("Pacifica's instruments", () => {
  test("are in canonical base units, also where ccxt writes kPEPE in capitals", async () => {
    const { venue, server } = await saying({
      "GET /api/v1/info": done([pacificaMarketRow(), PEPE]),
    });

    const [btc, pepe] = await venue.data.instruments();

    expect(btc).toMatchObject({
      symbol: "BTC",
      asset: "BTC",
      settleCurrency: "USDC",
      kind: "perp",
    });
    expect(btc?.minNotionalUsd.toFixed()).toBe("10");
    expect(btc?.maintenanceRate.toFixed()).toBe("0.01");
    expect(pepe).toMatchObject({ symbol: "kPEPE", asset: "PEPE" });
    expect(pepe?.lotStepBase.toFixed()).toBe("1000");
    expect(pepe?.priceTick.toFixed()).toBe("0.000000001");
    expect(pepe?.maintenanceRate.toFixed()).toBe("0.05");
    expect(server.seen).toHaveLength(1);
  });

  test.each([
    ["spot", { instrument_type: "spot", symbol: "SOL-USDC" }],
    ["without a grid", { symbol: "X", base_asset: "X", tick_size: null }],
    ["without a leverage", { symbol: "X", base_asset: "X", max_leverage: 0 }],
  ])("are none when %s", async (_, over) => {
    const { venue } = await saying({
      "GET /api/v1/info": done([pacificaMarketRow(), pacificaMarketRow(over)]),
    });

    expect((await venue.data.instruments()).map((one) => one.symbol)).toEqual(["BTC"]);
  });
});

describe("Pacifica's funding", () => {
  test("is the hour to come, not the one that was paid, for all in one request", async () => {
    const { venue, asked } = await saying({
      "GET /api/v1/info": done([pacificaMarketRow(), PEPE]),
      "GET /api/v1/info/prices": done([
        pacificaPriceRow(),
        pacificaPriceRow({ symbol: "kPEPE", next_funding: "-0.0001" }),
        pacificaPriceRow({ symbol: "SOL-USDC" }),
      ]),
    });

    const rates = await venue.data.fundingRates();

    expect(rates.map((one) => [one.symbol, one.rate.toFixed(), one.intervalText])).toEqual([
      ["BTC", "0.00011096", "1h"],
      ["kPEPE", "-0.0001", "1h"],
    ]);
    expect(asked("/api/v1/info/prices")).toHaveLength(1);
  });

  test("is realised on the hour, on every page", async () => {
    const row = (created_at: number, funding_rate: string) => ({
      ...{ oracle_price: "117170.410304", bid_impact_price: "117126", ask_impact_price: "117142" },
      ...{ funding_rate, next_funding_rate: "0.0000125", created_at },
    });
    const { venue } = await saying({
      "GET /api/v1/funding_rate/history": ({ url }: { url: URL }) =>
        url.searchParams.has("cursor")
          ? done([row(AT - 7_200_000, "0.00003")])
          : done([row(AT, "0.00001"), row(AT - 3_600_000, "0.00002")], "next"),
    });

    const settled = await venue.data.fundingHistory("BTC", HOUR - 10_000_000);

    expect(settled.map((one) => [one.fundingAt, one.rate.toFixed(), one.intervalHours])).toEqual([
      [HOUR - 7_200_000, "0.00003", "1"],
      [HOUR - 3_600_000, "0.00002", "1"],
      [HOUR, "0.00001", "1"],
    ]);
  });

  test("payments are what was paid out, not the size of the position (Q1)", async () => {
    const row = {
      ...{ history_id: 2_287_920, symbol: "PUMP", side: "ask", amount: "39033804" },
      ...{ payout: "2.617479", rate: "0.0000125", created_at: AT },
    };
    const { venue } = await saying({
      "GET /api/v1/funding/history": ({ url }: { url: URL }) =>
        url.searchParams.has("cursor")
          ? done([{ ...row, history_id: 2, payout: "-1", created_at: AT - 3_600_000 }], "more")
          : done([row], "next"),
    });

    const payments = await venue.account.fundingPayments(HOUR - 1);

    expect(payments).toMatchObject([{ paymentId: "2287920", fundingAt: HOUR, symbol: "PUMP" }]);
    expect(payments[0]?.amountUsd.toFixed()).toBe("2.617479");
    expect(payments[0]?.rate.toFixed()).toBe("0.0000125");
  });
});

describe("Pacifica's prices", () => {
  test("are exact; open interest is not known, for two say that it is two things", async () => {
    const { venue } = await saying();

    const found = await venue.data.marketStats("BTC");

    expect([found.markPrice.toFixed(), found.indexPrice?.toFixed()]).toEqual([
      "106510.5",
      "106509",
    ]);
    expect(found.volume24hUsd?.toFixed()).toBe("20896698.0672");
    expect(found.openInterestBase).toBeNull();
  });

  test("in the book are per coin, in coins, also when they are sold by the thousand", async () => {
    const { venue } = await saying({
      "GET /api/v1/info": done([PEPE]),
      "GET /api/v1/book": done({
        ...{ s: "kPEPE", t: AT },
        l: [[{ p: "0.0095", a: "12", n: 1 }], [{ p: "0.0096", a: "7", n: 2 }]],
      }),
    });

    const { bids, asks } = await venue.data.orderBook("kPEPE");

    expect(bids.map((one) => [one.price.toFixed(), one.sizeBase.toFixed()])).toEqual([
      ["0.0000095", "12000"],
    ]);
    expect(asks.map((one) => [one.price.toFixed(), one.sizeBase.toFixed()])).toEqual([
      ["0.0000096", "7000"],
    ]);
  });

  test("come with the time of the venue's own clock", async () => {
    const { venue } = await saying({ "GET /api/v1/book": done({ s: "BTC", l: [[], []], t: AT }) });

    expect(await venue.data.time()).toBe(AT);
  });
});

const ACCOUNT = {
  ...{ balance: "2000.000000", fee_level: 0, maker_fee: "0.00015", taker_fee: "0.0004" },
  ...{ account_equity: "2150.250000", available_to_spend: "1800.750000", pending_balance: "0" },
  ...{ available_to_withdraw: "1500.850000", total_margin_used: "349.500000", cross_mmr: "420.69" },
  ...{ positions_count: 2, orders_count: 3, stop_orders_count: 1, updated_at: 1_716_200_000_000 },
};

describe("Pacifica's account", () => {
  test.each([
    ["an object", ACCOUNT],
    ["a list of one", [ACCOUNT]],
  ])("given as %s has its equity, not its cash", async (_, data) => {
    const { venue, asked } = await saying({ "GET /api/v1/account": done(data) });

    const state = await venue.account.account();

    expect(state.equityUsd.toFixed()).toBe("2150.25");
    expect(state.freeCollateralUsd.toFixed()).toBe("1800.75");
    expect(state.maintenanceUsd.toFixed()).toBe("420.69");
    expect(asked("/api/v1/account")[0]?.url.search).toBe(`?account=${PACIFICA_WALLET}`);
  });

  test("without an equity is not an account of zero", async () => {
    const { venue } = await saying({
      "GET /api/v1/account": done({ ...ACCOUNT, account_equity: null }),
    });

    await expect(venue.account.account()).rejects.toThrow("account_equity");
  });

  test("pays its own fees (Q7)", async () => {
    const { venue } = await saying({
      "GET /api/v1/account": done({ ...ACCOUNT, taker_fee: "0.0003" }),
    });

    const { takerFeeRate, makerFeeRate } = await venue.account.feeRates("BTC");

    expect([takerFeeRate.toFixed(), makerFeeRate.toFixed()]).toEqual(["0.0003", "0.00015"]);
  });

  test.each([
    ["what was set", [{ symbol: "BTC", isolated: true, leverage: 5 }], "5", "isolated"],
    [
      "the highest, crosswise, when nothing was",
      [{ symbol: "ETH", isolated: true, leverage: 5 }],
      "50",
      "cross",
    ],
  ])("trades with %s", async (_, settings, leverage, marginMode) => {
    const { venue } = await saying({ "GET /api/v1/account/settings": done(settings) });

    const setup = await venue.account.setup("BTC");

    expect(setup.leverage?.toFixed()).toBe(leverage);
    expect(setup).toMatchObject({ marginMode, positionMode: "oneWay", status: "trading" });
  });

  test("shows what rests, in coins", async () => {
    const order = {
      ...{
        order_id: 315_979_358,
        client_order_id: null,
        symbol: "kPEPE",
        side: "bid",
        price: "0.0095",
      },
      ...{ initial_amount: "85", filled_amount: "5", cancelled_amount: "0", reduce_only: true },
    };
    const { venue } = await saying({
      "GET /api/v1/info": done([PEPE]),
      "GET /api/v1/orders": done([order]),
    });

    const [open] = await venue.account.openOrders();

    expect(open).toMatchObject({
      clientOrderId: "",
      side: "buy",
      status: "open",
      reduceOnly: true,
    });
    expect([open?.sizeBase.toFixed(), open?.filledBase.toFixed()]).toEqual(["85000", "5000"]);
  });

  test.each([
    ["an agent's key", PACIFICA_AGENT_KEY, null],
    ["the wallet's own key", PACIFICA_WALLET_KEY, true],
  ])("with %s says what can be withdrawn", async (_, privateKey, canWithdraw) => {
    const credentials = { walletAddress: PACIFICA_WALLET, privateKey };
    const { venue } = await saying({}, { credentials });

    expect(await venue.driver.keyFacts()).toEqual({
      ...{ canTrade: null, canWithdraw, accountId: PACIFICA_WALLET },
    });
  });
});

describe("Pacifica's positions", () => {
  const position = (over = {}) => ({
    ...{ symbol: "BTC", side: "ask", amount: "0.1", entry_price: "100000", margin: "0" },
    ...{ funding: "13.159593", isolated: false, created_at: AT, updated_at: AT },
    ...over,
  });
  const answers = (positions: unknown, account = {}) => ({
    "GET /api/v1/info": done([pacificaMarketRow(), PEPE]),
    "GET /api/v1/info/prices": done([
      pacificaPriceRow({ mark: "100000" }),
      pacificaPriceRow({ symbol: "kPEPE", mark: "0.01" }),
    ]),
    "GET /api/v1/account": done({ ...ACCOUNT, ...account }),
    "GET /api/v1/positions": done(positions),
  });

  test("have a liquidation price by its documented formula, for it says none (Q13)", async () => {
    const { venue } = await saying(answers([position()], { account_equity: "2020" }));

    const [short] = await venue.account.positions();

    expect(short?.sizeBase.toFixed()).toBe("-0.1");
    // (100000 + 2020 / 0.1) / (1 + 1 / 50 / 2)
    expect(short?.liquidationPrice?.toFixed(6)).toBe("119009.900990");
  });

  test("leave the margin of the others out of what can be lost, and count coins, not thousands", async () => {
    const pepe = position({ symbol: "kPEPE", side: "bid", amount: "400000", entry_price: "0.01" });
    const { venue } = await saying(answers([position(), pepe], { account_equity: "2220" }));

    const [short, long] = await venue.account.positions();

    // 4,000 USD of PEPE at 10 times keep 200 of the 2,220.
    expect(short?.liquidationPrice?.toFixed(6)).toBe("119009.900990");
    expect(long?.sizeBase.toFixed()).toBe("400000000");
    expect(long?.entryPrice?.toFixed()).toBe("0.00001");
  });

  test("that are isolated can lose their own margin only", async () => {
    const { venue } = await saying(
      answers([position({ side: "bid", isolated: true, margin: "1000" })]),
    );

    const [long] = await venue.account.positions();

    // (100000 - 1000 / 0.1) / (1 - 1 / 50 / 2)
    expect(long?.liquidationPrice?.toFixed(6)).toBe("90909.090909");
  });

  test("are none in one request when there are none", async () => {
    const { venue, asked } = await saying(answers([]));

    expect(await venue.account.positions()).toEqual([]);
    expect(asked("/api/v1/info/prices")).toEqual([]);
  });

  test("without a price are an error, not a position less", async () => {
    const { venue } = await saying({
      ...answers([position({ symbol: "kPEPE" })]),
      "GET /api/v1/info/prices": done([pacificaPriceRow()]),
    });

    await expect(venue.account.positions()).rejects.toThrow("no price of kPEPE");
  });
});
