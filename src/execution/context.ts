import type { Decimal } from "#src/core/decimal.ts";
import type { Hedge, HedgeLeg, HedgePhase } from "#src/core/hedge.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { GuardLimits } from "#src/guard/limits.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Ids } from "#src/ports/ids.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Severity, Store } from "#src/ports/store.ts";
import type { Venue } from "#src/ports/venue.ts";

export interface ExecutionContext {
  readonly venues: ReadonlyMap<VenueId, Venue>;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly limits: GuardLimits;
  /** Hedges that something works on right now; /kill does not wait for them. */
  readonly busy: Set<string>;
  readonly settings: {
    /** Wall time after which a venue must refuse an order. */
    readonly orderLifeMs: number;
    readonly secondLegTries: number;
    readonly retryDelayMs: number;
    /** Collar of ordinary orders, from the best price. */
    readonly maxSlippage: Decimal;
    /** Collar when getting out matters more than the price. */
    readonly emergencySlippage: Decimal;
    readonly maxDrift: Decimal;
  };
}

/** Runs `work` unless something already works on this hedge; null then. */
export async function onHedge<T>(
  context: ExecutionContext,
  hedgeId: string,
  work: () => Promise<T>,
): Promise<T | null> {
  if (context.busy.has(hedgeId)) return null;
  context.busy.add(hedgeId);
  try {
    return await work();
  } finally {
    context.busy.delete(hedgeId);
  }
}

/** Reads the hedge anew and changes it, in one transaction: no lost update. */
export function reviseHedge(
  { store }: ExecutionContext,
  hedgeId: string,
  change: (hedge: Hedge) => {
    readonly phase?: HedgePhase;
    readonly legs?: readonly [HedgeLeg, HedgeLeg];
    readonly closedAt?: EpochMs;
  } | null,
): Hedge {
  return store.transaction(() => {
    const hedge = requireHedge(store, hedgeId);
    const wanted = change(hedge);
    return wanted ? store.updateHedge(hedge, wanted) : hedge;
  });
}

export function requireHedge(store: Store, hedgeId: string): Hedge {
  const hedge = store.getHedge(hedgeId);
  if (!hedge) throw new Error(`hedge ${hedgeId} is gone`);
  return hedge;
}

export function requireVenue({ venues }: ExecutionContext, id: VenueId): Venue {
  const venue = venues.get(id);
  if (!venue) throw new Error(`venue ${id} is not connected`);
  return venue;
}

/** Queued with the state change that it is about. Inside a transaction. */
export function alertOwner({ store }: ExecutionContext, severity: Severity, text: string): void {
  const chatId = Number(store.getFact("chatId") ?? "0");
  if (chatId === 0) return;
  store.enqueue({ severity, chatId, content: { type: "alert", text } });
}
