import { ONE, ZERO } from "#src/core/decimal.ts";
import { canonicalAsset } from "#src/core/instrument.ts";
import { baseSize, notionalUsd, price, rate } from "#src/core/units.ts";
import type { Listed, VenueProfile } from "#src/venues/ccxt/driver.ts";
import { decimalOrNull, type Row, row, textOrNull } from "#src/venues/ccxt/row.ts";

/** The market in our words; null for spot and for what lacks a grid. */
export function pacificaListing(
  market: { readonly symbol: string; readonly info: unknown },
  profile: VenueProfile,
): Listed | null {
  const info = row(market.info, "market");
  const symbol = textOrNull(info, "symbol");
  const grids = gridsOf(info);
  if (!symbol || !grids || textOrNull(info, "instrument_type") === "spot") return null;
  // ccxt writes kPEPE in capitals, which makes another coin of it.
  const { asset, unitMultiplier } = canonicalAsset(textOrNull(info, "base_asset") ?? symbol);
  const lotStepBase = baseSize(grids.lot.times(unitMultiplier));
  return {
    ccxtSymbol: market.symbol,
    priceUnit: unitMultiplier,
    info,
    instrument: {
      ...{ venue: profile.id, symbol, asset, kind: "perp", linear: true, settleCurrency: "USDC" },
      contractSizeBase: baseSize(unitMultiplier),
      lotStepBase,
      // It has a least value, and no least size but one lot.
      minSizeBase: lotStepBase,
      minNotionalUsd: notionalUsd(grids.leastUsd),
      priceTick: price(grids.tick.div(unitMultiplier)),
      maxLeverage: grids.maxLeverage,
      maintenanceRate: rate(ONE.div(grids.maxLeverage.times("2"))),
      takerFeeRate: rate(profile.listFees.taker),
      makerFeeRate: rate(profile.listFees.maker),
    },
  };
}

function gridsOf(info: Row) {
  const [lot, leastUsd, tick, maxLeverage] = [
    decimalOrNull(info, "lot_size"),
    decimalOrNull(info, "min_order_size"),
    decimalOrNull(info, "tick_size"),
    decimalOrNull(info, "max_leverage"),
  ];
  if (!lot?.gt(ZERO) || !leastUsd || !tick?.gt(ZERO) || !maxLeverage?.gt(ZERO)) return null;
  return { lot, leastUsd, tick, maxLeverage };
}
