import type { FundingRate } from "#src/core/funding.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Venue } from "#src/ports/venue.ts";
import { normalizeRawRate } from "./normalize-rate.ts";

export interface CollectedRates {
  readonly rates: readonly FundingRate[];
  /** Samples that mean nothing, with the reason: a gap is never silent. */
  readonly refused: readonly {
    readonly venue: VenueId;
    readonly symbol: string;
    readonly reason: string;
  }[];
  /** Venues that did not answer. */
  readonly down: readonly VenueId[];
}

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
    refused: answers.flatMap((answer) => answer.refused),
    down: answers.flatMap((answer) => answer.down),
  };
}

async function ratesOf(venue: Venue, clock: Clock): Promise<CollectedRates> {
  try {
    const [raws, instruments] = await Promise.all([
      venue.data.fundingRates(),
      venue.data.instruments(),
    ]);
    const bySymbol = new Map(instruments.map((instrument) => [instrument.symbol, instrument]));
    const rates: FundingRate[] = [];
    const refused: CollectedRates["refused"][number][] = [];
    for (const raw of raws) {
      const result = normalizeRawRate(raw, bySymbol.get(raw.symbol), clock.marketNow());
      if (typeof result !== "string") rates.push(result);
      else refused.push({ venue: venue.id, symbol: raw.symbol, reason: result });
    }
    return { rates, refused, down: [] };
  } catch {
    return { rates: [], refused: [], down: [venue.id] };
  }
}
