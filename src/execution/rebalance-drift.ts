import type { Decimal } from "#src/core/decimal.ts";
import { deltaDrift } from "#src/core/drift.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import { alertOwner, type ExecutionContext, onHedge } from "./context.ts";
import { difference, matchLegs } from "./match-legs.ts";

/** Cuts the larger leg when the legs differ by more than the limit; true when it did. */
export async function rebalanceDrift(context: ExecutionContext, hedge: Hedge): Promise<boolean> {
  if (driftOf(hedge).lte(context.settings.maxDrift)) return false;
  const done = await onHedge(context, hedge.id, async () => {
    const apart = difference(hedge).toFixed();
    const { outcome } = await matchLegs(context, hedge.id);
    if (outcome === "review") return;
    context.store.transaction(() =>
      alertOwner(
        context,
        "warning",
        `${hedge.asset} ${hedge.id}: the legs were ${apart} apart; the larger one was cut, they are equal again.`,
      ),
    );
  });
  return done !== null;
}

/** Net size over the larger leg: 0 is neutral, 1 is one leg gone. */
export function driftOf({ legs }: Hedge): Decimal {
  return deltaDrift(signed(legs[0]), signed(legs[1])).drift;
}

function signed(leg: HedgeLeg): Decimal {
  return leg.side === "long" ? leg.heldBase : leg.heldBase.neg();
}
