import { sum } from "#src/core/decimal.ts";
import type { VenueId } from "#src/core/instrument.ts";
import { type EpochMs, type Usd, usd } from "#src/core/units.ts";
import { bookTransfers } from "#src/ledger/book-transfers.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import type { Store } from "#src/ports/store.ts";
import type { EquityPoint } from "#src/ports/trading-stores.ts";
import { EQUITY_BY_VENUE, lastEquities, readEquities } from "./profit.ts";

/**
 * Saves what all accounts hold now and what came and went since the point before. Nothing while a venue that
 * hedges stand on is silent: a sum without it would look like a loss.
 */
export async function keepEquity(context: PipelineContext): Promise<void> {
  const { store, venues, clock, log } = context;
  await bookTransfers({ store, venues, clock, log });
  const at = clock.marketNow();
  const now = await readEquities(context);
  if (!now) return;
  store.transaction(() => {
    const flowsUsd = usd(
      transferredSince(store, store.latestEquityPoint(), at).plus(joinedAndLeft(store, now)),
    );
    store.saveEquityPoint({ at, equityUsd: usd(sum(now.values())), flowsUsd });
    const texts = [...now].map(([venue, equityUsd]) => [venue, equityUsd.toFixed()]);
    store.setFact(EQUITY_BY_VENUE, JSON.stringify(Object.fromEntries(texts)));
  });
}

/** Booked transfers between a point (none: nothing is a flow yet) and a moment. */
export function transferredSince(store: Store, last: EquityPoint | null, until: EpochMs): Usd {
  if (!last) return usd("0");
  const booked = store
    .listLedgerEntries({ since: last.at + 1 })
    .filter((entry) => entry.kind === "transfer" && entry.bookedFor <= until);
  return usd(sum(booked.map((entry) => entry.amountUsd)));
}

/** A venue that joins or leaves is no gain and no loss: what it brings or takes since the last point. */
export function joinedAndLeft(store: Store, now: ReadonlyMap<VenueId, Usd>): Usd {
  const before = lastEquities(store);
  if (!before) return usd("0");
  const joined = [...now].filter(([venue]) => !before.has(venue)).map(([, held]) => held);
  const left = [...before].filter(([venue]) => !now.has(venue)).map(([, held]) => held);
  return usd(sum(joined).minus(sum(left)));
}
