import { type Decimal, dec, maxOf, minOf, ZERO } from "#src/core/decimal.ts";
import { type Hedge, type HedgeLeg, LIVE_PHASES } from "#src/core/hedge.ts";
import { isSpotSymbol, smallestOrderBase, type VenueId } from "#src/core/instrument.ts";
import type { Position } from "#src/core/order.ts";
import { type BaseSize, baseSize, type Price, signedBase } from "#src/core/units.ts";
import type { ExecutionContext } from "#src/execution/context.ts";
import { readPositions } from "#src/execution/fate/ask-venue.ts";

/*
 * A perp's position is ours to the last lot. A spot balance is not: coins that a fee left over lie in it, what
 * is owed grows by its interest, and the owner's own coins may lie there too. What a hedge explains of it is
 * the hedge's; the rest is nobody's business here.
 */

/**
 * A loan may have grown by so much of itself that is not booked yet before somebody must look. Charges come by
 * the hour and are booked as they are read, so it is the time for which a venue may be silent about them: a day
 * at 1,000 % a year, three weeks at 50 %. Not tied to `rebalance.maxDrift`, which is about what is booked: how
 * far a report may be from the books must not widen with a setting, for the fates of orders are read from it.
 */
const MOST_UNBOOKED_GROWTH = dec("0.03");

type Known = Pick<ExecutionContext, "memory">;
type Place = {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly entryPrice?: Price | null;
};

/** Is a reported balance what our books say (signed), as far as anybody can tell? */
export function agreesWith(
  context: Known,
  place: Place,
  bookedBase: Decimal,
  reportedBase: Decimal,
  growth: Decimal = maxOf(bookedBase.neg().times(MOST_UNBOOKED_GROWTH), ZERO),
): boolean {
  const over = reportedBase.minus(bookedBase);
  if (over.eq(ZERO) || !isSpotSymbol(place.symbol)) return over.eq(ZERO);
  return over.gte(growth.neg()) && over.lte(leftoverLimit(context, place));
}

/** The same for a leg of a hedge; coins that are known to be the owner's do not count. */
export function legAgrees(context: Known, leg: HedgeLeg, reportedBase: Decimal): boolean {
  if (leg.side === "short") {
    return agreesWith(context, leg, leg.heldBase.neg(), reportedBase, mostGrowth(leg));
  }
  const own = context.memory.ownCoins.get(`${leg.venue}:${leg.symbol}`) ?? ZERO;
  return agreesWith(context, leg, leg.heldBase, reportedBase.minus(own));
}

/**
 * Are coins beside long spot legs all that speaks against the books? No order of ours bought them, so they are
 * the owner's: noted, and true. Coins that are missing, and debts that shrank, are never explained so.
 */
export function isOnlyOwnCoins(
  context: Known,
  legs: readonly HedgeLeg[],
  sizes: readonly Decimal[],
): boolean {
  const beside = legs.flatMap((leg, index) => {
    const reported = sizes[index] ?? ZERO;
    return legAgrees(context, leg, reported) ? [] : [{ leg, over: reported.minus(leg.heldBase) }];
  });
  const explained = beside.every(
    ({ leg, over }) => isSpotSymbol(leg.symbol) && leg.side === "long" && over.gte(ZERO),
  );
  if (!explained) return false;
  for (const { leg, over } of beside) {
    context.memory.ownCoins.set(`${leg.venue}:${leg.symbol}`, over);
  }
  return true;
}

/** Less than any order could sell: of spot it counts as nothing, because nobody can do anything about it. */
export function isLeftover(context: Known, place: Place, sizeBase: Decimal): boolean {
  if (sizeBase.eq(ZERO)) return true;
  return isSpotSymbol(place.symbol) && sizeBase.abs().lt(leftoverLimit(context, place));
}

/**
 * Do coins of the owner's cover what this leg owes? They came after the loan and paid it off: what is bought back
 * then would be his, and the other leg closed alone would leave him without what he put there.
 */
export function isDebtCovered({ memory }: Known, leg: HedgeLeg): boolean {
  if (!isLoan(leg)) return false;
  const seen = memory.seen.get(`${leg.venue}:${leg.symbol}`);
  const reported = seen?.position.sizeBase ?? ZERO;
  return reported.gt(leg.heldBase.neg().plus(leftoverLimit({ memory }, leg)));
}

