import { floorToStep, ZERO } from "#src/core/decimal.ts";
import { type LegIndex, LIVE_PHASES } from "#src/core/hedge.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import type { Position } from "#src/core/order.ts";
import type { ExecutionContext } from "#src/execution/context.ts";
import { clockGap, instrumentOf } from "#src/execution/fate/ask-venue.ts";
import { isTooSmall, reducePosition } from "#src/execution/legs/reduce-leg.ts";
import { explainedPart } from "#src/execution/legs/spot-balance.ts";
import type { KillRun } from "./kill-result.ts";

/** One closing order for a position as it was read, whoever opened it; notes how it went. */
export async function flattenPosition(
  context: ExecutionContext,
  position: Position,
  run: KillRun,
): Promise<void> {
  const { clock, settings } = context;
  const { venue, symbol, sizeBase } = position;
  const key = `${venue}:${symbol}`;
  if (isKnownTooSmall(run, position)) return;
  const owner = ownerOf(context, venue, symbol);
  const before = run.legs.get(key);
  const note = (closed: boolean) =>
    run.legs.set(key, {
      ...{ venue, instrument: symbol, closed, elapsedMs: clock.wallNow() - run.startedAt },
      sizeBase: before?.sizeBase ?? sizeBase.abs().toFixed(),
    });
  // What is not traded here cannot be closed by us: the report names it, and nothing else waits for it.
  const known = Promise.all([instrumentOf(context, venue, symbol), clockGap(context, venue)]);
  const [instrument] = await known.catch(() => []);
  if (!instrument) {
    note(false);
    return;
  }
  // No order on spot is truly reduce-only: a second one beside the first might sell the owner's own coins.
  if (isSpotSymbol(symbol) && owner && mayStillFill(context, owner)) return;
  // Nor may one that was filled meanwhile be repeated.
  const left = explainedPart(context, position);
  if (left.sizeBase.eq(ZERO)) return;
  run.lastOrderSentMs = clock.wallNow() - run.startedAt;
  const result = await reducePosition(
    context,
    {
      ...{ hedgeId: owner?.hedgeId ?? null, legIndex: owner?.legIndex ?? 0, venue, symbol },
      ...{ sizeBase: left.sizeBase.abs(), purpose: "kill", slippage: settings.emergencySlippage },
    },
    left,
    instrument,
  );
  if (isTooSmall(result.detail)) run.tooSmall.set(key, sizeBase.toFixed());
  // Interest that is less than a lot can be bought back by nobody.
  const inLots = floorToStep(sizeBase.abs(), instrument.lotStepBase);
  note(result.kind === "over" && result.filledBase.gte(inLots));
}

/** A remainder that no order can close: found so once, it is not tried again at the same size. */
export function isKnownTooSmall({ tooSmall }: KillRun, position: Position): boolean {
  const { venue, symbol, sizeBase } = position;
  return tooSmall.get(`${venue}:${symbol}`) === sizeBase.toFixed();
}

/** The hedge whose leg this position is, so that its profit and loss stays complete. */
function ownerOf({ store }: ExecutionContext, venue: string, symbol: string) {
  for (const hedge of store.listHedges(LIVE_PHASES)) {
    const leg = hedge.legs.find((one) => one.venue === venue && one.symbol === symbol);
    if (leg) return { hedgeId: hedge.id, legIndex: leg.index };
  }
  return null;
}

function mayStillFill(
  { store }: ExecutionContext,
  { hedgeId, legIndex }: { readonly hedgeId: string; readonly legIndex: LegIndex },
): boolean {
  return store.hasLiveAttempt(hedgeId, legIndex);
}
