import type { Decimal } from "#src/core/decimal.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import type { OrderAttempt, OrderRequest, Position } from "#src/core/order.ts";
import type { TradingState } from "#src/core/trading-state.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { KillResult } from "./kill/kill-result.ts";

/** An order at the moment when it was handed to a venue's trading port. */
export interface WireRecord {
  readonly request: OrderRequest;
  /** By the venue's clock, as far as we know it. */
  readonly sentAt: EpochMs;
  /** What the store said about it at that moment; null when it knew nothing. */
  readonly durable: OrderAttempt | null;
  readonly tradingState: TradingState;
}

/** What this process knows and a restart may forget. Times are `clock.elapsedMs()`. */
export interface EngineMemory {
  readonly startedMs: number;
  /** Hedges that something works on right now; /kill does not wait for them. */
  readonly busy: Set<string>;
  /** Orders whose answer somebody in this process waits for; every other open attempt is stale. */
  readonly inFlight: Set<string>;
  /** When each hedge was last known to be neutral, on our books and on both venues. */
  readonly neutralMs: Map<string, number>;
  /** When the watch first saw each hedge. */
  readonly bornMs: Map<string, number>;
  /** When a person was last told about each thing, so that it is said again but not all the time. */
  readonly toldMs: Map<string, number>;
  /** The last position read of each "venue:symbol". */
  readonly seen: Map<string, { readonly position: Position; readonly readMs: number }>;
  readonly instruments: Map<
    VenueId,
    { readonly list: readonly Instrument[]; readonly readMs: number }
  >;
  /** How far each venue's clock is ahead of ours; absent when not known. */
  readonly aheadMs: Map<VenueId, number>;
  /** Newest last; the oldest are dropped. */
  readonly wire: WireRecord[];
  /** The /kill that runs now: a second one joins it. */
  killing: Promise<KillResult> | null;
  /** Hedges that are left alone until then: trying at once is no use. */
  readonly restUntilMs: Map<string, number>;
  /** When the watch first saw each order of unknown fate. */
  readonly unknownMs: Map<string, number>;
  /** How often in a row a venue knew nothing of an order that is still open for us. */
  readonly unheardOf: Map<
    string,
    { readonly looks: number; readonly sinceMs: number; readonly positionFits: boolean }
  >;
  /** When each venue's positions were last read. */
  readonly readMs: Map<VenueId, number>;
  /** Positions of unknown origin, by "venue:symbol", as last seen. */
  readonly strangers: Map<
    string,
    { readonly position: Position; readonly sinceMs: number; readonly misses: number }
  >;
  /** When each hedge's drift was last looked at. */
  readonly driftMs: Map<string, number>;
  /** Coins that lie beside a spot leg and are not the hedge's, by "venue:symbol". */
  readonly ownCoins: Map<string, Decimal>;
}

export function createEngineMemory(startedMs: number): EngineMemory {
  return {
    startedMs,
    busy: new Set(),
    inFlight: new Set(),
    neutralMs: new Map(),
    bornMs: new Map(),
    toldMs: new Map(),
    seen: new Map(),
    instruments: new Map(),
    aheadMs: new Map(),
    wire: [],
    killing: null,
    restUntilMs: new Map(),
    unknownMs: new Map(),
    unheardOf: new Map(),
    readMs: new Map(),
    strangers: new Map(),
    driftMs: new Map(),
    ownCoins: new Map(),
  };
}
