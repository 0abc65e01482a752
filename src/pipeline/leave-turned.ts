import { HOUR_MS } from "#src/core/funding.ts";
import type { Hedge } from "#src/core/hedge.ts";
import { type Rate, rate } from "#src/core/units.ts";
import { tellOwner } from "./ask-owner.ts";
import { type PipelineContext, parseFact } from "./context.ts";
import type { MarketLook } from "./look-at-market.ts";
import { proposeClose } from "./propose-close.ts";
import { runClosing } from "./run-execution.ts";

/** A close card that was declined or left to expire is not shown again so soon (market time). */
const CLOSE_AGAIN_AFTER_MS = 4 * HOUR_MS;

/** What a hedge's pair pays in its direction; null where a rate or a history is missing. */
export interface Carry {
  readonly hedge: Hedge;
  readonly spread8h: Rate | null;
  readonly trailingSpread8h: Rate | null;
  /** Both of them are against it. */
  readonly hasTurned: boolean;
}

export function readCarries(context: PipelineContext, look: MarketLook): Promise<readonly Carry[]> {
  return Promise.all(
    context.store.listHedges(["open"]).map((hedge) => carryOf(context, hedge, look)),
  );
}

/**
 * A hedge whose trailing and current carry both turned against it is closed alone when the armed mandate
 * opened it, and proposed for closing otherwise. No model has a say in it.
 */
export async function leaveWhatTurned(
  context: PipelineContext,
  carries: readonly Carry[],
): Promise<void> {
  for (const { hedge, hasTurned } of carries) {
    if (!hasTurned || closeShownLately(context, hedge.id)) continue;
    if (hedge.mandateId && context.store.armedMandate()?.id === hedge.mandateId) {
      const outcome = await runClosing(context, hedge, null);
      const what = outcome === "closed" ? "Closed alone" : "Tried to close alone";
      tellOwner(
        context,
        "info",
        `${what}, carry turned: ${hedge.asset} (${hedge.id}), ${outcome}.`,
      );
    } else {
      const answer = await proposeClose(context, hedge.id, "scan");
      // There is no card then, so the next scan tries again.
      if (answer.kind === "unavailable") continue;
    }
    context.store.transaction(() => noteCloseShown(context, hedge.id));
  }
}

async function carryOf(context: PipelineContext, hedge: Hedge, look: MarketLook): Promise<Carry> {
  const short = hedge.legs.find((leg) => leg.side === "short");
  const long = hedge.legs.find((leg) => leg.side === "long");
  const unknown = { hedge, spread8h: null, trailingSpread8h: null, hasTurned: false };
  if (!short || !long) return unknown;
  const [trailingShort, trailingLong] = await Promise.all([
    context.trailing.meanPerHour(short.venue, short.symbol).catch(() => null),
    context.trailing.meanPerHour(long.venue, long.symbol).catch(() => null),
  ]);
  const current = [short, long].map((leg) =>
    look.rates.find((one) => one.venue === leg.venue && one.symbol === leg.symbol),
  );
  const [shortNow, longNow] = current;
  const spread8h =
    shortNow && longNow
      ? rate(
          shortNow.rate
            .div(shortNow.intervalHours)
            .minus(longNow.rate.div(longNow.intervalHours))
            .times("8"),
        )
      : null;
  const trailingSpread8h =
    trailingShort && trailingLong ? rate(trailingShort.minus(trailingLong).times("8")) : null;
  const hasTurned = (trailingSpread8h?.lt("0") ?? false) && (spread8h?.lt("0") ?? false);
  return { hedge, spread8h, trailingSpread8h, hasTurned };
}

export function closeShownLately(context: PipelineContext, hedgeId: string): boolean {
  const at = parseFact(context.store, `closeProposedAt:${hedgeId}`);
  return at !== null && context.clock.marketNow() - at < CLOSE_AGAIN_AFTER_MS;
}

/** Inside a transaction. */
export function noteCloseShown({ store, clock }: PipelineContext, hedgeId: string): void {
  store.setFact(`closeProposedAt:${hedgeId}`, String(clock.marketNow()));
}
