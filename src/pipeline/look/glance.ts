import { sum } from "#src/core/decimal.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { Position } from "#src/core/order.ts";
import type { AccountState } from "#src/core/snapshot.ts";
import { type Usd, usd } from "#src/core/units.ts";
import type { ExecutionContext } from "#src/execution/context.ts";
import { askVenue } from "#src/execution/fate/ask-venue.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { VenueAccount } from "#src/ports/venue.ts";

/** No older than `maxAgeMs`; a reading that is under way is joined. */
export type Glance<T> = (maxAgeMs: number) => Promise<T>;

/** What is not whole is not shown for longer than this: the missing part may be back. */
const GAPS_LIFE_MS = 2_000;

/**
 * One reading for everybody who asks at about the same time: for looking. What decides about money reads
 * for itself, fresh.
 */
export function createGlance<T>(
  clock: Pick<Clock, "elapsedMs" | "marketNow">,
  read: () => Promise<T>,
  isWhole: (value: T) => boolean = () => true,
): Glance<T> {
  let last: { readonly value: T; readonly ms: number; readonly market: number } | null = null;
  let reading: Promise<T> | null = null;

  async function readAnew(): Promise<T> {
    const [ms, market] = [clock.elapsedMs(), clock.marketNow()];
    const value = await read();
    last = { value, ms, market };
    return value;
  }

  return async (maxAgeMs) => {
    if (last) {
      // Old by whichever clock ran further: the sandbox's market time is the faster one.
      const sinceMarket = Math.abs(clock.marketNow() - last.market);
      const ageMs = Math.max(clock.elapsedMs() - last.ms, sinceMarket);
      const lifeMs = isWhole(last.value) ? maxAgeMs : Math.min(maxAgeMs, GAPS_LIFE_MS);
      if (ageMs < lifeMs) return last.value;
    }
    reading ??= readAnew().finally(() => {
      reading = null;
    });
    return reading;
  };
}

/** What one venue says of our account; null is unknown. */
export interface AccountGlance {
  readonly venue: VenueId;
  /** Of the wallet that backs perps. */
  readonly account: AccountState | null;
  /** Of all its wallets; null when one is not told. */
  readonly equityUsd: Usd | null;
  /** What all its wallets may still post; null when one is not told. */
  readonly freeUsd: Usd | null;
  readonly positions: readonly Position[] | null;
}

/** Accounts and positions of all venues; a silent one does not hide the others. */
export function readAccounts(context: ExecutionContext): Promise<readonly AccountGlance[]> {
  return Promise.all(
    [...context.venues.values()].map(async ({ id, account }) => {
      const [wallets, positions] = await Promise.all([
        askVenue(context, readWallets(account)).catch(() => null),
        askVenue(context, account.positions()).catch(() => null),
      ]);
      const equityUsd = wallets && usd(sum(wallets.map((one) => one.equityUsd)));
      const freeUsd = wallets && usd(sum(wallets.map((one) => one.freeCollateralUsd)));
      return { venue: id, account: wallets?.[0] ?? null, equityUsd, freeUsd, positions };
    }),
  );
}

/** Everything that an account holds: one pool, or perps' first and spot's beside it. */
export async function readWallets(account: VenueAccount): Promise<readonly AccountState[]> {
  const first = await account.account();
  return first.wallet ? [first, await account.account("spot")] : [first];
}
