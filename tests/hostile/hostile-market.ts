import type { OrderBook } from "#src/core/book.ts";
import { dec } from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import { baseSize, notionalUsd, type Price, price, type Rate, rate } from "#src/core/units.ts";
import type { SettledRate } from "#src/ports/venue.ts";
import type { Dice } from "./dice.ts";
import { Track, type Turns } from "./track.ts";

export const VENUES = ["alpha", "beta", "gamma"] as const;
export type VenueName = (typeof VENUES)[number];

/** CAT is another coin on gamma: the ticker is the same, the price is not. */
export const ASSETS = ["BTC", "ETH", "SOL", "DOGE", "CAT"] as const;
export type AssetName = (typeof ASSETS)[number];

const CENTS: Readonly<Record<AssetName, number>> = {
  ...{ BTC: 6_000_000, ETH: 300_000, SOL: 15_000, DOGE: 2_000, CAT: 1_000 },
};
/** Who lists spot beside its perps: nothing else may be paired on one venue. */
export const SPOT_VENUES: readonly VenueName[] = ["alpha", "gamma"];
const LOTS: Readonly<Record<VenueName, string>> = { alpha: "0.001", beta: "0.002", gamma: "0.001" };
const RATES: Readonly<Record<VenueName, string>> = {
  ...{ alpha: "0.0004", beta: "0.00001", gamma: "-0.0001" },
};
const HOUR_MS = 3_600_000;
const HISTORY_DAYS = 14;
/** Nobody borrows coins on less collateral than this. */
const SPOT_MAINTENANCE = "0.1";

/** What a venue says of lending an asset. */
export interface Lent {
  readonly perHourText: string;
  /** Null: it does not say. */
  readonly mostText: string | null;
  readonly ageMs: number;
}

/** Cheap, and enough of it. */
export const FAIR_LOAN: Lent = { perHourText: "0.000002", mostText: "1000000", ageMs: 0 };

/** What one venue knows of one asset; what the world may spoil is a track. */
export interface Listing {
  readonly venue: VenueName;
  readonly asset: AssetName;
  readonly symbol: string;
  /** Middle of the book, in cents. */
  readonly mid: Track<number>;
  /** The mark stands off the middle by this, in ten-thousandths. */
  readonly markOff: Track<number>;
  readonly rateText: Track<string>;
  readonly linear: Track<boolean>;
  /** Of spot; null: it says nothing of it. */
  readonly lent: Track<Lent | null>;
  /** Each level holds this much, in USD. */
  readonly depthUsd: Track<number>;
  instrument(): Instrument;
  mark(): Price;
  rate(): Rate;
  book(observedAt: number): OrderBook;
  history(now: number): readonly SettledRate[];
}

/** What every venue lists: perps of every asset, and where there is spot, that beside them. */
export function createListings(turns: Turns, spotDice: Dice | null): readonly Listing[] {
  const perps = VENUES.flatMap((venue) =>
    ASSETS.map((asset) => createListing(venue, asset, "perp", turns)),
  );
  if (!spotDice) return perps;
  for (const asset of ASSETS) makeSpotPay(perps, asset, spotDice);
  const spots = SPOT_VENUES.flatMap((venue) =>
    ASSETS.map((asset) => createListing(venue, asset, "spot", turns)),
  );
  return [...perps, ...spots];
}

/** Mostly one venue's perp pays so much, either way, that spot is its best other leg. */
function makeSpotPay(perps: readonly Listing[], asset: AssetName, dice: Dice): void {
  const venue = dice.pick(SPOT_VENUES);
  const sign = dice.pick(["", "-", null]);
  if (sign === null) return;
  for (const one of perps) {
    if (one.asset === asset)
      one.rateText.set(`${sign}${one.venue === venue ? "0.0004" : "0.0003"}`);
  }
}

export function isSpot(listing: Listing): boolean {
  return listing.symbol.endsWith("-SPOT");
}

