import { dec } from "#src/core/decimal.ts";
import type { Fill, MutationOutcome, OrderOutcome } from "#src/core/order.ts";
import { notionalUsd } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Records } from "#src/ports/records.ts";
import type { Venue } from "#src/ports/venue.ts";
import { createPaperVenue } from "#src/venues/paper/paper-venue.ts";
import { instrument } from "./builders.ts";
import { createJumpingClock } from "./fake-clock.ts";
import { guarded, guardedCancel, orderRequest } from "./guarded-orders.ts";
import { createMemoryRecords } from "./memory-records.ts";
import { createSteadyMarket } from "./steady-market.ts";

type MarketSpec = Parameters<typeof createSteadyMarket>[0][string];

/** Half past an hour: the next settlement is 30 minutes away. */
export const HALF_PAST = Date.UTC(2026, 1, 2, 10, 30);

/** One paper venue on a steady market; `restart` makes a new one from the same records. */
export function createPaperRig(
  options: {
    readonly cash?: string;
    readonly leverage?: string;
    readonly market?: MarketSpec;
    readonly clock?: Clock;
    readonly records?: Records;
  } = {},
) {
  const jumping = createJumpingClock(HALF_PAST);
  const clock = options.clock ?? jumping;
  const market = createSteadyMarket({ alpha: options.market ?? {} });
  const records = options.records ?? createMemoryRecords();
  const restart = () =>
    createPaperVenue({
      ...{ id: "alpha", feed: market, records, clock },
      startingCashUsd: options.cash ?? "100000",
      leverage: dec(options.leverage ?? "3"),
    });
  const venue = restart();
  // The guard is shown a laxer instrument, so that what the venue itself refuses can be seen.
  const lax = { maxLeverage: dec("50"), minNotionalUsd: notionalUsd("0") };
  const place = (over: Parameters<typeof orderRequest>[0], at = venue) =>
    at.trading.place(guarded(orderRequest(over), instrument(lax)));
  return { venue, restart, place, market, records, clock, jump: jumping.jump };
}

export type PaperRig = ReturnType<typeof createPaperRig>;

export function cancelOf(rig: PaperRig, clientOrderId: string): Promise<MutationOutcome> {
  return rig.venue.trading.cancel(guardedCancel(orderRequest({ clientOrderId })));
}

/** Signed size held, as text. */
export async function heldOf({ venue }: { readonly venue: Venue }): Promise<string> {
  return (await venue.account.positions())[0]?.sizeBase.toFixed() ?? "0";
}

/** The fills of an order that the venue took. */
export function fillsOf(outcome: OrderOutcome): readonly Fill[] {
  if (outcome.kind !== "ack") throw new Error(JSON.stringify(outcome));
  return outcome.fills;
}

/** "ack open", "ack" of a cancel, "refused OFF_LOT", "unknown": what a test compares. */
export function shortly(outcome: OrderOutcome | MutationOutcome): string {
  if (outcome.kind === "ack") return "order" in outcome ? `ack ${outcome.order.status}` : "ack";
  return outcome.kind === "refused" ? `refused ${outcome.code}` : outcome.kind;
}
