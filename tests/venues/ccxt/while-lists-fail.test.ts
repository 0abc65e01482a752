import { afterEach, expect, test } from "bun:test";
import { createShiftedClock } from "#tests/support/fake-clock.ts";
import { guarded, guardedCancel, orderRequest } from "#tests/support/guarded-orders.ts";
import { createBinanceRig } from "#tests/support/venues/binance-rig.ts";
import {
  extendedMarketRow,
  extendedOrder,
  ok,
  startExtended,
} from "#tests/support/venues/extended-documents.ts";
import { htmlReply, jsonReply } from "#tests/support/venues/loopback.ts";

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

/** A refusal that speaks of the grid makes the adapter read its list anew. */
const OFF_LOT = () => jsonReply({ code: -1111, msg: "Precision is over the maximum" }, 400);

test("while the list of instruments hangs, what is held is seen and closed all the same", async () => {
  const { server, venue } = await createBinanceRig();
  running.push(server);
  const traded = (await venue.data.instruments()).find(({ asset }) => asset === "BTC");
  if (!traded) throw new Error("no BTC");
  const { symbol } = traded;
  const { markPrice } = await venue.data.marketStats(symbol);
  const expiresAt = Date.now() + 5_000;
  const order = (over: Parameters<typeof orderRequest>[0]) =>
    guarded(orderRequest({ venue: "binance", symbol, expiresAt, size: "0.1", ...over }), traded);
  const tick = traded.priceTick;
  const limit = (factor: string) =>
    markPrice.times(factor).div(tick).round(0, 0).times(tick).toFixed();
  await venue.trading.place(order({ clientOrderId: "Hlist1o0n1x1", limit: limit("1.05") }));

  server.faults.next({ path: "/fapi/v1/order", reply: OFF_LOT });
  await venue.trading.place(order({ clientOrderId: "Hlist1o0n2x2", limit: limit("1.05") }));
  server.faults.next({ path: "/fapi/v1/exchangeInfo", reply: "hang", times: 9 });
  void venue.data.instruments().catch(() => undefined);

  // A list that hangs is given up after ten seconds.
  const startedMs = performance.now();
  expect((await venue.account.positions()).map((one) => one.sizeBase.toFixed())).toEqual(["0.1"]);
  const close = { side: "sell", reduceOnly: true, limit: limit("0.95") } as const;
  const closed = await venue.trading.place(order({ clientOrderId: "Hlist1c0n3x3", ...close }));
  expect(closed.kind).toBe("ack");
  expect(await venue.account.positions()).toEqual([]);
  expect(performance.now() - startedMs).toBeLessThan(8_000);
}, 120_000);

test("a list that could not be read anew does not stop a cancel", async () => {
  const [clock, markets] = [createShiftedClock(), ok([extendedMarketRow()])];
  let lists = true;
  const extended = await startExtended(
    {
      "GET /api/v1/info/markets": () => (lists ? markets : htmlReply(503)),
      "DELETE /api/v1/user/order": ok({}),
    },
    { clock },
  );
  running.push(extended);
  await extended.venue.data.instruments();

  lists = false;
  clock.jump(31 * 60_000);
  expect(await extended.venue.data.instruments()).toHaveLength(1);
  const cancelled = await extended.venue.trading.cancel(guardedCancel(extendedOrder()));
  expect(cancelled).toEqual({ kind: "ack" });
});
