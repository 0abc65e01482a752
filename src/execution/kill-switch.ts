import { ZERO } from "#src/core/decimal.ts";
import type { Position } from "#src/core/order.ts";
import type { EpochMs } from "#src/core/units.ts";
import { checkCancel } from "#src/guard/check.ts";
import type { Venue } from "#src/ports/venue.ts";
import { closeIfFlat } from "./close-hedge.ts";
import { alertOwner, type ExecutionContext } from "./context.ts";
import { reduceLeg } from "./reduce-leg.ts";

const ROUNDS = 20;
const ROUND_PAUSE_MS = 100;

export interface KilledLeg {
  readonly venue: string;
  readonly instrument: string;
  readonly sizeBase: string;
  readonly closed: boolean;
  /** From the command to the closing order's answer. */
  readonly elapsedMs: number;
}

export interface KillResult {
  /** Verified on every venue. */
  readonly flat: boolean;
  readonly legs: readonly KilledLeg[];
  readonly lastOrderSentMs: number | null;
  readonly elapsedMs: number;
}

/**
 * Everything flat. The caller has written `halted` already, so nothing new can open. Cancels what rests,
 * closes every position that a venue reports (all venues at once, reduce-only), and looks again until two
 * reads in a row show nothing.
 */
export async function killSwitch(
  context: ExecutionContext,
  { startedAt }: { readonly startedAt: EpochMs },
): Promise<KillResult> {
  const { clock, venues } = context;
  const legs = new Map<string, KilledLeg>();
  const run: KillRun = { startedAt, legs, lastOrderSentMs: null };
  let flatReads = 0;
  for (let round = 0; round < ROUNDS && flatReads < 2; round += 1) {
    if (round > 0 && flatReads === 0) await clock.sleep(ROUND_PAUSE_MS);
    const held = await Promise.all(
      [...venues.values()].map((venue) => flattenVenue(context, venue, run)),
    );
    flatReads = held.some((any) => any) ? 0 : flatReads + 1;
  }
  settleHedges(context);
  const flat = flatReads >= 2;
  if (!flat) tellNotFlat(context);
  return {
    flat,
    legs: [...legs.values()],
    lastOrderSentMs: run.lastOrderSentMs,
    elapsedMs: clock.wallNow() - startedAt,
  };
}

interface KillRun {
  readonly startedAt: EpochMs;
  readonly legs: Map<string, KilledLeg>;
  lastOrderSentMs: number | null;
}

/** True while the venue still holds something, rests something, or does not say. */
async function flattenVenue(
  context: ExecutionContext,
  venue: Venue,
  run: KillRun,
): Promise<boolean> {
  try {
    const [positions, orders] = await Promise.all([
      venue.account.positions(),
      venue.account.openOrders(),
    ]);
    const held = positions.filter((position) => !position.sizeBase.eq(ZERO));
    await cancelAll(context, venue, orders);
    await Promise.all(held.map((position) => flatten(context, position, run)));
    return held.length > 0 || orders.length > 0 || hasInFlight(context, venue.id);
  } catch (error) {
    context.log.error("killVenueFailed", { venue: venue.id, error });
    return true;
  }
}

async function cancelAll(
  { clock, limits }: ExecutionContext,
  venue: Venue,
  orders: readonly { readonly symbol: string; readonly clientOrderId: string }[],
): Promise<void> {
  const now = clock.wallNow();
  const instruments = orders.map(({ symbol }) => ({ venue: venue.id, symbol }));
  const ticket = checkCancel({ instruments, limits, now });
  for (const { symbol, clientOrderId } of orders) {
    const cancel = ticket.admitCancel({ venue: venue.id, symbol, clientOrderId }, now);
    if (!("code" in cancel)) await venue.trading.cancel(cancel);
  }
}

async function flatten(context: ExecutionContext, position: Position, run: KillRun): Promise<void> {
  const { clock, settings } = context;
  const { venue, symbol, sizeBase } = position;
  const owner = ownerOf(context, venue, symbol);
  run.lastOrderSentMs = clock.wallNow() - run.startedAt;
  const result = await reduceLeg(context, {
    ...{ hedgeId: owner?.hedgeId ?? null, legIndex: owner?.legIndex ?? 0, venue, symbol },
    sizeBase: sizeBase.abs(),
    purpose: "kill",
    slippage: settings.emergencySlippage,
  });
  const key = `${venue}:${symbol}`;
  const before = run.legs.get(key);
  run.legs.set(key, {
    venue,
    instrument: symbol,
    sizeBase: before?.sizeBase ?? sizeBase.toFixed(),
    closed: result.kind === "over" && result.filledBase.eq(sizeBase.abs()),
    elapsedMs: clock.wallNow() - run.startedAt,
  });
}

/** The hedge whose leg this position is, so that its profit and loss stays complete. */
function ownerOf({ store }: ExecutionContext, venue: string, symbol: string) {
  for (const hedge of store.listHedges()) {
    if (hedge.phase === "closed") continue;
    const leg = hedge.legs.find((one) => one.venue === venue && one.symbol === symbol);
    if (leg) return { hedgeId: hedge.id, legIndex: leg.index };
  }
  return null;
}

function hasInFlight({ store }: ExecutionContext, venue: string): boolean {
  return store
    .listAttempts({ states: ["sent", "unknown"] })
    .some((attempt) => attempt.request.venue === venue);
}

function settleHedges(context: ExecutionContext): void {
  for (const hedge of context.store.listHedges()) {
    if (hedge.phase === "closed") continue;
    try {
      closeIfFlat(context, hedge.id);
    } catch (error) {
      // The venues are what counts now; the books are mended by the next watch.
      context.log.error("killBooksFailed", { hedgeId: hedge.id, error });
    }
  }
}

function tellNotFlat(context: ExecutionContext): void {
  context.store.transaction(() =>
    alertOwner(
      context,
      "critical",
      "Not everything is flat yet. Trading stays halted; send /kill again, or close what is left on the venues by hand.",
    ),
  );
}
