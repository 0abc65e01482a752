import { describe, expect, test } from "bun:test";
import { OperatorError, RetryableError } from "#src/core/errors.ts";
import { hyperliquid } from "#src/venues/quirks/hyperliquid.ts";
import { OWNER, OWNER_KEY } from "#tests/support/venues/hyperliquid-rig.ts";
import {
  BTC,
  KPEPE,
  listedHyperliquid,
  mustList,
  scriptedHyperliquid,
} from "#tests/support/venues/hyperliquid-scripted.ts";

const NONE = new Map();
const CONTEXT = {
  ...{ funding: "0.0000125", openInterest: "1000.5", dayNtlVlm: "2500000.25", premium: "0.0" },
  ...{ oraclePx: "63990.0", markPx: "64000.0", midPx: "64000.5" },
};

describe("what is listed", () => {
  test("has its lots and limits in canonical base units, exactly", async () => {
    const { driver } = await scriptedHyperliquid({});
    const { instrument, priceUnit } = mustList(driver, BTC);
    expect(instrument).toMatchObject({ asset: "BTC", symbol: "BTC", settleCurrency: "USDC" });
    expect(instrument.lotStepBase.toFixed()).toBe("0.00001");
    expect(instrument.priceTick.toFixed()).toBe("1");
    expect(instrument.maintenanceRate.toFixed()).toBe("0.0125");
    expect(instrument.minNotionalUsd.toFixed()).toBe("10");
    expect(priceUnit.toFixed()).toBe("1");
  });

  test("counts kPEPE in thousands of PEPE (Q9)", async () => {
    const { driver } = await scriptedHyperliquid({});
    const { instrument, priceUnit } = mustList(driver, KPEPE);
    expect(instrument.asset).toBe("PEPE");
    expect(instrument.lotStepBase.toFixed()).toBe("1000");
    expect(instrument.contractSizeBase.toFixed()).toBe("1000");
    // 0.011234 has five digits and six decimals; one unit of the last is 1e-6 a thousand.
    expect(instrument.priceTick.toFixed()).toBe("0.000000001");
    expect(priceUnit.toFixed()).toBe("1000");
  });

  test.each([
    ["64000", 5, "1"],
    ["9999.5", 4, "0.1"],
    ["100000", 5, "1"],
    ["123456", 5, "1"],
    ["148.25", 2, "0.01"],
    ["1.6312", 1, "0.0001"],
    ["0.62", 0, "0.00001"],
    ["0.0011", 0, "0.000001"],
    ["0.5", 4, "0.01"],
  ])("trades %s with %i size decimals in steps of %s", async (markPx, szDecimals, tick) => {
    const { driver } = await scriptedHyperliquid({});
    const { instrument } = mustList(driver, { ...BTC, markPx, szDecimals });
    expect(instrument.priceTick.toFixed()).toBe(tick);
  });

  test.each([
    ["a delisted coin", { isDelisted: true }],
    ["a coin of another dex", { name: "xyz:TSLA" }],
    ["a coin without a mark", { markPx: null }],
  ])("leaves out %s", async (_what, over) => {
    const { driver } = await scriptedHyperliquid({});
    expect(listedHyperliquid(driver, { ...BTC, ...over })).toBeNull();
  });
});

