import type { AssetShape } from "./market-shape.ts";

/** Mean, standard deviation and lag-one autocorrelation of 8-hour sums, in basis points. */
export interface SpreadShape {
  readonly meanBp: number;
  readonly sdBp: number;
  readonly rho: number;
}

export interface SyntheticAsset extends AssetShape {
  /** How much more the hourly venue pays than the first one. BTC, ETH, SOL and LINK as measured. */
  readonly hourlySpread: SpreadShape;
  /** What every venue's perps pay in the mean of 8 hours, in basis points. */
  readonly levelBp: number;
  /** What borrowing it costs a year, as a fraction; null: nobody lends it. */
  readonly borrowApr: number | null;
  readonly intervalHours: { readonly "binance-sim": 4 | 8; readonly "bybit-sim": 4 | 8 };
}

/** The other venues stay near the first one, as measured between Bybit and Binance. */
export const OTHER_SPREAD: SpreadShape = { meanBp: -0.03, sdBp: 0.3, rho: 0.409 };

const MAJOR_DEPTH_USD = 600_000;

const EIGHT = { "binance-sim": 8, "bybit-sim": 8 } as const;
const FOUR = { "binance-sim": 4, "bybit-sim": 8 } as const;

/*
 * Calmer than real ones by about half: sandbox hours pass in minutes, and a card that waits for a tap
 * should not go stale each time. Bid-asks are inside the 2 basis points that the rules ask for. The small assets pay enough to be worth a hedge, the majors do not.
 */
export const SYNTHETIC_ASSETS: readonly SyntheticAsset[] = [
  asset("BTC", 64_000, 0.01, 1, "0.001", "0.01", 3_000_000, 0.4e-4, [0.251, 0.605, 0.558], EIGHT),
  asset("ETH", 3_100, 0.012, 2, "0.001", "0.1", 2_000_000, 0.5e-4, [0.354, 0.6, 0.475], EIGHT),
  asset("SOL", 148, 0.015, 3, "0.01", "1", 900_000, 0.7e-4, [0.162, 0.9, 0.382], EIGHT),
  asset("XRP", 0.62, 0.014, 5, "1", "100", 500_000, 0.8e-4, [0.3, 0.8, 0.4], EIGHT),
  asset("DOGE", 0.131, 0.016, 6, "1", "1000", 400_000, 0.8e-4, [0.35, 0.9, 0.4], EIGHT),
  asset("LINK", 14.2, 0.015, 4, "0.01", "1", 250_000, 0.8e-4, [0.482, 0.8, 0.186], EIGHT),
  asset("AVAX", 27.5, 0.016, 4, "0.1", "1", 220_000, 0.8e-4, [0.25, 1, 0.35], EIGHT),
  // Longs pay everywhere: worth spot against a perp. And the other way round, where the loan is paid for.
  {
    ...asset("ARB", 0.84, 0.017, 5, "0.1", "10", 160_000, 0.8e-4, [0.4, 1.1, 0.35], FOUR),
    levelBp: 2.6,
  },
  {
    ...asset("SUI", 1.63, 0.018, 5, "0.1", "1", 180_000, 0.8e-4, [0.6, 1, 0.4], FOUR),
    levelBp: -3.2,
  },
  asset("APT", 8.4, 0.018, 4, "0.1", "1", 130_000, 0.8e-4, [2.1, 1.2, 0.5], FOUR),
  asset("TIA", 5.9, 0.019, 4, "0.1", "1", 110_000, 0.8e-4, [-1.9, 1.2, 0.45], FOUR),
  {
    ...asset("PEPE", 0.0000112, 0.02, 10, "1", "10000000", 120_000, 0.8e-4, [1.6, 1.5, 0.4], EIGHT),
    thousandFold: true,
    borrowApr: null,
  },
];

function asset(
  name: string,
  startPrice: number,
  dailyVolatility: number,
  priceDecimals: number,
  lot: string,
  contractSize: string,
  depthUsd: number,
  halfSpread: number,
  spread: readonly [number, number, number],
  intervalHours: SyntheticAsset["intervalHours"],
): SyntheticAsset {
  const [meanBp, sdBp, rho] = spread;
  const hourlySpread = { meanBp, sdBp, rho };
  return {
    ...{ asset: name, startPrice, dailyVolatility, priceDecimals, lot, contractSize },
    ...{ depthUsd, halfSpread, hourlySpread, intervalHours },
    levelBp: 0.4,
    borrowApr: depthUsd > MAJOR_DEPTH_USD ? 0.02 : 0.08,
  };
}
