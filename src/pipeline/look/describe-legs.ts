import { depthWithin, midPrice, type OrderBook, walkBook } from "#src/core/book.ts";
import { type Decimal, dec, floorToStep, maxOf, minOf } from "#src/core/decimal.ts";
import { describeError, RetryableError } from "#src/core/errors.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import type { ListedRate } from "#src/core/opportunity.ts";
import {
  baseSize,
  type NotionalUsd,
  notionalUsd,
  type Price,
  type Rate,
  rate,
} from "#src/core/units.ts";
import { askVenue } from "#src/execution/fate/ask-venue.ts";
import type { RankLeg } from "#src/opportunities/pair-legs.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import type { Venue } from "#src/ports/venue.ts";
import { inferIntervalFromHistory } from "#src/rates/normalize-rate.ts";
import { inLanes } from "./in-lanes.ts";

/** A venue that failed so often in a row is not asked about the rest. */
const PATIENCE = 3;
/** For a history of two weeks, which may come in pages, and a book. */
const LEG_DEADLINE_MS = 10_000;
/** Slippage of a candidate is measured at this size: what a small account trades. */
const REFERENCE_USD = dec("1000");

/** Of the last payments so many tell how often there is one. */
const LAST_STAMPS = 4;

/** How long a look may take, and how many legs of a venue are read at once. */
export interface LookPace {
  readonly patienceMs: number;
  readonly lanes: number;
}

/** A leg whose venue did not answer. */
export interface SilentLeg {
  readonly venue: string;
  readonly symbol: string;
  readonly reason: string;
}

/**
 * The trailing mean and the book of every leg, a few at a time from each venue, in the order given; what
 * could not be read within `patienceMs` is left out. Means are kept, so the next look comes further.
 */
export async function describeLegs(
  context: PipelineContext,
  listed: readonly ListedRate[],
  { patienceMs, lanes }: LookPace,
): Promise<readonly (RankLeg | SilentLeg)[]> {
  const untilMs = context.clock.elapsedMs() + patienceMs;
  const byVenue = Map.groupBy(listed, (one) => one.instrument.venue);
  const lists = [...byVenue.values()].map((legs) => {
    let failures = 0;
    return inLanes(legs, lanes, async (one): Promise<RankLeg | SilentLeg> => {
      const { venue, symbol } = one.instrument;
      if (failures >= PATIENCE) return { venue, symbol, reason: "VENUE_SILENT" };
      try {
        const leg = await describeInTurn(context, one, untilMs);
        failures = 0;
        return leg;
      } catch (error) {
        failures += 1;
        context.log.warn("legNotRead", { venue, symbol, error: describeError(error) });
        return { venue, symbol, reason: "VENUE_SILENT" };
      }
    });
  });
  return (await Promise.all(lists)).flat();
}

/** A venue that asks us to be slower is not silent: the leg waits for its turn while there is time. */
async function describeInTurn(
  context: PipelineContext,
  one: ListedRate,
  untilMs: number,
): Promise<RankLeg> {
  const { clock } = context;
  for (;;) {
    if (clock.elapsedMs() > untilMs) throw new RetryableError("not in time");
    try {
      return await describeLeg(context, one);
    } catch (error) {
      const waitMs = error instanceof RetryableError ? error.waitMs : null;
      if (waitMs === null || clock.elapsedMs() + waitMs > untilMs) throw error;
      await clock.sleep(waitMs);
    }
  }
}

/** Throws when the venue does not answer: such a leg is not judged. */
async function describeLeg(context: PipelineContext, one: ListedRate): Promise<RankLeg> {
  const { venue: venueId, symbol } = one.instrument;
  const venue = context.venues.get(venueId);
  if (!venue) throw new Error(`venue ${venueId} is not connected`);
  const [trailingPerHour, hourly, settled, [book, stats]] = await askVenue(
    context.execution,
    Promise.all([
      context.trailing.meanPerHour(venueId, symbol),
      context.trailing.hourly(venueId, symbol),
      context.trailing.settled(venueId, symbol),
      readMarket(context, venue, symbol),
    ]),
    LEG_DEADLINE_MS,
  );
  const mid = midPrice(book);
  if (!mid) return { ...one, trailingPerHour, slippageRate: null, midPrice: null, market: null };
  const { openInterestBase, volume24hUsd } = stats;
  return {
    ...{ ...one, trailingPerHour, midPrice: mid },
    slippageRate: worstSlippage(book, one.instrument, mid),
    market: {
      volume24hUsd,
      openInterestUsd: openInterestBase && notionalUsd(openInterestBase.times(mid)),
      bidAsk: bidAskOf(book, mid),
      depthUsd: depthOf(book, mid, context.settings.maxSlippage),
      settlesEveryHours:
        one.instrument.kind === "perp"
          ? inferIntervalFromHistory(settled.slice(-LAST_STAMPS).map(({ fundingAt }) => fundingAt))
          : null,
      hourly,
    },
  };
}

/** One after the other: a venue is asked few things at once. */
async function readMarket(context: PipelineContext, venue: Venue, symbol: string) {
  const stats = await statsOf(context, venue.id, symbol);
  return [await venue.data.orderBook(symbol), stats] as const;
}

/** What a venue keeps to itself is unknown; one that asks us to be slower is asked again. */
async function statsOf(context: PipelineContext, venue: VenueId, symbol: string) {
  try {
    return await context.marketStats.of(venue, symbol);
  } catch (error) {
    if (error instanceof RetryableError && error.waitMs !== null) throw error;
    context.log.warn("marketStatsNotRead", { venue, symbol, error: describeError(error) });
    return { openInterestBase: null, volume24hUsd: null };
  }
}

function bidAskOf({ bids, asks }: OrderBook, mid: Price): Rate | null {
  const [bid, ask] = [bids[0]?.price, asks[0]?.price];
  return bid && ask ? rate(ask.minus(bid).div(mid)) : null;
}

function depthOf(book: OrderBook, mid: Price, maxSlippage: Decimal): NotionalUsd {
  const [buy, sell] = [
    depthWithin(book, "buy", maxSlippage),
    depthWithin(book, "sell", maxSlippage),
  ];
  return notionalUsd(minOf(buy, sell).times(mid));
}

/** Of buying or selling the reference size, from the mid; null when the book cannot take it. */
export function worstSlippage(book: OrderBook, instrument: Instrument, mid: Price): Rate | null {
  const lots = floorToStep(REFERENCE_USD.div(mid), instrument.lotStepBase);
  const size = baseSize(maxOf<Decimal>(lots, instrument.minSizeBase));
  const [buy, sell] = [walkBook(book.asks, size), walkBook(book.bids, size)];
  if (!buy.filled || !sell.filled) return null;
  return rate(maxOf(buy.vwap.minus(mid), mid.minus(sell.vwap)).div(mid));
}
