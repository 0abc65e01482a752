import { type Decimal, ZERO } from "#src/core/decimal.ts";
import { DAY_MS } from "#src/core/funding.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { LedgerEntry, LedgerKind } from "#src/core/ledger-entry.ts";
import { type EpochMs, type Usd, usd } from "#src/core/units.ts";
import type { LedgerStore } from "#src/ports/trading-stores.ts";

/** One sum a kind; a kind that never came is 0. */
export type KindSums = Readonly<Record<LedgerKind, Decimal>>;

/** Sums over the whole ledger: a year of hourly payments is not read again for every question. */
export interface LedgerTotals {
  /** As one entry a kind: what `profitAndLoss` adds up. */
  ofHedge(hedgeId: string): readonly { readonly kind: LedgerKind; readonly amountUsd: Usd }[];
  /** What belongs to no hedge: transfers, and payments on strange positions. */
  ofNobody(): KindSums;
  ofVenue(venue: VenueId): KindSums;
  /** Days in UTC by their first moment. What is paid at midnight belongs to the day that it ends. */
  ofDay(dayStart: EpochMs): KindSums;
  /** Net funding of each hedge at each settlement, oldest first. */
  fundingPeriods(): readonly { readonly at: EpochMs; readonly amountUsd: Usd }[];
}

/** Must be asked outside of transactions: what is rolled back must not be counted. */
export function createLedgerTotals(store: Pick<LedgerStore, "ledgerAfter">): LedgerTotals {
  const sums = new Map<string, Sums>();
  const periods = new Map<string, { at: EpochMs; amountUsd: Usd }>();
  let readThrough = 0;

  function of(key: string): KindSums {
    for (const { seq, entry } of store.ledgerAfter(readThrough)) {
      readThrough = seq;
      for (const one of keysOf(entry)) add(sums, one, entry);
      if (entry.kind !== "funding") continue;
      const period = `${entry.hedgeId}:${entry.bookedFor}`;
      const before = periods.get(period)?.amountUsd ?? ZERO;
      periods.set(period, { at: entry.bookedFor, amountUsd: usd(before.plus(entry.amountUsd)) });
    }
    return sums.get(key) ?? NOTHING;
  }

  return {
    ofHedge(hedgeId) {
      const own = of(`hedge:${hedgeId}`);
      return KINDS.map((kind) => ({ kind, amountUsd: usd(own[kind]) }));
    },
    ofNobody: () => of("hedge:"),
    ofVenue: (venue) => of(`venue:${venue}`),
    ofDay: (dayStart) => of(`day:${dayStart}`),
    fundingPeriods() {
      of("");
      return [...periods.values()];
    },
  };
}

/** The first moment of the day that a moment belongs to: days are (from, to], as settlements are. */
export function dayOf(at: EpochMs): EpochMs {
  return Math.floor((at - 1) / DAY_MS) * DAY_MS;
}

const KINDS: readonly LedgerKind[] = ["trade", "fee", "funding", "interest", "transfer"];
type Sums = Record<LedgerKind, Decimal>;
const NOTHING: KindSums = {
  ...{ trade: ZERO, fee: ZERO, funding: ZERO, interest: ZERO, transfer: ZERO },
};

function keysOf({ hedgeId, venue, bookedFor }: LedgerEntry): readonly string[] {
  return [`hedge:${hedgeId ?? ""}`, `venue:${venue}`, `day:${dayOf(bookedFor)}`];
}

function add(sums: Map<string, Sums>, key: string, { kind, amountUsd }: LedgerEntry): void {
  const own = sums.get(key) ?? { ...NOTHING };
  own[kind] = own[kind].plus(amountUsd);
  sums.set(key, own);
}
