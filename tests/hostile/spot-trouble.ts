import type { Dice } from "./dice.ts";
import type { ShownCard } from "./evidence.ts";
import { FAIR_LOAN, isSpot, type Lent, type Listing } from "./hostile-market.ts";
import type { HostileVenue } from "./hostile-venue.ts";
import type { HostileWorld } from "./hostile-world.ts";

/** What a market may say of a loan that is not so, or not so any more. */
const LIES: readonly (Lent | null)[] = [
  null,
  { ...FAIR_LOAN, perHourText: "-0.0002" },
  { ...FAIR_LOAN, perHourText: "0.5" },
  // By the day where an hour is meant.
  { ...FAIR_LOAN, perHourText: "0.000048" },
  { ...FAIR_LOAN, perHourText: "0.00034" },
  { ...FAIR_LOAN, perHourText: "0.009" },
  { ...FAIR_LOAN, ageMs: 61_500 },
  { ...FAIR_LOAN, ageMs: 3_600_000 },
  { ...FAIR_LOAN, ageMs: -20_000 },
  { ...FAIR_LOAN, mostText: "0" },
  { ...FAIR_LOAN, mostText: "0.0005" },
  { ...FAIR_LOAN, mostText: null },
];

/** Between the card and the tap something of its spot leg is not what it was. */
export function sabotageSpot(world: HostileWorld, card: ShownCard): unknown {
  const { dice } = world;
  const leg = card.legs.find(({ symbol }) => symbol.endsWith("-SPOT"));
  const spot = leg && listingAt(world, leg.venue, leg.symbol);
  if (!leg || !spot) return null;
  switch (dice.below(6)) {
    case 0:
    case 1:
    case 2:
      return spot.lent.set(dice.pick(LIES));
    case 3:
      return world.venueOf(leg.venue).byHand(leg.symbol, dice.pick(["3", "0.5", "0.00004"]));
    case 4:
      // Its book leaves the perp's; or both stand where they stood, and only the mark leaves.
      return dice.chance(500)
        ? shift(spot, dice.pick([300, -300, 120, -120]))
        : spot.markOff.set(dice.pick([400, -400]));
    default:
      return makePoor(world.venueOf(leg.venue), card, dice);
  }
}

/** Something happens to spot, whoever holds it. */
export function stirSpot(world: HostileWorld): unknown {
  const { dice } = world;
  const spot = dice.pick(world.listings.filter(isSpot));
  const venue = world.venueOf(spot.venue);
  switch (dice.below(6)) {
    case 0:
      return spot.lent.set(dice.pick(LIES));
    case 1:
    case 2:
      return venue.chargeInterest();
    case 3:
      // The owner's own, beside whatever is held there.
      return venue.byHand(spot.symbol, dice.pick(["3", "0.5", "0.00004", "-0.002"]));
    case 4:
      return shift(spot, dice.pick([60, -60, 250]));
    default:
      return spot.depthUsd.set(dice.pick([1, 60, 500]));
  }
}

export function healSpot({ listings }: HostileWorld): void {
  for (const { lent } of listings.filter(isSpot)) if (lent.value !== FAIR_LOAN) lent.set(FAIR_LOAN);
}

/** What backs the spot leg is hardly enough for it alone, or for both. */
function makePoor({ state }: HostileVenue, card: ShownCard, dice: Dice): void {
  const [leg] = card.legs;
  if (!leg) return;
  const notional = Number(leg.sizeBase) * Number(leg.priceSeen);
  const wallet = state.spotUsd ?? state.equityUsd;
  wallet.set(Math.ceil(notional * dice.pick([0.9, 1.1, 1.28, 1.3])));
}

function listingAt({ listings }: HostileWorld, venue: string, symbol: string): Listing | null {
  return listings.find((one) => one.venue === venue && one.symbol === symbol) ?? null;
}

function shift({ mid }: Listing, by: number): void {
  const cents = Math.round((mid.value * (10_000 + by)) / 10_000);
  if (cents > 200 && cents < 50_000_000) mid.set(cents);
}
