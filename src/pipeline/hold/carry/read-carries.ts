import type { Decimal } from "#src/core/decimal.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import type { ListedRate } from "#src/core/opportunity.ts";
import { type HoldVerdict, judgeHold } from "#src/core/rules/judge-hold.ts";
import { type Rate, rate } from "#src/core/units.ts";
import { ratePerHour } from "#src/opportunities/pair-legs.ts";
import { type PipelineContext, parseFact } from "#src/pipeline/context.ts";
import type { MarketLook } from "#src/pipeline/look/look-at-market.ts";
import { legMarket, type MarketMoment, marketMoment } from "#src/pipeline/show/money.ts";

/** What a hedge's pair pays in its direction; null where a rate or a history is missing. */
export interface Carry {
  readonly hedge: Hedge;
  readonly spread8h: Rate | null;
  /** Over the days that leaving asks for. */
  readonly trailingSpread8h: Rate | null;
  /** Readings in a row, this one included, at which borrowing cost more than funding paid. */
  readonly borrowReadings: number;
  readonly verdict: HoldVerdict;
  /** The rules leave it. */
  readonly hasTurned: boolean;
}

export async function readCarries(
  context: PipelineContext,
  look: Pick<MarketLook, "listed">,
): Promise<readonly Carry[]> {
  const hedges = context.store.listHedges(["open"]);
  if (hedges.length === 0) return [];
  const moment = await marketMoment(context);
  return Promise.all(hedges.map((hedge) => carryOf(context, hedge, look.listed, moment)));
}

async function carryOf(
  context: PipelineContext,
  hedge: Hedge,
  listed: readonly ListedRate[],
  moment: MarketMoment,
): Promise<Carry> {
  const { store, clock, settings } = context;
  const listingOf = (leg: HedgeLeg) =>
    listed.find(
      ({ instrument: { venue, symbol } }) => venue === leg.venue && symbol === leg.symbol,
    );
  const nowOf = (leg: HedgeLeg): Decimal | null => {
    const found = listingOf(leg);
    return found ? ratePerHour(found, leg.side) : null;
  };
  const trailingOf = async (leg: HedgeLeg): Promise<Decimal | null> => {
    const found = listingOf(leg);
    if (found?.instrument.kind === "spot") return ratePerHour(found, leg.side);
    return context.exitTrailing.meanPerHour(leg.venue, leg.symbol).catch(() => null);
  };
  const short = hedge.legs.find((leg) => leg.side === "short");
  const long = hedge.legs.find((leg) => leg.side === "long");
  const spread8h = short && long ? spreadOf(nowOf(short), nowOf(long)) : null;
  const trailingSpread8h =
    short && long ? spreadOf(...(await Promise.all([trailingOf(short), trailingOf(long)]))) : null;
  const borrowReadings = countBorrow(context, hedge, spread8h);
  const verdict = judgeHold(
    {
      ...{ spread8h, trailing8h: trailingSpread8h, borrowReadings },
      adverseBasis: short && long ? adverseBasis(short, long, moment) : null,
      isEnding: hedge.legs.some((leg) => listingOf(leg)?.instrument.endsAt !== undefined),
      ageMs: clock.marketNow() - (parseFact(store, keptAtKey(hedge.id)) ?? hedge.openedAt),
    },
    settings.exit,
  );
  const hasTurned = verdict.action === "leave";
  return { hedge, spread8h, trailingSpread8h, borrowReadings, verdict, hasTurned };
}

/** Only of a spot leg that is borrowed; one reading at which it pays begins anew. */
function countBorrow({ store }: PipelineContext, { id, legs }: Hedge, spread: Rate | null): number {
  if (!legs.some((leg) => leg.side === "short" && isSpotSymbol(leg.symbol))) return 0;
  const before = parseFact(store, borrowReadingsKey(id)) ?? 0;
  if (!spread) return before;
  return spread.lt("0") ? before + 1 : 0;
}

/** Readings in a row at which borrowing cost more than funding paid. */
export function borrowReadingsKey(hedgeId: string): string {
  return `borrowReadings:${hedgeId}`;
}

/** Market time at which the owner, or the mandate, chose to keep an old hedge. */
export function keptAtKey(hedgeId: string): string {
  return `keptAt:${hedgeId}`;
}

function spreadOf(short: Decimal | null, long: Decimal | null): Rate | null {
  return short && long ? rate(short.minus(long).times("8")) : null;
}

/** What was sold rose over what was bought since both were: that much is lost if it stays. */
function adverseBasis(short: HedgeLeg, long: HedgeLeg, moment: MarketMoment): Decimal | null {
  const [sold, bought] = [legMarket(short, moment).markPrice, legMarket(long, moment).markPrice];
  if (!sold || !bought || !short.entryPrice || !long.entryPrice) return null;
  return sold.div(bought).minus(short.entryPrice.div(long.entryPrice));
}
