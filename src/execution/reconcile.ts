import type { Decimal } from "#src/core/decimal.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import { refreshLegs } from "./book-fills.ts";
import {
  alertOwner,
  type ExecutionContext,
  onHedge,
  requireVenue,
  reviseHedge,
} from "./context.ts";
import { matchLegs } from "./match-legs.ts";
import { positionOf } from "./reduce-leg.ts";

/** Two reads this far apart must agree before a venue is believed against our own books. */
const SECOND_READ_MS = 1_000;

/**
 * Compares what we hold with what the venues report. A leg that shrank (liquidated, deleveraged, closed
 * by hand) is booked from the venue's own fills and the survivor is cut to match at once; a difference
 * that no fill explains puts the hedge under review. Never mends anything by opening.
 */
export async function reconcile(context: ExecutionContext, hedge: Hedge): Promise<void> {
  await onHedge(context, hedge.id, async () => {
    const { store } = context;
    const pending = store.listAttempts({ hedgeId: hedge.id, states: ["sent", "unknown"] });
    if (pending.length > 0 || !(await differs(context, hedge))) return;
    await context.clock.sleep(SECOND_READ_MS);
    if (!(await differs(context, hedge))) return;
    const adopted = await adoptFills(context, hedge);
    const now = store.getHedge(hedge.id);
    if (!now || (await differs(context, now))) return review(context, hedge);
    if (adopted === 0) return;
    store.transaction(() =>
      alertOwner(
        context,
        "critical",
        `${hedge.asset} ${hedge.id}: a position changed without an order of ours (liquidation, deleveraging or by hand). The other leg is being cut to match.`,
      ),
    );
    await matchLegs(context, hedge.id);
  });
}

async function differs(context: ExecutionContext, hedge: Hedge): Promise<boolean> {
  const positions = await Promise.all(
    hedge.legs.map((leg) => positionOf(requireVenue(context, leg.venue), leg.symbol)),
  );
  return hedge.legs.some((leg, index) => !positions[index]?.eq(signedHolding(leg)));
}

/** Fills on our instruments that we have not booked: the venue's word on what happened. */
async function adoptFills(context: ExecutionContext, hedge: Hedge): Promise<number> {
  const { store } = context;
  const lists = await Promise.all(
    hedge.legs.map(async (leg) => {
      const fills = await requireVenue(context, leg.venue).account.fills(hedge.openedAt);
      return fills.filter((fill) => fill.symbol === leg.symbol);
    }),
  );
  return store.transaction(() => {
    const added = lists.flat().filter((fill) => store.insertFill(fill, hedge.id)).length;
    if (added > 0) refreshLegs(context, hedge.id);
    return added;
  });
}

function review(context: ExecutionContext, hedge: Hedge): void {
  context.store.transaction(() => {
    reviseHedge(context, hedge.id, (one) => (one.phase === "open" ? { phase: "review" } : null));
    alertOwner(
      context,
      "critical",
      `${hedge.asset} ${hedge.id}: the venues report other positions than our books, and no fill explains it. Nothing is changed; look at both venues. /close ${hedge.id} or /kill still work.`,
    );
  });
}

function signedHolding(leg: HedgeLeg): Decimal {
  return leg.side === "long" ? leg.heldBase : leg.heldBase.neg();
}
