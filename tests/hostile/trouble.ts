import type { Dice } from "./dice.ts";
import type { ShownCard } from "./evidence.ts";
import type { Listing } from "./hostile-market.ts";
import type { HostileVenue, OrderFate } from "./hostile-venue.ts";
import type { HostileWorld } from "./hostile-world.ts";
import { healSpot, sabotageSpot, stirSpot } from "./spot-trouble.ts";

export const FATES: readonly OrderFate[] = [
  ...(["rejected", "half", "answerLost", "requestLost", "landsLate", "slow", "throws"] as const),
];

/** Between the card and the tap something on one of its venues is not what it was. */
export function sabotage(world: HostileWorld, card: ShownCard): unknown {
  const { dice, tampered } = world;
  if (isOfSpot(card) && dice.chance(500)) return sabotageSpot(world, card);
  const leg = card.legs.length > 0 ? dice.pick(card.legs) : null;
  const venue = leg && venueNamed(world, leg.venue);
  const listing =
    leg && world.listings.find((one) => one.venue === leg.venue && one.symbol === leg.symbol);
  if (!leg || !venue || !listing) return null;
  const { state } = venue;
  switch (dice.below(18)) {
    case 0: {
      const notional = Number(leg.sizeBase) * Number(leg.priceSeen);
      return state.equityUsd.set(Math.ceil(notional * dice.pick([0.5, 0.9, 1.1])));
    }
    case 1:
      return state.maintenanceUsd.set(Math.max(0, state.equityUsd.value - dice.pick([1, 10, 20])));
    case 2:
    case 16:
      state.obeysLeverage = false;
      return state.leverage.set(dice.pick([4, 20, 100]));
    case 3:
      return state.bookAgeMs.set(dice.pick([5_500, 20_000, 900_000]));
    case 4:
      return state.rateAgeMs.set(dice.pick([61_500, 600_000]));
    case 5:
      return state.accountAgeMs.set(dice.pick([31_000, 900_000]));
    case 6:
      return listing.markOff.set(dice.pick([400, 1_500, -400]));
    case 7:
      return move(listing, dice.pick([60, 120, -60, -120]));
    case 8:
      return listing.linear.set(false);
    case 9:
      return venue.byHand(leg.symbol, dice.pick(["0.002", "-0.004"]));
    case 10:
      return tampered.set(card.subjectId, "row");
    case 11:
      return tampered.set(card.subjectId, "rowAndHash");
    case 12:
      return Object.assign(state, { down: true });
    case 14:
    case 17:
      // The books stay where they are, and both venues value what they hold higher.
      return marksOf(world, card, [300, 300]);
    case 13:
      // One leg rises a little, the other falls a little: each within the tolerance.
      return marksOf(world, card, [130, -130]);
    default:
      return spoilOrders(venue, dice);
  }
}

function isOfSpot({ legs }: ShownCard): boolean {
  return legs.some(({ symbol }) => symbol.endsWith("-SPOT"));
}

/** Everything is as it was meant to be. */
export function heal(world: HostileWorld): void {
  for (const venue of world.venues.values()) {
    const { state } = venue;
    Object.assign(state, { down: false, obeysLeverage: true });
    state.fates.length = 0;
    calm(state.bookAgeMs, 0);
    calm(state.rateAgeMs, 0);
    calm(state.accountAgeMs, 0);
    calm(state.maintenanceUsd, 0);
    calm(state.leverage, 3);
    if (world.dice.chance(500)) for (const { symbol } of world.listings) venue.undoByHand(symbol);
    for (const wallet of [state.equityUsd, state.spotUsd])
      if (wallet && wallet.value < 500) wallet.set(world.dice.pick([700, 5_000, 20_000]));
  }
  for (const listing of world.listings) {
    calm(listing.markOff, 0);
    calm(listing.linear, true);
    calm(listing.depthUsd, 2_000_000);
    agree(world, listing);
  }
  if (world.hasSpot) healSpot(world);
  world.tampered.clear();
}

/** Something happens out there, whoever asks for it. */
export function stir(world: HostileWorld): unknown {
  const { dice } = world;
  if (world.hasSpot && dice.chance(400)) return stirSpot(world);
  const listing = dice.pick(world.listings);
  const venue = dice.pick([...world.venues.values()]);
  switch (dice.below(8)) {
    case 0:
      return moveAsset(world, listing.asset, dice.pick([20, -20, 45, -45, 300, -300]));
    case 1:
      return listing.depthUsd.set(dice.pick([1, 60, 500, 2_000_000]));
    case 2:
      return listing.rateText.set(dice.pick(["0.0004", "0.00001", "-0.0001", "0.002", "-0.002"]));
    case 3:
    case 4:
      return spoilOrders(venue, dice);
    case 5:
      return venue.state.equityUsd.set(dice.pick([100, 700, 5_000, 20_000]));
    case 6:
      return Object.assign(venue.state, { down: dice.chance(300) });
    default:
      return move(listing, dice.pick([30, -30]));
  }
}

function spoilOrders(venue: HostileVenue, dice: Dice): void {
  for (let count = 1 + dice.below(2); count > 0; count -= 1)
    venue.state.fates.push(dice.pick(FATES));
}

function venueNamed(world: HostileWorld, name: string): HostileVenue | null {
  return [...world.venues.values()].find((one) => one.id === name) ?? null;
}

/** In ten-thousandths; prices stay where a book can stand. */
function move(listing: Listing, by: number): void {
  const cents = Math.round((listing.mid.value * (10_000 + by)) / 10_000);
  if (cents > 200 && cents < 50_000_000) listing.mid.set(cents);
}

function moveAsset({ listings }: HostileWorld, asset: string, by: number): void {
  for (const listing of listings) if (listing.asset === asset) move(listing, by);
}

function marksOf(world: HostileWorld, card: ShownCard, off: readonly number[]): void {
  for (const [index, leg] of card.legs.entries()) {
    const listing = world.listings.find(
      (one) => one.venue === leg.venue && one.symbol === leg.symbol,
    );
    listing?.markOff.set(off[index] ?? 0);
  }
}

/** The venues' prices of one asset come together again; CAT's never were. */
function agree({ listings }: HostileWorld, listing: Listing): void {
  const first = listings.find((one) => one.asset === listing.asset);
  if (!first || listing.asset === "CAT" || first === listing) return;
  if (first.mid.value !== listing.mid.value) listing.mid.set(first.mid.value);
}

function calm<T>(track: { readonly value: T; set(value: T): void }, value: T): void {
  if (track.value !== value) track.set(value);
}
