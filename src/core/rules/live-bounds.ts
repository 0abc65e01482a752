import { z } from "zod";
import { canonicalHash, canonicalJson } from "#src/core/canonical-hash.ts";
import { type Decimal, dec, minOf } from "#src/core/decimal.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { EpochMs } from "#src/core/units.ts";

/**
 * What an owner lets real money do: each figure is a limit of the guard, `venues` is where it may open, and
 * `spotVenues` where also with coins, bought or borrowed.
 */
export interface LiveBounds {
  readonly hardCapUsd: Decimal;
  readonly equityShare: Decimal;
  readonly leverage: Decimal;
  readonly minLiquidationDistance: Decimal;
  readonly venues: readonly VenueId[];
  readonly spotVenues: readonly VenueId[];
}

/** The owner's tap on the card of live mode, and what it was given for. */
export interface LiveConfirmation {
  readonly bounds: LiveBounds;
  readonly ownerId: number;
  /** Where it was tapped: on Telegram, or on the page of the machine itself. */
  readonly chat: "telegram" | "local";
  /** Wall time. */
  readonly at: EpochMs;
  /** How long each venue was rehearsed on, in milliseconds. */
  readonly rehearsedMs: Readonly<Record<VenueId, number>>;
}

const FIGURES = ["hardCapUsd", "equityShare", "leverage", "minLiquidationDistance"] as const;
const PLACES = ["venues", "spotVenues"] as const;

/** One way in which settings ask for more risk than was confirmed. */
export interface Widening {
  readonly what: (typeof FIGURES)[number] | (typeof PLACES)[number];
  readonly confirmed: string;
  readonly wanted: string;
}

/** What `wanted` allows and `confirmed` does not; nothing when it is as tight or tighter. */
export function widenings(confirmed: LiveBounds, wanted: LiveBounds): readonly Widening[] {
  const found: Widening[] = [];
  for (const what of ["hardCapUsd", "equityShare", "leverage"] as const) {
    if (wanted[what].gt(confirmed[what])) found.push(compare(what, confirmed, wanted));
  }
  if (wanted.minLiquidationDistance.lt(confirmed.minLiquidationDistance)) {
    found.push(compare("minLiquidationDistance", confirmed, wanted));
  }
  for (const what of PLACES) {
    if (wanted[what].every((venue) => confirmed[what].includes(venue))) continue;
    const [before, now] = [confirmed[what].join(", ") || "none", wanted[what].join(", ")];
    found.push({ what, confirmed: before, wanted: now });
  }
  return found;
}

/** The tighter of both in everything. */
export function tighterBounds(confirmed: LiveBounds, wanted: LiveBounds): LiveBounds {
  const [a, b] = [confirmed.minLiquidationDistance, wanted.minLiquidationDistance];
  return {
    hardCapUsd: minOf(confirmed.hardCapUsd, wanted.hardCapUsd),
    equityShare: minOf(confirmed.equityShare, wanted.equityShare),
    leverage: minOf(confirmed.leverage, wanted.leverage),
    minLiquidationDistance: a.gt(b) ? a : b,
    venues: wanted.venues.filter((venue) => confirmed.venues.includes(venue)),
    spotVenues: wanted.spotVenues.filter((venue) => confirmed.spotVenues.includes(venue)),
  };
}

/** What the approval of the card is bound to. */
export function boundsHash(bounds: LiveBounds): string {
  const [venues, spotVenues] = [[...bounds.venues].sort(), [...bounds.spotVenues].sort()];
  return canonicalHash({ ...bounds, venues, spotVenues });
}

const decimal = z.string().transform((text) => dec(text));
const confirmation = z.object({
  bounds: z.object({
    ...{ hardCapUsd: decimal, equityShare: decimal, leverage: decimal },
    ...{ minLiquidationDistance: decimal, venues: z.array(z.string()) },
    spotVenues: z.array(z.string()).default([]),
  }),
  ownerId: z.number(),
  chat: z.enum(["telegram", "local"]),
  at: z.number(),
  rehearsedMs: z.record(z.string(), z.number()),
});

export function encodeConfirmation(value: LiveConfirmation): string {
  return canonicalJson(value);
}

/** Throws on a text that we did not write. */
export function decodeConfirmation(json: string): LiveConfirmation {
  return confirmation.parse(JSON.parse(json));
}

function compare(
  what: (typeof FIGURES)[number],
  confirmed: LiveBounds,
  wanted: LiveBounds,
): Widening {
  return { what, confirmed: confirmed[what].toFixed(), wanted: wanted[what].toFixed() };
}
