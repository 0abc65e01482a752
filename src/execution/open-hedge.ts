import { type Decimal, floorToStep, minOf, ZERO } from "#src/core/decimal.ts";
import type { Hedge, LegIndex } from "#src/core/hedge.ts";
import { commonStep } from "#src/core/instrument.ts";
import { openingOrderSide } from "#src/core/order.ts";
import type { OpenLeg, OpenProposal } from "#src/core/proposal.ts";
import { baseSize } from "#src/core/units.ts";
import type { Ticket } from "#src/guard/ticket.ts";
import { alertOwner } from "./alert-owner.ts";
import { type ExecutionContext, onHedge, requireHedge, reviseHedge } from "./context.ts";
import { makerFirst } from "./legs/maker-first.ts";
import { matchLegs } from "./legs/match-legs.ts";
import { isQuiet, passStamp } from "./legs/pass-stamp.ts";
import { certainFill, finishLeg, type LegResult, type SentLeg, sendLeg } from "./legs/place-leg.ts";
import { checkBothLegs } from "./legs/pre-flight.ts";

export interface OpenResult {
  readonly hedge: Hedge;
  readonly outcome: "open" | "unwound" | "review";
  readonly detail: string;
}

interface Opening {
  readonly hedgeId: string;
  readonly proposal: OpenProposal;
  readonly ticket: Ticket;
  /** Sizes are multiples of this on both venues. */
  readonly step: Decimal;
}

/**
 * The thinner leg first; the other one sized by what the first one filled; what cannot be matched is
 * taken back. Ends open with equal legs, closed with none, or under review with an alert.
 */
export async function openHedge(
  context: ExecutionContext,
  plan: { readonly hedge: Hedge; readonly proposal: OpenProposal; readonly ticket: Ticket },
): Promise<OpenResult> {
  const result = await onHedge(context, plan.hedge.id, () => openBoth(context, plan));
  if (!result) throw new Error(`hedge ${plan.hedge.id} is busy`);
  return result;
}

async function openBoth(
  context: ExecutionContext,
  { hedge, proposal, ticket }: Parameters<typeof openHedge>[1],
): Promise<OpenResult> {
  const checked = await checkBothLegs(context, proposal, ticket);
  if (!checked.ok) return neverStarted(context, hedge.id, checked.why);
  const [a, b] = checked.instruments;
  const step = commonStep(a.lotStepBase, b.lotStepBase);
  const opening: Opening = { hedgeId: hedge.id, proposal, ticket, step };
  const last = await enter(context, opening).catch((error: unknown): LegResult => {
    // Whatever broke, what was filled stands: it is matched or taken back below.
    context.log.error("openingBroke", { hedgeId: hedge.id, error });
    return { kind: "denied", detail: "it was interrupted" };
  });
  if (last.kind === "unresolved") return underReview(context, hedge.id, last.detail);
  const matched = await matchLegs(context, hedge.id, "unwind");
  return { ...matched, detail: last.detail };
}

/**
 * Maker on the thin leg, then taker for the rest of it, then the other leg; the last answer decides. About a
 * payment nothing is begun; what the maker has by then gets its other leg all the same.
 */
async function enter(context: ExecutionContext, opening: Opening): Promise<LegResult> {
  const { hedgeId, proposal, ticket } = opening;
  if (!(await passStamp(context, proposal.legs))) return AT_STAMP;
  const made = await makerFirst(context, hedgeId, proposal.legs, ticket);
  if (made && made.kind !== "over") return made;
  const isMade = requireHedge(context.store, hedgeId).legs[0].heldBase.gt(ZERO);
  const mayTake = isMade
    ? !isQuiet(context, proposal.legs)
    : await passStamp(context, proposal.legs);
  const taken = mayTake ? await takeBoth(context, opening) : AT_STAMP;
  if (taken.kind === "unresolved") return taken;
  return (await follow(context, opening)) ?? taken;
}

const AT_STAMP: LegResult = {
  kind: "denied",
  detail: "a funding payment is being made, and nothing is begun from a minute before one",
};

/**
 * The first leg's remainder, and the moment its fill is known the second leg: that order leaves before
 * the first one's fill is booked, so that nothing but its own commit stands between the legs.
 */
