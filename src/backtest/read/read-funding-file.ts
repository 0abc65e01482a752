import { alignSettlements, type SettledLeg } from "#src/backtest/align-settlements.ts";
import type { Recording } from "#src/backtest/carry-series.ts";
import { type Decimal, dec, decFromInteger } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Asset, VenueId } from "#src/core/instrument.ts";
import type { EpochMs } from "#src/core/units.ts";
import { RateColumn } from "./rate-column.ts";
import { type RowSource, readRows } from "./read-rows.ts";

export const FUNDING_HEADER = /^ts,venue,base,quote,rate,ih,mark$/;

/** Only intervals that fill 8 hours evenly can be compared bucket by bucket. */
const INTERVALS: ReadonlyMap<string, number> = new Map(
  [1, 2, 4, 8].flatMap((hours) => [
    [`${hours}`, hours],
    [`${hours}.0`, hours],
  ]),
);

interface GrowingLeg {
  readonly at: number[];
  readonly hours: number[];
  readonly rates: RateColumn;
}

/** Single settlements: `ts,venue,base,quote,rate,ih,mark`. */
export function readFundingFile(text: string, source: RowSource): Recording {
  const legs = new Map<string, GrowingLeg>();
  const marks = new Map<Asset, Map<EpochMs, string>>();
  let withoutInterval = 0;
  readRows(text, 7, source, ([ts = "", venue = "", base = "", , rate = "", ih = "", mark = ""]) => {
    const stamp = /^\d{12,14}$/.test(ts) ? Number(ts) : 0;
    if (stamp === 0) return `"${ts}" is not a time in milliseconds`;
    if (!venue || !base) return "no venue or no asset";
    // A rate without an interval means nothing, and none is assumed.
    if (ih === "") {
      withoutInterval += 1;
      return null;
    }
    const hours = INTERVALS.get(ih);
    if (!hours) return `"${ih}" is not an interval of 1, 2, 4 or 8 hours`;
    // Venues stamp a settlement some milliseconds late: it belongs to its full hour.
    const at = Math.floor(stamp / HOUR_MS) * HOUR_MS;
    const leg = legs.get(`${venue}:${base}`) ?? { at: [], hours: [], rates: new RateColumn() };
    legs.set(`${venue}:${base}`, leg);
    if (at <= (leg.at.at(-1) ?? 0)) return `${venue} ${base} is not in time order`;
    if (!leg.rates.push(rate)) return `"${rate}" is not a rate`;
    leg.at.push(at);
    leg.hours.push(hours);
    return mark === "" ? null : addMark(marks, base, at, mark);
  });
  const names = [...legs.keys()].map((name) => name.split(":"));
  return {
    format: "funding",
    assets: distinct(names.map(([, asset = ""]) => asset)),
    venues: distinct(names.map(([venue = ""]) => venue)),
    leftOut: withoutInterval > 0 ? `rows without an interval: ${withoutInterval}` : null,
    series: (choice) => {
      const leg = (venue: VenueId): SettledLeg | null =>
        legs.get(`${venue}:${choice.asset}`) ?? null;
      const [first, second] = [leg(choice.pair.first.venue), leg(choice.pair.second.venue)];
      return first && second
        ? alignSettlements(choice, first, second, markLine(marks.get(choice.asset)))
        : null;
    },
  };
}

function addMark(
  marks: Map<Asset, Map<EpochMs, string>>,
  base: Asset,
  at: EpochMs,
  mark: string,
): string | null {
  if (!/^\d{1,12}(\.\d{1,20})?$/.test(mark) || Number(mark) <= 0) return `"${mark}" is not a price`;
  const line = marks.get(base) ?? new Map<EpochMs, string>();
  marks.set(base, line.set(at, mark));
  return null;
}

/** The price at any full hour: between two recorded marks on a straight line. */
function markLine(
  marks: ReadonlyMap<EpochMs, string> | undefined,
): ((at: EpochMs) => Decimal | null) | null {
  if (!marks) return null;
  const known = [...marks].map(([at, text]) => ({ at, price: dec(text) }));
  let index = 0;
  return (at) => {
    if ((known[index]?.at ?? 0) > at) index = 0;
    while ((known[index + 1]?.at ?? Number.POSITIVE_INFINITY) <= at) index += 1;
    const [left, right] = [known[index], known[index + 1]];
    if (!left || left.at > at) return null;
    if (left.at === at) return left.price;
    if (!right) return null;
    const share = decFromInteger(at - left.at).div(decFromInteger(right.at - left.at));
    return left.price.plus(right.price.minus(left.price).times(share)).round(8);
  };
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
