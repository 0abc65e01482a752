import type { FundingRate } from "#src/core/funding.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { ListedRate } from "#src/core/opportunity.ts";
import { shownName } from "#src/core/words/plain-name.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Venue } from "#src/ports/venue.ts";
import { listSpot } from "./list-spot.ts";
import { normalizeRawRate } from "./normalize-rate.ts";

export interface CollectedRates {
  readonly rates: readonly FundingRate[];
  /** The same rates, each with the instrument that pays it. */
  readonly listed: readonly ListedRate[];
  /** Samples that mean nothing, with the reason: a gap is never silent. */
  readonly refused: readonly {
    readonly venue: VenueId;
    readonly symbol: string;
    readonly reason: string;
  }[];
  /** Venues that did not answer. */
  readonly down: readonly VenueId[];
}

/** A venue that takes longer than this is down for now: the others are not kept waiting. */
const DEADLINE_MS = 12_000;

/** Asks every venue at once. A venue that fails is down; it does not hide the others. */
export async function collectRates(options: {
  readonly venues: ReadonlyMap<VenueId, Venue>;
  readonly clock: Clock;
}): Promise<CollectedRates> {
  const answers = await Promise.all(
    [...options.venues.values()].map((venue) => ratesOf(venue, options.clock)),
  );
  return {
    rates: answers.flatMap((answer) => answer.rates),
    listed: answers.flatMap((answer) => answer.listed),
    refused: answers.flatMap((answer) => answer.refused),
    down: answers.flatMap((answer) => answer.down),
  };
}

async function ratesOf(venue: Venue, clock: Clock): Promise<CollectedRates> {
  const [answer, borrows] = await Promise.all([
    inTime(clock, Promise.all([venue.data.fundingRates(), venue.data.instruments()])),
    // A venue whose loans are not known is up all the same: its spot is only not sold short.
    inTime(clock, venue.data.borrowRates?.() ?? Promise.resolve([])),
  ]);
  if (!answer) return { rates: [], listed: [], refused: [], down: [venue.id] };
  const [raws, instruments] = answer;
  const bySymbol = new Map(instruments.map((instrument) => [instrument.symbol, instrument]));
  const marketNow = clock.marketNow();
  const listed: ListedRate[] = [];
  const refused: CollectedRates["refused"][number][] = [];
  for (const raw of raws) {
    const instrument = bySymbol.get(raw.symbol);
    const result = normalizeRawRate(raw, instrument, marketNow);
    if (instrument && typeof result !== "string") listed.push({ instrument, funding: result });
    else if (typeof result === "string")
      refused.push({ venue: venue.id, symbol: shownName(raw.symbol), reason: result });
  }
  listed.push(...listSpot(instruments, borrows ?? [], clock));
  return { rates: listed.map(({ funding }) => funding), listed, refused, down: [] };
}

/** Null when it failed or did not come. */
function inTime<T>(clock: Clock, answer: Promise<T>): Promise<T | null> {
  return new Promise((resolve) => {
    const inTimeAfterAll = clock.later(DEADLINE_MS, () => resolve(null));
    answer.then(resolve, () => resolve(null)).finally(inTimeAfterAll);
  });
}
