/** Sums of these must stay whole, so no more than what a double counts exactly. */
const MOST_UNITS = Number.MAX_SAFE_INTEGER;
/** Fees and borrow rates must be whole numbers of the unit too. */
const LEAST_PLACES = 12;
/** Published rates have at most 10 decimals, OKX's 16; with more there is no room for a year's sum. */
const MOST_PLACES = 16;
const HEADROOM = 0.25;
const FORM = /^([+-]?)(\d+)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i;

/** Rates as they stand in a file: a whole mantissa and its decimal places, nothing rounded. */
export class RateColumn {
  readonly #mantissas: number[] = [];
  readonly #places: number[] = [];
  #sumOfSizes = 0;

  /** False for anything that is not a decimal number of at most 15 digits and 100 % in size. */
  push(text: string): boolean {
    const found = FORM.exec(text);
    if (!found) return false;
    const [, sign, whole = "", fraction = "", exponent = "0"] = found;
    const mantissa = Number(whole + fraction);
    const places = fraction.length - Number(exponent);
    const size = mantissa * 10 ** -places;
    if (!Number.isSafeInteger(mantissa) || size > 1 || places > 300) return false;
    this.#mantissas.push(sign === "-" ? -mantissa : mantissa);
    this.#places.push(places);
    this.#sumOfSizes += size;
    return true;
  }

  get length(): number {
    return this.#mantissas.length;
  }

  /** Most decimal places of any rate. */
  get places(): number {
    return this.#places.reduce((most, next) => Math.max(most, next), 0);
  }

  /** Only to choose a unit; never a result. */
  get sumOfSizes(): number {
    return this.#sumOfSizes;
  }

  /** Every rate as a whole number of 10^-places; `rounded` counts those that had more decimals. */
  units(places: number): { readonly units: Float64Array; readonly rounded: number } {
    const units = new Float64Array(this.length);
    let rounded = 0;
    for (let index = 0; index < units.length; index += 1) {
      const shift = places - (this.#places[index] ?? 0);
      const mantissa = this.#mantissas[index] ?? 0;
      if (shift >= 0) units[index] = mantissa * 10 ** shift;
      else {
        const [value, exact] = roundedUnits(mantissa, -shift);
        units[index] = value;
        if (!exact) rounded += 1;
      }
    }
    return { units, rounded };
  }
}

/** The finest unit (as decimal places) in which all these columns and their sums stay whole numbers. */
export function commonPlaces(columns: readonly RateColumn[]): number {
  const finest = columns.reduce((most, { places }) => Math.max(most, places), LEAST_PLACES);
  const sizes = columns.reduce((total, { sumOfSizes }) => total + sumOfSizes, HEADROOM);
  return Math.min(finest, MOST_PLACES, Math.floor(Math.log10(MOST_UNITS / sizes)));
}

/** mantissa / 10^digits to the nearest whole number, and whether that was exact. */
function roundedUnits(mantissa: number, digits: number): readonly [number, boolean] {
  const divisor = 10n ** BigInt(digits);
  const size = BigInt(Math.abs(mantissa));
  const [whole, rest] = [size / divisor, size % divisor];
  const up = rest * 2n > divisor || (rest * 2n === divisor && whole % 2n === 1n);
  const nearest = Number(up ? whole + 1n : whole);
  return [mantissa < 0 ? -nearest : nearest, rest === 0n];
}
