import { floorToStep, ZERO } from "#src/core/decimal.ts";
import type { Hedge } from "#src/core/hedge.ts";
import { commonStep } from "#src/core/instrument.ts";
import { openingOrderSide } from "#src/core/order.ts";
import type { OpenLeg, OpenProposal } from "#src/core/proposal.ts";
import { type BaseSize, baseSize } from "#src/core/units.ts";
import type { Ticket } from "#src/guard/ticket.ts";
import {
  alertOwner,
  type ExecutionContext,
  onHedge,
  requireHedge,
  requireVenue,
  reviseHedge,
} from "./context.ts";
import { matchLegs } from "./match-legs.ts";
import { type LegResult, placeLeg } from "./place-leg.ts";
import { instrumentOf } from "./reduce-leg.ts";

export interface OpenResult {
  readonly hedge: Hedge;
  readonly outcome: "open" | "unwound" | "review";
  readonly detail: string;
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
  const [thin, deep] = proposal.legs;
  const first = await order(context, hedge.id, 0, thin, thin.sizeBase, ticket);
  if (first.kind === "unresolved") return underReview(context, hedge.id, first.detail);
  const second = await follow(context, hedge.id, deep, ticket);
  if (second?.kind === "unresolved") return underReview(context, hedge.id, second.detail);
  const detail = second ? second.detail : first.detail;
  const matched = await matchLegs(context, hedge.id);
  return { hedge: matched.hedge, outcome: matched.outcome, detail };
}

/** Sizes the second leg by the first one's fill, a few times. Null when the first filled nothing. */
async function follow(
  context: ExecutionContext,
  hedgeId: string,
  leg: OpenLeg,
  ticket: Ticket,
): Promise<LegResult | null> {
  const { settings, clock } = context;
  let last: LegResult | null = null;
  for (let tries = 0; tries < settings.secondLegTries; tries += 1) {
    const left = await unmatched(context, hedgeId);
    if (left.eq(ZERO)) return last;
    if (tries > 0) await clock.sleep(settings.retryDelayMs);
    last = await order(context, hedgeId, 1, leg, left, ticket);
    if (last.kind !== "over") return last;
  }
  return last;
}

async function unmatched(context: ExecutionContext, hedgeId: string): Promise<BaseSize> {
  const [first, second] = requireHedge(context.store, hedgeId).legs;
  const [a, b] = await Promise.all([
    instrumentOf(requireVenue(context, first.venue), first.symbol),
    instrumentOf(requireVenue(context, second.venue), second.symbol),
  ]);
  const excess = first.heldBase.minus(second.heldBase);
  const step = commonStep(a.lotStepBase, b.lotStepBase);
  return baseSize(excess.gt(ZERO) ? floorToStep(excess, step) : ZERO);
}

function order(
  context: ExecutionContext,
  hedgeId: string,
  legIndex: 0 | 1,
  leg: OpenLeg,
  sizeBase: BaseSize,
  ticket: Ticket,
): Promise<LegResult> {
  return placeLeg(context, {
    ...{ hedgeId, legIndex, ticket },
    purpose: "open",
    order: {
      venue: leg.venue,
      symbol: leg.symbol,
      side: openingOrderSide(leg.side),
      sizeBase,
      limitPrice: leg.collarPrice,
    },
  });
}

function underReview(context: ExecutionContext, hedgeId: string, detail: string): OpenResult {
  const hedge = context.store.transaction(() => {
    const text = `${hedgeId}: ${detail}. Nothing more is sent for it until the venue answers. Look at both venues; /kill closes everything.`;
    alertOwner(context, "critical", text);
    return reviseHedge(context, hedgeId, (one) =>
      one.phase === "review" ? null : { phase: "review" },
    );
  });
  return { hedge, outcome: "review", detail };
}
