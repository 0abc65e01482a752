import { maxOf, ZERO } from "#src/core/decimal.ts";
import { type Denial, type DenialCode, denial } from "#src/core/denial.ts";
import { type AllocationBound, roomUnder, wantedLeg } from "#src/core/rules/allocation.ts";
import { type OpenCheck, worstNotional } from "./leg-rules.ts";

/** Nothing opens while it is unknown what the accounts hold together. */
export function equityKnown({ snapshot }: OpenCheck): Denial | null {
  return snapshot.portfolio ? null : denial("EQUITY_UNKNOWN");
}

/** One limit across all hedges, counted with whatever was opened since the plan was made. */
export function withinAllocation(bound: AllocationBound, code: DenialCode) {
  return ({ proposal, snapshot, limits }: OpenCheck): Denial | null => {
    const { portfolio, legs } = snapshot;
    if (!portfolio) return null; // equityKnown says it
    const [a, b] = legs;
    const room = roomUnder(bound, portfolio, [wantedLeg(a), wantedLeg(b)], limits);
    const notional = maxOf(worstNotional(proposal.legs[0], a), worstNotional(proposal.legs[1], b));
    if (notional.lte(room)) return null;
    return denial(code, {
      notionalUsd: notional.toFixed(2),
      limitUsd: maxOf(room, ZERO).toFixed(2),
    });
  };
}
