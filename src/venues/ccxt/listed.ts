import { type Decimal, dec, isMultipleOf } from "#src/core/decimal.ts";
import { type BaseSize, baseSize, type Price, price } from "#src/core/units.ts";
import type { Listed } from "./driver.ts";

/** A base size in the venue's amount units; throws RangeError when it is not on the venue's grid. */
export function toAmount({ instrument }: Listed, size: BaseSize): string {
  if (!isMultipleOf(size, instrument.lotStepBase)) {
    throw new RangeError(`${size.toFixed()} is not on the lot of ${instrument.symbol}`);
  }
  return size.div(instrument.contractSizeBase).toFixed();
}

/** The venue's amount (contracts) in canonical base units. */
export function toBase({ instrument }: Listed, amount: string | Decimal): BaseSize {
  return baseSize(dec(amount).times(instrument.contractSizeBase));
}

/** A price per canonical base unit as the venue quotes it. */
export function toWirePrice({ priceUnit }: Listed, value: Price): string {
  return value.times(priceUnit).toFixed();
}

/** The venue's price per canonical base unit. */
export function fromWirePrice({ priceUnit }: Listed, value: string | Decimal): Price {
  return price(dec(value).div(priceUnit));
}
