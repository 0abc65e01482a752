import { levelsFor, midPrice } from "#src/core/book.ts";
import { type Decimal, floorToStep, minOf, ONE, roundToStep, ZERO } from "#src/core/decimal.ts";
import type { LegIndex } from "#src/core/hedge.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { OrderSide } from "#src/core/order.ts";
import type { ReducePurpose } from "#src/core/reduce-plan.ts";
import { baseSize, type Price, price, type SignedBase, signedBase } from "#src/core/units.ts";
import { checkReduce } from "#src/guard/check.ts";
import type { Venue } from "#src/ports/venue.ts";
import { type ExecutionContext, requireVenue } from "./context.ts";
import { type LegResult, placeLeg } from "./place-leg.ts";

/**
 * Shrinks one leg by up to `sizeBase`: on the fresh position, with its own reduce-only ticket, at a price
 * no worse than `slippage` from the best. Never increases, never flips.
 */
export async function reduceLeg(
  context: ExecutionContext,
  wanted: {
    readonly hedgeId: string | null;
    readonly legIndex: LegIndex;
    readonly venue: string;
    readonly symbol: string;
    readonly sizeBase: Decimal;
    readonly purpose: ReducePurpose;
    readonly slippage: Decimal;
  },
): Promise<LegResult> {
  const { venue: venueId, symbol, purpose } = wanted;
  const venue = requireVenue(context, venueId);
  const [positionBase, instrument] = await Promise.all([
    positionOf(venue, symbol),
    instrumentOf(venue, symbol),
  ]);
  const sizeBase = baseSize(
    floorToStep(minOf(wanted.sizeBase, positionBase.abs()), instrument.lotStepBase),
  );
  if (sizeBase.eq(ZERO)) return { kind: "over", filledBase: sizeBase, detail: "nothing to reduce" };
  const side: OrderSide = positionBase.gt(ZERO) ? "sell" : "buy";
  const verdict = checkReduce({
    plan: { purpose, legs: [{ venue: venueId, symbol, side, sizeBase, positionBase }] },
    limits: context.limits,
    now: context.clock.wallNow(),
  });
  if (!verdict.ok)
    return { kind: "denied", detail: verdict.denials.map((one) => one.code).join(" ") };
  const limitPrice = await worstPrice(venue, instrument, side, wanted.slippage);
  return placeLeg(context, {
    hedgeId: wanted.hedgeId,
    legIndex: wanted.legIndex,
    purpose,
    ticket: verdict.ticket,
    order: { venue: venueId, symbol, side, sizeBase, limitPrice },
  });
}

export async function positionOf(venue: Venue, symbol: string): Promise<SignedBase> {
  const positions = await venue.account.positions();
  return positions.find((position) => position.symbol === symbol)?.sizeBase ?? signedBase("0");
}

export async function instrumentOf(venue: Venue, symbol: string): Promise<Instrument> {
  const found = (await venue.data.instruments()).find((one) => one.symbol === symbol);
  if (!found) throw new Error(`${venue.id} has no instrument ${symbol}`);
  return found;
}

async function worstPrice(
  venue: Venue,
  instrument: Instrument,
  side: OrderSide,
  slippage: Decimal,
): Promise<Price> {
  const book = await venue.data.orderBook(instrument.symbol);
  const best = levelsFor(book, side)[0]?.price ?? midPrice(book);
  const from = best ?? (await venue.data.markPrice(instrument.symbol));
  const factor = side === "buy" ? ONE.plus(slippage) : ONE.minus(slippage);
  const direction = side === "buy" ? "down" : "up";
  return price(roundToStep(from.times(factor), instrument.priceTick, direction));
}
