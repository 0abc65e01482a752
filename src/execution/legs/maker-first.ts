import type { OrderBook } from "#src/core/book.ts";
import { ZERO } from "#src/core/decimal.ts";
import { openingOrderSide } from "#src/core/order.ts";
import type { OpenLeg, OpenProposal } from "#src/core/proposal.ts";
import type { Price } from "#src/core/units.ts";
import { type ExecutionContext, requireVenue } from "#src/execution/context.ts";
import { askVenue } from "#src/execution/fate/ask-venue.ts";
import { cancelAttempt } from "#src/execution/fate/cancel-attempt.ts";
import type { Ticket } from "#src/guard/ticket.ts";
import { isQuiet } from "./pass-stamp.ts";
import { finishLeg, type LegResult, type SentLeg, sendLeg } from "./place-leg.ts";

const POLL_MS = 500;

/**
 * Rests the first leg at its own side's best price, so that it pays the maker's fee, until something fills,
 * the time is up or one of both legs is about to be settled; then takes it off the book. Null when it did not
 * try. What is left is for the taker.
 */
export async function makerFirst(
  context: ExecutionContext,
  hedgeId: string,
  legs: OpenProposal["legs"],
  ticket: Ticket,
): Promise<LegResult | null> {
  const [leg] = legs;
  // What a dead process cannot take off the book must not be left on it.
  if (!requireVenue(context, leg.venue).capabilities.restingFence) return null;
  const limitPrice = await restingPrice(context, leg);
  if (!limitPrice) return null;
  const sent = sendLeg(context, {
    ...{ hedgeId, legIndex: 0, ticket, purpose: "open", timeInForce: "postOnly" },
    order: {
      venue: leg.venue,
      symbol: leg.symbol,
      side: openingOrderSide(leg.side),
      sizeBase: leg.sizeBase,
      limitPrice,
    },
  });
  if (sent.kind !== "sent") return sent;
  const answer = await sent.answer;
  if (answer.kind !== "ack" || answer.order.status !== "open") {
    return finishLeg(context, sent, answer);
  }
  await waitForFill(context, sent, legs);
  await cancelAttempt(context, sent.attempt);
  // Only a look-up after the cancel says what it filled: a cancel races with fills.
  return finishLeg(context, sent, { kind: "unknown", detail: "taken off the book" });
}

/** Own side's best price; null where resting is not wanted or would be beyond the collar. */
async function restingPrice(context: ExecutionContext, leg: OpenLeg): Promise<Price | null> {
  const { settings, log } = context;
  if (settings.makerWaitMs === 0) return null;
  try {
    const venue = requireVenue(context, leg.venue);
    const best = ownBest(await askVenue(context, venue.data.orderBook(leg.symbol)), leg);
    return best && isWithin(best, leg) ? best : null;
  } catch (error) {
    log.warn("makerBookFailed", { venue: leg.venue, symbol: leg.symbol, error });
    return null;
  }
}

function ownBest(book: OrderBook, leg: OpenLeg): Price | null {
  return (leg.side === "long" ? book.bids : book.asks)[0]?.price ?? null;
}

function isWithin(best: Price, { side, collarPrice }: OpenLeg): boolean {
  return side === "long" ? best.lte(collarPrice) : best.gte(collarPrice);
}

/** Until the order has filled anything, is over, or its time is up: a part must not stand alone. */
async function waitForFill(
  context: ExecutionContext,
  { attempt }: SentLeg,
  legs: OpenProposal["legs"],
): Promise<void> {
  const { clock, settings, store } = context;
  const { venue, symbol, clientOrderId } = attempt.request;
  const { account } = requireVenue(context, venue);
  const untilMs = clock.elapsedMs() + settings.makerWaitMs;
  const mayRest = () => store.tradingState() === "active" && !isQuiet(context, legs);
  while (clock.elapsedMs() < untilMs && mayRest()) {
    await clock.sleep(Math.min(POLL_MS, untilMs - clock.elapsedMs()));
    const found = await askVenue(context, account.lookupOrder(symbol, clientOrderId)).catch(
      () => null,
    );
    // A venue that does not say is no place to rest.
    if (found?.kind !== "found") return;
    if (found.order.status !== "open" || found.order.filledBase.gt(ZERO)) return;
  }
}
