import type { Asset, Instrument, VenueId } from "#src/core/instrument.ts";
import type { EpochMs } from "#src/core/units.ts";

/** Why nothing opens now although the market would allow it. Closed. */
export const ENTRY_STOP_REASONS = [
  ...(["DRAWDOWN", "DAILY_LOSS", "LOSS_UNKNOWN", "DEPEG", "DEPEG_UNKNOWN"] as const),
  ...(["COOLDOWN", "VENUE_PAUSED"] as const),
] as const;

export type EntryStopReason = (typeof ENTRY_STOP_REASONS)[number];

/** One thing that forbids opening. It never holds back what closes or reduces. */
export interface EntryStop {
  readonly reason: EntryStopReason;
  /** Only this asset; null: every one. */
  readonly asset: Asset | null;
  /** Only hedges with a leg here; null: every venue. */
  readonly venue: VenueId | null;
  /** Only hedges whose legs settle in different currencies. */
  readonly mixedOnly: boolean;
  /** Market time at which it ends by itself; null: when its cause is gone, or the owner lifts it. */
  readonly until: EpochMs | null;
  /** The figure that decided it, as a decimal; null where there is none. */
  readonly figure: string | null;
}

/** Does this stop hold back a hedge of these two instruments? */
export function stopsEntry(stop: EntryStop, legs: readonly [Instrument, Instrument]): boolean {
  const [a, b] = legs;
  const concernsAsset = stop.asset === null || legs.some(({ asset }) => asset === stop.asset);
  const concernsVenue = stop.venue === null || legs.some(({ venue }) => venue === stop.venue);
  const isMixed = a.settleCurrency.toUpperCase() !== b.settleCurrency.toUpperCase();
  return concernsAsset && concernsVenue && (isMixed || !stop.mixedOnly);
}
