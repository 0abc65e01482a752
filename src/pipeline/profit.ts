import { dec, sum } from "#src/core/decimal.ts";
import type { VenueId } from "#src/core/instrument.ts";
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

const startKey = (venue: VenueId) => `equityAtStart:${venue}`;

/**
 * Where each account stood before we did anything there: what P&L is measured against. A venue that is
 * silent now is asked again later; one that was traded on meanwhile stays unknown.
 */
export async function rememberStarts(context: PipelineContext): Promise<void> {
  const { store } = context;
  const traded = new Set(store.listHedges().flatMap(({ legs }) => legs.map((leg) => leg.venue)));
  const unknown = [...context.venues.values()].filter(
    ({ id }) => store.getFact(startKey(id)) === null && !traded.has(id),
  );
  const states = await Promise.all(unknown.map((one) => one.account.account().catch(() => null)));
  const known = states.filter((state) => state !== null);
  if (known.length === 0) return;
  store.transaction(() => {
    for (const { venue, equityUsd } of known) store.setFact(startKey(venue), equityUsd.toFixed());
  });
}

/** Of all venues in use; null while that of one is unknown. */
export function equityAtStart({ store, venues }: PipelineContext): Usd | null {
  const known = [...venues.keys()].map((id) => store.getFact(startKey(id)));
  const values = known.filter((one) => one !== null);
  return values.length === known.length ? usd(sum(values.map((one) => dec(one)))) : null;
}

/**
 * What the accounts gained since the day began at `since` (market time). The day's first call marks
 * where it began, and so does the first with other venues; null when a venue does not answer.
 */
export async function profitSince(context: PipelineContext, since: EpochMs): Promise<Usd | null> {
  const equity = await totalEquity(context);
  if (equity === null) return null;
  const { store, venues } = context;
  const day = `${since}|${[...venues.keys()].sort().join(",")}`;
  const [savedAt, savedVenues, start] = store.getFact("dayStart")?.split("|") ?? [];
  if (`${savedAt}|${savedVenues}` === day && start !== undefined) return usd(equity.minus(start));
  store.transaction(() => store.setFact("dayStart", `${day}|${equity.toFixed()}`));
  return usd("0");
}
