import { minOf } from "#src/core/decimal.ts";
import { grownIn } from "#src/core/figures/borrow.ts";
import type { Hedge } from "#src/core/hedge.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import { type RebalanceAction, rebalanceAction } from "#src/core/rules/drift.ts";
import type { ExecutionContext } from "./context.ts";

/** Of a hedge: what is less is dust, where the settings ask for more. */
const SMALL_SHARE = "0.02";

/**
 * May the legs of this open hedge stay apart for now? Only by the interest that a loan grew by, which comes every
 * hour and is bought back when there is enough of it (domain 2.9); whatever else parts legs is evened at once.
 */
export function mayDrift(context: ExecutionContext, hedge: Hedge): boolean {
  const asked = hedge.phase === "open" ? driftOf(context, hedge) : null;
  if (asked === null || asked.action === "closeAll") return false;
  if (asked.action === "none") return true;
  if (asked.priority === "critical") return false;
  const { memory, clock, settings } = context;
  const now = clock.elapsedMs();
  const lookedMs = memory.driftMs.get(hedge.id);
  return lookedMs !== undefined && now - lookedMs < settings.rebalance.intervalMs;
}

/** What legs that interest parted ask for; null where something else did. */
export function driftOf(
  { store, memory, limits, settings }: ExecutionContext,
  { id, legs }: Hedge,
): RebalanceAction | null {
  const spot = legs.find(({ side, symbol }) => side === "short" && isSpotSymbol(symbol));
  const perp = legs.find((leg) => leg !== spot);
  if (!spot?.entryPrice || !perp) return null;
  const over = spot.heldBase.minus(perp.heldBase);
  if (over.lte("0") || over.gt(grownIn(store.listFills(id)))) return null;
  const seen = memory.seen.get(`${spot.venue}:${spot.symbol}`);
  const price = seen?.position.markPrice ?? spot.entryPrice;
  const small = perp.heldBase.times(price).times(SMALL_SHARE);
  return rebalanceAction({
    legs: [spot.heldBase.neg(), perp.heldBase],
    ...{ price, margin: "red", fillMissing: false },
    limits: {
      maxDrift: settings.rebalance.maxDrift,
      emergencyDrift: limits.emergencyDrift,
      minUsd: minOf(settings.rebalance.minUsd, small),
    },
  });
}