describe("market data", () => {
  const answers = (context: object = CONTEXT) => ({
    metaAndAssetCtxs: () => [
      { universe: [{ ...BTC, name: "OLD", isDelisted: true }, BTC] },
      [{ ...CONTEXT, funding: "0.9" }, context],
    ],
  });

  test("comes for all instruments in one request, by the hour", async () => {
    const { driver, asked } = await scriptedHyperliquid(answers());
    const of = mustList(driver, BTC);
    const rates = await driver.fundingRates(new Map([["BTC", of]]));
    expect(rates).toHaveLength(1);
    const [rate] = rates;
    expect(rate).toMatchObject({ symbol: "BTC", intervalText: "1h" });
    expect(rate?.rate.toFixed()).toBe("0.0000125");
    expect((rate?.fundingAt ?? 1) % 3_600_000).toBe(0);
    expect(rate?.fundingAt).toBeGreaterThan(Date.now());
    expect(asked).toEqual([{ type: "metaAndAssetCtxs" }]);
  });

  test("is refused when coins and figures do not line up", async () => {
    const { driver } = await scriptedHyperliquid({
      metaAndAssetCtxs: () => [{ universe: [BTC] }, [CONTEXT, CONTEXT]],
    });
    await expect(driver.fundingRates(NONE)).rejects.toBeInstanceOf(RetryableError);
  });

  test("gives mark, oracle, open interest and volume as the venue wrote them", async () => {
    const { driver } = await scriptedHyperliquid(answers());
    const stats = await driver.marketStats(mustList(driver, BTC));
    expect(stats.markPrice.toFixed()).toBe("64000");
    expect(stats.indexPrice?.toFixed()).toBe("63990");
    expect(stats.openInterestBase?.toFixed()).toBe("1000.5");
    expect(stats.volume24hUsd?.toFixed()).toBe("2500000.25");
  });

  test("says null, not 0, for what the venue does not say", async () => {
    const { driver } = await scriptedHyperliquid(answers({ markPx: "64000.0", funding: null }));
    const of = mustList(driver, BTC);
    expect(await driver.marketStats(of)).toMatchObject({
      ...{ indexPrice: null, openInterestBase: null, volume24hUsd: null },
    });
    expect(await driver.fundingRates(new Map([["BTC", of]]))).toEqual([]);
  });

  test("shows a book of thousands per unit", async () => {
    const { driver, asked } = await scriptedHyperliquid({
      l2Book: () => ({
        ...{ coin: "kPEPE", time: 1 },
        levels: [[{ px: "0.011233", sz: "500", n: 1 }], [{ px: "0.011235", sz: "7", n: 2 }]],
      }),
    });
    const { bids, asks } = await driver.orderBook(mustList(driver, KPEPE));
    expect(bids[0]?.price.toFixed()).toBe("0.000011233");
    expect(bids[0]?.sizeBase.toFixed()).toBe("500000");
    expect(asks[0]?.sizeBase.toFixed()).toBe("7000");
    expect(asked).toEqual([{ type: "l2Book", coin: "kPEPE" }]);
  });

  test("reads the venue's clock to the millisecond", async () => {
    const { driver } = await scriptedHyperliquid({
      exchangeStatus: () => ({ specialStatuses: null, time: 1_770_000_000_123 }),
    });
    expect(await driver.time()).toBe(1_770_000_000_123);
  });
});

const POSITION = {
  ...{ coin: "BTC", szi: "-0.00785", entryPx: "26951.0", positionValue: "211.64542" },
  ...{ liquidationPx: "173198.69592357", leverage: { type: "cross", value: 20 } },
  ...{ maxLeverage: 40, unrealizedPnl: "-0.08007", marginUsed: "10.582271" },
};

function stateOf(...positions: readonly object[]) {
  return {
    clearinghouseState: () => ({
      marginSummary: { accountValue: "1182.312496", totalRawUsd: "1180" },
      ...{ crossMaintenanceMarginUsed: "5.5", withdrawable: "1000.25", time: 1 },
      assetPositions: positions.map((position) => ({ type: "oneWay", position })),
    }),
  };
}

