import { dec } from "#src/core/decimal.ts";
import type { Venue } from "#src/ports/venue.ts";
import { createPaperVenue } from "#src/venues/paper/paper-venue.ts";
import { guarded, orderRequest } from "#tests/support/guarded-orders.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";
import { createTradingRig } from "#tests/support/trading-rig.ts";

export const ROUND_TRIP_MS = 100;

/** Many venues, each with one position, every call taking one round trip of simulated time. */
export async function createManyVenues(count: number) {
  const { context, clock, store } = createTradingRig();
  const answeredMs: number[] = [];
  const ids = Array.from({ length: count }, (_, index) => `venue${index}`);
  const feed = createSteadyMarket(Object.fromEntries(ids.map((id) => [id, {}])));
  const venues = new Map<string, Venue>();
  for (const id of ids) {
    const venue = createPaperVenue({
      ...{ id, feed, clock, records: createMemoryRecords() },
      ...{ startingCashUsd: "100000", leverage: dec("3") },
    });
    const order = orderRequest({ venue: id, expiresAt: clock.wallNow() + 60_000 });
    const opened = await venue.trading.place(guarded(order));
    if (opened.kind !== "ack") throw new Error(`no position on ${id}: ${opened.kind}`);
    venues.set(
      id,
      slowly(venue, clock.sleep, () => answeredMs.push(clock.elapsedMs())),
    );
  }
  return { context: { ...context, venues }, clock, store, answeredMs };
}

/** Half a round trip there and half back, for every call. */
function slowly(venue: Venue, sleep: (ms: number) => Promise<void>, answered: () => void): Venue {
  const half = ROUND_TRIP_MS / 2;
  const late = async <T>(call: () => Promise<T>): Promise<T> => {
    await sleep(half);
    const result = await call();
    await sleep(half);
    return result;
  };
  const { data, account, trading } = venue;
  return {
    ...venue,
    data: {
      ...data,
      instruments: () => late(() => data.instruments()),
      time: () => late(() => data.time()),
    },
    account: {
      ...account,
      positions: () => late(() => account.positions()),
      openOrders: () => late(() => account.openOrders()),
      fills: (since) => late(() => account.fills(since)),
    },
    trading: {
      cancel: (cancel) => late(() => trading.cancel(cancel)),
      cancelAll: (cancel) => late(() => trading.cancelAll(cancel)),
      setLeverage: trading.setLeverage,
      place: async (order) => {
        const outcome = await late(() => trading.place(order));
        answered();
        return outcome;
      },
    },
  };
}
