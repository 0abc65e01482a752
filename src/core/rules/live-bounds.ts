import { z } from "zod";
import { canonicalHash, canonicalJson } from "#src/core/canonical-hash.ts";
import { type Decimal, dec, minOf } from "#src/core/decimal.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { EpochMs } from "#src/core/units.ts";

/** What an owner lets real money do: each figure is a limit of the guard, `venues` is where it may open. */
export interface LiveBounds {
  readonly hardCapUsd: Decimal;
  readonly equityShare: Decimal;
  readonly leverage: Decimal;
  readonly minLiquidationDistance: Decimal;
  readonly venues: readonly VenueId[];
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

/** One way in which settings ask for more risk than was confirmed. */
export interface Widening {
  readonly what: "hardCapUsd" | "equityShare" | "leverage" | "minLiquidationDistance" | "venues";
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
  if (wanted.venues.some((venue) => !confirmed.venues.includes(venue))) {
    const [before, now] = [confirmed.venues.join(", "), wanted.venues.join(", ")];
    found.push({ what: "venues", confirmed: before, wanted: now });
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
  };
}

/** What the approval of the card is bound to. */
export function boundsHash(bounds: LiveBounds): string {
  return canonicalHash({ ...bounds, venues: [...bounds.venues].sort() });
}

const decimal = z.string().transform((text) => dec(text));
const confirmation = z.object({
  bounds: z.object({
    ...{ hardCapUsd: decimal, equityShare: decimal, leverage: decimal },
    ...{ minLiquidationDistance: decimal, venues: z.array(z.string()) },
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
  what: Exclude<Widening["what"], "venues">,
  confirmed: LiveBounds,
  wanted: LiveBounds,
): Widening {
  return { what, confirmed: confirmed[what].toFixed(), wanted: wanted[what].toFixed() };
}
