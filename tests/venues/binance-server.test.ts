import { afterAll, describe, expect, test } from "bun:test";
import { USDMClient } from "binance";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { startBinanceServer } from "#tests/support/venues/binance-server.ts";

const KEY = { apiKey: "kSecondSdk", secret: "sSecondSdk" };
const server = startBinanceServer({
  ...{ feed: createSyntheticMarket({ seed: 3 }), feedVenue: "binance-sim" },
  ...{ clock: createSystemClock(), ...KEY },
});
afterAll(() => server.stop());

/** Another library's idea of Binance: what it understands was not bent to what we send. */
function client(secret = KEY.secret): USDMClient {
  const baseUrl = server.baseUrl("https://fapi.binance.com");
  return new USDMClient({
    ...{ api_key: KEY.apiKey, api_secret: secret, baseUrl, disableTimeSync: true },
    beautifyResponses: false,
  });
}

describe("the Binance server, judged by another SDK", () => {
  test("lists instruments, rates, intervals, history and a book", async () => {
    const { symbols } = await client().getExchangeInfo();
    expect(symbols.find(({ symbol }) => symbol === "BTCUSDT")?.baseAsset).toBe("BTC");
    const premium = [await client().getMarkPrice({ symbol: "BTCUSDT" })].flat();
    expect(Number(premium[0]?.markPrice)).toBeGreaterThan(1_000);
    expect((await client().getFundingRates()).length).toBeGreaterThan(0);
    const history = await client().getFundingRateHistory({ symbol: "BTCUSDT", limit: 5 });
    expect(history).toHaveLength(5);
    expect((await client().getOrderBook({ symbol: "BTCUSDT", limit: 5 })).asks).toHaveLength(5);
  });

  test("takes an order, tells its trades, its position and its fee, and closes it", async () => {
    const { asks, bids } = await client().getOrderBook({ symbol: "BTCUSDT", limit: 20 });
    const order = {
      symbol: "BTCUSDT",
      type: "LIMIT",
      timeInForce: "IOC",
      quantity: 0.004,
    } as const;
    const newClientOrderId = client().generateNewOrderId();
    const bought = await client().submitNewOrder({
      ...{ ...order, side: "BUY", price: Number(asks.at(-1)?.[0]) },
      ...{ newClientOrderId, newOrderRespType: "RESULT" },
    });
    expect(bought).toMatchObject({ status: "FILLED", executedQty: "0.004" });
    const found = await client().getOrder({
      symbol: "BTCUSDT",
      origClientOrderId: newClientOrderId,
    });
    expect(found).toMatchObject({ clientOrderId: newClientOrderId, status: "FILLED" });
    const trades = await client().getAccountTrades({ symbol: "BTCUSDT" });
    expect(Number(trades[0]?.commission)).toBeGreaterThan(0);
    const [position] = await client().getPositionsV3({ symbol: "BTCUSDT" });
    expect(position?.positionAmt).toBe("0.004");
    const income = await client().getIncomeHistory({ incomeType: "COMMISSION" });
    expect(Number(income[0]?.income)).toBeLessThan(0);
    const sold = await client().submitNewOrder({
      ...{ ...order, side: "SELL", price: Number(bids.at(-1)?.[0]), reduceOnly: "true" },
    });
    expect(sold).toMatchObject({ status: "FILLED" });
    expect(await client().getPositionsV3({ symbol: "BTCUSDT" })).toEqual([]);
  });

  test("rests an order and takes it off", async () => {
    const order = { symbol: "BTCUSDT", side: "BUY", type: "LIMIT", price: 10_000 } as const;
    const newClientOrderId = client().generateNewOrderId();
    const named = { ...order, timeInForce: "GTC", quantity: 0.01, newClientOrderId } as const;
    expect(await client().submitNewOrder(named)).toMatchObject({ status: "NEW" });
    expect(await client().getAllOpenOrders()).toHaveLength(1);
    const cancelled = await client().cancelOrder({
      symbol: "BTCUSDT",
      origClientOrderId: newClientOrderId,
    });
    expect(cancelled).toMatchObject({ status: "CANCELED" });
    expect(await client().getAllOpenOrders()).toEqual([]);
  });

  test("refuses a wrong secret and an order that does not exist, with Binance's codes", async () => {
    await expect(client("wrong").getAccountInformationV3()).rejects.toMatchObject({ code: -1022 });
    const missing = client().getOrder({ symbol: "BTCUSDT", origClientOrderId: "never" });
    await expect(missing).rejects.toMatchObject({ code: -2013 });
  });
});