function createListing(
  venue: VenueName,
  asset: AssetName,
  kind: "perp" | "spot",
  turns: Turns,
): Listing {
  const symbol = `${asset}-${kind.toUpperCase()}`;
  const factor = asset === "CAT" && venue === "gamma" ? 1_000 : 1;
  const mid = new Track(turns, CENTS[asset] * factor);
  const markOff = new Track(turns, 0);
  const rateText = new Track(turns, RATES[venue]);
  const linear = new Track(turns, true);
  const depthUsd = new Track(turns, 2_000_000);
  const lent = new Track<Lent | null>(turns, kind === "spot" ? FAIR_LOAN : null);
  const instrument = remembered(
    () => linear.value,
    (isLinear) => describe(venue, asset, kind, isLinear),
  );
  const rateOf = remembered(
    () => rateText.value,
    (text) => rate(text),
  );
  const mark = remembered(
    () => Math.round((mid.value * (10_000 + markOff.value)) / 10_000),
    (cents) => price(inUsd(cents)),
  );
  const levels = remembered(
    () => mid.value * 1e10 + depthUsd.value,
    () => levelsOf(mid.value, depthUsd.value, asset === "DOGE" ? 1_000 : 2),
  );
  const past = remembered(
    () => `${rateText.value}${Math.floor(nowMs / HOUR_MS / 8)}`,
    () => historyOf(symbol, rateOf(), nowMs),
  );
  let nowMs = 0;
  return {
    ...{ venue, asset, symbol, mid, markOff, rateText, linear, lent, depthUsd },
    ...{ instrument, mark, rate: rateOf },
    book: (observedAt) => ({ venue, symbol, ...levels(), observedAt }),
    history(now) {
      nowMs = now;
      return past();
    },
  };
}

/** Cents as dollars, in text. */
export function inUsd(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
}

function describe(
  venue: VenueName,
  asset: AssetName,
  kind: "perp" | "spot",
  linear: boolean,
): Instrument {
  const symbol = `${asset}-${kind.toUpperCase()}`;
  return {
    ...{ venue, symbol, asset, linear, kind, settleCurrency: "USDT" },
    contractSizeBase: baseSize("1"),
    lotStepBase: baseSize(asset === "DOGE" ? "1" : LOTS[venue]),
    minSizeBase: baseSize(LOTS[venue]),
    minNotionalUsd: notionalUsd("5"),
    priceTick: price("0.01"),
    maxLeverage: dec(kind === "spot" ? "1" : "50"),
    maintenanceRate: rate(kind === "spot" ? SPOT_MAINTENANCE : "0.01"),
    takerFeeRate: rate("0.0005"),
    makerFeeRate: rate("0.0002"),
  };
}

/** Sizes are whole lots of every venue, counted in thousandths. */
function levelsOf(cents: number, depthUsd: number, lot: number) {
  const thousandths = Math.max(1, Math.floor((depthUsd * 100_000) / cents / lot)) * lot;
  const size = baseSize(String(thousandths / 1_000));
  const step = Math.max(1, Math.floor(cents / 10_000));
  const side = (sign: number) =>
    [1, 2, 3].map((level) => ({
      price: price(inUsd(cents + sign * level * step)),
      sizeBase: size,
    }));
  return { bids: side(-1), asks: side(1) };
}

function historyOf(symbol: string, paid: Rate, now: number): readonly SettledRate[] {
  const settled: SettledRate[] = [];
  const last = Math.floor(now / HOUR_MS / 8) * HOUR_MS * 8;
  for (let at = last - HISTORY_DAYS * 24 * HOUR_MS; at < last; at += 8 * HOUR_MS) {
    settled.push({ symbol, rate: paid, intervalHours: "8", fundingAt: at });
  }
  // Of late each hour, as its venue says: nothing is entered where that is not so.
  const hourly = { symbol, rate: rate(paid.div("8")), intervalHours: "1" };
  for (const ago of [3, 2, 1, 0]) settled.push({ ...hourly, fundingAt: last - ago * HOUR_MS });
  return settled;
}

/** Built anew only when what it is made of has changed. */
function remembered<Key, Value>(keyOf: () => Key, build: (key: Key) => Value): () => Value {
  let known: { readonly key: Key; readonly value: Value } | null = null;
  return () => {
    const key = keyOf();
    if (known?.key !== key) known = { key, value: build(key) };
    return known.value;
  };
}
