import type { VenueId } from "#src/core/instrument.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { MarketStats, Venue } from "#src/ports/venue.ts";

/** Day volumes and open interests hardly move in this time (wall), and each costs a request or two. */
const KEPT_MS = 15 * 60_000;

export type KnownStats = Pick<MarketStats, "openInterestBase" | "volume24hUsd">;

/** How markets trade, kept for a while: the filters want an order of magnitude, not the last minute's. */
export interface KeptStats {
  /** Rejects when the venue does not answer. */
  of(venue: VenueId, symbol: string): Promise<KnownStats>;
}

export function createKeptStats(parts: {
  readonly venues: ReadonlyMap<VenueId, Pick<Venue, "data">>;
  readonly clock: Clock;
}): KeptStats {
  const kept = new Map<string, { readonly stats: Promise<KnownStats>; readonly untilMs: number }>();

  async function read(venueId: VenueId, symbol: string): Promise<KnownStats> {
    const venue = parts.venues.get(venueId);
    if (!venue) throw new Error(`venue ${venueId} is not connected`);
    const { openInterestBase, volume24hUsd } = await venue.data.marketStats(symbol);
    return { openInterestBase, volume24hUsd };
  }

  return {
    of(venueId, symbol) {
      const now = parts.clock.elapsedMs();
      const key = `${venueId}:${symbol}`;
      const known = kept.get(key);
      if (known && known.untilMs > now) return known.stats;
      for (const [old, { untilMs }] of kept) if (untilMs <= now) kept.delete(old);
      const stats = read(venueId, symbol);
      const entry = { stats, untilMs: now + KEPT_MS };
      kept.set(key, entry);
      // A failure is nobody's answer.
      stats.catch(() => {
        if (kept.get(key) === entry) kept.delete(key);
      });
      return stats;
    },
  };
}
