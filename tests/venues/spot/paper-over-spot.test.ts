import { afterAll, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import type { OrderSide } from "#src/core/order.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import type { CcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import { createLivePaperVenue } from "#src/venues/paper/live-paper-venue.ts";
import { guarded, orderRequest } from "#tests/support/guarded-orders.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { shortly } from "#tests/support/paper-rig.ts";
import { connectBinanceSpot, startBinanceSpot } from "#tests/support/venues/binance-spot.ts";
import { connectBybitSpot, startBybitSpot } from "#tests/support/venues/bybit-spot.ts";
import type { Loopback } from "#tests/support/venues/loopback.ts";

const servers: Loopback[] = [];
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

const WITHOUT_KEY = { mode: "paper", credentials: null } as const;
const SPOT = "BTCUSDT-SPOT";

/** A paper account on the public spot data of a venue, as `start` makes it in mode paper. */
async function paperOn(source: CcxtVenue) {
  const clock = createSystemClock();
  const venue = createLivePaperVenue({
    ...{ source, clock, records: createMemoryRecords() },
    ...{ startingCashUsd: "10000", leverage: dec("3") },
  });
  const instrument = (await venue.data.instruments()).find((one) => one.symbol === SPOT);
  if (!instrument) throw new Error(`no ${SPOT}`);
  let count = 0;
  async function trade(side: OrderSide, reduceOnly = false): Promise<string> {
    count += 1;
    const request = orderRequest({
      ...{ venue: venue.id, symbol: SPOT, side, size: "0.02", reduceOnly, timeInForce: "ioc" },
      ...{ limit: side === "buy" ? "60600" : "59400", clientOrderId: `HpaperSpot${count}` },
      expiresAt: Date.now() + 5_000,
    });
    const paired = { ...instrument, kind: "perp", maxLeverage: dec("10") } as typeof instrument;
    const ticket = reduceOnly ? guarded(request) : guarded(request, paired);
    return shortly(await venue.trading.place(ticket));
  }
  // Without what fees in coins left over.
  const sizes = async () =>
    (await venue.account.positions()).flatMap(({ symbol, sizeBase }) =>
      sizeBase.abs().lt("0.001") ? [] : [[symbol, sizeBase.toFixed(2)]],
    );
  return { trade, sizes };
}

test("without a key spot is bought, and sold short where the venue tells anybody what it lends", async () => {
  const server = startBybitSpot();
  servers.push(server);
  const { trade, sizes } = await paperOn(await connectBybitSpot(server, WITHOUT_KEY));
  expect(await trade("buy")).toStartWith("ack");
  expect(await sizes()).toEqual([[SPOT, "0.02"]]);
  expect(await trade("sell", true)).toStartWith("ack");
  expect(await sizes()).toEqual([]);
  expect(await trade("sell")).toStartWith("ack");
  expect(await sizes()).toEqual([[SPOT, "-0.02"]]);
  const signed = server.seen.filter(({ headers }) => headers.get("X-BAPI-SIGN") !== null);
  expect(signed).toEqual([]);
});

test("without a key no spot is sold short where only accounts are told what is lent", async () => {
  const server = startBinanceSpot();
  servers.push(server);
  const { trade, sizes } = await paperOn(await connectBinanceSpot(server, WITHOUT_KEY));
  expect(await trade("sell")).toStartWith("refused");
  expect(await trade("buy")).toStartWith("ack");
  expect(await sizes()).toEqual([[SPOT, "0.02"]]);
});
