import type { VenueId } from "#src/core/instrument.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { ExecutionContext } from "#src/execution/context.ts";
import { concludeKill } from "./end-kill.ts";
import { flattenVenue } from "./flatten-venue.ts";
import type { KillResult, KillRun } from "./kill-result.ts";
import { isKillWanted } from "./kill-wish.ts";

/**
 * Everything flat. The caller has written `wantKill` already, so nothing new can open. What was just seen
 * is closed at once, while resting orders are cancelled; then each venue goes its own way, reading,
 * cancelling and closing until two reads in a row show nothing and the books agree.
 */
export function killSwitch(
  context: ExecutionContext,
  { startedAt }: { readonly startedAt: EpochMs },
): Promise<KillResult> {
  const { memory } = context;
  memory.killing ??= flattenAll(context, startedAt).finally(() => {
    memory.killing = null;
  });
  return memory.killing;
}

async function flattenAll(context: ExecutionContext, startedAt: EpochMs): Promise<KillResult> {
  const { clock, venues } = context;
  const run: KillRun = {
    ...{ startedAt, legs: new Map(), lastOrderSentMs: null },
    ...{ tooSmall: new Map(), empty: new Map() },
  };
  const flatVenues = new Set<VenueId>();
  await Promise.all(
    [...venues.values()].map(async (venue) => {
      if (await flattenVenue(context, venue, run)) flatVenues.add(venue.id);
    }),
  );
  const flat = concludeKill(context, run, flatVenues);
  return {
    flat,
    legs: [...run.legs.values()],
    lastOrderSentMs: run.lastOrderSentMs,
    elapsedMs: clock.wallNow() - startedAt,
  };
}

/** A kill that did not end flat, or was cut off, goes on. */
export async function pursueKill(context: ExecutionContext): Promise<void> {
  if (isKillWanted(context) && !context.memory.killing) {
    await killSwitch(context, { startedAt: context.clock.wallNow() });
  }
}
