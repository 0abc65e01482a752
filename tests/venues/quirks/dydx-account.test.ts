import { afterEach, describe, expect, test } from "bun:test";
import { HDNodeWallet } from "ethers";
import { OperatorError } from "#src/core/errors.ts";
import { asDydx } from "#src/venues/quirks/dydx/dydx-client.ts";
import { dydxPrivateKey } from "#src/venues/quirks/dydx/dydx-key.ts";
import { DYDX_KEY, dydxMarket, startDydx } from "#tests/support/venues/dydx-rig.ts";
import type { Answers, ScriptedVenue } from "#tests/support/venues/scripted-venue.ts";

const rigs: ScriptedVenue[] = [];
afterEach(() => Promise.all(rigs.splice(0).map((rig) => rig.server.stop())));

async function start(over: Answers = {}): Promise<ScriptedVenue> {
  const rig = await startDydx(over);
  rigs.push(rig);
  return rig;
}

const POSITION = {
  ...{ market: "BTC-USD", status: "OPEN", side: "SHORT", size: "-0.407", maxSize: "-0.009" },
  ...{ entryPrice: "118692.04840909090909090909", exitPrice: "119526.565625", netFunding: "5.1" },
  ...{ realizedPnl: "476.42665909090909090909088", unrealizedPnl: "-57.26681734", sumOpen: "0.44" },
  ...{ createdAt: "2025-07-14T07:53:55.631Z", createdAtHeight: "44140908", closedAt: null },
  ...{ sumClose: "0.032", subaccountNumber: 0 },
};
const SUBACCOUNT = {
  ...{ address: DYDX_KEY.walletAddress, subaccountNumber: 0, marginEnabled: true },
  ...{ equity: "161451.040416029", freeCollateral: "152508.28819133578" },
  openPerpetualPositions: { "BTC-USD": POSITION },
  assetPositions: {},
  ...{ updatedAtHeight: "52228833", latestProcessedBlockHeight: "52246761" },
};
const ACCOUNT = `GET /v4/addresses/${DYDX_KEY.walletAddress}/subaccountNumber/0`;

describe("a dYdX account", () => {
  test("has the venue's equity, and maintenance from its positions at the oracle's price", async () => {
    const { venue } = await start({ [ACCOUNT]: { subaccount: SUBACCOUNT } });
    const state = await venue.account.account();
    expect(state.equityUsd.toFixed()).toBe("161451.040416029");
    expect(state.freeCollateralUsd.toFixed()).toBe("152508.28819133578");
    // 0.407 × 118976.5376 × 0.012
    expect(state.maintenanceUsd.toFixed()).toBe("581.0814096384");
  });

  test("is refused, not empty, when its subaccount is not known", async () => {
    const none = Response.json({ errors: [{ msg: "No subaccount found" }] }, { status: 404 });
    const { venue } = await start({ [ACCOUNT]: () => none.clone() });
    await expect(venue.account.account()).rejects.toThrow("dYdX, account");
  });

  test("reports shorts with a minus and marks them at the oracle's price", async () => {
    const { venue } = await start({ "GET /v4/perpetualPositions": { positions: [POSITION] } });
    const [short] = await venue.account.positions();
    expect(short?.sizeBase.toFixed()).toBe("-0.407");
    expect(short?.entryPrice?.toFixed()).toBe("118692.04840909090909090909");
    expect(short?.markPrice.toFixed()).toBe("118976.5376");
    expect(short?.liquidationPrice).toBeNull();
  });

  test("reports what it holds in markets that are not listed", async () => {
    const gone = dydxMarket({ ticker: "LUNA-USD", status: "FINAL_SETTLEMENT", oraclePrice: "0.5" });
    const { venue } = await start({
      "GET /v4/perpetualMarkets": { markets: { "BTC-USD": dydxMarket(), "LUNA-USD": gone } },
      "GET /v4/perpetualPositions": {
        positions: [{ ...POSITION, market: "LUNA-USD", side: "LONG", size: "12" }],
      },
    });
    const [held] = await venue.account.positions();
    expect([held?.symbol, held?.sizeBase.toFixed()]).toEqual(["LUNA-USD", "12"]);
  });

  test("pays what its last worthwhile fill paid, and list fees before there was one", async () => {
    const fill = {
      ...{ id: "a", side: "BUY", liquidity: "TAKER", type: "LIMIT", market: "BTC-USD" },
      ...{ marketType: "PERPETUAL", affiliateRevShare: "0", createdAtHeight: "1" },
      ...{ createdAt: "2025-07-14T07:53:55.631Z", subaccountNumber: 0 },
    };
    const { venue, answers } = await start({ "GET /v4/fills": { fills: [] } });
    const before = await venue.account.feeRates("BTC-USD");
    expect([before.takerFeeRate.toFixed(), before.makerFeeRate.toFixed()]).toEqual([
      "0.0005",
      "0.0001",
    ]);
    answers["GET /v4/fills"] = {
      fills: [
        { ...fill, type: "LIQUIDATED", size: "0.1", price: "118976", fee: "178.46" },
        { ...fill, size: "0.00001", price: "118976", fee: "0" },
        { ...fill, size: "0.0501", price: "115732", fee: "2.029359" },
        { ...fill, liquidity: "MAKER", size: "0.0501", price: "115732", fee: "-0.637799" },
      ],
    };
    const after = await venue.account.feeRates("BTC-USD");
    expect([after.takerFeeRate.toFixed(), after.makerFeeRate.toFixed()]).toEqual([
      "0.00035",
      "-0.00011",
    ]);
  });

  test("has no leverage to set, and trades only active markets", async () => {
    const { venue, answers } = await start();
    const setup = await venue.account.setup("BTC-USD");
    expect(setup).toMatchObject({ positionMode: "oneWay", marginMode: "cross", status: "trading" });
    expect(setup.leverage).toBeNull();
    answers["GET /v4/perpetualMarkets"] = {
      markets: { "BTC-USD": dydxMarket({ status: "POST_ONLY" }) },
    };
    expect((await venue.account.setup("BTC-USD")).status).toBe("halted");
  });
});

