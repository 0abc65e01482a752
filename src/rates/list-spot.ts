import { dec, ZERO } from "#src/core/decimal.ts";
import type { BorrowRate } from "#src/core/figures/borrow.ts";
import { nextSettlement } from "#src/core/funding.ts";
import type { Asset, Instrument } from "#src/core/instrument.ts";
import type { ListedRate } from "#src/core/opportunity.ts";
import { rate } from "#src/core/units.ts";
import { hasPlainName } from "#src/core/words/plain-name.ts";
import type { Clock } from "#src/ports/clock.ts";

/** As old as a funding rate may be: what it costs to borrow moves like one. */
const BORROW_LIFE_MS = 60_000;
const HOUR = dec("1");
/** 1 % an hour: more is a data error, not a loan. */
const MAX_BORROW_PER_HOUR = dec("0.01");

/**
 * A venue's spot instruments as legs. Spot pays no funding: 0 an hour is a fact, not a missing figure. What
 * cannot be borrowed now, or for a price that nobody said lately, cannot be sold short.
 */
export function listSpot(
  instruments: readonly Instrument[],
  borrows: readonly BorrowRate[],
  clock: Clock,
): readonly ListedRate[] {
  const fundingAt = nextSettlement(clock.marketNow(), HOUR);
  const observedAt = clock.wallNow();
  const fresh = freshBorrows(borrows, observedAt);
  return instruments
    .filter((one) => one.kind === "spot" && hasPlainName(one))
    .map((instrument) => {
      const { venue, symbol, asset } = instrument;
      const pays = { rate: rate(ZERO), intervalHours: HOUR, fundingAt, observedAt };
      const borrowPerHour = fresh.get(asset)?.perHour ?? null;
      return { instrument, borrowPerHour, funding: { venue, symbol, asset, ...pays } };
    });
}

/** By asset, those that were read lately and are believable. */
export function freshBorrows(
  borrows: readonly BorrowRate[],
  wallNow: number,
): ReadonlyMap<Asset, BorrowRate> {
  const good = borrows.filter(
    ({ perHour, observedAt }) =>
      wallNow - observedAt <= BORROW_LIFE_MS &&
      perHour.gte(ZERO) &&
      perHour.lte(MAX_BORROW_PER_HOUR),
  );
  return new Map(good.map((one) => [one.asset, one]));
}
