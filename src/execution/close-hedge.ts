import { type Decimal, ZERO } from "#src/core/decimal.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import { shownName } from "#src/core/words/plain-name.ts";
import { raiseOnce } from "./alert-owner.ts";
import {
  type ExecutionContext,
  hasLiveAttempt,
  onHedgeWhenFree,
  requireHedge,
  requireVenue,
  reviseHedge,
} from "./context.ts";
import { askVenue, readPositions } from "./fate/ask-venue.ts";
import { resolveStale } from "./fate/resolve-attempt.ts";
import { difference } from "./legs/match-legs.ts";
import { isTooSmall, reduceLeg } from "./legs/reduce-leg.ts";
import { isDebtCovered, isLeftover, isStillOwed, readRepaidLoans } from "./legs/spot-balance.ts";
import { wasJustTraded } from "./reconcile.ts";

const TRIES = 3;
/** What a venue finds too small now it will find too small in two seconds. */
const TOO_SMALL_REST_MS = 60_000;

export interface CloseResult {
  readonly hedge: Hedge;
  readonly outcome: "closed" | "partial";
  readonly detail: string;
}

/** Both legs at once, reduce-only, again until nothing is left of either. */
export async function closeHedge(
  context: ExecutionContext,
  { hedge }: { readonly hedge: Hedge },
): Promise<CloseResult> {
  const result = await onHedgeWhenFree(context, hedge.id, () => closeBoth(context, hedge.id));
  return result ?? { hedge, outcome: "partial", detail: "something else works on this hedge" };
}

/** For whoever holds the hedge already. */
export async function closeBoth(context: ExecutionContext, hedgeId: string): Promise<CloseResult> {
  const { store, clock, settings, memory } = context;
  if (requireHedge(store, hedgeId).phase === "closed") {
    return { hedge: requireHedge(store, hedgeId), outcome: "closed", detail: "already closed" };
  }
  reviseHedge(context, hedgeId, ({ phase }) => (phase === "closing" ? null : { phase: "closing" }));
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (tries > 0) await clock.sleep(settings.retryDelayMs);
    await resolveStale(context, (attempt) => attempt.hedgeId === hedgeId);
    const { legs } = requireHedge(store, hedgeId);
    // A leg alone is worse than a hedge a little longer: unless both venues trade, neither is sent.
    if (!isOneSided(legs) && !(await bothTrade(context, legs))) continue;
    if (!isOneSided(legs) && legs.some((leg) => isDebtCovered(context, leg))) continue;
    // From the second try getting out matters more than the price.
    const slippage = tries === 0 ? settings.maxSlippage : settings.emergencySlippage;
    const details = await Promise.all(legs.map((leg) => closeLeg(context, hedgeId, leg, slippage)));
    await readRepaidLoans(context, requireHedge(store, hedgeId));
    const hedge = closeIfFlat(context, hedgeId);
    if (hedge) return { hedge, outcome: "closed", detail: "both legs closed" };
    const left = requireHedge(store, hedgeId);
    if (isOwedAfterOrders(context, left))
      return { hedge: left, outcome: "partial", detail: INTEREST_CAME };
    if (details.some((detail) => detail !== null && isTooSmall(detail))) {
      memory.restUntilMs.set(hedgeId, clock.elapsedMs() + TOO_SMALL_REST_MS);
      break;
    }
  }
  return stillOpen(context, hedgeId);
}

const INTEREST_CAME = "both legs closed; interest that came meanwhile is bought back next";

function isOwedAfterOrders(context: ExecutionContext, { id, legs }: Hedge): boolean {
  const nothing = legs.every((leg) => isLeftover(context, leg, leg.heldBase));
  return nothing && legs.some((leg) => isStillOwed(context, leg)) && wasJustTraded(context, id);
}

function isOneSided(legs: readonly HedgeLeg[]): boolean {
  return legs.some((leg) => leg.heldBase.eq(ZERO));
}

/** Do both venues answer, and take orders? Also reads what they hold. */
export async function bothTrade(
  context: ExecutionContext,
  legs: readonly HedgeLeg[],
): Promise<boolean> {
  try {
    const setups = await Promise.all(
      legs.map(async ({ venue, symbol }) => {
        const asked = requireVenue(context, venue).account.setup(symbol);
        const [setup] = await Promise.all([
          askVenue(context, asked),
          readPositions(context, venue),
        ]);
        return setup;
      }),
    );
    return setups.every(({ status }) => status !== "halted");
  } catch (error) {
    context.log.warn("closeNotYet", { error });
    return false;
  }
}

async function closeLeg(
  context: ExecutionContext,
  hedgeId: string,
  leg: HedgeLeg,
  slippage: Decimal,
): Promise<string | null> {
  const { venue, symbol, heldBase: sizeBase, index: legIndex } = leg;
  // A report may lag behind our own orders: only a later round buys back what it says is owed.
  const owes = isStillOwed(context, leg) && !wasJustTraded(context, hedgeId);
  if (sizeBase.eq(ZERO) && !owes) return null;
  try {
    const wanted = { hedgeId, legIndex, venue, symbol, sizeBase, slippage };
    return (await reduceLeg(context, { ...wanted, purpose: "close" })).detail;
  } catch (error) {
    context.log.warn("closeLegFailed", { hedgeId, venue, symbol, error });
    return null;
  }
}

/** The closed hedge once both legs hold nothing and nothing is in flight; null before. */
export function closeIfFlat(context: ExecutionContext, hedgeId: string): Hedge | null {
  const { store, clock } = context;
  return store.transaction(() => {
    const hedge = requireHedge(store, hedgeId);
    if (hedge.phase === "closed") return hedge;
    const flat = hedge.legs.every((leg) => isLeftover(context, leg, leg.heldBase));
    if (!flat || hasLiveAttempt(context, hedgeId)) return null;
    if (hedge.legs.some((leg) => isStillOwed(context, leg))) return null;
    const apart = difference(hedge);
    // Coins that no order can sell stay in the wallet: a cost of the hedge, written down with it.
    if (apart.gt(ZERO)) store.setFact(`dust:${hedgeId}`, apart.toFixed());
    return store.updateHedge(hedge, { phase: "closed", closedAt: clock.marketNow() });
  });
}

function stillOpen(context: ExecutionContext, hedgeId: string): CloseResult {
  const { store } = context;
  const hedge = requireHedge(store, hedgeId);
  const left = hedge.legs
    .map((leg) => {
      const size = isStillOwed(context, leg) ? "interest" : leg.heldBase.toFixed();
      return `${leg.venue} ${shownName(leg.symbol)} ${size}`;
    })
    .join(", ");
  raiseOnce(context, `notClosed:${hedgeId}`, {
    severity: "critical",
    reason: "NOT_CLOSED",
    hedgeId,
    text: `${hedge.asset} ${hedgeId} is not closed yet: left are ${left}. ${whyNot(context, hedge)}`,
  });
  return { hedge, outcome: "partial", detail: left };
}

function whyNot(context: ExecutionContext, { asset, legs }: Hedge): string {
  const loan = isOneSided(legs) ? undefined : legs.find((leg) => isDebtCovered(context, leg));
  return loan
    ? `Neither leg is touched while ${asset} that this hedge did not buy covers its loan on ${loan.venue}: they would be spent for it. Move what you brought there elsewhere, and it is closed within seconds; /kill closes it with them.`
    : "It is tried again every few seconds; /kill closes everything.";
}
