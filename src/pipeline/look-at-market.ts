import { midPrice, type OrderBook, walkBook } from "#src/core/book.ts";
import { type Decimal, dec, floorToStep, maxOf } from "#src/core/decimal.ts";
import type { FundingRate } from "#src/core/funding.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import type { Opportunity } from "#src/core/opportunity.ts";
import { baseSize, type Price, type Rate, rate } from "#src/core/units.ts";
import type { RankLeg } from "#src/opportunities/pair-legs.ts";
import { rankOpportunities } from "#src/opportunities/rank-opportunities.ts";
import { collectRates } from "#src/rates/collect-rates.ts";
import type { PipelineContext } from "./context.ts";

/** A named candidate can be proposed for this long. */
const CANDIDATE_LIFE_MS = 10 * 60_000;

export interface MarketLook {
  readonly rates: readonly FundingRate[];
  readonly refused: readonly {
    readonly venue: string;
    readonly symbol: string;
    readonly reason: string;
  }[];
  readonly down: readonly VenueId[];
  readonly ranked: readonly Opportunity[];
  readonly dropped: readonly { readonly asset: string; readonly reason: string }[];
}

/** Rates of every venue, then the ranked pairs; remembers them as candidates that a tool may name. */
export async function lookAtMarket(context: PipelineContext): Promise<MarketLook> {
  const { clock, venues, candidates } = context;
  const collected = await collectRates({ venues, clock });
  const legs = await Promise.all(collected.rates.map((funding) => describeLeg(context, funding)));
  const { ranked, dropped } = rankOpportunities({
    legs: legs.filter((leg) => leg !== null),
    parameters: context.settings.entry,
    idFor: () => context.ids.next("C"),
  });
  const now = clock.wallNow();
  for (const [id, candidate] of candidates) if (candidate.expiresAt <= now) candidates.delete(id);
  for (const opportunity of ranked) {
    candidates.set(opportunity.id, { opportunity, expiresAt: now + CANDIDATE_LIFE_MS });
  }
  return { ...collected, ranked, dropped };
}

/** Slippage of a candidate is measured at this size: what a small account trades. */
const REFERENCE_USD = dec("1000");

async function describeLeg(
  context: PipelineContext,
  funding: FundingRate,
): Promise<RankLeg | null> {
  const venue = context.venues.get(funding.venue);
  const instruments = (await venue?.data.instruments()) ?? [];
  const instrument = instruments.find((one) => one.symbol === funding.symbol);
  if (!venue || !instrument) return null;
  const [trailingPerHour, book] = await Promise.all([
    context.trailing.meanPerHour(funding.venue, funding.symbol).catch(() => null),
    venue.data.orderBook(funding.symbol).catch(() => null),
  ]);
  const mid = book && midPrice(book);
  const slippageRate = book && mid ? worstSlippage(book, instrument, mid) : null;
  return { instrument, funding, trailingPerHour, slippageRate, midPrice: mid };
}

/** Of buying or selling the reference size, from the mid; null when the book cannot take it. */
function worstSlippage(book: OrderBook, instrument: Instrument, mid: Price): Rate | null {
  const lots = floorToStep(REFERENCE_USD.div(mid), instrument.lotStepBase);
  const size = baseSize(maxOf<Decimal>(lots, instrument.minSizeBase));
  const [buy, sell] = [walkBook(book.asks, size), walkBook(book.bids, size)];
  if (!buy.filled || !sell.filled) return null;
  return rate(maxOf(buy.vwap.minus(mid), mid.minus(sell.vwap)).div(mid));
}
