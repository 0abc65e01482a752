import type { CarrySeries, Recording, SeriesChoice } from "#src/backtest/carry-series.ts";
import { OperatorError } from "#src/core/errors.ts";
import type { Asset, VenueId } from "#src/core/instrument.ts";
import { BUCKET_MS, bucketSeries } from "./bucket-series.ts";
import { commonPlaces, RateColumn } from "./rate-column.ts";
import { type RowSource, readRows } from "./read-rows.ts";
import { venueNamed } from "./venue-names.ts";

interface Coin {
  readonly endAt: number[];
  readonly rates: readonly RateColumn[];
}

export const SPREAD_HEADER = /^coin,bucket_end_utc(,[a-z0-9]+_8h){2,}$/;

/** Sums of 8 hours, a column a venue: `coin,bucket_end_utc,hl_8h,binance_8h,…`. */
export function readSpreadFile(text: string, source: RowSource): Recording {
  const [, , ...columns] = (/^.*/.exec(text)?.[0] ?? "").trim().split(",");
  const venues = columns.map((column) => venueNamed(column.replace(/_8h$/, "")));
  const coins = new Map<Asset, Coin>();
  readRows(text, columns.length + 2, source, ([asset = "", end = "", ...rates]) => {
    if (!asset) return "no coin";
    const coin = coins.get(asset) ?? { endAt: [], rates: venues.map(() => new RateColumn()) };
    coins.set(asset, coin);
    const at = bucketEnd(end);
    if (at === null) return `"${end}" is not the end of an 8-hour bucket in UTC`;
    if (at <= (coin.endAt.at(-1) ?? 0)) return `${asset} is not in time order`;
    coin.endAt.push(at);
    const bad = coin.rates.findIndex((column, index) => !column.push(rates[index] ?? ""));
    return bad < 0 ? null : `"${rates[bad]}" is not a rate`;
  });
  return {
    format: "spread",
    assets: [...coins.keys()],
    venues,
    leftOut: null,
    series: (choice) => seriesOf(coins.get(choice.asset), venues, choice, source.file),
  };
}

function seriesOf(
  coin: Coin | undefined,
  venues: readonly VenueId[],
  choice: SeriesChoice,
  file: string,
): CarrySeries | null {
  const { pair, stepHours } = choice;
  if (stepHours === 1) throw new OperatorError(`${file}: has sums of 8 hours, not single hours`);
  const [first, second] = [pair.first, pair.second].map(
    ({ venue }) => coin?.rates[venues.indexOf(venue)],
  );
  if (!coin || !first || !second) return null;
  const places = commonPlaces([first, second]);
  const [a, b] = [first.units(places), second.units(places)];
  return bucketSeries(choice, {
    places,
    endAt: Float64Array.from(coin.endAt),
    carry: a.units.map((rate, index) => rate - (b.units[index] ?? 0)),
    prices: null,
    rounded: a.rounded + b.rounded,
  });
}

function bucketEnd(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:00:00Z$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) || at % BUCKET_MS !== 0 ? null : at;
}
