import { type Decimal, dec, maxOf, roundToStep } from "./decimal.ts";
import {
  type BaseSize,
  baseSize,
  type EpochMs,
  type NotionalUsd,
  type Price,
  type Rate,
} from "./units.ts";

export type VenueId = string;
/** Canonical base asset: BTC, PEPE; never 1000PEPE or XBT. */
export type Asset = string;

/**
 * One tradable product on one venue. Every size and price is in canonical base units. A spot instrument's
 * symbol ends with SPOT_SUFFIX, because venues name spot and perp alike; its maxLeverage is 1, and its
 * maintenanceRate is what a short of it (borrowed coins) must keep.
 */
export interface Instrument {
  readonly venue: VenueId;
  /** The venue's own market id, e.g. "BTC-PERP" or "1000PEPE-PERP". */
  readonly symbol: string;
  readonly asset: Asset;
  readonly kind: "perp" | "spot";
  readonly linear: boolean;
  readonly settleCurrency: string;
  /** Canonical base units in one of the venue's own amount units (contracts). */
  readonly contractSizeBase: BaseSize;
  readonly lotStepBase: BaseSize;
  readonly minSizeBase: BaseSize;
  readonly minNotionalUsd: NotionalUsd;
  /** Price grid, USD per canonical base unit. */
  readonly priceTick: Price;
  readonly maxLeverage: Decimal;
  /** Maintenance margin as a fraction of notional, where tiers are unknown: rather too much than too little. */
  readonly maintenanceRate: Rate;
  /** Absent where the venue has none, or does not say. */
  readonly maintenanceTiers?: MaintenanceTiers;
  readonly takerFeeRate: Rate;
  readonly makerFeeRate: Rate;
  /** When the venue takes it off its list, once it has said so. Nothing opens on it, and what is open leaves. */
  readonly endsAt?: EpochMs;
}

/** From `lowerUsd` of notional on, each further dollar keeps `rate`. */
export interface MarginTier {
  readonly lowerUsd: Decimal;
  readonly rate: Decimal;
}

/**
 * How maintenance grows with a position, from 0 on in rising order. By notional, each rate counts for the part
 * of the notional that lies in its tier; by size (base units), for the whole position.
 */
export type MaintenanceTiers =
  | { readonly by: "notional"; readonly tiers: readonly MarginTier[] }
  | {
      readonly by: "size";
      readonly tiers: readonly { readonly lowerBase: Decimal; readonly rate: Decimal }[];
    };

export const SPOT_SUFFIX = "-SPOT";

export function isSpotSymbol(symbol: string): boolean {
  return symbol.endsWith(SPOT_SUFFIX);
}

/**
 * The smallest order that a venue takes at this price, on its lot. A balance below it can be neither sold nor
 * bought back, so it counts as none.
 */
export function smallestOrderBase(
  { minSizeBase, minNotionalUsd, lotStepBase }: Instrument,
  atPrice: Price,
): BaseSize {
  const least = maxOf<Decimal>(minSizeBase, minNotionalUsd.div(atPrice), lotStepBase);
  return baseSize(roundToStep(least, lotStepBase, "up"));
}

// Only listed names carry a k/K prefix: KAS or KSM must stay what they are.
const K_PREFIXED = new Set(["PEPE", "BONK", "SHIB", "FLOKI", "LUNC", "NEIRO", "DOGS", "SATS"]);
const RENAMED: ReadonlyMap<string, Asset> = new Map([["XBT", "BTC"]]);
const NUMBER_PREFIX = /^(1000000|1M|100000|10000|1000|100)(?=[A-Z])(.+)$/;

/** Splits a venue's base name into the canonical asset and how many of it one unit holds. */
export function canonicalAsset(base: string): { asset: Asset; unitMultiplier: Decimal } {
  const upper = base.toUpperCase();
  const numbered = NUMBER_PREFIX.exec(upper);
  if (numbered?.[1] && numbered[2]) {
    const multiplier = numbered[1] === "1M" ? "1000000" : numbered[1];
    return { asset: numbered[2], unitMultiplier: dec(multiplier) };
  }
  if (/^k/i.test(base) && K_PREFIXED.has(upper.slice(1))) {
    return { asset: upper.slice(1), unitMultiplier: dec("1000") };
  }
  return { asset: RENAMED.get(upper) ?? upper, unitMultiplier: dec("1") };
}

/** A venue's amount step in canonical base units. */
export function stepInCanonicalBase(
  amountPrecision: Decimal,
  contractSize: Decimal,
  unitMultiplier: Decimal,
): Decimal {
  return amountPrecision.times(contractSize).times(unitMultiplier);
}

const USD_LIKE = new Set(["USD", "USDT", "USDC", "USDE", "USDH", "FDUSD", "USD1"]);

/** Is its profit and loss paid in dollars or what stands for them? */
export function settlesInUsd({ settleCurrency }: Instrument): boolean {
  return USD_LIKE.has(settleCurrency.toUpperCase());
}

/** Smallest step on both grids: lcm(a/b, c/d) = lcm(a, c) / gcd(b, d) in lowest terms. */
export function commonStep(stepA: Decimal, stepB: Decimal): Decimal {
  const scale = 10n ** BigInt(Math.max(decimalPlaces(stepA), decimalPlaces(stepB)));
  const a = BigInt(stepA.times(scale.toString()).toFixed(0));
  const b = BigInt(stepB.times(scale.toString()).toFixed(0));
  if (a <= 0n || b <= 0n) throw new RangeError("steps must be positive");
  return dec((a / gcd(a, b)) * b).div(scale.toString());
}

/** Do the per-unit mids agree? Catches a forgotten multiplier and a ticker collision. */
export function sameAssetCheck(
  midA: Decimal,
  midB: Decimal,
  maxRelDiff: Decimal,
): { same: boolean; relDiff: Decimal } {
  const relDiff = midA.div(midB).minus("1").abs();
  return { same: relDiff.lte(maxRelDiff), relDiff };
}

function decimalPlaces(value: Decimal): number {
  return value.toFixed().split(".")[1]?.length ?? 0;
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}