describe("the account", () => {
  test("counts equity with what is not realised yet", async () => {
    const { driver, asked } = await scriptedHyperliquid(stateOf(POSITION));
    const { equityUsd, freeCollateralUsd, maintenanceUsd } = await driver.account();
    expect(equityUsd.toFixed()).toBe("1182.312496");
    expect(freeCollateralUsd.toFixed()).toBe("1000.25");
    expect(maintenanceUsd.toFixed()).toBe("5.5");
    expect(asked).toEqual([{ type: "clearinghouseState", user: OWNER.toLowerCase() }]);
  });

  test("adds the maintenance of isolated positions, which the venue's sum leaves out", async () => {
    const isolated = { ...POSITION, leverage: { type: "isolated", value: 5, rawUsd: "1" } };
    const { driver } = await scriptedHyperliquid(stateOf(isolated));
    expect((await driver.account()).maintenanceUsd.toFixed()).toBe("8.14556775");
  });

  test("reports positions with sign, and the mark that they are valued at", async () => {
    const { driver } = await scriptedHyperliquid(
      stateOf(POSITION, { ...POSITION, coin: "ETH", szi: "0.0" }),
    );
    const positions = await driver.positions(NONE);
    expect(positions).toHaveLength(1);
    expect(positions[0]?.sizeBase.toFixed()).toBe("-0.00785");
    expect(positions[0]?.markPrice.toFixed()).toBe("26961.2");
    expect(positions[0]?.liquidationPrice?.toFixed()).toBe("173198.69592357");
  });

  test("shows a position in thousands, also when its coin is not listed any more", async () => {
    const held = { ...POSITION, coin: "kPEPE", szi: "200", positionValue: "2.2468" };
    const { driver } = await scriptedHyperliquid(
      stateOf({ ...held, entryPx: "0.011", liquidationPx: null }),
    );
    const [position] = await driver.positions(NONE);
    expect(position?.sizeBase.toFixed()).toBe("200000");
    expect(position?.markPrice.toFixed()).toBe("0.000011234");
    expect(position?.entryPrice?.toFixed()).toBe("0.000011");
    expect(position?.liquidationPrice).toBeNull();
  });

  test("refuses an answer without equity instead of saying 0", async () => {
    const { driver } = await scriptedHyperliquid({
      clearinghouseState: () => ({ marginSummary: {}, assetPositions: [] }),
    });
    await expect(driver.account()).rejects.toBeInstanceOf(RetryableError);
  });

  test.each([
    ["trading", { capped: [], universe: [BTC] }],
    ["reduceOnly", { capped: ["BTC"], universe: [BTC] }],
    ["halted", { capped: [], universe: [{ ...BTC, isDelisted: true }] }],
  ] as const)("says %s of a market in that state", async (status, { capped, universe }) => {
    const { driver } = await scriptedHyperliquid({
      activeAssetData: () => ({ coin: "BTC", leverage: { type: "cross", value: 7 } }),
      perpsAtOpenInterestCap: () => capped,
      metaAndAssetCtxs: () => [{ universe }, universe.map(() => CONTEXT)],
    });
    const setup = await driver.setup(mustList(driver, BTC));
    expect(setup).toMatchObject({ positionMode: "oneWay", marginMode: "cross", status });
    expect(setup.leverage?.toFixed()).toBe("7");
  });

  test("says what the account itself pays, not what is listed", async () => {
    const userFees = () => ({ userCrossRate: "0.000432", userAddRate: "0.000144" });
    const { driver } = await scriptedHyperliquid({ userFees });
    const fees = await driver.feeRates(mustList(driver, BTC));
    expect(fees.takerFeeRate.toFixed()).toBe("0.000432");
    expect(fees.makerFeeRate.toFixed()).toBe("0.000144");
  });

  test("refuses a builder's fee that orders cannot carry", async () => {
    for (const builderFeeRate of ["0", "0.002", "0.000015"]) {
      await expect(scriptedHyperliquid({}, { builderFeeRate })).rejects.toBeInstanceOf(
        OperatorError,
      );
    }
  });
});

describe("the key", () => {
  const user = OWNER.toLowerCase();
  const roles = (account: object, key: object) => ({
    userRole: (body: Readonly<Record<string, unknown>>) => (body["user"] === user ? account : key),
  });

  test("of an agent trades and cannot withdraw", async () => {
    const { driver } = await scriptedHyperliquid(
      roles({ role: "user" }, { role: "agent", data: { user } }),
    );
    expect(await driver.keyFacts()).toEqual({
      ...{ canTrade: true, canWithdraw: false, accountId: user },
    });
  });

  test("of the owner can withdraw, and that is told", async () => {
    const { driver } = await scriptedHyperliquid(roles({ role: "user" }, {}), {
      privateKey: OWNER_KEY,
    });
    expect(await driver.keyFacts()).toMatchObject({ canTrade: true, canWithdraw: true });
  });

  test.each([
    ["another account's agent", { role: "agent", data: { user: `0x${"9".repeat(40)}` } }],
    ["nobody's", { role: "missing" }],
  ])("cannot trade when it is %s", async (_whose, role) => {
    const { driver } = await scriptedHyperliquid(roles({ role: "user" }, role));
    expect(await driver.keyFacts()).toMatchObject({ canTrade: false });
  });

  test.each(["agent", "subAccount", "vault"])(
    "goes with a main account, not with the address of a %s",
    async (role) => {
      const { driver } = await scriptedHyperliquid(roles({ role }, { role: "missing" }));
      await expect(driver.keyFacts()).rejects.toBeInstanceOf(OperatorError);
    },
  );
});

test("gives our ids 128 bits in hex, the same each time", () => {
  const id = hyperliquid.wireIdOf("Habc123x1");
  expect(id).toMatch(/^0x[0-9a-f]{32}$/);
  expect(hyperliquid.wireIdOf("Habc123x1")).toBe(id);
  expect(hyperliquid.wireIdOf("Habc123x2")).not.toBe(id);
});
