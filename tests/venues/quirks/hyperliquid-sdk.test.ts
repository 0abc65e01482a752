import { afterAll, describe, expect, test } from "bun:test";
import { ExchangeClient, HttpTransport, InfoClient } from "@nktkas/hyperliquid";
import { signL1Action } from "@nktkas/hyperliquid/signing";
import { Wallet } from "ethers";
import { createSteadyMarket } from "#tests/support/steady-market.ts";
import {
  AGENT_KEY,
  createHyperliquidRig,
  OWNER,
  STRANGER_KEY,
} from "#tests/support/venues/hyperliquid-rig.ts";
import { hyperliquidSigner } from "#tests/support/venues/hyperliquid-signer.ts";

const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
});

async function clients(key = AGENT_KEY) {
  const feed = createSteadyMarket({ steady: { price: "60000", instrument: { symbol: "BTC" } } });
  const { server } = await createHyperliquidRig({ feed });
  stops.push(() => server.stop());
  const transport = new HttpTransport({
    apiUrl: `${server.baseUrl("https://api.hyperliquid.xyz")}/`,
  });
  const wallet = new Wallet(key);
  return {
    server,
    info: new InfoClient({ transport }),
    exchange: new ExchangeClient({ transport, wallet }),
  };
}

const ORDER = {
  a: 0,
  b: true,
  p: "60100",
  s: "0.01",
  r: false,
  t: { limit: { tif: "Ioc" } },
} as const;
const user = OWNER as `0x${string}`;

describe("the server, to a client that is not ccxt", () => {
  test("takes orders, shows them in the account, and cancels", async () => {
    const { exchange, info } = await clients();
    const c = `0x${"d".repeat(32)}` as const;
    const placed = await exchange.order({ orders: [{ ...ORDER, c }], grouping: "na" });
    expect(placed.response.data.statuses[0]).toMatchObject({ filled: { totalSz: "0.01" } });
    expect(await info.orderStatus({ user, oid: c })).toMatchObject({
      status: "order",
      order: { status: "filled" },
    });
    const state = await info.clearinghouseState({ user });
    expect(state.assetPositions[0]?.position.szi).toBe("0.01");
    const [fill] = await info.userFillsByTime({ user, startTime: 0 });
    expect(fill).toMatchObject({ coin: "BTC", side: "B", crossed: true, dir: "Open Long" });

    const resting = { ...ORDER, p: "59000", t: { limit: { tif: "Gtc" } } } as const;
    await exchange.order({ orders: [resting], grouping: "na" });
    const [open] = await info.frontendOpenOrders({ user });
    expect(open).toMatchObject({ coin: "BTC", limitPx: "59000", cloid: null });
    const cancelled = await exchange.cancel({ cancels: [{ a: 0, o: open?.oid ?? 0 }] });
    expect(cancelled.response.data.statuses).toEqual(["success"]);
    expect(await info.openOrders({ user })).toEqual([]);
  });

  test("answers what is public", async () => {
    const { info } = await clients();
    const [meta, contexts] = await info.metaAndAssetCtxs();
    expect(meta.universe[0]).toMatchObject({ name: "BTC", szDecimals: 3 });
    expect(contexts[0]?.markPx).toBe("60000");
    const book = await info.l2Book({ coin: "BTC" });
    expect(book?.levels[0][0]?.px).toBe("59999");
    const since = Date.now() - 5 * 3_600_000;
    expect((await info.fundingHistory({ coin: "BTC", startTime: since })).length).toBe(5);
  });

  test("does not know a stranger's signature", async () => {
    const { exchange, server } = await clients(STRANGER_KEY);
    const sent = exchange.order({ orders: [ORDER], grouping: "na" });
    await expect(sent).rejects.toThrow("does not exist");
    expect(server.engine.state.orders.size).toBe(0);
  });

  test("refuses what comes after its fence, and a nonce that was used", async () => {
    const { exchange, server } = await clients();
    const late = exchange.order({ orders: [ORDER], grouping: "na" }, { expiresAfter: 1e12 });
    await expect(late).rejects.toThrow("expired");
    const action = { type: "order", orders: [ORDER], grouping: "na" };
    const nonce = Date.now();
    const signature = await signL1Action({ wallet: new Wallet(AGENT_KEY), action, nonce });
    const body = JSON.stringify({ action, nonce, signature });
    const send = () =>
      fetch(`${server.baseUrl("https://api.hyperliquid.xyz")}/exchange`, { method: "POST", body });
    expect(await (await send()).json()).toMatchObject({ status: "ok" });
    expect(await (await send()).json()).toMatchObject({ status: "err" });
    expect(server.engine.state.orders.size).toBe(1);
  });
});

/** From the venue's own Python SDK, tests/signing_test.py. */
describe("the venue's published signatures", () => {
  const KEY = "0x0123456789012345678901234567890123456789012345678901234567890123";
  const action = {
    type: "order",
    orders: [{ a: 1, b: true, p: "100", s: "100", r: false, t: { limit: { tif: "Gtc" } } }],
    grouping: "na",
  };

  test.each([
    [
      false,
      "0xd65369825a9df5d80099e513cce430311d7d26ddf477f5b3a33d2806b100d78e",
      "0x2b54116ff64054968aa237c20ca9ff68000f977c93289157748a3162b6ea940e",
      28,
    ],
    [
      true,
      "0x82b2ba28e76b3d761093aaded1b1cdad4960b3af30212b343fb2e6cdfa4e3d54",
      "0x6b53878fc99d26047f4d7e8c90eb98955a109f44209163f52d8dc4278cbbd9f5",
      27,
    ],
  ])("recover to their signer (testnet %p)", (isTestnet, r, s, v) => {
    const signer = hyperliquidSigner({ action, nonce: 0, signature: { r, s, v } }, isTestnet);
    expect(signer).toBe(new Wallet(KEY).address.toLowerCase());
    const other = hyperliquidSigner({ action, nonce: 0, signature: { r, s, v } }, !isTestnet);
    expect(other).not.toBe(signer);
  });
});
