import { Guarded } from "#src/core/guarded.ts";
import type { OrderOutcome, OrderRequest, RefusalCode } from "#src/core/order.ts";
import { baseSize } from "#src/core/units.ts";
import type { VenueTrading } from "#src/ports/venue.ts";
import type { Urgency } from "#src/venues/gate/request-gate.ts";
import { inCall, newCall } from "./call-context.ts";
import type { Listed, WireOrder } from "./driver.ts";
import { toAmount, toWirePrice } from "./listed.ts";
import { type Failed, outcomeOf } from "./order-outcome.ts";
import { codesIn, heed } from "./read-venue.ts";
import type { VenueParts } from "./venue-parts.ts";

/** The trading port: one request a mutation, sent at most once, and its outcome as a value. */
export function createTrading(parts: VenueParts): VenueTrading {
  const { driver, gate, ids, instruments } = parts;

  async function place(request: OrderRequest): Promise<OrderOutcome> {
    const urgency = request.reduceOnly ? "reduce" : "open";
    if (urgency === "open" && gate.health().state !== "ok") {
      return notSent(`${driver.profile.name} is ${gate.health().state}: nothing opens there`);
    }
    const of = await instruments.require(request.symbol).catch(() => null);
    if (!of) return notSent(`${request.symbol} is not listed`);
    const order = inVenuesWords(parts, of, request);
    if (typeof order === "string") return notSent(order);
    const answer = await mutate(parts, urgency, request.expiresAt, () => driver.place(of, order));
    if ("kind" in answer) return answer;
    ids.noteVenueId(request.clientOrderId, answer.venueOrderId);
    const { clientOrderId, symbol, side, sizeBase, reduceOnly } = request;
    return {
      kind: "ack",
      // What it filled is looked up, with the fills that say so.
      order: {
        ...{ clientOrderId, symbol, side, sizeBase, reduceOnly },
        venueOrderId: answer.venueOrderId,
        status: answer.status ?? "open",
        filledBase: answer.filledBase ?? baseSize("0"),
      },
      fills: [],
    };
  }

  return {
    async place(order) {
      return Guarded.isSealed(order) ? place(order.request) : forged();
    },
    async cancel(cancel) {
      if (!Guarded.isSealed(cancel)) return forged();
      const { symbol, clientOrderId } = cancel.request;
      const of = await instruments.require(symbol).catch(() => null);
      if (!of) return notSent(`${symbol} is not listed`);
      const done = await mutate(parts, "reduce", null, () =>
        driver.cancel(of, ids.nameOf(clientOrderId)),
      );
      return done ?? { kind: "ack" };
    },
    async cancelAll(cancel) {
      if (!Guarded.isSealed(cancel)) return forged();
      const of = await instruments.require(cancel.request.symbol).catch(() => null);
      if (!of) return notSent(`${cancel.request.symbol} is not listed`);
      const done = await mutate(parts, "reduce", null, () => driver.cancelAll(of));
      return done ?? { kind: "ack" };
    },
    async setLeverage(change) {
      if (!Guarded.isSealed(change)) return forged();
      const { symbol, leverage } = change.request;
      const of = await instruments.require(symbol).catch(() => null);
      if (!of || !driver.setLeverage) return notSent(`${symbol} has no leverage to set`);
      const { setLeverage } = driver;
      const done = await mutate(parts, "open", null, () => setLeverage(of, leverage));
      return done ?? { kind: "ack" };
    },
  };
}

/** Refusals that may mean that the venue's grid or limits are others by now. */
const OF_THE_GRID: ReadonlySet<RefusalCode> = new Set([
  ...(["OFF_LOT", "OFF_TICK", "BELOW_MIN_SIZE", "BELOW_MIN_NOTIONAL"] as const),
  "MARKET_UNAVAILABLE",
]);
const CANCEL_LIFE_MS = 10_000;
/** Far beyond any order's life. Until its fence nobody could prove that it is dead. */
const LONGEST_LIFE_MS = 600_000;

/** A mutation never throws: what broke on the way is sorted, and proves nothing unless it is listed. */
async function mutate<T>(
  parts: VenueParts,
  urgency: Urgency,
  /** Null for what has no time of its own. */
  expiresAt: number | null,
  work: () => Promise<T>,
): Promise<T | Failed> {
  const { driver, instruments, clock, aheadMs } = parts;
  const call = newCall(urgency, expiresAt ?? clock.wallNow() + aheadMs() + CANCEL_LIFE_MS);
  try {
    return await inCall(call, work);
  } catch (error) {
    const outcome = outcomeOf(driver, call, error);
    heed(parts, codesIn(driver, call));
    if (outcome.kind === "refused" && OF_THE_GRID.has(outcome.code)) instruments.outdate();
    return outcome;
  }
}

/** The order on the venue's grids, or why it is on none. */
function inVenuesWords(
  { ids, clock, aheadMs }: VenueParts,
  of: Listed,
  request: OrderRequest,
): WireOrder | string {
  const { expiresAt } = request;
  const lifeMs = expiresAt - (clock.wallNow() + aheadMs());
  if (lifeMs <= 0) return "its time was up before it could be sent";
  if (lifeMs > LONGEST_LIFE_MS) return "its fence is too far away: a clock has stepped";
  try {
    return {
      ...{ request, expiresAt, lifeMs },
      wireId: ids.toWire(request.clientOrderId),
      amount: toAmount(of, request.sizeBase),
      price: toWirePrice(of, request.limitPrice),
    };
  } catch (error) {
    return error instanceof RangeError ? error.message : "it cannot be put in the venue's words";
  }
}

function notSent(detail: string) {
  return { kind: "refused", code: "NOT_SENT", detail } as const;
}

function forged() {
  return { kind: "refused", code: "NOT_GUARDED", detail: "not a guarded order" } as const;
}
