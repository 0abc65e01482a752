import { levelsFor, midPrice } from "#src/core/book.ts";
import { type Decimal, floorToStep, minOf, ONE, roundToStep, ZERO } from "#src/core/decimal.ts";
import type { HedgeLeg, LegIndex } from "#src/core/hedge.ts";
import { type Instrument, isSpotSymbol } from "#src/core/instrument.ts";
import type { OrderSide, Position } from "#src/core/order.ts";
import type { ReducePurpose } from "#src/core/reduce-plan.ts";
import { baseSize, type Price, price, signedBase } from "#src/core/units.ts";
import { type ExecutionContext, requireVenue } from "#src/execution/context.ts";
import { askVenue, clockGap, instrumentOf, readPositions } from "#src/execution/fate/ask-venue.ts";
import { checkReduce } from "#src/guard/check.ts";
import { type LegResult, placeLeg } from "./place-leg.ts";
import { explainedPart } from "./spot-balance.ts";

export interface ReduceWish {
  readonly hedgeId: string | null;
  readonly legIndex: LegIndex;
  readonly venue: string;
  readonly symbol: string;
  readonly sizeBase: Decimal;
  readonly purpose: ReducePurpose;
  readonly slippage: Decimal;
}

/**
 * Shrinks one leg by up to `sizeBase`: on the fresh position, with its own reduce-only ticket, at a price
 * no worse than `slippage` from the best. Never increases, never flips.
 */
export async function reduceLeg(context: ExecutionContext, wish: ReduceWish): Promise<LegResult> {
  const { venue, symbol } = wish;
  const [positions, instrument, best] = await Promise.all([
    readPositions(context, venue),
    instrumentOf(context, venue, symbol),
    bestPrices(context, venue, symbol),
    clockGap(context, venue),
  ]);
  const position = positions.find((one) => one.symbol === symbol);
  if (!position) return NOTHING;
  // Of a spot balance the owner's own coins may be most: they must decide neither the side nor the size.
  const explained = explainedPart(context, position);
  const leg = wish.hedgeId && context.store.getHedge(wish.hedgeId)?.legs[wish.legIndex];
  if (leg && !isOnItsSide(leg, explained)) return NOTHING;
  const sizeBase = leg ? withInterest(leg, wish.sizeBase, explained) : wish.sizeBase;
  return reducePosition(context, { ...wish, sizeBase }, explained, instrument, best);
}

/** What stands on the other side is somebody else's: a hand has turned the position around. */
function isOnItsSide({ side }: HedgeLeg, { sizeBase }: Position): boolean {
  return side === "long" ? sizeBase.gt(ZERO) : sizeBase.lt(ZERO);
}

/** Whoever closes all of a loan also repays the interest that is not booked yet. */
function withInterest(leg: HedgeLeg, wanted: Decimal, { sizeBase }: Position): Decimal {
  const isLoan = isSpotSymbol(leg.symbol) && leg.side === "short";
  return isLoan && wanted.gte(leg.heldBase) ? sizeBase.abs() : wanted;
}

/** The venue takes no order of this size, however often it is asked. */
export function isTooSmall(detail: string): boolean {
  return detail === "BELOW_MIN_SIZE" || detail === "BELOW_MIN_NOTIONAL";
}

const NOTHING: LegResult = {
  kind: "over",
  filledBase: baseSize(ZERO),
  detail: "nothing to reduce",
};

/** The same on a position that was just read; its mark stands in for a book where there is none. */
export function reducePosition(
  context: ExecutionContext,
  wish: ReduceWish,
  { sizeBase: heldBase, markPrice }: Position,
  instrument: Instrument,
  best: { readonly buy: Price | null; readonly sell: Price | null } = { buy: null, sell: null },
): LegResult | Promise<LegResult> {
  const { venue, symbol, purpose, hedgeId, legIndex } = wish;
  const positionBase = signedBase(heldBase);
  const wanted = minOf(wish.sizeBase, positionBase.abs());
  const sizeBase = baseSize(floorToStep(wanted, instrument.lotStepBase));
  if (sizeBase.eq(ZERO)) {
    return wanted.eq(ZERO) ? NOTHING : { kind: "denied", detail: "BELOW_MIN_SIZE" };
  }
  const side: OrderSide = positionBase.gt(ZERO) ? "sell" : "buy";
  const verdict = checkReduce({
    plan: { purpose, legs: [{ venue, symbol, side, sizeBase, positionBase }] },
    limits: context.limits,
    now: context.clock.wallNow(),
  });
  if (!verdict.ok)
    return { kind: "denied", detail: verdict.denials.map((one) => one.code).join(" ") };
  const limitPrice = worstPrice(best[side] ?? markPrice, instrument, side, wish.slippage);
  return placeLeg(context, {
    ...{ hedgeId, legIndex, purpose, ticket: verdict.ticket },
    order: { venue, symbol, side, sizeBase, limitPrice },
  });
}

async function bestPrices(context: ExecutionContext, venueId: string, symbol: string) {
  const book = await askVenue(context, requireVenue(context, venueId).data.orderBook(symbol));
  const mid = midPrice(book);
  return {
    buy: levelsFor(book, "buy")[0]?.price ?? mid,
    sell: levelsFor(book, "sell")[0]?.price ?? mid,
  };
}

function worstPrice(
  from: Price,
  instrument: Instrument,
  side: OrderSide,
  slippage: Decimal,
): Price {
  const factor = side === "buy" ? ONE.plus(slippage) : ONE.minus(slippage);
  const direction = side === "buy" ? "down" : "up";
  return price(roundToStep(from.times(factor), instrument.priceTick, direction));
}
