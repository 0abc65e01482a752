import { afterAll, describe, expect, test } from "bun:test";
import { RestClient } from "okx-api";
import { dec } from "#src/core/decimal.ts";
import { baseSize, notionalUsd, price } from "#src/core/units.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";
import { BTC } from "#tests/support/venues/okx-rig.ts";
import { OKX_KEY, startOkxServer } from "#tests/support/venues/okx-server.ts";

const running: { stop(): Promise<void> }[] = [];
afterAll(() => Promise.all(running.map((one) => one.stop())));

/** Another library, by other people, in front of our server: does it speak OKX? */
function open(secret = OKX_KEY.secret) {
  const listed = {
    ...{ venue: "okx", symbol: BTC, contractSizeBase: baseSize("0.01") },
    ...{ lotStepBase: baseSize("0.0001"), minSizeBase: baseSize("0.0001") },
    ...{ minNotionalUsd: notionalUsd("0"), priceTick: price("0.1"), maxLeverage: dec("100") },
  };
  const feed = createSteadyMarket({ okx: { instrument: listed } });
  const server = startOkxServer({ feed, venue: "okx", clock: createSystemClock() });
  running.push(server);
  const client = new RestClient({
    ...{ apiKey: OKX_KEY.apiKey, apiSecret: secret, apiPass: OKX_KEY.password },
    baseUrl: server.baseUrl("https://www.okx.com"),
  });
  return { server, client };
}

describe("okx-api against our server", () => {
  test("reads public data", async () => {
    const { client } = open();
    expect(await client.getInstruments({ instType: "SWAP" })).toMatchObject([{ instId: BTC }]);
    const rates = await client.getFundingRate({ instId: BTC });
    expect(rates).toMatchObject([{ fundingRate: "0.0001" }]);
    expect(await client.getOrderBook({ instId: BTC, sz: "2" })).toMatchObject([
      { asks: [["60000.1", "10000", "0", "1"], {}], bids: [{}, {}] },
    ]);
  });

  test("trades with signatures of its own", async () => {
    const { client } = open();
    const [placed] = await client.submitOrder({
      ...{ instId: BTC, tdMode: "cross", side: "buy", ordType: "ioc", clOrdId: "sdk1" },
      ...{ sz: "1.5", px: "60100" },
    });
    expect(placed).toMatchObject({ sCode: "0", clOrdId: "sdk1" });
    const [order] = await client.getOrderDetails({ instId: BTC, clOrdId: "sdk1" });
    expect(order).toMatchObject({ state: "filled", accFillSz: "1.5", ordId: placed?.ordId });
    expect(await client.getFills({ instType: "SWAP" })).toMatchObject([
      { fillSz: "1.5", side: "buy", feeCcy: "USDT", execType: "T" },
    ]);
    expect(await client.getPositions({ instType: "SWAP" })).toMatchObject([{ pos: "1.5" }]);
  });

  test("cancels what rests", async () => {
    const { client } = open();
    const resting = { instId: BTC, tdMode: "cross", side: "buy", ordType: "limit" } as const;
    await client.submitOrder({ ...resting, clOrdId: "sdk2", sz: "1", px: "50000" });
    expect(await client.getOrderList({ instType: "SWAP" })).toHaveLength(1);
    await client.cancelOrder({ instId: BTC, clOrdId: "sdk2" });
    expect(await client.getOrderList({ instType: "SWAP" })).toEqual([]);
  });

  test("is turned away with a wrong secret", async () => {
    const { client } = open("wrong");
    await expect(client.getBalance()).rejects.toMatchObject({ code: "50113" });
  });
});
