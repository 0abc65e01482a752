import { minOf } from "#src/core/decimal.ts";
import type { MarketEvidence } from "#src/core/decision.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import { type EpochMs, type NotionalUsd, notionalUsd } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Venue, VenueMarketData } from "#src/ports/venue.ts";
import { compareHistories } from "./compare-histories.ts";
import { describeCloses } from "./describe-closes.ts";
import type { TrailingRates } from "./trailing-rates.ts";

/** Four days: enough for the slowest indicator to forget where it began. */
const CLOSES = 100;
/** What a venue has not told by then is unknown for this time. */
const PATIENCE_MS = 8_000;
/** Pairs that are asked about at once: evidence is nice to have, and others want the venues too. */
const LANES = 3;

type Place = Pick<Instrument, "venue" | "symbol">;

export interface EvidencePair {
  readonly short: Place;
  readonly long: Place;
}

export interface Evidence {
  /** How the pair's markets look beyond its rates; whatever cannot be had is unknown. Never throws. */
  of(pair: EvidencePair): Promise<MarketEvidence>;
}

/** When nothing can be had. */
export const UNKNOWN_EVIDENCE: MarketEvidence = {
  ...{ rsi14: null, macdHistogram: null, emaGap: null, openInterestUsd: null },
  ...{ persistence: null, spread8hByDay: [] },
};
const NOTHING = { found: UNKNOWN_EVIDENCE, isWhole: false };

/** Evidence that is kept until the hour is over, unless a venue kept a part of it to itself. */
export function createEvidence(parts: {
  readonly venues: ReadonlyMap<VenueId, Pick<Venue, "data" | "health">>;
  readonly clock: Clock;
  readonly trailing: Pick<TrailingRates, "settled">;
}): Evidence {
  const { clock } = parts;
  const cache = new Map<
    string,
    { readonly evidence: Promise<MarketEvidence>; readonly validUntil: EpochMs }
  >();
  const inTurn = createTurns(LANES);
  return {
    async of(pair) {
      const now = clock.marketNow();
      const key = [pair.short, pair.long].map(({ venue, symbol }) => `${venue}:${symbol}`).join();
      const known = cache.get(key);
      if (known && now < known.validUntil) return known.evidence;
      for (const [old, { validUntil }] of cache) if (validUntil <= now) cache.delete(old);
      const gathering = inTurn(() => gather(parts, pair).catch(() => NOTHING));
      const evidence = gathering.then(({ found }) => found);
      cache.set(key, { evidence, validUntil: (Math.floor(now / HOUR_MS) + 1) * HOUR_MS });
      const { isWhole, found } = await gathering;
      if (!isWhole) cache.delete(key);
      return found;
    },
  };
}

async function gather(
  { venues, clock, trailing }: Parameters<typeof createEvidence>[0],
  { short, long }: EvidencePair,
): Promise<{ readonly found: MarketEvidence; readonly isWhole: boolean }> {
  let isWhole = true;
  /** Null when it fails or takes too long. */
  async function told<T>(work: () => Promise<T>): Promise<T | null> {
    const { promise: late, resolve } = Promise.withResolvers<null>();
    const cancel = clock.later(PATIENCE_MS, () => resolve(null));
    const answer = await Promise.race([late, work().catch(() => null)]);
    cancel();
    isWhole &&= answer !== null;
    return answer;
  }
  /** A venue that is down is not waited for. */
  const ask = <T>({ venue }: Place, question: (data: VenueMarketData) => Promise<T>) =>
    told(async () => {
      const asked = venues.get(venue);
      if (!asked || asked.health().state === "down") throw new Error(`${venue} is not there`);
      return question(asked.data);
    });
  const [closes, histories, ...interests] = await Promise.all([
    ask(short, (data) => data.hourlyCloses(short.symbol, CLOSES)),
    told(() => Promise.all([short, long].map((leg) => trailing.settled(leg.venue, leg.symbol)))),
    ...[short, long].map((leg) => ask(leg, (data) => interestOf(data, leg.symbol))),
  ]);
  const [ofShort = [], ofLong = []] = histories ?? [];
  const found = {
    ...(await describeCloses(closes ?? [])),
    ...compareHistories(ofShort, ofLong, clock.marketNow()),
    openInterestUsd: smaller(interests.map((one) => one?.usd ?? null)),
  };
  return { found, isWhole };
}

/** Wrapped, so that a venue that does not tell it differs from one that does not answer. */
async function interestOf(
  data: VenueMarketData,
  symbol: string,
): Promise<{ readonly usd: NotionalUsd | null }> {
  const { openInterestBase, markPrice } = await data.marketStats(symbol);
  return { usd: openInterestBase && notionalUsd(openInterestBase.times(markPrice)) };
}

/** Unknown as soon as one of them is. */
function smaller(interests: readonly (NotionalUsd | null)[]): NotionalUsd | null {
  const known = interests.filter((one) => one !== null);
  const [first, ...rest] = known;
  return first && known.length === interests.length ? minOf(first, ...rest) : null;
}

/** Runs work as it comes, so many at once. The work must not throw. */
function createTurns(lanes: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = lanes;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((go) => waiting.push(go));
    const result = await work();
    const next = waiting.shift();
    if (next) next();
    else free += 1;
    return result;
  };
}
