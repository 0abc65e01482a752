import type { BookLevel } from "#src/core/book.ts";
import { dec } from "#src/core/decimal.ts";
import {
  type Asset,
  type Instrument,
  SPOT_SUFFIX,
  stepInCanonicalBase,
  type VenueId,
} from "#src/core/instrument.ts";
import { baseSize, notionalUsd, type Price, price, rate } from "#src/core/units.ts";
import { uniform } from "./seeded-random.ts";

/*
 * Prices and depths of a simulated market are made with floats and leave this folder as decimal text on
 * the venue's own grids: nothing downstream ever sees the float.
 */

/** How a sandbox venue trades. */
export interface VenueShape {
  readonly id: VenueId;
  readonly settleCurrency: string;
  readonly takerFeeRate: string;
  readonly makerFeeRate: string;
  readonly minNotionalUsd: string;
  readonly maxLeverage: string;
  /** Where it also trades spot; null for perps alone. */
  readonly spot: { readonly feeRate: string } | null;
  /** The venue's name for an asset, how many base units one of its units holds, and its contract. */
  naming(asset: AssetShape): {
    readonly symbol: string;
    readonly unitMultiplier: string;
    readonly contractSize: string;
    /** In the venue's own amount units. */
    readonly amountStep: string;
  };
}

export interface AssetShape {
  readonly asset: Asset;
  readonly startPrice: number;
  /** Standard deviation of a day's log return. */
  readonly dailyVolatility: number;
  readonly priceDecimals: number;
  /** Lot in base units on venues that trade base units. */
  readonly lot: string;
  /** Base units of one contract where contracts are counted. */
  readonly contractSize: string;
  /** USD on each side of the book within about 10 bp. */
  readonly depthUsd: number;
  /** Half of the bid-ask, as a fraction. */
  readonly halfSpread: number;
  readonly thousandFold?: boolean;
}

const LEVELS = 12;

export const VENUE_SHAPES: readonly VenueShape[] = [
  withSpot(
    perpVenue("binance-sim", "USDT", "0.0005", "0.0002", "5", "50", (asset) => ({
      symbol: `${asset.thousandFold ? "1000" : ""}${asset.asset}USDT`,
      unitMultiplier: asset.thousandFold ? "1000" : "1",
      contractSize: "1",
      amountStep: asset.lot,
    })),
  ),
  withSpot(
    perpVenue("bybit-sim", "USDT", "0.00055", "0.0002", "5", "50", (asset) => ({
      symbol: `${asset.thousandFold ? "1000" : ""}${asset.asset}USDT`,
      unitMultiplier: asset.thousandFold ? "1000" : "1",
      contractSize: "1",
      amountStep: asset.lot,
    })),
  ),
  perpVenue("okx-sim", "USDT", "0.0005", "0.0002", "0", "50", (asset) => ({
    symbol: `${asset.asset}-USDT-SWAP`,
    unitMultiplier: "1",
    contractSize: asset.contractSize,
    amountStep: "0.1",
  })),
  perpVenue("hyperliquid-sim", "USDC", "0.00045", "0.00015", "10", "20", (asset) => ({
    symbol: asset.thousandFold ? `k${asset.asset}` : asset.asset,
    unitMultiplier: asset.thousandFold ? "1000" : "1",
    contractSize: "1",
    amountStep: asset.lot,
  })),
];

/** Spot lots are this much finer than those of perps, as on real venues. */
const SPOT_LOTS = "0.01";
/** What a borrowed coin's value must be covered with beyond itself. */
const SPOT_MAINTENANCE = rate("0.05");