describe("dYdX's funding payments", () => {
  const payment = (index: number, over: object = {}) => ({
    ...{ createdAt: new Date(1_753_441_200_000 - index * 3_600_000 + 840).toISOString() },
    ...{ createdAtHeight: String(44_865_196 - index), perpetualId: "0", ticker: "BTC-USD" },
    ...{ oraclePrice: "116302.62419", size: "-0.407", side: "SHORT", rate: "0.0000125" },
    ...{ payment: "0.591689", subaccountNumber: "0", fundingIndex: "0" },
    ...over,
  });

  test("are positive when received, with an id of account, market and block", async () => {
    const { venue } = await start({
      "GET /v4/fundingPayments": { fundingPayments: [payment(0)] },
    });
    const [one] = await venue.account.fundingPayments(0);
    expect(one).toMatchObject({ symbol: "BTC-USD", fundingAt: 1_753_441_200_000 });
    expect(one?.paymentId).toBe(`${DYDX_KEY.walletAddress}:0:BTC-USD:44865196`);
    expect([one?.amountUsd.toFixed(), one?.rate.toFixed()]).toEqual(["0.591689", "0.0000125"]);
    expect(one?.refPrice?.toFixed()).toBe("116302.62419");
  });

  test("are read to the last page; one that a new payment pushed on is booked once", async () => {
    const all = Array.from({ length: 230 }, (_, index) => payment(index));
    const rig = await start({
      "GET /v4/fundingPayments": ({ url }: { readonly url: URL }) => {
        const page = Number(url.searchParams.get("page"));
        const from = (page - 1) * 100 - (page > 1 ? 1 : 0);
        return { fundingPayments: all.slice(from, from + 100) };
      },
    });
    const found = await rig.venue.account.fundingPayments(0);
    expect(found).toHaveLength(230);
    expect(new Set(found.map((one) => one.paymentId)).size).toBe(230);
    expect(rig.asked("GET /v4/fundingPayments")).toHaveLength(3);
  });
});

describe("dYdX's key", () => {
  const PHRASE = "test test test test test test test test test test test junk";

  test("comes from the phrase that the front end exports, on the chain's own path", async () => {
    const { default: Dydx } = await import(
      new URL("./src/dydx.js", import.meta.resolve("ccxt")).href
    );
    const exchange = asDydx(new Dydx({}));
    const expected = HDNodeWallet.fromPhrase(PHRASE, "", "m/44'/118'/0'/0/0").privateKey;
    expect(`0x${dydxPrivateKey(exchange, ` ${PHRASE}\n`)}`).toBe(expected);
    expect(dydxPrivateKey(exchange, expected)).toBe(expected.slice(2));
    expect(() => dydxPrivateKey(exchange, "hunter2")).toThrow(OperatorError);
  });

  test("cannot trade for an address that is another key's", async () => {
    const { driver } = await start();
    expect(await driver.keyFacts()).toEqual({
      ...{ canTrade: true, canWithdraw: null },
      accountId: `${DYDX_KEY.walletAddress}/0`,
    });
    const pub_key = { key: "A0m6EBJzxbM0Fo0QWdtwNYwZkl4U1aVrEcYKhGMR9aNX" };
    const other = await start({
      "GET /cosmos/auth/v1beta1/account_info/": { info: { pub_key, account_number: "1" } },
    });
    expect((await other.driver.keyFacts()).canTrade).toBe(false);
  });
});
