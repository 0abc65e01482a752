import { z } from "zod";
import { type Decimal, dec, sum } from "#src/core/decimal.ts";
import { DAY_MS } from "#src/core/funding.ts";
import type { VenueId } from "#src/core/instrument.ts";
import { type EpochMs, type Usd, usd } from "#src/core/units.ts";
import { transfersSinceKey } from "#src/ledger/book-transfers.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { readWallets } from "#src/pipeline/look/glance.ts";
import type { Store } from "#src/ports/store.ts";
import type { Venue } from "#src/ports/venue.ts";

/** What each account held when it was last written down (JSON by venue). */
export const EQUITY_BY_VENUE = "equityByVenue";

export function lastEquities(store: Store): ReadonlyMap<VenueId, Usd> | null {
  const text = store.getFact(EQUITY_BY_VENUE);
  return text === null ? null : parseEquities(JSON.parse(text));
}

/** Which venues may be silent: those on which nothing of ours stands, or none. */
export type MayBeSilent = "idle" | "none";

/**
 * What each account holds. An idle venue that is silent counts as it was last, or not at all when it was
 * never read: it must not hold up the others. Null while one is silent that may not be.
 */
export async function readEquities(
  { store, venues, clock }: Pick<PipelineContext, "store" | "venues" | "clock">,
  mayBeSilent: MayBeSilent = "idle",
): Promise<ReadonlyMap<VenueId, Usd> | null> {
  const read = await Promise.all(
    [...venues.values()].map(async (venue) => [venue.id, await equityOf(venue)] as const),
  );
  const found = new Map<VenueId, Usd>();
  for (const [id, equityUsd] of read) {
    const isIdle = () => !stoodLately(store, id, clock.marketNow() - DAY_MS);
    if (!equityUsd && !(mayBeSilent === "idle" && isIdle())) return null;
    const counted = equityUsd ?? lastEquities(store)?.get(id);
    if (counted) found.set(id, counted);
  }
  return found.size > 0 ? found : null;
}

/** Does a hedge of ours have a leg there, or did one until lately? */
function stoodLately(store: Store, venue: VenueId, since: EpochMs): boolean {
  return store
    .listHedges()
    .some(
      ({ legs, closedAt }) =>
        (closedAt === null || closedAt > since) && legs.some((leg) => leg.venue === venue),
    );
}

async function equityOf({ account }: Venue): Promise<Usd | null> {
  const wallets = await readWallets(account).catch(() => null);
  return wallets && usd(sum(wallets.map((one) => one.equityUsd)));
}

const startKey = (venue: VenueId) => `equityAtStart:${venue}`;

/**
 * Where each account stood before we did anything there: what P&L is measured against. A venue that is
 * silent now is asked again later; one that was traded on meanwhile stays unknown.
 */
export async function rememberStarts(context: PipelineContext): Promise<void> {
  const { store, clock } = context;
  const traded = new Set(store.listHedges().flatMap(({ legs }) => legs.map((leg) => leg.venue)));
  const unknown = [...context.venues.values()].filter(
    ({ id }) => store.getFact(startKey(id)) === null && !traded.has(id),
  );
  // From here on transfers count: what lies there now is what the account began with.
  const since = String(clock.marketNow());
  const equities = await Promise.all(unknown.map(equityOf));
  if (equities.every((one) => one === null)) return;
  store.transaction(() => {
    unknown.forEach(({ id }, index) => {
      const equityUsd = equities[index];
      if (!equityUsd) return;
      store.setFact(startKey(id), equityUsd.toFixed());
      store.setFact(transfersSinceKey(id), since);
    });
  });
}

/** Of all venues in use; null while that of one is unknown. */
export function equityAtStart({ store, venues }: PipelineContext): Usd | null {
  const known = [...venues.keys()].map((id) => store.getFact(startKey(id)));
  const values = known.filter((one) => one !== null);
  return values.length === known.length ? usd(sum(values.map((one) => dec(one)))) : null;
}

const DAY_START = "dayStart";

const dayStart = z.object({
  since: z.number(),
  readAt: z.number(),
  /** When a venue was first read that joined later; before it its transfers are part of what it began with. */
  joinedAt: z.record(z.string(), z.number()).default({}),
  equities: z.record(z.string(), z.string()),
});

/**
 * What the accounts gained since the day began at `since` (market time), transfers left out. The day's first
 * call marks where it began, and so does a venue's first; null while one that matters does not answer.
 */
export async function profitSince(
  context: Pick<PipelineContext, "store" | "venues" | "clock">,
  since: EpochMs,
  mayBeSilent: MayBeSilent = "idle",
): Promise<Usd | null> {
  const { store, clock } = context;
  const readAt = clock.marketNow();
  const equities = await readEquities(context, mayBeSilent);
  if (!equities) return null;
  const saved = dayStart.safeParse(JSON.parse(store.getFact(DAY_START) ?? "null")).data;
  const began = saved?.since === since ? saved : { since, readAt, joinedAt: {}, equities: {} };
  const starts = parseEquities(began.equities);
  const joined = [...equities].filter(([id]) => !starts.has(id));
  const joinedAt = { ...began.joinedAt, ...Object.fromEntries(joined.map(([id]) => [id, readAt])) };
  if (joined.length > 0) {
    const all = Object.fromEntries(
      [...starts, ...joined].map(([id, equityUsd]) => [id, equityUsd.toFixed()]),
    );
    const next = JSON.stringify({ ...began, joinedAt, equities: all });
    store.transaction(() => store.setFact(DAY_START, next));
  }
  const gained = [...equities].map(([id, now]) => now.minus(starts.get(id) ?? now));
  const readFrom = new Map([...equities.keys()].map((id) => [id, joinedAt[id] ?? began.readAt]));
  return usd(sum(gained).minus(transferredIn(store, readFrom)));
}

/** On the venues that are counted, each since it was first read. */
function transferredIn(store: Store, readFrom: ReadonlyMap<VenueId, EpochMs>): Decimal {
  const first = Math.min(...readFrom.values());
  const booked = store
    .listLedgerEntries({ since: first + 1 })
    .filter(({ kind, venue, bookedFor }) => {
      const from = venue === null ? undefined : readFrom.get(venue);
      return kind === "transfer" && from !== undefined && bookedFor > from;
    });
  return sum(booked.map((entry) => entry.amountUsd));
}

function parseEquities(value: unknown): ReadonlyMap<VenueId, Usd> {
  const texts = z.record(z.string(), z.string()).safeParse(value).data ?? {};
  return new Map(Object.entries(texts).map(([id, text]) => [id, usd(text)]));
}
