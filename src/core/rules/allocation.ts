import { type Decimal, maxOf, minOf, ONE, sum, ZERO } from "#src/core/decimal.ts";
import type { Side } from "#src/core/hedge.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import type { EpochMs, NotionalUsd, Price, Usd } from "#src/core/units.ts";

/** One leg that a hedge of ours holds, or may hold in a moment. */
export interface HeldLeg {
  readonly venue: VenueId;
  readonly side: Side;
  readonly notionalUsd: NotionalUsd;
}

/** What all accounts say of themselves. */
export interface AccountsSeen {
  /** Of all accounts that answer, all wallets. */
  readonly equityUsd: Usd;
  /** What those accounts may still post, as the venues say. */
  readonly freeUsd: Usd;
  /**
   * What silent accounts held when they were last read. Nothing opens on it, and as nobody knows how much of it
   * is free, none is: the reserve is still owed on it.
   */
  readonly silentUsd: Usd;
  /** Marks of what they hold, by venue and symbol: see `markKey`. */
  readonly marks: ReadonlyMap<string, Price>;
  /** Wall time of the oldest reading in it. */
  readonly readAt: EpochMs;
}

/** All that our money is in, at one moment: what every limit across hedges is measured on. */
export interface Portfolio extends AccountsSeen {
  /** What openings in flight may take of the free, or have taken since the venues told it. */
  readonly inFlightUsd: Usd;
  /** Every hedge that is not closed; openings in flight at their planned size. */
  readonly hedges: readonly (readonly [HeldLeg, HeldLeg])[];
}

export function markKey(leg: { readonly venue: VenueId; readonly symbol: string }): string {
  return `${leg.venue} ${leg.symbol}`;
}

/** Fractions of the equity of all accounts. */
export interface AllocationLimits {
  /** Most that legs on one venue may add up to. */
  readonly venueShareOfEquity: Decimal;
  /** Most that one leg of one hedge may be. */
  readonly singlePosition: Decimal;
  /** Most that all hedges, one leg of each counted, may add up to. */
  readonly maxUtilisation: Decimal;
  /** What must stay free after the opening. */
  readonly reserve: Decimal;
}

export type AllocationBound = "venueRoom" | "singlePosition" | "utilisation" | "reserve";

export interface WantedLeg {
  readonly venue: VenueId;
  /** What one USD of it is backed by one part of: 1 for spot. */
  readonly leverage: Decimal;
}

/** Spot is paid for in full, whatever leverage the account has. */
export function wantedLeg(leg: {
  readonly instrument: Pick<Instrument, "venue" | "kind">;
  readonly leverage: Decimal;
}): WantedLeg {
  const margined = leg.instrument.kind === "perp" && leg.leverage.gt(ONE);
  return { venue: leg.instrument.venue, leverage: margined ? leg.leverage : ONE };
}

/** What one leg of one more hedge may be under each limit (domain 2.7), in USD; not above zero: no room. */
export function allocationRoom(
  portfolio: Portfolio,
  legs: readonly [WantedLeg, WantedLeg],
  limits: AllocationLimits,
): Readonly<Record<AllocationBound, Decimal>> {
  const room = (bound: AllocationBound) => roomUnder(bound, portfolio, legs, limits);
  return {
    venueRoom: room("venueRoom"),
    singlePosition: room("singlePosition"),
    utilisation: room("utilisation"),
    reserve: room("reserve"),
  };
}

/** The same under one of them. */
export function roomUnder(
  bound: AllocationBound,
  portfolio: Portfolio,
  legs: readonly [WantedLeg, WantedLeg],
  limits: AllocationLimits,
): Decimal {
  const { equityUsd, freeUsd, silentUsd, inFlightUsd } = portfolio;
  switch (bound) {
    case "venueRoom":
      return minOf(...roomOnVenues(portfolio, legs, equityUsd.times(limits.venueShareOfEquity)));
    case "singlePosition":
      return equityUsd.times(limits.singlePosition);
    case "utilisation":
      return equityUsd.times(limits.maxUtilisation).minus(hedgedUsd(portfolio));
    case "reserve": {
      const keptUsd = equityUsd.plus(silentUsd).times(limits.reserve);
      const left = freeUsd.minus(inFlightUsd).minus(keptUsd);
      return left.div(sum(legs.map((leg) => ONE.div(leg.leverage))));
    }
  }
}

/** Two legs on one venue share its room. */
function roomOnVenues(
  portfolio: Portfolio,
  [a, b]: readonly [WantedLeg, WantedLeg],
  mostUsd: Decimal,
): readonly [Decimal, ...Decimal[]] {
  const left = (venue: VenueId) => mostUsd.minus(heldOn(portfolio, venue));
  return a.venue === b.venue ? [left(a.venue).div("2")] : [left(a.venue), left(b.venue)];
}

/** Notional of all legs on a venue. */
export function heldOn({ hedges }: Portfolio, venue: VenueId): Decimal {
  return sum(hedges.flat().map((leg) => (leg.venue === venue ? leg.notionalUsd : ZERO)));
}

/** All hedges together, one leg of each counted: the larger. */
export function hedgedUsd({ hedges }: Portfolio): Decimal {
  return sum(hedges.map(([a, b]) => maxOf(a.notionalUsd, b.notionalUsd)));
}

/**
 * What a venue's legs of one side lose when the whole market moves `adverseMove` against them: assets fall
 * and rise together in a crash, so no leg may count on equity that its neighbours are losing.
 */
export function shockLossUsd(
  { hedges }: Portfolio,
  at: Pick<HeldLeg, "venue" | "side">,
  adverseMove: Decimal,
): Decimal {
  const exposed = hedges.flat().filter((leg) => leg.venue === at.venue && leg.side === at.side);
  return sum(exposed.map((leg) => leg.notionalUsd)).times(adverseMove);
}
