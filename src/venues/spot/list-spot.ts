import type { Market } from "ccxt";
import { type Decimal, ONE, roundToStep, ZERO } from "#src/core/decimal.ts";
import { canonicalAsset, SPOT_SUFFIX, stepInCanonicalBase } from "#src/core/instrument.ts";
import { baseSize, notionalUsd, price, rate } from "#src/core/units.ts";
import type { Listed, VenueProfile } from "#src/venues/ccxt/driver.ts";
import type { Row } from "#src/venues/ccxt/row.ts";
import { isDollar, QUOTES } from "./spot-symbols.ts";

/** What a venue says of one of its spot markets; null for what it does not say. */
export interface SpotFacts {
  readonly info: Row;
  readonly symbol: string | null;
  readonly coin: string | null;
  readonly quote: string | null;
  readonly isTraded: boolean;
  readonly lotStep: Decimal | null;
  readonly minSize: Decimal | null;
  readonly minNotionalUsd: Decimal | null;
  readonly tick: Decimal | null;
}

/** What an account without discounts pays on all three venues, as taker and as maker alike. */
const LIST_FEE = "0.001";
/**
 * What a borrowed short must keep: venues tier it by coin and size, and for what may be borrowed at all none
 * asks for more than a tenth of what is owed.
 */
const SHORT_MAINTENANCE = "0.1";

/** Null for anything but a traded market of a coin against dollars whose every grid is known. */
export function listSpot(
  market: Market,
  venue: VenueProfile["id"],
  facts: SpotFacts,
): Listed | null {
  const { info, symbol, coin, quote, isTraded, lotStep, minSize, minNotionalUsd, tick } = facts;
  if (!market || !symbol || !coin || !quote || !isTraded) return null;
  if (!QUOTES.includes(quote) || isDollar(coin)) return null;
  if (!lotStep?.gt(ZERO) || !minSize || !minNotionalUsd || !tick?.gt(ZERO)) return null;
  const { asset, unitMultiplier: unit } = canonicalAsset(coin);
  const inBase = (amount: Decimal) => baseSize(stepInCanonicalBase(amount, ONE, unit));
  return {
    ...{ ccxtSymbol: market.symbol, priceUnit: unit, info, coin },
    instrument: {
      ...{ venue, symbol: `${symbol}${SPOT_SUFFIX}`, asset, kind: "spot", linear: true },
      ...{ settleCurrency: quote, contractSizeBase: baseSize(unit), maxLeverage: ONE },
      lotStepBase: inBase(lotStep),
      // Some list a least size of nothing, or one that is not on their own lot.
      minSizeBase: inBase(onLot(minSize, lotStep)),
      minNotionalUsd: notionalUsd(minNotionalUsd),
      priceTick: price(tick.div(unit)),
      maintenanceRate: rate(SHORT_MAINTENANCE),
      takerFeeRate: rate(LIST_FEE),
      makerFeeRate: rate(LIST_FEE),
    },
  };
}

function onLot(least: Decimal, lot: Decimal): Decimal {
  return least.lte(lot) ? lot : roundToStep(least, lot, "up");
}
