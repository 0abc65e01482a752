import type { CarrySeries, Recording, SeriesChoice } from "#src/backtest/carry-series.ts";
import { dec } from "#src/core/decimal.ts";
import { OperatorError } from "#src/core/errors.ts";
import type { Asset, VenueId } from "#src/core/instrument.ts";
import type { EpochMs } from "#src/core/units.ts";
import { BUCKET_MS, bucketSeries } from "./bucket-series.ts";
import { londonToUtc } from "./london-time.ts";
import { commonPlaces, RateColumn } from "./rate-column.ts";
import { type RowSource, readRows } from "./read-rows.ts";

export const SPOT_PERP_HEADER =
  /^time,exchange,crypto,pair,contract,open,high,low,close,volume,funding rate$/;
const PRICE = /^\d{1,12}(\.\d{1,20})?$/;

interface SpotBar {
  readonly close: string;
}
interface PerpBar extends SpotBar {
  readonly at: EpochMs;
  readonly open: string;
}
interface Market {
  readonly spot: Map<EpochMs, SpotBar>;
  readonly perp: PerpBar[];
  readonly rates: RateColumn;
}

/**
 * 8-hour bars of spot and perp with the funding rate that settles where a bar begins. The stamps are
 * London's wall clock, and venues are not in step with each other: pairs are made inside one venue only.
 */
export function readSpotPerpFile(text: string, source: RowSource): Recording {
  const markets = new Map<string, Market>();
  let coinMargined = 0;
  readRows(text, 11, source, (cells) => {
    const [time = "", venue = "", , pair = "", contract = "", open = "", , , close = ""] = cells;
    const at = londonToUtc(time, BUCKET_MS);
    if (at === null) return `"${time}" is not an 8-hour bar's time in London`;
    if (![open, close].every((price) => PRICE.test(price) && Number(price) > 0)) {
      return "a price is missing";
    }
    const asset = /^([A-Z0-9]+?)\/?USDT$/.exec(pair)?.[1];
    // Margined in the coin itself: not linear, so never ours.
    if (!asset) {
      coinMargined += 1;
      return null;
    }
    const key = marketOf(venue, asset);
    const market = markets.get(key) ?? emptyMarket();
    markets.set(key, market);
    if (contract === "spot") market.spot.set(at, { close });
    else if (contract !== "perpetual") return `unknown contract "${contract}"`;
    else if (at <= (market.perp.at(-1)?.at ?? 0)) return `${venue} ${asset} is not in time order`;
    else if (!market.rates.push(cells[10] ?? "")) return `"${cells[10]}" is not a rate`;
    else market.perp.push({ at, open, close });
    return null;
  });
  const names = [...markets.keys()].map((name) => name.split(":"));
  return {
    format: "spot-perp",
    assets: [...new Set(names.map(([, asset = ""]) => asset))],
    venues: [...new Set(names.map(([venue = ""]) => venue))],
    leftOut: coinMargined > 0 ? `coin-margined bars: ${coinMargined}` : null,
    series: (choice) => {
      refuseAcrossVenues(choice, source.file);
      return seriesOf(choice, markets.get(marketOf(choice.pair.first.venue, choice.asset)));
    },
  };
}

function emptyMarket(): Market {
  return { spot: new Map(), perp: [], rates: new RateColumn() };
}

function marketOf(venue: VenueId, asset: Asset): string {
  return `${venue}:${asset}`;
}

function refuseAcrossVenues({ pair: { first, second }, stepHours }: SeriesChoice, file: string) {
  if (stepHours === 1) throw new OperatorError(`${file}: has bars of 8 hours, not single hours`);
  if (first.venue === second.venue && first.kind !== second.kind) return;
  throw new OperatorError(
    `${file}: its venues are not in step with each other, so it can only be used inside one: --spot ${first.venue}`,
  );
}

function seriesOf(choice: SeriesChoice, market: Market | undefined): CarrySeries | null {
  if (!market) return null;
  const places = commonPlaces([market.rates]);
  const { units, rounded } = market.rates.units(places);
  const bars = market.perp.flatMap((perp, index) => {
    const spot = market.spot.get(perp.at);
    return spot ? [{ perp, spot, rate: units[index] ?? 0 }] : [];
  });
  if (bars.length === 0) return null;
  return bucketSeries(choice, {
    places,
    // Steps are known by the file's own stamps, at which their bars begin and their funding settles.
    endAt: Float64Array.from(bars, ({ perp }) => perp.at),
    carry: Float64Array.from(bars, ({ rate }) => rate),
    prices: {
      reference: bars.map(({ perp }) => dec(perp.open)),
      first: bars.map(({ perp }) => dec(perp.close)),
      second: bars.map(({ spot }) => dec(spot.close)),
    },
    rounded,
  });
}
