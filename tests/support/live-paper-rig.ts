import { dec } from "#src/core/decimal.ts";
import { notionalUsd } from "#src/core/units.ts";
import type { VenueHealth } from "#src/ports/venue.ts";
import { createLivePaperVenue } from "#src/venues/paper/live-paper-venue.ts";
import { instrument } from "./builders.ts";
import { createJumpingClock } from "./fake-clock.ts";
import { type FakeListing, FakeMarketData } from "./fake-market-data.ts";
import { guarded, orderRequest } from "./guarded-orders.ts";
import { createMemoryRecords } from "./memory-records.ts";
import { HALF_PAST } from "./paper-rig.ts";

/** A paper account on a fake venue's public data; `restart` makes a new one from the same records. */
export function createLivePaperRig(
  options: { readonly cash?: string; readonly listing?: FakeListing } = {},
) {
  const clock = createJumpingClock(HALF_PAST);
  const data = new FakeMarketData(clock, "alpha", [options.listing ?? {}]);
  const records = createMemoryRecords();
  const health: { value: VenueHealth } = { value: { state: "ok", reason: null } };
  const restart = () =>
    createLivePaperVenue({
      source: {
        ...{ id: "alpha", data, health: () => health.value },
        capabilities: { provable: true, restingFence: true },
      },
      ...{ records, clock, leverage: dec("3"), startingCashUsd: options.cash ?? "100000" },
    });
  const venue = restart();
  const lax = { maxLeverage: dec("50"), minNotionalUsd: notionalUsd("0") };
  const place = (over: Parameters<typeof orderRequest>[0], at = venue) =>
    at.trading.place(guarded(orderRequest(over), instrument(lax)));
  return { venue, restart, place, data, records, clock, health, jump: clock.jump };
}

export type LivePaperRig = ReturnType<typeof createLivePaperRig>;
