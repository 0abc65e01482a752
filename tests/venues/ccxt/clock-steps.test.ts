import { afterAll, describe, expect, test } from "bun:test";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createCcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import { loadQuirks } from "#src/venues/ccxt/load-quirks.ts";
import { guarded, orderRequest } from "#tests/support/guarded-orders.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";
import { htmlReply } from "#tests/support/venues/loopback.ts";
import { STREET_KEYS, startVenueStreet } from "#tests/support/venues/venue-street.ts";

const HOUR_MS = 3_600_000;
const clock = createSystemClock();
/** How far the venues' clocks are ahead of this machine's: a step of either is a step of this. */
let aheadMs = 0;
const now = () => clock.wallNow() + aheadMs;
const street = startVenueStreet({
  clock: { ...clock, wallNow: now, marketNow: now },
  feed: createSteadyMarket({
    ...{ binance: {}, bybit: {}, hyperliquid: {} },
    okx: { instrument: { symbol: "BTC-USDT-SWAP" } },
  }),
  feedVenues: { binance: "binance", bybit: "bybit", okx: "okx", hyperliquid: "hyperliquid" },
});
afterAll(() => street.stop());

async function connect(id: "binance" | "bybit" | "okx", ours = clock) {
  return createCcxtVenue({
    ...{ quirks: await loadQuirks(id), mode: "live", credentials: STREET_KEYS[id] },
    ...{ loopback: street.proxyUrl, saved: createMemoryRecords(), builderFeeRate: null },
    ...{ clock: ours, ourOrders: () => [] },
  });
}

describe.each(["binance", "bybit", "okx"] as const)("a clock that is not %s's", (id) => {
  test("is no hindrance to looking at the account", async () => {
    for (const offset of [-40_000, 40_000]) {
      aheadMs = offset;
      expect(await (await connect(id)).account.positions()).toEqual([]);
    }
  });

  test("is noticed at once when it is ours that steps", async () => {
    aheadMs = 0;
    let stepMs = 0;
    const stepping = { ...clock, wallNow: () => clock.wallNow() + stepMs };
    const venue = await connect(id, stepping);
    for (stepMs of [0, HOUR_MS, -HOUR_MS]) expect(await venue.account.positions()).toEqual([]);
  });

  test("and that steps is read anew: the venue does not stay dark", async () => {
    aheadMs = 0;
    const venue = await connect(id);
    expect(await venue.account.positions()).toEqual([]);
    for (const offset of [HOUR_MS, -HOUR_MS]) {
      aheadMs = offset;
      await expect(venue.account.positions()).rejects.toThrow();
      expect(await venue.account.positions()).toEqual([]);
    }
  });
});

test("an order whose fence a step of the clock has put an hour away is not sent", async () => {
  aheadMs = 0;
  const venue = await connect("okx");
  const [traded] = await venue.data.instruments();
  if (!traded) throw new Error("nothing is listed");
  const order = { venue: "okx", symbol: traded.symbol, clientOrderId: "Hstep1o0n1x1" };
  const request = orderRequest({ ...order, expiresAt: clock.wallNow() + HOUR_MS });
  const outcome = await venue.trading.place(guarded(request, traded));
  expect(outcome).toMatchObject({ kind: "refused", code: "NOT_SENT" });
});

test("waiting for its turn is not taken for the way to the venue", async () => {
  aheadMs = 0;
  const venue = await connect("bybit");
  street.faults.next({ reply: () => htmlReply(429, { "retry-after": "3" }) });
  await expect(venue.data.time()).rejects.toThrow();
  // Waits for three seconds, half of which would put our stamps beyond what Bybit takes.
  await venue.data.time();
  expect(await venue.account.positions()).toEqual([]);
}, 120_000);
