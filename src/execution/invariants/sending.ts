import { type Decimal, sum } from "#src/core/decimal.ts";
import type { Fill, OrderAttempt, OrderRequest } from "#src/core/order.ts";
import { closingOrderSide, LIVE_ATTEMPTS, openingOrderSide } from "#src/core/order.ts";
import { looksLikeOurs } from "#src/execution/legs/place-leg.ts";
import type { EngineView, Invariant, Violation } from "./engine-view.ts";

const LONGEST_FENCE_MS = 60_000;
/** A maker's fence is also the end of its rest on the book. */
const LONGEST_REST_MS = 180_000;
const PROOFS = ["never sent", "never arrived"];

/** S1: what left was on disk as sent, with the same content, before it left. */
export const writeAhead: Invariant = ({ wire }) =>
  wire.flatMap(({ request, durable }) => {
    const same = durable?.state === "sent" && isSameOrder(durable.request, request);
    return same ? [] : [broken("S1", null, `${request.clientOrderId} left before it was on disk`)];
  });

/** S2: an attempt id leaves at most once. */
export const sentOnce: Invariant = ({ wire }) => {
  const seen = new Set<string>();
  return wire.flatMap(({ request: { clientOrderId } }) => {
    if (!seen.has(clientOrderId)) {
      seen.add(clientOrderId);
      return [];
    }
    return [broken("S2", null, `${clientOrderId} left twice`)];
  });
};

/** S3: one live attempt a leg; /kill may add reduce-only ones beside it. */
export const oneLiveAttempt: Invariant = (view) =>
  eachHedge(view, "S3", ({ attempts }) => {
    const live = attempts.filter((one) => isLive(one) && one.purpose !== "kill");
    const legs = live.map((one) => one.legIndex);
    return new Set(legs).size === legs.length ? null : "two live orders on one leg";
  });

/** S4: dead only by a listed refusal, never sent, or proof; what is dead has no fill. */
export const proofOfDeath: Invariant = (view) =>
  eachHedge(view, "S4", ({ attempts, fills }) => {
    for (const { state, outcomeDetail, clientOrderId } of attempts) {
      if (state !== "dead") continue;
      const proven = PROOFS.includes(outcomeDetail ?? "") || /^[A-Z_]+$/.test(outcomeDetail ?? "");
      if (!proven) return `${clientOrderId} is dead without a proof`;
      if (fills.some((fill) => fill.clientOrderId === clientOrderId))
        return `${clientOrderId} was declared dead and filled`;
    }
    return null;
  });

/** S5: what opening orders filled and may still fill stays within the approved size of each leg. */
export const sizeBound: Invariant = (view) =>
  eachHedge(view, "S5", ({ hedge, attempts, fills }) => {
    for (const leg of hedge.legs) {
      const possible = attempts
        .filter((one) => one.legIndex === leg.index && one.purpose === "open")
        .map((one) => (isLive(one) ? one.request.sizeBase : filledBy(one, fills)));
      if (sum(possible).gt(leg.targetBase)) return `leg ${leg.index} may exceed its size`;
    }
    return null;
  });

/** S6: opening orders open the legs' sides, which are opposite; everything else is reduce-only. */
export const direction: Invariant = (view) =>
  eachHedge(view, "S6", ({ hedge, attempts }) => {
    if (hedge.legs[0].side === hedge.legs[1].side) return "both legs are on one side";
    for (const { purpose, request, legIndex, clientOrderId } of attempts) {
      const { side } = hedge.legs[legIndex];
      const opens = purpose === "open";
      const wanted = opens ? openingOrderSide(side) : closingOrderSide(side);
      // /kill closes what is there, also a position that a hand has turned around.
      if (request.side !== wanted && purpose !== "kill")
        return `${clientOrderId} is on the wrong side`;
      if (request.reduceOnly === opens) return `${clientOrderId} has the wrong reduce-only flag`;
    }
    return null;
  });

/** S7: every hedge was allowed by a consumed approval or a mandate. */
export const authority: Invariant = (view) =>
  eachHedge(view, "S7", (one) => (one.authority === null ? "nobody allowed it" : null));

/** S8: every order leaves inside its fence; an opening one while its guard check is still good. */
export const freshness: Invariant = ({ wire, hedges, ticketLifeMs }) => {
  const bornAt = new Map(hedges.map(({ hedge }) => [hedge.id, hedge.createdAtWall]));
  return wire.flatMap(({ request, sentAt, durable }) => {
    const leftMs = request.expiresAt - sentAt;
    const { hedgeId = null, purpose } = durable ?? {};
    const longest = request.timeInForce === "ioc" ? LONGEST_FENCE_MS : LONGEST_REST_MS;
    if (leftMs <= 0 || leftMs > longest)
      return [broken("S8", hedgeId, `${request.clientOrderId} has no fence`)];
    const born = hedgeId === null ? undefined : bornAt.get(hedgeId);
    const late = purpose === "open" && born !== undefined && sentAt - born > ticketLifeMs;
    return late ? [broken("S8", hedgeId, `${request.clientOrderId} left on an old check`)] : [];
  });
};

/** S9: no opening order leaves once trading is not active any more. */
export const nothingOpensAfterHalt: Invariant = ({ wire }) =>
  wire.flatMap(({ request, tradingState }) =>
    request.reduceOnly || tradingState === "active"
      ? []
      : [broken("S9", null, `${request.clientOrderId} left while trading was ${tradingState}`)],
  );

/** S10: an order of Hedgerow's that these books do not know was told of. */
export const singleWriter: Invariant = (view) =>
  eachHedge(view, "S10", ({ attempts, fills, alerts }) => {
    const known = new Set(attempts.map((one) => one.clientOrderId));
    const foreign = fills.find(
      ({ clientOrderId }) => looksLikeOurs(clientOrderId) && !known.has(clientOrderId),
    );
    return foreign && !alerts.includes("FOREIGN_ORDER")
      ? `${foreign.clientOrderId} is foreign`
      : null;
  });

function isSameOrder(a: OrderRequest, b: OrderRequest): boolean {
  return (
    a.clientOrderId === b.clientOrderId &&
    a.venue === b.venue &&
    a.symbol === b.symbol &&
    a.side === b.side &&
    a.sizeBase.eq(b.sizeBase) &&
    a.limitPrice.eq(b.limitPrice) &&
    a.timeInForce === b.timeInForce &&
    a.reduceOnly === b.reduceOnly &&
    a.expiresAt === b.expiresAt
  );
}

export function filledBy({ clientOrderId }: OrderAttempt, fills: readonly Fill[]): Decimal {
  return sum(
    fills.filter((fill) => fill.clientOrderId === clientOrderId).map((fill) => fill.sizeBase),
  );
}

function isLive({ state }: OrderAttempt): boolean {
  return LIVE_ATTEMPTS.includes(state);
}

export function eachHedge(
  { hedges }: EngineView,
  rule: string,
  check: (one: EngineView["hedges"][number]) => string | null,
): readonly Violation[] {
  const found: Violation[] = [];
  for (const one of hedges) {
    const detail = check(one);
    if (detail !== null) found.push(broken(rule, one.hedge.id, detail));
  }
  return found;
}

export function broken(rule: string, hedgeId: string | null, detail: string): Violation {
  return { rule, hedgeId, detail };
}

/** Used by the state rules too. */
export function isQuiet({ attempts }: EngineView["hedges"][number]): boolean {
  return !attempts.some(isLive);
}
