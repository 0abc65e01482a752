import { afterAll, expect, test } from "bun:test";
import { MainClient } from "binance";
import { RestClientV5 } from "bybit-api";
import { RestClient as OkxClient } from "okx-api";
import { dec } from "#src/core/decimal.ts";
import type { OrderRequest } from "#src/core/order.ts";
import type { CcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import { guarded, orderRequest } from "#tests/support/guarded-orders.ts";
import { BINANCE_KEY } from "#tests/support/venues/binance-rig.ts";
import { connectBinanceSpot, startBinanceSpot } from "#tests/support/venues/binance-spot.ts";
import { BYBIT_KEY } from "#tests/support/venues/bybit-server.ts";
import { connectBybitSpot, startBybitSpot } from "#tests/support/venues/bybit-spot.ts";
import type { Loopback, LoopbackRequest } from "#tests/support/venues/loopback.ts";
import { OKX_KEY } from "#tests/support/venues/okx-server.ts";
import { connectOkxSpot, startOkxSpot } from "#tests/support/venues/okx-spot.ts";

/** The venues' own SDKs say the same on the wire as we do: they are another reading of the documents. */
const servers: Loopback[] = [];
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

const HOUR_MS = 3_600_000;
const SIZE = "0.01";

/** Everything that is asked of a spot account, and the sale of coins that are borrowed for it. */
async function askAll(venue: CcxtVenue, symbol: string): Promise<void> {
  const instrument = (await venue.data.instruments()).find((one) => one.symbol === symbol);
  if (!instrument) throw new Error(`no ${symbol}`);
  const request: OrderRequest = orderRequest({
    ...{ venue: venue.id, symbol, side: "sell", size: SIZE, limit: "59000" },
    ...{ clientOrderId: "HsdkOrder1", expiresAt: Date.now() + 5_000 },
  });
  const paired = { ...instrument, kind: "perp" as const, maxLeverage: dec("10") };
  expect((await venue.trading.place(guarded(request, paired))).kind).toBe("ack");
  await venue.account.lookupOrder(symbol, "HsdkOrder1");
  await venue.account.fills(Date.now() - HOUR_MS);
  await venue.account.positions();
  await venue.account.openOrders();
  await venue.account.feeRates(symbol);
  await venue.account.interestPayments?.(Date.now() - HOUR_MS);
  await venue.account.transfers?.(Date.now() - HOUR_MS);
  await venue.data.borrowRates?.();
  await venue.driver.keyFacts();
}

const paths = (seen: readonly LoopbackRequest[], about: RegExp) =>
  new Set(
    seen.map(({ method, url }) => `${method} ${url.pathname}`).filter((one) => about.test(one)),
  );

/** What stands in a body, whether it is JSON or a form; without what differs from one time to the next. */
function words(server: Loopback, path: string, without: readonly string[]) {
  const found = server.seen.filter(({ method, url }) => method === "POST" && url.pathname === path);
  return found.map(({ body, url }) => {
    const text = body === "" ? url.search.slice(1) : body;
    const said: object = text.startsWith("{")
      ? JSON.parse(text)
      : Object.fromEntries(new URLSearchParams(text));
    return Object.fromEntries(
      Object.entries(said)
        .filter(([key]) => !without.includes(key))
        .map(([key, value]) => [key, String(value)]),
    );
  });
}

test("bybit-api asks a unified account's spot as we do", async () => {
  const server = startBybitSpot();
  servers.push(server);
  await askAll(await connectBybitSpot(server), "BTCUSDT-SPOT");
  const ours = paths(server.seen, /\/v5\/(account|order|execution|spot-margin|user)/);
  const before = server.seen.length;
  const { apiKey: key, secret } = BYBIT_KEY;
  const baseUrl = server.baseUrl("https://api.bybit.com");
  const client = new RestClientV5({ key, secret, baseUrl, enable_time_sync: false });
  const [category, symbol] = ["spot", "BTCUSDT"] as const;
  await client.submitOrder({
    ...{ category, symbol, side: "Sell", orderType: "Limit", qty: SIZE, price: "59000" },
    ...{ timeInForce: "IOC", orderLinkId: "HsdkOrder2", isLeverage: 1 },
  });
  const fills = await client.getExecutionList({ category, symbol });
  expect(fills.result.list[0]?.orderLinkId).toBe("HsdkOrder2");
  await client.getActiveOrders({ category, symbol });
  const wallet = await client.getWalletBalance({ accountType: "UNIFIED" });
  const owed = wallet.result.list[0]?.coin.find((one) => one.coin === "BTC");
  expect([owed?.equity, owed?.borrowAmount]).toEqual(["-0.02", "0.02"]);
  await client.getFeeRate({ category, symbol });
  const interest = await client.getBorrowHistory({ limit: 50 });
  expect(interest.result.list[0]?.borrowCost).toBe("0.0000012");
  await client.getTransactionLog({ accountType: "UNIFIED", type: "TRANSFER_IN" });
  const lent = await client.getVIPMarginData({ vipLevel: "No VIP" });
  expect(lent.result.vipCoinList[0]?.list[0]?.maxBorrowingAmount).toBe("3");
  await client.getSpotMarginState();
  const modes = await client.getAutoRepayMode({ currency: "BTC" });
  expect(modes.result.data).toEqual([{ currency: "BTC", autoRepayMode: "1" }]);
  await client.setAutoRepayMode({ currency: "BTC", autoRepayMode: "1" });
  await client.getAccountInfo();
  await client.getLimitPriceAction();
  await client.getQueryApiKey();
  const theirs = paths(server.seen.slice(before), /.*/);
  expect([...ours].filter((one) => !theirs.has(one))).toEqual([]);
  const [we, they] = words(server, "/v5/order/create", ["orderLinkId"]);
  expect(we).toEqual(they);
});

test("binance asks its cross margin account as we do", async () => {
  const server = startBinanceSpot();
  servers.push(server);
  await askAll(await connectBinanceSpot(server), "BTCUSDT-SPOT");
  const ours = paths(server.seen, /\/sapi\//);
  const before = server.seen.length;
  const client = new MainClient({
    ...{ api_key: BINANCE_KEY.apiKey, api_secret: BINANCE_KEY.secret, disableTimeSync: true },
    ...{ baseUrl: server.baseUrl("https://api.binance.com"), beautifyResponses: false },
  });
  const [symbol, isIsolated] = ["BTCUSDT", "FALSE"] as const;
  await client.marginAccountNewOrder({
    ...{ symbol, isIsolated, side: "SELL", type: "LIMIT", timeInForce: "IOC" },
    ...{ quantity: Number(SIZE), price: 59000, newClientOrderId: "x-U5D79M5Bsdk2" },
    ...{ sideEffectType: "MARGIN_BUY", newOrderRespType: "ACK", recvWindow: 4_000 as never },
  });
  const order = await client.queryMarginAccountOrder({
    ...{ symbol, isIsolated, origClientOrderId: "x-U5D79M5Bsdk2" },
  });
  expect(order.executedQty).toBe(SIZE);
  const trades = await client.queryMarginAccountTradeList({ symbol, isIsolated });
  expect(trades.at(-1)?.commissionAsset).toBe("USDT");
  await client.queryMarginAccountOpenOrders({ symbol, isIsolated });
  const account = await client.queryCrossMarginAccountDetails();
  expect(account.userAssets.find((one) => one.asset === "BTC")?.borrowed).toBe("0.02");
  await client.getTradeFee({ symbol });
  await client.getBNBBurn();
  const lent = await client.getCrossMarginFeeData({});
  expect(lent[0]?.dailyInterest).toBe("0.00004");
  const interest = await client.getMarginInterestHistory({ size: 100 });
  expect(interest.rows[0]?.rawAsset).toBe("BTC");
  const moved = await client.getCrossMarginTransferHistory({ size: 100 });
  expect(moved.rows.map((one) => one.type)).toEqual(["ROLL_IN", "ROLL_OUT"]);
  expect((await client.getApiKeyPermissions()).enableMargin).toBe(true);
  const theirs = paths(server.seen.slice(before), /.*/);
  expect([...ours].filter((one) => !theirs.has(one))).toEqual([]);
  const [we, they] = words(server, "/sapi/v1/margin/order", [
    ...["newClientOrderId", "timestamp", "recvWindow", "signature"],
  ]);
  expect(we).toEqual(they);
});

test("okx-api asks a multi-currency account's spot as we do", async () => {
  const server = startOkxSpot();
  servers.push(server);
  await askAll(await connectOkxSpot(server), "BTC-USDT-SPOT");
  const ours = paths(server.seen, /\/(account|trade)\//);
  const before = server.seen.length;
  const client = new OkxClient({
    ...{ apiKey: OKX_KEY.apiKey, apiSecret: OKX_KEY.secret, apiPass: OKX_KEY.password },
    baseUrl: server.baseUrl("https://www.okx.com"),
  });
  const instId = "BTC-USDT";
  server.desk.balances.delete("BTC");
  await client.submitOrder({
    ...{ instId, tdMode: "cross", side: "sell", ordType: "ioc", sz: SIZE, px: "59000" },
    clOrdId: "HsdkOrder2",
  });
  const [order] = await client.getOrderDetails({ instId, clOrdId: "HsdkOrder2" });
  expect(order?.accFillSz).toBe(SIZE);
  const fills = await client.getFills({ instType: "MARGIN" });
  expect(fills.map((one) => one.feeCcy)).toContain("USDT");
  await client.getOrderList({ instType: "MARGIN" });
  await client.getPositions({ instType: "SWAP" });
  const [balance] = await client.getBalance();
  expect(balance?.details.find((one) => one.ccy === "BTC")?.eq).toBe(`-${SIZE}`);
  const [fees] = await client.getFeeRates({ instType: "SPOT", instId });
  expect(fees?.taker).toBe("-0.001");
  const [interest] = await client.getInterestAccrued({ type: "2" });
  expect(interest?.interest).toBe("0.0000012");
  await client.getInterestRate({ ccy: "BTC" });
  await client.getBills({ type: "1" });
  await client.getAccountConfiguration();
  const theirs = paths(server.seen.slice(before), /.*/);
  expect([...ours].filter((one) => !theirs.has(one))).toEqual([]);
  const [we, they] = words(server, "/api/v5/trade/order", ["clOrdId"]);
  expect(we).toMatchObject({ tdMode: "cross", sz: SIZE, px: "59000" });
  expect(they).toMatchObject(we ?? {});
});