/** The same asset on the venue's spot market; null where it has none. */
export function makeSpotInstrument(venue: VenueShape, asset: AssetShape): Instrument | null {
  if (!venue.spot) return null;
  const lot = baseSize(dec(asset.lot).times(SPOT_LOTS));
  const feeRate = rate(venue.spot.feeRate);
  return {
    ...makeInstrument(venue, asset),
    symbol: `${asset.asset}${venue.settleCurrency}${SPOT_SUFFIX}`,
    kind: "spot",
    contractSizeBase: baseSize("1"),
    lotStepBase: lot,
    minSizeBase: lot,
    maxLeverage: dec("1"),
    maintenanceRate: SPOT_MAINTENANCE,
    takerFeeRate: feeRate,
    makerFeeRate: feeRate,
  };
}

export function makeInstrument(venue: VenueShape, asset: AssetShape): Instrument {
  const naming = venue.naming(asset);
  const multiplier = dec(naming.unitMultiplier);
  const step = stepInCanonicalBase(dec(naming.amountStep), dec(naming.contractSize), multiplier);
  return {
    venue: venue.id,
    symbol: naming.symbol,
    asset: asset.asset,
    kind: "perp",
    linear: true,
    settleCurrency: venue.settleCurrency,
    contractSizeBase: baseSize(multiplier.times(naming.contractSize)),
    lotStepBase: baseSize(step),
    minSizeBase: baseSize(step),
    minNotionalUsd: notionalUsd(venue.minNotionalUsd),
    priceTick: price(dec("10").pow(-asset.priceDecimals)),
    maxLeverage: dec(venue.maxLeverage),
    // Half of the initial margin at the highest leverage.
    maintenanceRate: rate(dec("0.5").div(venue.maxLeverage)),
    takerFeeRate: rate(venue.takerFeeRate),
    makerFeeRate: rate(venue.makerFeeRate),
  };
}

/** A float price on the instrument's grid. */
export function onTick(asset: AssetShape, value: number): Price {
  return price(value.toFixed(asset.priceDecimals));
}

/** A book around `mid`: the same for the same key, thinner far from the middle. */
export function makeBook(
  instrument: Instrument,
  asset: AssetShape,
  mid: number,
  key: string,
): { readonly bids: readonly BookLevel[]; readonly asks: readonly BookLevel[] } {
  const lot = Number(instrument.lotStepBase.toFixed());
  const tick = 10 ** -asset.priceDecimals;
  const side = (sign: 1 | -1): readonly BookLevel[] => {
    const levels: BookLevel[] = [];
    let last = 0;
    for (let index = 0; index < LEVELS; index += 1) {
      const wanted = mid * (1 + sign * (asset.halfSpread + index * 0.8e-4));
      const ticks = sign === 1 ? Math.ceil(wanted / tick) : Math.floor(wanted / tick);
      const at =
        last === 0 ? ticks : sign === 1 ? Math.max(last + 1, ticks) : Math.min(last - 1, ticks);
      last = at;
      const share = (0.6 + 0.8 * uniform(`${key}:${sign}:${index}`)) / LEVELS;
      const lots = Math.max(1, Math.floor((asset.depthUsd * share) / mid / lot));
      levels.push({
        price: onTick(asset, at * tick),
        sizeBase: baseSize(instrument.lotStepBase.times(String(lots))),
      });
    }
    return levels;
  };
  return { bids: side(-1), asks: side(1) };
}

/** What a market with such a book trades in a day and holds open, as on the real ones. */
export function tradedOf({ depthUsd }: AssetShape) {
  return {
    volume24hUsd: notionalUsd((depthUsd * 2_000).toFixed(0)),
    openInterestUsd: notionalUsd((depthUsd * 700).toFixed(0)),
  };
}

/** 0.1 % is what the large venues ask of small accounts. */
function withSpot(venue: VenueShape): VenueShape {
  return { ...venue, spot: { feeRate: "0.001" } };
}

function perpVenue(
  id: VenueId,
  settleCurrency: string,
  takerFeeRate: string,
  makerFeeRate: string,
  minNotionalUsd: string,
  maxLeverage: string,
  naming: VenueShape["naming"],
): VenueShape {
  return {
    ...{ id, settleCurrency, takerFeeRate, makerFeeRate, minNotionalUsd, maxLeverage, naming },
    spot: null,
  };
}
