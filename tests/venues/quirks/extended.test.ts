import { afterEach, describe, expect, test } from "bun:test";
import type { Answers, DocumentedVenue } from "#tests/support/venues/documented-venue.ts";
import {
  extendedError,
  extendedMarketRow,
  ok,
  startExtended,
} from "#tests/support/venues/extended-documents.ts";

const running: DocumentedVenue[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

async function saying(answers: Answers = {}, over = {}): Promise<DocumentedVenue> {
  const documented = await startExtended(answers, over);
  running.push(documented);
  return documented;
}

const AT = 1_777_446_000_000;
const config = extendedMarketRow().tradingConfig;

describe("Extended's instruments", () => {
  test("are in canonical base units, with their own USD as currency (Q12)", async () => {
    const pepe = extendedMarketRow({
      ...{ name: "kPEPE-USD", assetName: "kPEPE" },
      tradingConfig: {
        ...config,
        minOrderSize: "100",
        minOrderSizeChange: "1",
        minPriceChange: "0.001",
      },
    });
    const { venue } = await saying({ "GET /api/v1/info/markets": ok([extendedMarketRow(), pepe]) });

    const [btc, kpepe] = await venue.data.instruments();

    expect(btc).toMatchObject({
      symbol: "BTC-USD",
      asset: "BTC",
      settleCurrency: "USD",
      kind: "perp",
    });
    expect(btc?.maintenanceRate.toFixed()).toBe("0.01");
    expect(btc?.maxLeverage.toFixed()).toBe("50");
    expect(btc?.takerFeeRate.toFixed()).toBe("0.00025");
    expect(kpepe).toMatchObject({ asset: "PEPE" });
    expect(kpepe?.lotStepBase.toFixed()).toBe("1000");
    expect(kpepe?.minSizeBase.toFixed()).toBe("100000");
    expect(kpepe?.priceTick.toFixed()).toBe("0.000001");
  });

  test.each([
    ["spot", { type: "SPOT" }],
    ["not traded yet", { status: "PRELISTED" }],
    ["not traded any more", { status: "DELISTED" }],
    ["without a grid", { tradingConfig: { ...config, minPriceChange: null } }],
    ["without margin rules", { tradingConfig: { ...config, riskFactorConfig: [] } }],
  ])("are none when %s", async (_, over) => {
    const { venue } = await saying({
      "GET /api/v1/info/markets": ok([
        extendedMarketRow(),
        extendedMarketRow({ name: "X-USD", assetName: "X", ...over }),
      ]),
    });

    expect((await venue.data.instruments()).map((one) => one.symbol)).toEqual(["BTC-USD"]);
  });

  test("that may only be reduced stay listed, so that they can be closed", async () => {
    const closing = extendedMarketRow({ status: "REDUCE_ONLY" });
    const { venue } = await saying({
      "GET /api/v1/info/markets": ok([closing]),
      "GET /api/v1/user/leverage": ok([{ market: "BTC-USD", leverage: "10" }]),
    });

    expect(await venue.account.setup("BTC-USD")).toMatchObject({
      ...{ status: "reduceOnly", positionMode: "oneWay", marginMode: null },
    });
  });

  test("cost one request", async () => {
    const { venue, server } = await saying();

    await venue.data.instruments();

    expect(server.seen.map(({ url }) => url.pathname)).toEqual(["/api/v1/info/markets"]);
  });
});

describe("Extended's funding", () => {
  test("is for the hour that ends at what it calls the next rate, for all in one request", async () => {
    const eth = extendedMarketRow({ name: "ETH-USD", assetName: "ETH" });
    const { venue, asked } = await saying({
      "GET /api/v1/info/markets": ok([extendedMarketRow(), eth]),
    });
    await venue.data.instruments();

    const rates = await venue.data.fundingRates();

    expect(rates).toMatchObject([
      { symbol: "BTC-USD", intervalText: "1h", fundingAt: AT },
      { symbol: "ETH-USD", intervalText: "1h", fundingAt: AT },
    ]);
    expect(rates[0]?.rate.toFixed()).toBe("0.000013");
    expect(asked("/api/v1/info/markets")).toHaveLength(2);
  });

  test("is realised on the hour although it is written down a second later, on every page", async () => {
    const pages: Record<string, unknown> = {
      "": ok(
        [
          { m: "BTC-USD", f: "0.000008", T: AT + 1_028 },
          { m: "BTC-USD", f: "0.000007", T: AT - 3_599_000 },
        ],
        5,
      ),
      "5": ok([{ m: "BTC-USD", f: "-0.000001", T: AT - 7_199_000 }]),
    };
    const { venue } = await saying({
      "GET /api/v1/info/BTC-USD/funding": ({ url }: { url: URL }) =>
        pages[url.searchParams.get("cursor") ?? ""],
    });

    const settled = await venue.data.fundingHistory("BTC-USD", AT - 3 * 3_600_000);

    expect(settled.map((one) => [one.fundingAt, one.rate.toFixed(), one.intervalHours])).toEqual([
      [AT - 7_200_000, "-0.000001", "1"],
      [AT - 3_600_000, "0.000007", "1"],
      [AT, "0.000008", "1"],
    ]);
  });

  test("payments are signed as we are paid, on their hour, each with its own id", async () => {
    const row = {
      ...{ id: 8341, accountId: 3137, market: "BNB-USD", positionId: 1, side: "LONG" },
      ...{ size: "1.116", value: "560.77", markPrice: "502.48568", fundingFee: "-0.25" },
      ...{ fundingRate: "0.000446", paidTime: AT + 41_346 },
    };
    const { venue } = await saying({ "GET /api/v1/user/funding/history": ok([row]) });

    const [payment] = await venue.account.fundingPayments(AT - 1);

    expect(payment).toMatchObject({ symbol: "BNB-USD", paymentId: "8341", fundingAt: AT });
    expect(payment?.amountUsd.toFixed()).toBe("-0.25");
    expect(payment?.refPrice?.toFixed()).toBe("502.48568");
  });
});

describe("Extended's prices", () => {
  const stats = extendedMarketRow().marketStats;

  test("are exact, and what is not said is null", async () => {
    const { venue } = await saying({
      "GET /api/v1/info/markets/BTC-USD/stats": ok({ ...stats, indexPrice: "" }),
    });

    const found = await venue.data.marketStats("BTC-USD");

    expect(found.markPrice.toFixed()).toBe("77259.680250000004");
    expect(found.openInterestBase?.toFixed()).toBe("1500.40958");
    expect(found.volume24hUsd?.toFixed()).toBe("231016077.51296");
    expect(found.indexPrice).toBeNull();
  });

  test("in the book are per coin, best first", async () => {
    const { venue } = await saying({
      "GET /api/v1/info/markets/BTC-USD/orderbook": ok({
        market: "BTC-USD",
        bid: [{ qty: "14.46084", price: "76214" }],
        ask: [{ qty: "0.11585", price: "76215" }],
      }),
    });

    const { bids, asks } = await venue.data.orderBook("BTC-USD");

    expect(bids.map((one) => [one.price.toFixed(), one.sizeBase.toFixed()])).toEqual([
      ["76214", "14.46084"],
    ]);
    expect(asks).toHaveLength(1);
  });
});

const LONG = {
  ...{ id: 1, accountId: 1, market: "BTC-USD", side: "LONG", leverage: "10", size: "0.1" },
  ...{ value: "4000", openPrice: "39000", markPrice: "40000", liquidationPrice: "38200" },
  ...{ margin: "20", unrealisedPnl: "1000", createdAt: AT, updatedAt: AT },
};

const BALANCE = {
  ...{ collateralName: "USD", balance: "13500", equity: "14500", availableForTrade: "1200" },
  ...{
    availableForWithdrawal: "100",
    unrealisedPnl: "1000",
    initialMargin: "160",
    marginRatio: "1.5",
  },
};

describe("Extended's account", () => {
  test("has its equity from the balance of derivatives, never from the spot wallet", async () => {
    const { venue, asked } = await saying({
      "GET /api/v1/user/balance": ok(BALANCE),
      "GET /api/v1/user/positions": ok([LONG, { ...LONG, side: "SHORT", value: "500000" }]),
    });

    const state = await venue.account.account();

    expect(state.equityUsd.toFixed()).toBe("14500");
    expect(state.freeCollateralUsd.toFixed()).toBe("1200");
    // Half of 2 % of 4,000, and in the next bracket half of 4 % of 500,000.
    expect(state.maintenanceUsd.toFixed()).toBe("10040");
    expect(asked("/api/v1/user/spot/balances")).toEqual([]);
  });

  test("without money has none, which the venue says with a 404", async () => {
    const { venue } = await saying({
      "GET /api/v1/user/balance": () => extendedError(1004, 404),
      "GET /api/v1/user/positions": ok([]),
    });

    expect((await venue.account.account()).equityUsd.toFixed()).toBe("0");
  });

  test.each([
    ["there are positions", () => extendedError(1004, 404), ok([LONG])],
    ["the 404 is somebody else's", () => new Response("no route", { status: 404 }), ok([])],
    ["the equity is missing", ok({ ...BALANCE, equity: null }), ok([])],
  ])("is not known to be empty when %s", async (_, balance, positions) => {
    const { venue } = await saying({
      "GET /api/v1/user/balance": balance,
      "GET /api/v1/user/positions": positions,
    });
    await venue.data.instruments();

    await expect(venue.account.account()).rejects.toThrow("Extended, account");
  });

  test("pays its own fees, not ccxt's 20 bp (Q7), and the builder that the owner chose", async () => {
    const fees = {
      market: "BTC-USD",
      makerFeeRate: "0.00000",
      takerFeeRate: "0.00025",
      builderFeeRate: "0.0001",
    };
    const answers = { "GET /api/v1/user/fees": ok([fees]) };
    const plain = await (await saying(answers)).venue.account.feeRates("BTC-USD");
    const built = await (
      await saying(answers, { builderFeeRate: "0.0001" })
    ).venue.account.feeRates("BTC-USD");

    expect([plain.takerFeeRate.toFixed(), plain.makerFeeRate.toFixed()]).toEqual(["0.00025", "0"]);
    expect([built.takerFeeRate.toFixed(), built.makerFeeRate.toFixed()]).toEqual([
      "0.00035",
      "0.0001",
    ]);
  });

  test("shows positions with sign, also on a market that is not listed any more", async () => {
    const short = {
      ...LONG,
      market: "kPEPE-USD",
      side: "SHORT",
      size: "5",
      liquidationPrice: "0",
      markPrice: "0.01",
    };
    const { venue } = await saying({ "GET /api/v1/user/positions": ok([LONG, short]) });

    const [long, gone] = await venue.account.positions();

    expect([long?.sizeBase.toFixed(), long?.liquidationPrice?.toFixed()]).toEqual(["0.1", "38200"]);
    expect([gone?.sizeBase.toFixed(), gone?.markPrice.toFixed()]).toEqual(["-5000", "0.00001"]);
    expect(gone?.liquidationPrice).toBeNull();
  });

  test("shows what rests", async () => {
    const order = {
      ...{
        id: 5,
        externalId: "somebody",
        market: "BTC-USD",
        status: "PARTIALLY_FILLED",
        side: "SELL",
      },
      ...{ qty: "0.2", filledQty: "0.1", reduceOnly: true },
    };
    const { venue } = await saying({ "GET /api/v1/user/orders": ok([order]) });

    expect(await venue.account.openOrders()).toMatchObject([
      {
        clientOrderId: "somebody",
        venueOrderId: "5",
        status: "open",
        side: "sell",
        reduceOnly: true,
      },
    ]);
  });

  test("is pinned by its number, and its key is warm before the first order", async () => {
    const { venue } = await saying();

    expect(await venue.driver.keyFacts()).toEqual({
      ...{ canTrade: null, canWithdraw: null, accountId: "1002" },
    });
  });
});
