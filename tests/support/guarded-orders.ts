import { canonicalHash } from "#src/core/canonical-hash.ts";
import { dec, roundToStep } from "#src/core/decimal.ts";
import type { GuardedCancel, GuardedCancelAll, GuardedOrder } from "#src/core/guarded.ts";
import { type Instrument, isSpotSymbol } from "#src/core/instrument.ts";
import type { OrderRequest } from "#src/core/order.ts";
import { baseSize, price, signedBase } from "#src/core/units.ts";
import { checkCancel, checkOpen, checkReduce } from "#src/guard/check.ts";
import type { Ticket } from "#src/guard/ticket.ts";
import {
  approvalOf,
  instrument as defaultInstrument,
  type LegSpec,
  NOW,
  openCheck,
} from "./builders.ts";

let count = 0;

/** A request that a venue would take, unless said otherwise. Each has its own client id. */
export function orderRequest(
  over: Partial<Omit<OrderRequest, "sizeBase" | "limitPrice">> & {
    readonly size?: string;
    readonly limit?: string;
  } = {},
): OrderRequest {
  const { size = "0.1", limit = "60030", ...rest } = over;
  count += 1;
  return {
    ...{ venue: "alpha", symbol: "BTC-PERP", clientOrderId: `c${count}`, side: "buy" },
    sizeBase: baseSize(size),
    limitPrice: price(limit),
    timeInForce: "ioc",
    reduceOnly: false,
    expiresAt: Number.MAX_SAFE_INTEGER,
    ...rest,
  };
}

/** The same request, let through by a real ticket of the guard: there is no other way. */
export function guarded(request: OrderRequest, traded?: Instrument): GuardedOrder {
  const ticket = request.reduceOnly ? reduceTicket(request) : openTicket(request, traded);
  const admitted = ticket.admit(request, NOW);
  if ("code" in admitted) throw new Error(admitted.code);
  return admitted;
}

export function guardedCancel(request: OrderRequest): GuardedCancel {
  const ticket = checkCancel({ instruments: [request], limits: openCheck().limits, now: NOW });
  const admitted = ticket.admitCancel(request, NOW);
  if ("code" in admitted) throw new Error(admitted.code);
  return admitted;
}

export function guardedCancelAll(request: OrderRequest): GuardedCancelAll {
  const ticket = checkCancel({ instruments: [request], limits: openCheck().limits, now: NOW });
  const admitted = ticket.admitCancelAll(request, NOW);
  if ("code" in admitted) throw new Error(admitted.code);
  return admitted;
}

function reduceTicket({ venue, symbol, side, sizeBase }: OrderRequest): Ticket {
  const positionBase = signedBase(side === "sell" ? sizeBase : sizeBase.neg());
  const verdict = checkReduce({
    plan: { purpose: "close", legs: [{ venue, symbol, side, sizeBase, positionBase }] },
    limits: openCheck().limits,
    now: NOW,
  });
  if (!verdict.ok) throw new Error(JSON.stringify(verdict.denials));
  return verdict.ticket;
}

/** For a hedge whose other leg is elsewhere; a size that is off the lot uses the next one on it. */
function openTicket(request: OrderRequest, traded = defaultInstrument()): Ticket {
  const spec = {
    price: request.limitPrice.toFixed(),
    sizeBase: roundToStep(request.sizeBase, traded.lotStepBase, "up").toFixed(),
    equityUsd: "1000000",
  };
  // The built proposal is about BTC; which asset it is makes no difference to a venue.
  const leg = (venue: string, side: "long" | "short") => ({
    ...{ ...spec, venue, side },
    instrument: { ...traded, asset: "BTC", venue, symbol: request.symbol },
  });
  const [here, elsewhere] =
    request.side === "buy" ? (["long", "short"] as const) : (["short", "long"] as const);
  // Spot goes with a perp of its own venue.
  const check = isSpotSymbol(request.symbol)
    ? openCheck([spotLeg(leg(request.venue, here)), perpBeside(leg(request.venue, elsewhere))])
    : openCheck([leg(request.venue, here), leg("elsewhere", elsewhere)]);
  const verdict = checkOpen({
    ...check,
    proposalHash: canonicalHash(check.proposal),
    authority: approvalOf(check.proposal),
  });
  if (!verdict.ok) throw new Error(JSON.stringify(verdict.denials));
  return verdict.ticket;
}

function spotLeg(leg: LegSpec): LegSpec {
  return { ...leg, instrument: { ...leg.instrument, kind: "spot", maxLeverage: dec("1") } };
}

function perpBeside(leg: LegSpec): LegSpec {
  return { ...leg, instrument: { ...leg.instrument, kind: "perp", symbol: "BTC-PERP" } };
}
