import { canonicalHash } from "#src/core/canonical-hash.ts";
import { ZERO } from "#src/core/decimal.ts";
import { type Denial, denial } from "#src/core/denial.ts";
import type { Mandate, MandateUse } from "#src/core/mandate.ts";
import { openingOrderSide } from "#src/core/order.ts";
import type { ReduceLeg, ReducePlan } from "#src/core/reduce-plan.ts";
import { baseSize, type EpochMs } from "#src/core/units.ts";
import type { OpenCheck } from "./leg-rules.ts";
import type { GuardLimits } from "./limits.ts";
import { checkMandate } from "./mandate-rules.ts";
import { hasTwoLegs, OPEN_RULES, type OpenRule, TAP_RULES } from "./rules.ts";
import { issueTicket, type Ticket } from "./ticket.ts";

/** Who said yes. */
export type Authority =
  | {
      readonly kind: "approval";
      readonly approvalId: string;
      /** The hash that was on the card. */
      readonly subjectHash: string;
    }
  | { readonly kind: "mandate"; readonly mandate: Mandate; readonly use: MandateUse };

interface AuthorisedCheck extends OpenCheck {
  readonly proposalHash: string;
  readonly authority: Authority | null;
}

export type GuardVerdict =
  | { readonly ok: true; readonly ticket: Ticket }
  | { readonly ok: false; readonly denials: readonly Denial[] };

/** Every entry rule except authority: what a card must pass before a person sees it. Pure. */
export function reviewOpen(check: OpenCheck): readonly Denial[] {
  return hasTwoLegs(check.proposal) ? violations(OPEN_RULES, check) : [denial("LEG_COUNT")];
}

/**
 * May this hedge be opened now? Runs every entry rule on the fresh snapshot, the price tolerance since
 * the card, and the authority. All denials are returned, not just the first. Pure; `now` is wall time.
 */
export function checkOpen(check: AuthorisedCheck): GuardVerdict {
  const denials = [...reviewOpen(check)];
  if (denials.length === 0) denials.push(...violations(TAP_RULES, check));
  denials.push(...checkAuthority(check));
  if (denials.length > 0) return { ok: false, denials };
  return {
    ok: true,
    ticket: issueTicket({
      reduceOnly: false,
      expiresAt: check.now + check.limits.ticketLifeMs,
      legs: check.proposal.legs.map((leg, index) => ({
        venue: leg.venue,
        symbol: leg.symbol,
        side: openingOrderSide(leg.side),
        sizeBase: leg.sizeBase,
        collarPrice: leg.collarPrice,
        leverage: check.snapshot.legs[index]?.leverage ?? null,
      })),
    }),
  };
}

/**
 * May these positions be reduced so? Never blocked by entry rules or the trading state; always checked
 * for direction and size against the fresh position. Pure; `now` is wall time.
 */
export function checkReduce(check: {
  readonly plan: ReducePlan;
  readonly limits: GuardLimits;
  readonly now: EpochMs;
}): GuardVerdict {
  const { plan, limits, now } = check;
  const denials = plan.legs.map(reduceDenial).filter((found) => found !== null);
  if (plan.legs.length === 0) denials.push(denial("LEG_COUNT"));
  if (denials.length > 0) return { ok: false, denials };
  return {
    ok: true,
    ticket: issueTicket({
      reduceOnly: true,
      expiresAt: now + limits.ticketLifeMs,
      legs: plan.legs.map(({ venue, symbol, side, sizeBase }) => ({
        ...{ venue, symbol, side, sizeBase },
        collarPrice: null,
        leverage: null,
      })),
    }),
  };
}

/** Cancelling only ever reduces: a ticket for these instruments' resting orders, and for no new order. */
export function checkCancel(check: {
  readonly instruments: readonly Pick<ReduceLeg, "venue" | "symbol">[];
  readonly limits: GuardLimits;
  readonly now: EpochMs;
}): Ticket {
  return issueTicket({
    reduceOnly: true,
    expiresAt: check.now + check.limits.ticketLifeMs,
    legs: check.instruments.map(({ venue, symbol }) => ({
      ...{ venue, symbol },
      side: "sell",
      sizeBase: baseSize(ZERO),
      collarPrice: null,
      leverage: null,
    })),
  });
}

function violations(rules: readonly OpenRule[], check: OpenCheck): Denial[] {
  return rules.map((rule) => rule(check)).filter((found) => found !== null);
}

function checkAuthority({
  proposal,
  proposalHash,
  authority,
  snapshot,
}: AuthorisedCheck): readonly Denial[] {
  if (authority === null) return [denial("AUTHORITY_MISSING")];
  if (proposalHash !== canonicalHash(proposal)) return [denial("AUTHORITY_MISMATCH")];
  if (authority.kind === "mandate") return checkMandate(proposal, authority, snapshot);
  return authority.subjectHash === proposalHash ? [] : [denial("AUTHORITY_MISMATCH")];
}

function reduceDenial(leg: ReduceLeg): Denial | null {
  const at = { venue: leg.venue, instrument: leg.symbol };
  if (leg.positionBase.eq(ZERO)) return denial("REDUCE_WITHOUT_POSITION", at);
  const opposes = leg.positionBase.gt(ZERO) ? leg.side === "sell" : leg.side === "buy";
  if (!opposes) return denial("REDUCE_WOULD_INCREASE", at);
  if (leg.sizeBase.gt(ZERO) && leg.sizeBase.lte(leg.positionBase.abs())) return null;
  return denial("REDUCE_EXCEEDS_POSITION", {
    ...at,
    sizeBase: leg.sizeBase.toFixed(),
    positionBase: leg.positionBase.toFixed(),
  });
}
