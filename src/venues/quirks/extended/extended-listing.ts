import { dec, ZERO } from "#src/core/decimal.ts";
import { canonicalAsset } from "#src/core/instrument.ts";
import { baseSize, notionalUsd, price, type Rate, rate } from "#src/core/units.ts";
import type { Listed, VenueProfile } from "#src/venues/ccxt/driver.ts";
import { decimal, decimalOrNull, type Row, row, rows, textOrNull } from "#src/venues/ccxt/row.ts";

/** A position of this value must be within the maintenance that we count with: a bracket's rate is for all of it. */
const COUNTED_VALUE_USD = "250000";
/** What is neither here nor traded can still be closed. */
const LISTED_STATUSES = ["ACTIVE", "REDUCE_ONLY", "DISABLED"];

/** The market in our words; null for spot, and for what is not listed yet or not any more. */
export function extendedListing(
  market: { readonly symbol: string; readonly info: unknown },
  profile: VenueProfile,
): Listed | null {
  const info = row(market.info, "market");
  const symbol = textOrNull(info, "name");
  const base = textOrNull(info, "assetName");
  const settleCurrency = textOrNull(info, "collateralAssetName");
  const grids = gridsOf(info);
  if (!symbol || !base || !settleCurrency || !grids) return null;
  if (textOrNull(info, "type")?.toUpperCase() === "SPOT") return null;
  if (!LISTED_STATUSES.includes(textOrNull(info, "status") ?? "")) return null;
  const { asset, unitMultiplier } = canonicalAsset(base);
  return {
    ccxtSymbol: market.symbol,
    priceUnit: unitMultiplier,
    info,
    instrument: {
      // ccxt shows its collateral as USDC, but what it holds and pays in is its own USD.
      ...{ venue: profile.id, symbol, asset, kind: "perp", linear: true, settleCurrency },
      contractSizeBase: baseSize(unitMultiplier),
      lotStepBase: baseSize(grids.lot.times(unitMultiplier)),
      minSizeBase: baseSize(grids.least.times(unitMultiplier)),
      // It has a least size, and no least value.
      minNotionalUsd: notionalUsd("0"),
      priceTick: price(grids.tick.div(unitMultiplier)),
      maxLeverage: grids.maxLeverage,
      maintenanceRate: grids.maintenanceRate,
      takerFeeRate: rate(profile.listFees.taker),
      makerFeeRate: rate(profile.listFees.maker),
    },
  };
}

/**
 * Maintenance of a position of this value, as a fraction of it: half of the initial margin at the highest
 * leverage that its bracket allows. Values above the last bracket take that of the last.
 */
export function extendedMaintenanceRate(info: Row, valueUsd: string): Rate | null {
  const brackets = rows(config(info)["riskFactorConfig"] ?? [], "riskFactorConfig")
    .map((one) => ({ upTo: decimal(one, "upperBound"), factor: decimal(one, "riskFactor") }))
    .toSorted((a, b) => a.upTo.cmp(b.upTo));
  const bracket = brackets.find(({ upTo }) => upTo.gte(dec(valueUsd))) ?? brackets.at(-1);
  return bracket?.factor.gt(ZERO) ? rate(bracket.factor.div("2")) : null;
}

function gridsOf(info: Row) {
  const from = config(info);
  const [lot, least, tick, maxLeverage] = [
    decimalOrNull(from, "minOrderSizeChange"),
    decimalOrNull(from, "minOrderSize"),
    decimalOrNull(from, "minPriceChange"),
    decimalOrNull(from, "maxLeverage"),
  ];
  const maintenanceRate = extendedMaintenanceRate(info, COUNTED_VALUE_USD);
  if (!lot?.gt(ZERO) || !least?.gt(ZERO) || !tick?.gt(ZERO)) return null;
  if (!maxLeverage?.gt(ZERO) || !maintenanceRate) return null;
  return { lot, least, tick, maxLeverage, maintenanceRate };
}

function config(info: Row): Row {
  return row(info["tradingConfig"] ?? {}, "tradingConfig");
}
