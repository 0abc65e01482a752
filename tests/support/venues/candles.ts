import { HOUR_MS } from "#src/core/funding.ts";
import type { EpochMs, Price } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";

export interface CandleOf {
  readonly startedAt: EpochMs;
  readonly close: Price;
}

/** The hours that began in [since, until], oldest first; the running one too, which closes as of now. */
export function candlesOf(
  world: { readonly feed: MarketFeed; readonly venue: string; readonly clock: Clock },
  symbol: string,
  { since, until, limit }: { since: EpochMs; until?: EpochMs; limit?: number },
): readonly CandleOf[] {
  const now = world.clock.marketNow();
  const found: CandleOf[] = [];
  const end = Math.min(now, until ?? now);
  for (let at = Math.ceil(since / HOUR_MS) * HOUR_MS; at <= end; at += HOUR_MS) {
    const close = world.feed.mark(world.venue, symbol, Math.min(at + HOUR_MS, now));
    found.push({ startedAt: at, close });
  }
  return found.slice(0, limit ?? found.length);
}