async function takeBoth(context: ExecutionContext, opening: Opening): Promise<LegResult> {
  const { hedgeId, proposal, step } = opening;
  const [thin, deep] = proposal.legs;
  const heldBase = requireHedge(context.store, hedgeId).legs[0].heldBase;
  const missing = floorToStep(thin.sizeBase.minus(minOf<Decimal>(heldBase, thin.sizeBase)), step);
  if (missing.eq(ZERO)) return { kind: "over", filledBase: heldBase, detail: "filled" };
  const first = send(context, opening, 0, thin, missing);
  if (first.kind !== "sent") return first;
  const answer = await first.answer;
  const filled = certainFill(answer);
  const second = filled ? trySecond(context, opening, deep, heldBase.plus(filled)) : null;
  // Both are seen through, also when one of them cannot be booked: an order that nobody waits for any
  // more must not look as if somebody did.
  const [firstEnd, secondEnd] = await Promise.allSettled([
    finishLeg(context, first, answer),
    second?.kind === "sent" ? second.answer.then((its) => finishLeg(context, second, its)) : null,
  ]);
  if (firstEnd.status === "rejected") throw firstEnd.reason;
  if (secondEnd.status === "rejected") throw secondEnd.reason;
  return firstEnd.value.kind === "unresolved"
    ? firstEnd.value
    : (secondEnd.value ?? firstEnd.value);
}

function trySecond(
  context: ExecutionContext,
  opening: Opening,
  deep: OpenLeg,
  filled: Decimal,
): SentLeg | LegResult | null {
  const sizeBase = floorToStep(minOf<Decimal>(filled, deep.sizeBase), opening.step);
  if (sizeBase.eq(ZERO)) return null;
  try {
    return send(context, opening, 1, deep, sizeBase);
  } catch (error) {
    // The first leg's fill must be booked all the same; the second is tried again after that.
    context.log.error("secondLegFailed", { hedgeId: opening.hedgeId, error });
    return null;
  }
}

/** Completes the second leg by what the first one holds more, a few times. */
async function follow(context: ExecutionContext, opening: Opening): Promise<LegResult | null> {
  const { settings, clock, store } = context;
  const { hedgeId, proposal, step } = opening;
  let last: LegResult | null = null;
  const tried = () => store.listAttempts({ hedgeId }).filter((one) => one.legIndex === 1).length;
  while (tried() < settings.secondLegTries) {
    const [first, second] = requireHedge(store, hedgeId).legs;
    const excess = first.heldBase.minus(second.heldBase);
    const missing = floorToStep(excess.gt(ZERO) ? excess : ZERO, step);
    if (missing.eq(ZERO)) return last;
    if (tried() > 0) await clock.sleep(settings.retryDelayMs);
    const sent = send(context, opening, 1, proposal.legs[1], missing);
    last = sent.kind === "sent" ? await finishLeg(context, sent, await sent.answer) : sent;
    if (last.kind !== "over") return last;
  }
  return last;
}

function send(
  context: ExecutionContext,
  { hedgeId, ticket }: Opening,
  legIndex: LegIndex,
  { venue, symbol, side, collarPrice: limitPrice }: OpenLeg,
  size: Decimal,
): SentLeg | LegResult {
  const order = { venue, symbol, limitPrice, sizeBase: baseSize(size) };
  return sendLeg(context, {
    ...{ hedgeId, legIndex, ticket, purpose: "open" },
    order: { ...order, side: openingOrderSide(side) },
  });
}

/** Nothing was sent: the plan is over. */
function neverStarted(context: ExecutionContext, hedgeId: string, why: string): OpenResult {
  const closedAt = context.clock.marketNow();
  const hedge = reviseHedge(context, hedgeId, ({ phase }) =>
    phase === "closed" ? null : { phase: "closed", closedAt },
  );
  return { hedge, outcome: "unwound", detail: why };
}

function underReview(context: ExecutionContext, hedgeId: string, detail: string): OpenResult {
  const hedge = context.store.transaction(() => {
    const text = `${hedgeId}: ${detail}. Nothing more is sent for this leg until the venue answers; it is asked every few seconds. Look at both venues; /kill closes everything.`;
    alertOwner(context, { severity: "critical", reason: "ATTEMPT_UNRESOLVED", hedgeId, text });
    return reviseHedge(context, hedgeId, ({ phase }) =>
      phase === "opening" ? { phase: "review" } : null,
    );
  });
  return { hedge, outcome: "review", detail };
}
