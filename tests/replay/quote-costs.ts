import type { Settings } from "#config/schema.ts";
import type { RuleSet } from "#src/backtest/rule-set.ts";
import { levelsFor, midPrice, type OrderBook, walkBook } from "#src/core/book.ts";
import { type Decimal, dec, maxOf, ONE, sum } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Side } from "#src/core/hedge.ts";
import type { Instrument } from "#src/core/instrument.ts";
import { openingOrderSide } from "#src/core/order.ts";
import { type BaseSize, type EpochMs, notionalUsd, type Price, rate } from "#src/core/units.ts";
import { limitsInForce } from "#src/main/limits-in-force.ts";
import { rulesInForce } from "#src/main/rules-in-force.ts";
import { worstSlippage } from "#src/pipeline/look/describe-legs.ts";
import { collarPrice } from "#src/proposals/build-proposal.ts";
import { costsOf, type PricedLeg } from "#src/proposals/plan-costs.ts";
import { sizeHedge } from "#src/proposals/size-hedge.ts";
import { medianGap, WEEK_HOURS } from "#src/rates/median-gap.ts";
import type { ReplayFeed } from "./replay-rig.ts";

/** More than any carry pays: nothing opens on a book that cannot take it. */
const TOO_THIN = dec("1");

interface Seen {
  readonly instrument: Instrument;
  readonly side: Side;
  readonly book: OrderBook;
  readonly mid: Price;
}

/**
 * What the product reckons with when it looks `lookAfterMs` after a step: the dearer of what its scan takes for
 * a round trip and what its plan at the real size does, by the books and the legs' gap of that moment.
 */
export function quoteCosts(
  feed: ReplayFeed,
  settings: Settings,
  legs: readonly [Instrument, Instrument],
  lookAfterMs: number,
): NonNullable<RuleSet["quotedCost"]> {
  const { exitSlipMultiple } = rulesInForce(settings).entry;
  const closesOf = hourlyCloses(feed);
  return (to, at) => {
    const now = at + lookAfterMs;
    const [first, second] = to === 1 ? legs : ([legs[1], legs[0]] as const);
    const [short, long] = [see(feed, first, "short", now), see(feed, second, "long", now)];
    const planned = plan(feed, settings, [short, long], now);
    const scanned = [short, long].map(({ instrument, book, mid }) => {
      const slippage = worstSlippage(book, instrument, mid) ?? TOO_THIN;
      return instrument.takerFeeRate.times("2").plus(slippage.times(exitSlipMultiple.plus(ONE)));
    });
    if (!planned) return TOO_THIN;
    const usualGap = medianGap(closesOf(first, now), closesOf(second, now));
    return maxOf<Decimal>(
      sum(scanned),
      costsOf(...planned, { exitSlipMultiple, usualGap }).costRate,
    );
  };
}

function see(feed: ReplayFeed, instrument: Instrument, side: Side, now: EpochMs): Seen {
  const { venue, symbol } = instrument;
  const book = { ...feed.book(venue, symbol, now), venue, symbol, observedAt: now };
  const mid = midPrice(book);
  if (!mid) throw new Error(`an empty book of ${venue} ${symbol}`);
  return { instrument, side, book, mid };
}

/** Both legs at the size that the hard cap leaves. */
function plan(
  feed: ReplayFeed,
  settings: Settings,
  seen: readonly [Seen, Seen],
  now: EpochMs,
): readonly [PricedLeg, PricedLeg] | null {
  const limits = limitsInForce(settings);
  const sizeLeg = ({ instrument, book, mid, side }: Seen) => {
    const { venue, symbol, priceTick } = instrument;
    const collar = collarPrice(
      book,
      openingOrderSide(side),
      settings.execution.maxSlippage,
      priceTick,
    );
    const dearest = maxOf<Decimal>(mid, feed.mark(venue, symbol, now), collar ?? mid);
    return {
      ...instrument,
      equityUsd: limits.hardCapUsd.times("2"),
      price: dearest.times(ONE.plus(limits.maxPriceMove)),
    };
  };
  const sized = sizeHedge({ ...limits, legs: [sizeLeg(seen[0]), sizeLeg(seen[1])] });
  const [short, long] = seen.map((one) => priceLeg(one, sized.sizeBase));
  return short && long ? [short, long] : null;
}

function priceLeg({ instrument, side, book, mid }: Seen, sizeBase: BaseSize): PricedLeg | null {
  const walk = walkBook(levelsFor(book, openingOrderSide(side)), sizeBase);
  if (!walk.filled) return null;
  return {
    ...{ sizeBase, priceSeen: mid, notionalUsd: notionalUsd(sizeBase.times(mid)) },
    takerFeeRate: instrument.takerFeeRate,
    slippageRate: rate(walk.vwap.minus(mid).div(mid).abs()),
  };
}

/** The closes of the last week's hours, each read once. */
function hourlyCloses(feed: ReplayFeed) {
  const known = new Map<string, Price>();
  return ({ venue, symbol }: Instrument, now: EpochMs): readonly Price[] => {
    const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
    return Array.from({ length: WEEK_HOURS }, (_, index) => {
      const at = hour - (WEEK_HOURS - 1 - index) * HOUR_MS;
      const key = `${venue} ${symbol} ${at}`;
      const close = known.get(key) ?? feed.mark(venue, symbol, at);
      known.set(key, close);
      return close;
    });
  };
}