/**
 * Does the venue still report a debt where our books say that the loan is repaid? Interest came while the last
 * order was on its way: no more than that, or it is a loan of the owner's own.
 */
export function isStillOwed({ memory }: Known, leg: HedgeLeg): boolean {
  if (!isLoan(leg) || !isLeftover({ memory }, leg, leg.heldBase)) return false;
  const reported = memory.seen.get(`${leg.venue}:${leg.symbol}`)?.position.sizeBase ?? ZERO;
  const isInterest = reported.lt(ZERO) && reported.gte(mostGrowth(leg).neg());
  return isInterest && !isLeftover({ memory }, leg, reported);
}

/** Reads anew what venues say of loans that our books call repaid; where one is silent the last word stands. */
export async function readRepaidLoans(
  context: ExecutionContext,
  { legs }: Pick<Hedge, "legs">,
): Promise<void> {
  const repaid = legs.filter((leg) => isLoan(leg) && isLeftover(context, leg, leg.heldBase));
  const reads = repaid.map(({ venue }) => readPositions(context, venue).catch(() => null));
  await Promise.all(reads);
}

/** The part of a position that our hedges explain: all of a perp, of spot what a live hedge holds. */
export function explainedPart(context: ExecutionContext, position: Position): Position {
  if (!isSpotSymbol(position.symbol)) return position;
  const leg = liveLeg(context, position);
  const { sizeBase: reported } = position;
  if (!leg) return { ...position, sizeBase: signedBase(ZERO) };
  const sizeBase =
    leg.side === "long"
      ? maxOf<Decimal>(minOf<Decimal>(reported, leg.heldBase), ZERO)
      : owedPart(context, leg, reported);
  return { ...position, sizeBase: signedBase(sizeBase) };
}

/** Coins too few for an order, that lay there before, are no part payment: a lot of the debt would stay for them. */
function owedPart(context: Known, leg: HedgeLeg, reported: Decimal): Decimal {
  const booked = leg.heldBase.neg();
  const over = reported.minus(booked);
  const isWhole = reported.lt(ZERO) && over.gt(ZERO) && isLeftover(context, leg, over);
  // A debt that interest cannot explain is in part the owner's own.
  const isMore = over.lt(mostGrowth(leg).neg());
  return isWhole || isMore ? booked : minOf<Decimal>(reported, ZERO);
}

/** Does a hedge that is not over stand on this instrument? */
export function isHedged({ store }: Pick<ExecutionContext, "store">, place: Place): boolean {
  return store.listHedges(LIVE_PHASES).some(({ legs }) => legs.some((leg) => isAt(leg, place)));
}

function liveLeg({ store }: ExecutionContext, place: Place): HedgeLeg | null {
  const legs = store.listHedges(LIVE_PHASES).flatMap((hedge) => hedge.legs);
  return legs.find((leg) => isAt(leg, place)) ?? null;
}

function isLoan({ side, symbol }: HedgeLeg): boolean {
  return side === "short" && isSpotSymbol(symbol);
}

function isAt(leg: HedgeLeg, { venue, symbol }: Place): boolean {
  return leg.venue === venue && leg.symbol === symbol;
}

/** Of all that was borrowed, also when the rest is repaid: interest comes for what was owed before. */
function mostGrowth({ targetBase }: HedgeLeg): Decimal {
  return targetBase.times(MOST_UNBOOKED_GROWTH);
}

/**
 * The smallest order; nothing while the instrument is not known. What is below it no venue lists, so that its
 * price is then that of the entry.
 */
function leftoverLimit({ memory }: Known, { venue, symbol, entryPrice }: Place): BaseSize {
  const instrument = memory.instruments.get(venue)?.list.find((one) => one.symbol === symbol);
  const mark = memory.seen.get(`${venue}:${symbol}`)?.position.markPrice ?? entryPrice;
  if (!instrument) return baseSize(ZERO);
  return mark ? smallestOrderBase(instrument, mark) : instrument.minSizeBase;
}
