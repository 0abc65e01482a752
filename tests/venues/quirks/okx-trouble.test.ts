import { afterAll, expect, test } from "bun:test";
import { dec, sum } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { OrderRequest } from "#src/core/order.ts";
import { baseSize, notionalUsd, price, rate } from "#src/core/units.ts";
import { instrument } from "#tests/support/builders.ts";
import { createJumpingClock } from "#tests/support/fake-clock.ts";
import { guarded, guardedCancelAll, orderRequest } from "#tests/support/guarded-orders.ts";
import { HALF_PAST, shortly } from "#tests/support/paper-rig.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";
import { htmlReply, jsonReply } from "#tests/support/venues/loopback.ts";
import { BTC, okxOver } from "#tests/support/venues/okx-rig.ts";
import { startOkxServer } from "#tests/support/venues/okx-server.ts";

const running: { stop(): Promise<void> }[] = [];
afterAll(() => Promise.all(running.map((one) => one.stop())));

const LISTED = {
  ...{ venue: "okx", symbol: BTC, contractSizeBase: baseSize("0.01") },
  ...{ lotStepBase: baseSize("0.0001"), minSizeBase: baseSize("0.0001") },
  ...{ minNotionalUsd: notionalUsd("0"), priceTick: price("0.1"), maxLeverage: dec("100") },
  maintenanceRate: rate("0.01"),
};

async function start(cash = "100000") {
  const market = createSteadyMarket({ okx: { instrument: LISTED } });
  const clock = createJumpingClock(HALF_PAST);
  const server = startOkxServer({ feed: market, venue: "okx", clock, cash });
  running.push(server);
  const venue = await okxOver(server, { clock });
  await venue.data.instruments();
  // From here on requests are stamped by the server's clock, not by this machine's.
  await venue.data.time();
  return { market, clock, server, venue };
}

let count = 0;
function request(over: Parameters<typeof orderRequest>[0] = {}): OrderRequest {
  count += 1;
  const ours = { clientOrderId: `Htrouble00z${count}`, expiresAt: HALF_PAST + 60_000 };
  return orderRequest({ venue: "okx", symbol: BTC, ...ours, ...over });
}

const sealed = (order: OrderRequest) => guarded(order, instrument(LISTED));

test.each([
  ["a 503 page", () => htmlReply(503)],
  ["an empty answer", () => new Response("")],
  ["a system error", () => jsonReply({ code: "50026", data: [], msg: "System error" }, 500)],
] as const)(
  "an order that was executed before %s is found again by our id",
  async (_name, reply) => {
    const { server, venue } = await start();
    server.faults.next({ method: "POST", path: "/api/v5/trade/order", execute: true, reply });
    const order = request();
    expect((await venue.trading.place(sealed(order))).kind).toBe("unknown");
    const found = await venue.account.lookupOrder(BTC, order.clientOrderId);
    expect(found).toMatchObject({ kind: "found", order: { status: "filled" }, fills: [{}] });
  },
);

test("an order whose answer broke off before it was executed is not found", async () => {
  const { server, venue, clock } = await start();
  server.faults.next({ method: "POST", reply: "cut" });
  const order = request();
  expect((await venue.trading.place(sealed(order))).kind).toBe("unknown");
  const found = await venue.account.lookupOrder(BTC, order.clientOrderId);
  expect(found.kind).toBe("notFound");
  expect(found.kind === "notFound" && found.venueTime).toBeLessThanOrEqual(clock.wallNow());
});

test("a look-up that fails proves nothing", async () => {
  const { server, venue } = await start();
  server.faults.next({
    path: "/api/v5/trade/order",
    reply: () => jsonReply({ code: "50026", data: [], msg: "" }, 500),
  });
  await expect(venue.account.lookupOrder(BTC, "Hnobody00001")).rejects.toThrow("50026");
});

test("taking everything off the book goes on past an order that filled meanwhile", async () => {
  const { server, venue } = await start();
  for (const limit of ["50000", "50001"]) {
    await venue.trading.place(sealed(request({ timeInForce: "gtc", limit })));
  }
  const gone = [{ clOrdId: "", ordId: "300000000000000001", sCode: "51400", sMsg: "" }];
  server.faults.next({
    ...{ path: "/api/v5/trade/cancel-order", execute: true },
    reply: () => jsonReply({ code: "1", data: gone, msg: "" }),
  });
  const answer = await venue.trading.cancelAll(guardedCancelAll(request()));
  expect(answer).toEqual({ kind: "ack" });
  expect(await venue.account.openOrders()).toEqual([]);
});

test("a cancel that did not take leaves no false word", async () => {
  const { server, venue } = await start();
  await venue.trading.place(sealed(request({ timeInForce: "gtc", limit: "50000" })));
  const took = [{ clOrdId: "", ordId: "300000000000000000", sCode: "0", sMsg: "" }];
  server.faults.next({
    path: "/api/v5/trade/cancel-order",
    reply: () => jsonReply({ code: "0", data: took, msg: "" }),
  });
  const answer = await venue.trading.cancelAll(guardedCancelAll(request()));
  expect(answer.kind).toBe("unknown");
  expect(await venue.account.openOrders()).toHaveLength(1);
});

test("funding is booked at its settlement, and explains the balance to the cent", async () => {
  const { venue, clock } = await start();
  const before = (await venue.account.account()).equityUsd;
  await venue.trading.place(sealed(request({ side: "sell", limit: "59000" })));
  clock.jump(2 * HOUR_MS);
  await venue.data.time();
  const payments = await venue.account.fundingPayments(0);
  expect(payments.map((one) => one.fundingAt)).toEqual([
    HALF_PAST + HOUR_MS / 2,
    HALF_PAST + 1.5 * HOUR_MS,
  ]);
  expect(payments.map((one) => one.rate.toFixed())).toEqual(["0.0001", "0.0001"]);
  expect(payments[0]?.amountUsd.gt("0")).toBe(true);
  const [fill] = await venue.account.fills(0);
  if (!fill) throw new Error("no fill");
  const { markPrice } = await venue.data.marketStats(BTC);
  const result = fill.price.minus(markPrice).times(fill.sizeBase).minus(fill.feeUsd);
  const after = (await venue.account.account()).equityUsd;
  const paid = sum(payments.map((one) => one.amountUsd));
  expect(after.toFixed()).toBe(before.plus(result).plus(paid).toFixed());
});

test("a liquidation is told as one, and leaves nothing held", async () => {
  const { venue, market } = await start("2500");
  await venue.trading.place(sealed(request({ size: "0.1" })));
  const { maintenanceUsd } = await venue.account.account();
  expect(maintenanceUsd.toFixed()).toBe("60");
  market.setPrice("okx", "34000");
  expect(await venue.account.positions()).toEqual([]);
  const fills = await venue.account.fills(0);
  expect(fills.map((one) => one.cause)).toEqual(["order", "liquidation"]);
  expect(fills.at(-1)).toMatchObject({ side: "sell", liquidity: "taker", clientOrderId: "" });
});

test("the brake is heard: nothing is executed, and it is no doubt", async () => {
  const { server, venue } = await start();
  server.faults.next({
    method: "POST",
    reply: () => jsonReply({ code: "50011", data: [], msg: "Too Many Requests" }, 429),
  });
  expect(shortly(await venue.trading.place(sealed(request())))).toBe("refused RATE_LIMITED");
  expect(server.engine.state.fills).toEqual([]);
});
