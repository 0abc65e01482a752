import type { Decimal } from "#src/core/decimal.ts";
import type { Hedge, HedgeChange } from "#src/core/hedge.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { DriftLimits } from "#src/core/rules/drift.ts";
import type { GuardLimits } from "#src/guard/limits.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Ids } from "#src/ports/ids.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { EngineStore } from "#src/ports/store.ts";
import type { Venue } from "#src/ports/venue.ts";
import type { EngineMemory } from "./engine-memory.ts";

export interface ExecutionContext {
  readonly venues: ReadonlyMap<VenueId, Venue>;
  readonly store: EngineStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly limits: GuardLimits;
  readonly memory: EngineMemory;
  /** Reaches the owner without the store: for when nothing can be written. Must not throw. */
  readonly shout: (text: string) => void;
  readonly settings: ExecutionSettings;
}

export interface ExecutionSettings {
  /** Wall time after which a venue must refuse an order. */
  readonly orderLifeMs: number;
  /** How long the thinner leg may rest on the book before it takes; 0 takes at once. */
  readonly makerWaitMs: number;
  readonly secondLegTries: number;
  readonly retryDelayMs: number;
  /** Collar of ordinary orders, from the best price. */
  readonly maxSlippage: Decimal;
  /** Collar when getting out matters more than the price. */
  readonly emergencySlippage: Decimal;
  /** How far, and for how long, interest may put the legs of a hedge apart. */
  readonly rebalance: Pick<DriftLimits, "maxDrift" | "minUsd"> & {
    /** Of elapsed time between two looks at what is no emergency. */
    readonly intervalMs: number;
  };
}

/** Runs `work` unless something already works on this hedge; null then. */
export async function onHedge<T>(
  { memory: { busy } }: ExecutionContext,
  hedgeId: string,
  work: () => Promise<T>,
): Promise<T | null> {
  if (busy.has(hedgeId)) return null;
  busy.add(hedgeId);
  try {
    return await work();
  } finally {
    busy.delete(hedgeId);
  }
}

const WAIT_STEP_MS = 200;
const WAIT_STEPS = 250;

/** As `onHedge`, but waits for its turn (at most 50 s); null when it never came. */
export async function onHedgeWhenFree<T>(
  context: ExecutionContext,
  hedgeId: string,
  work: () => Promise<T>,
): Promise<T | null> {
  const { clock, memory } = context;
  for (let step = 0; step < WAIT_STEPS && memory.busy.has(hedgeId); step += 1) {
    await clock.sleep(WAIT_STEP_MS);
  }
  return onHedge(context, hedgeId, work);
}

/** Reads the hedge anew and changes it, in one transaction: no lost update. */
export function reviseHedge(
  { store }: ExecutionContext,
  hedgeId: string,
  change: (hedge: Hedge) => HedgeChange | null,
): Hedge {
  return store.transaction(() => {
    const hedge = requireHedge(store, hedgeId);
    const wanted = change(hedge);
    return wanted ? store.updateHedge(hedge, wanted) : hedge;
  });
}

export function requireHedge(store: EngineStore, hedgeId: string): Hedge {
  const hedge = store.getHedge(hedgeId);
  if (!hedge) throw new Error(`hedge ${hedgeId} is gone`);
  return hedge;
}

export function requireVenue({ venues }: ExecutionContext, id: VenueId): Venue {
  const venue = venues.get(id);
  if (!venue) throw new Error(`venue ${id} is not connected`);
  return venue;
}

/** An order of this hedge may still fill. */
export function hasLiveAttempt({ store }: ExecutionContext, hedgeId: string): boolean {
  return store.hasLiveAttempt(hedgeId);
}
