import { sum } from "#src/core/decimal.ts";
import { type EpochMs, type Usd, usd } from "#src/core/units.ts";
import type { PipelineContext } from "./context.ts";

/** Equity of every venue added up; null when one does not answer. */
export async function totalEquity(context: PipelineContext): Promise<Usd | null> {
  const states = await Promise.all(
    [...context.venues.values()].map((venue) => venue.account.account().catch(() => null)),
  );
  const known = states.filter((state) => state !== null);
  return known.length === states.length ? usd(sum(known.map((state) => state.equityUsd))) : null;
}

/**
 * What the accounts gained since the day began at `since` (market time). The day's first call marks
 * where it began; null when a venue does not answer.
 */
export async function profitSince(context: PipelineContext, since: EpochMs): Promise<Usd | null> {
  const equity = await totalEquity(context);
  if (equity === null) return null;
  const { store } = context;
  const saved = store.getFact("dayStart");
  const [day, start] = saved?.split("|") ?? [];
  if (day === String(since) && start !== undefined) return usd(equity.minus(start));
  store.transaction(() => store.setFact("dayStart", `${since}|${equity.toFixed()}`));
  return usd("0");
}
