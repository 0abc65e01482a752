import { type Asset, isSpotSymbol, type VenueId } from "./instrument.ts";
import type { EpochMs, NotionalUsd, Usd } from "./units.ts";

/** The owner's standing approval, inside bounds. Its times and days are market time. */
export interface Mandate {
  readonly id: string;
  readonly ownerId: number;
  readonly state: "offered" | "armed" | "revoked" | "expired";
  readonly perHedgeUsd: NotionalUsd;
  /** Sum of one leg's notional over all its open hedges. */
  readonly totalUsd: NotionalUsd;
  readonly opensPerDay: number;
  readonly lossPerDayUsd: NotionalUsd;
  /** Empty means every asset, every venue in use. */
  readonly assets: readonly Asset[];
  readonly venues: readonly VenueId[];
  /** Where it may also buy coins, or borrow and sell them; empty means perps only. */
  readonly spotVenues: readonly VenueId[];
  readonly armedAt: EpochMs | null;
  readonly endsAt: EpochMs;
}

/** What it has used so far, counted from the database. */
export interface MandateUse {
  /** Market time of the count. */
  readonly marketNow: EpochMs;
  readonly openUsd: NotionalUsd;
  readonly opensToday: number;
  /** P&L since midnight UTC of market time; negative is a loss. */
  readonly pnlTodayUsd: Usd;
}

/** Are this asset and these venues among those that the mandate names? */
export function covers(mandate: Mandate, asset: Asset, venues: readonly VenueId[]): boolean {
  return (
    (mandate.assets.length === 0 || mandate.assets.includes(asset)) &&
    (mandate.venues.length === 0 || venues.every((venue) => mandate.venues.includes(venue)))
  );
}

/** Which of these legs are coins on a venue where the mandate names perps only? */
export function spotBeyond(
  { spotVenues }: Mandate,
  legs: readonly { readonly venue: VenueId; readonly symbol: string }[],
): readonly VenueId[] {
  const spot = legs.filter(({ symbol }) => isSpotSymbol(symbol));
  return spot.map(({ venue }) => venue).filter((venue) => !spotVenues.includes(venue));
}
