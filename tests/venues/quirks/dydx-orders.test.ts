import { afterEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { SigningKey } from "ethers";
import type { OrderRequest } from "#src/core/order.ts";
import { dydx } from "#src/venues/quirks/dydx.ts";
import {
  guarded,
  guardedCancel,
  guardedCancelAll,
  orderRequest,
} from "#tests/support/guarded-orders.ts";
import { shortly } from "#tests/support/paper-rig.ts";
import {
  abciInfo,
  broadcast,
  DYDX_HEIGHT,
  DYDX_KEY,
  dydxMarket,
  dydxOrder,
  listedBtc,
  orderNotFound,
  readTx,
  signDocOf,
  startDydx,
} from "#tests/support/venues/dydx-rig.ts";
import { htmlReply, jsonReply } from "#tests/support/venues/loopback.ts";
import type { Answers, ScriptedVenue } from "#tests/support/venues/scripted-venue.ts";

const rigs: ScriptedVenue[] = [];
afterEach(() => Promise.all(rigs.splice(0).map((rig) => rig.server.stop())));

async function start(over: Answers = {}): Promise<ScriptedVenue> {
  const rig = await startDydx(over);
  rigs.push(rig);
  return rig;
}

let count = 0;

function order(over: Parameters<typeof orderRequest>[0] = {}): OrderRequest {
  count += 1;
  return orderRequest({
    ...{ venue: "dydx", symbol: "BTC-USD", clientOrderId: `HdydxOrder${count}` },
    ...{ size: "0.0123", limit: "118977", expiresAt: Date.now() + 10_000 },
    ...over,
  });
}

async function place({ venue }: ScriptedVenue, request: OrderRequest) {
  const instrument = (await venue.data.instruments()).find((one) => one.symbol === request.symbol);
  return venue.trading.place(guarded(request, instrument));
}

const sentIn = (rig: ScriptedVenue) => rig.asked("GET /broadcast_tx_sync");

async function messageIn(rig: ScriptedVenue) {
  const sent = sentIn(rig).at(-1);
  if (!sent) throw new Error("nothing was sent");
  return readTx(sent.url);
}

/** What the venue would call an order of ours. */
async function idOf({ driver, venue }: ScriptedVenue, request: OrderRequest): Promise<string> {
  await venue.data.instruments();
  const rig = await start({ "GET /v4/orders/": () => orderNotFound() });
  const outcome = await place(rig, request);
  if (outcome.kind !== "ack") throw new Error("not taken");
  expect(driver.profile.id).toBe("dydx");
  return outcome.order.venueOrderId;
}

describe("an order on dYdX", () => {
  test("is signed with our size, price, id and subaccount exactly, and nobody's fee (Q11)", async () => {
    const rig = await start();
    const request = order({ clientOrderId: "HopenA1o0n1xabc" });
    expect(shortly(await place(rig, request))).toBe("ack open");
    const { typeUrl, value } = await messageIn(rig);
    expect(typeUrl).toBe("/dydxprotocol.clob.MsgPlaceOrder");
    const { order: signed } = value;
    expect(signed.orderId).toEqual({
      subaccountId: { owner: DYDX_KEY.walletAddress, number: 0 },
      ...{ clientId: Number(dydx.wireIdOf("HopenA1o0n1xabc")), orderFlags: 0, clobPairId: 0 },
    });
    // 0.0123 BTC in steps of 0.0001 of 1,000,000 quanta; 118,977 ticks of 100,000 subticks.
    expect(signed.quantums.toString()).toBe("123000000");
    expect(signed.subticks.toString()).toBe("11897700000");
    expect([signed.side, signed.timeInForce, signed.reduceOnly]).toEqual([1, 1, false]);
    expect(signed.orderRouterAddress).toBe("");
    expect(signed.builderCodeParameters).toBeUndefined();
    expect(signed.conditionType).toBe(0);
  });

  test("dies with a block that comes before its fence, at most 20 blocks ahead", async () => {
    const rig = await start();
    await place(rig, order({ expiresAt: Date.now() + 10_000 }));
    const short = (await messageIn(rig)).value.order.goodTilBlock;
    expect(short).toBeGreaterThanOrEqual(DYDX_HEIGHT + 4);
    expect(short).toBeLessThanOrEqual(DYDX_HEIGHT + 5);
    await place(rig, order({ expiresAt: Date.now() + 600_000 }));
    expect((await messageIn(rig)).value.order.goodTilBlock).toBe(DYDX_HEIGHT + 5);
    await place(rig, order({ timeInForce: "gtc", expiresAt: Date.now() + 600_000 }));
    expect((await messageIn(rig)).value.order.goodTilBlock).toBe(DYDX_HEIGHT + 20);
  });

  test("has a fence of its own when two are in flight", async () => {
    const rig = await start();
    await rig.venue.data.instruments();
    await Promise.all([
      place(rig, order({ expiresAt: Date.now() + 8_500 })),
      place(rig, order({ expiresAt: Date.now() + 6_500 })),
    ]);
    const blocks = await Promise.all(
      sentIn(rig).map(async ({ url }) => (await readTx(url)).value.order.goodTilBlock),
    );
    expect(blocks.toSorted()).toEqual([DYDX_HEIGHT + 3, DYDX_HEIGHT + 4]);
  });

  test("is not sent when no block fits into its time", async () => {
    const rig = await start();
    const outcome = await place(rig, order({ expiresAt: Date.now() + 1_500 }));
    expect(outcome).toMatchObject({ kind: "refused", code: "NOT_SENT" });
    expect(sentIn(rig)).toEqual([]);
  });

  test("is not sent when an older one has its 32 bits", async () => {
    const rig = await start({ "GET /v4/orders/": dydxOrder() });
    expect(await place(rig, order())).toMatchObject({
      ...{ kind: "refused", code: "NOT_SENT", detail: "an older order has its id" },
    });
    expect(sentIn(rig)).toEqual([]);
  });

  test.each([
    ["GET /abci_info", "the height"],
    ["GET /v4/orders/", "an older one"],
    ["GET /cosmos/auth/v1beta1/account_info/", "the account"],
  ])("is not sent, and known not to be, when %s (%s) does not answer", async (route) => {
    const rig = await start({ [route]: () => jsonReply({ code: 13, message: "down" }, 503) });
    expect(shortly(await place(rig, order()))).toBe("refused NOT_SENT");
    expect(sentIn(rig)).toEqual([]);
  });

  test("closes also while the indexer is down", async () => {
    const rig = await start({ "GET /v4/orders/": () => htmlReply(503) });
    expect(shortly(await place(rig, order({ reduceOnly: true, side: "sell" })))).toBe("ack open");
  });

  test.each([
    ["live", "dydx-mainnet-1", "dydx-ops-rpc.kingnodes.com"],
    ["testnet", "dydx-testnet-4", "test-dydx-rpc.kingnodes.com"],
  ] as const)("carries this key's signature for the %s chain %s", async (mode, chain, host) => {
    const rig = await startDydx({}, mode);
    rigs.push(rig);
    await place(rig, order());
    const { raw } = await messageIn(rig);
    const hash = `0x${createHash("sha256")
      .update(await signDocOf(raw, chain))
      .digest("hex")}`;
    const signature = `0x${Buffer.from(raw.signatures[0]).toString("hex")}`;
    const signers = ["1b", "1c"].map((v) => SigningKey.recoverPublicKey(hash, `${signature}${v}`));
    expect(signers).toContain(new SigningKey(`0x${DYDX_KEY.privateKey}`).publicKey);
    expect(sentIn(rig)[0]?.url.hostname).toBe(host);
  });

  test("is reduce-only where that is asked for, and stays immediate", async () => {
    const rig = await start();
    await place(rig, order({ reduceOnly: true, side: "sell" }));
    const { order: signed } = (await messageIn(rig)).value;
    expect([signed.side, signed.timeInForce, signed.reduceOnly]).toEqual([2, 1, true]);
  });

  test("rests in memory only, never as a long-term order that outlives its fence", async () => {
    const rig = await start();
    await place(rig, order({ timeInForce: "postOnly", expiresAt: Date.now() + 40_500 }));
    const post = (await messageIn(rig)).value.order;
    expect([post.orderId.orderFlags, post.timeInForce]).toEqual([0, 2]);
    expect([post.goodTilBlock, post.goodTilBlockTime]).toEqual([DYDX_HEIGHT + 20, undefined]);
    await place(rig, order({ timeInForce: "gtc" }));
    const rests = (await messageIn(rig)).value.order;
    expect([rests.orderId.orderFlags, rests.timeInForce]).toEqual([0, 0]);
  });

  test.each([
    [0, "1000000", "3", "3", "1000000"],
    [1, "1000000", "100000", "200000", "20000"],
    [-6, "1000000", "0.000001", "1.234567", "1234567"],
  ])(
    "keeps its size where a quantum is 10^%p, which ccxt makes ten times larger",
    async (atomicResolution, stepBaseQuantums, stepSize, size, quantums) => {
      // SHIB, PEPE: ccxt's power of ten starts at 10^1.
      const market = dydxMarket({
        ...{ atomicResolution, stepSize, stepBaseQuantums: Number(stepBaseQuantums) },
        ...{ tickSize: "0.00000001", subticksPerTick: 10_000, quantumConversionExponent: -9 },
      });
      const rig = await start({ "GET /v4/perpetualMarkets": { markets: { "BTC-USD": market } } });
      await place(rig, order({ size, limit: "0.00001234" }));
      const { order: signed } = (await messageIn(rig)).value;
      const expected = atomicResolution === 0 ? "3" : quantums;
      expect(signed.quantums.toString()).toBe(expected);
    },
  );
});

describe("what became of an order on dYdX", () => {
  test("is found by our id through the indexer, with its fills", async () => {
    const request = order();
    const rig = await start();
    const id = await idOf(rig, request);
    const wireId = dydx.wireIdOf(request.clientOrderId);
    rig.answers[`GET /v4/orders/${id}`] = dydxOrder({ id, clientId: wireId, size: "0.0123" });
    rig.answers["GET /v4/fills"] = {
      fills: [
        {
          ...{ id: "f1", orderId: id, side: "BUY", liquidity: "TAKER", type: "LIMIT" },
          ...{ market: "BTC-USD", marketType: "PERPETUAL", price: "118900", size: "0.001" },
          ...{ fee: "0.05945", affiliateRevShare: "0", subaccountNumber: 0 },
          ...{ createdAt: "2025-07-28T12:06:35.330Z", createdAtHeight: "45058326" },
        },
      ],
    };
    const found = await rig.venue.account.lookupOrder("BTC-USD", request.clientOrderId);
    if (found.kind !== "found") throw new Error("not found");
    expect(found.order).toMatchObject({ venueOrderId: id, status: "filled", side: "buy" });
    expect(found.fills.map((fill) => fill.sizeBase.toFixed())).toEqual(["0.001"]);
    expect(found.fills[0]?.feeUsd.toFixed()).toBe("0.05945");
  });

  test("is not known before its last block is indexed: unfilled orders are never written down", async () => {
    const rig = await start();
    const request = order();
    await place(rig, request);
    const { goodTilBlock } = (await messageIn(rig)).value.order;
    const look = () => rig.venue.account.lookupOrder("BTC-USD", request.clientOrderId);
    for (const height of [goodTilBlock - 1, goodTilBlock, goodTilBlock + 1]) {
      rig.answers["GET /v4/height"] = { height: String(height), time: "" };
      await expect(look()).rejects.toThrow(`until block ${goodTilBlock}`);
    }
    rig.answers["GET /v4/height"] = { height: String(goodTilBlock + 2), time: "" };
    rig.answers["GET /v4/fills"] = { fills: [] };
    const found = await look();
    expect(found.kind === "found" && found.order).toMatchObject({
      ...{ status: "cancelled", clientOrderId: request.clientOrderId, reduceOnly: false },
    });
    expect(found.kind === "found" && found.order.filledBase.toFixed()).toBe("0");
  });

  test("is not known while the indexer has a fill of it and no order", async () => {
    const rig = await start();
    const request = order();
    const outcome = await place(rig, request);
    const orderId = outcome.kind === "ack" ? outcome.order.venueOrderId : "";
    rig.answers["GET /v4/height"] = { height: String(DYDX_HEIGHT + 100), time: "" };
    rig.answers["GET /v4/fills"] = { fills: [{ id: "a", orderId }] };
    const look = rig.venue.account.lookupOrder("BTC-USD", request.clientOrderId);
    await expect(look).rejects.toThrow("it has a fill only");
  });

  test("of an earlier process is not known before a whole window of blocks has passed", async () => {
    const rig = await start();
    const look = () => rig.venue.account.lookupOrder("BTC-USD", "HfromBefore");
    await expect(look()).rejects.toThrow(`until block ${DYDX_HEIGHT + 20}`);
    rig.answers["GET /abci_info"] = abciInfo(DYDX_HEIGHT + 15);
    rig.answers["GET /v4/height"] = { height: String(DYDX_HEIGHT + 22), time: "" };
    expect((await look()).kind).toBe("notFound");
  });

  test("is not known either when the indexer fails, or says 404 about something else", async () => {
    const rig = await start({
      "GET /v4/height": { height: String(DYDX_HEIGHT + 100), time: "" },
      "GET /v4/orders/": () => new Response("<html>404</html>", { status: 404 }),
    });
    const look = () => rig.venue.account.lookupOrder("BTC-USD", "HsomeOrder");
    await expect(look()).rejects.toThrow("http 404");
    rig.answers["GET /v4/orders/"] = () => jsonReply({ errors: [{ msg: "Internal" }] }, 500);
    await expect(look()).rejects.toThrow("http 500");
  });

  test.each([
    ["BEST_EFFORT_CANCELED", DYDX_HEIGHT, "open"],
    ["BEST_EFFORT_CANCELED", DYDX_HEIGHT - 1, "cancelled"],
    ["BEST_EFFORT_OPENED", DYDX_HEIGHT, "open"],
    ["OPEN", DYDX_HEIGHT - 1, "cancelled"],
    ["CANCELED", DYDX_HEIGHT + 20, "cancelled"],
    ["FILLED", DYDX_HEIGHT + 20, "filled"],
  ])(
    "with %s until block %p is %s, for one node's belief is no proof",
    async (status, block, expected) => {
      const { driver, venue } = await start({
        "GET /v4/orders/": dydxOrder({ status, totalFilled: "0", goodTilBlock: String(block) }),
      });
      const listed = (await venue.data.instruments()).length;
      expect(listed).toBe(1);
      const found = await driver.lookupOrder(listedBtc(driver), {
        ...{ wireId: "716238006", venueOrderId: "dad46410-3444-5566-a129-19a619300fb7" },
      });
      expect(found?.status).toBe(expected as NonNullable<typeof found>["status"]);
    },
  );
});

describe("what rests on dYdX", () => {
  test("is also what one node has cancelled while another may still fill it", async () => {
    const rig = await start({
      "GET /v4/orders": ({ url }: { readonly url: URL }) =>
        url.searchParams.get("status") === "BEST_EFFORT_CANCELED"
          ? [dydxOrder({ id: "b", clientId: "2", status: "BEST_EFFORT_CANCELED" })]
          : [
              dydxOrder({ id: "a", clientId: "1", status: "OPEN", totalFilled: "0.0004" }),
              dydxOrder({ id: "c", clientId: "3", status: "OPEN", goodTilBlock: "1" }),
              dydxOrder({ id: "d", clientId: "4", status: "OPEN", ticker: "GONE-USD" }),
            ],
    });
    const resting = await rig.venue.account.openOrders();
    expect(resting.map((one) => [one.clientOrderId, one.filledBase.toFixed()])).toEqual([
      ["1", "0.0004"],
      // Its market is not traded any more, but nobody has taken it off.
      ["4", "0.001"],
      ["2", "0.001"],
    ]);
    const after = rig.asked("GET /v4/orders").map(({ url }) => url.searchParams);
    expect(after.at(-1)?.get("goodTilBlockAfter")).toBe(String(DYDX_HEIGHT - 1));
  });
});

describe("cancelling on dYdX", () => {
  test("names our id, and lives at least as long as the order", async () => {
    const rig = await start();
    const request = order({ timeInForce: "gtc" });
    await place(rig, request);
    expect(shortly(await rig.venue.trading.cancel(guardedCancel(request)))).toBe("ack");
    const { typeUrl, value } = await messageIn(rig);
    expect(typeUrl).toBe("/dydxprotocol.clob.MsgBatchCancel");
    expect(value.shortTermCancels).toEqual([
      { clobPairId: 0, clientIds: [Number(dydx.wireIdOf(request.clientOrderId))] },
    ]);
    expect(value.goodTilBlock).toBe(DYDX_HEIGHT + 20);
  });

  test("takes off everything that rests there, whoever placed it and for how long", async () => {
    const rig = await start({
      "GET /v4/orders": ({ url }: { readonly url: URL }) => {
        expect(url.searchParams.get("ticker")).toBe("BTC-USD");
        expect(url.searchParams.get("status")).toBe("OPEN,UNTRIGGERED,BEST_EFFORT_OPENED");
        const lasting = { orderFlags: "64", goodTilBlock: undefined };
        return [
          dydxOrder({ id: "a", clientId: "1", status: "OPEN" }),
          dydxOrder({ id: "b", clientId: "2", status: "OPEN", ...lasting }),
          dydxOrder({ id: "c", clientId: "3", status: "UNTRIGGERED", orderFlags: "32" }),
          dydxOrder({ id: "d", clientId: "4", status: "BEST_EFFORT_OPENED" }),
        ];
      },
    });
    const request = order();
    await rig.venue.data.instruments();
    expect(shortly(await rig.venue.trading.cancelAll(guardedCancelAll(request)))).toBe("ack");
    const sent = await Promise.all(sentIn(rig).map(async ({ url }) => (await readTx(url)).value));
    expect(sent[0].shortTermCancels).toEqual([{ clobPairId: 0, clientIds: [1, 4] }]);
    expect(sent.slice(1).map(({ orderId }) => [orderId.clientId, orderId.orderFlags])).toEqual([
      [2, 64],
      [3, 32],
    ]);
  });

  test("is done without a word when nothing rests", async () => {
    const rig = await start();
    await rig.venue.data.instruments();
    expect(shortly(await rig.venue.trading.cancelAll(guardedCancelAll(order())))).toBe("ack");
    expect(sentIn(rig)).toEqual([]);
  });

  test("is unknown when the node says an error in an HTTP 200", async () => {
    const error = { code: -32_603, message: "Internal error", data: "tx already exists in cache" };
    const rig = await start();
    const request = order({ timeInForce: "gtc" });
    await place(rig, request);
    rig.answers["GET /broadcast_tx_sync"] = { jsonrpc: "2.0", id: -1, error };
    expect((await rig.venue.trading.cancel(guardedCancel(request))).kind).toBe("unknown");
    rig.answers["GET /broadcast_tx_sync"] = broadcast({ code: 9, codespace: "clob" });
    expect((await rig.venue.trading.cancel(guardedCancel(request))).kind).toBe("unknown");
  });
});
