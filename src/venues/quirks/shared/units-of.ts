import type { Decimal } from "#src/core/decimal.ts";
import { canonicalAsset } from "#src/core/instrument.ts";
import { type BaseSize, baseSize, type Price, price } from "#src/core/units.ts";
import type { Listings } from "#src/venues/ccxt/driver.ts";
import { decimalOrNull, type Row } from "#src/venues/ccxt/row.ts";

export interface Units {
  size(amount: Decimal): BaseSize;
  price(value: Decimal): Price;
}

/**
 * How to read amounts and prices of a market whose contract is one of its base units. Of a market that is
 * not listed any more the name says it: what is held or was filled there must stay visible.
 */
export function unitsOf(listings: Listings, symbol: string, base: string): Units {
  const listed = listings.get(symbol);
  const unit = listed?.priceUnit ?? canonicalAsset(base).unitMultiplier;
  return {
    size: (amount) => baseSize(amount.times(unit)),
    price: (value) => price(value.div(unit)),
  };
}

/** The price that a payment says it was counted on; undefined where it does not say. */
export function refPriceIn(
  payment: Row,
  key: string,
  units: Pick<Units, "price">,
): Price | undefined {
  const told = decimalOrNull(payment, key);
  return told?.gt("0") ? units.price(told) : undefined;
}
