import { ZERO } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import { baseSize, type EpochMs, usd } from "#src/core/units.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import { owe } from "./paper-account.ts";
import { heldBefore } from "./paper-funding.ts";
import type { PaperMarket } from "./paper-market.ts";
import type { PaperStateFile } from "./paper-records.ts";

/** Hours that an account may be charged for at once: a borrowed coin is not forgotten, a year of hours is. */
const MOST_HOURS = 24 * 400;
/** Finer parts of a coin are not charged. */
const COIN_PLACES = 12;

/**
 * Interest on what spot shorts owe: each full hour once, on what was owed just before it. As at real venues it
 * is owed in the borrowed coins themselves, so that the loan grows; less than a lot is forgiven.
 */
export class PaperInterest {
  readonly #feed: MarketFeed;
  readonly #market: PaperMarket;
  readonly #file: PaperStateFile;
  readonly #venue: string;

  constructor(parts: {
    readonly id: string;
    readonly feed: MarketFeed;
    readonly market: PaperMarket;
    readonly file: PaperStateFile;
  }) {
    this.#venue = parts.id;
    this.#feed = parts.feed;
    this.#market = parts.market;
    this.#file = parts.file;
  }

  /** Full hours that may still have to be charged, oldest first; none while nothing is or was owed lately. */
  due(now: EpochMs): readonly EpochMs[] {
    const since = this.#file.state.interestThrough;
    if (this.#debtors(since).length === 0) return [];
    const [first, last] = [Math.floor(since / HOUR_MS) + 1, Math.floor(now / HOUR_MS)];
    const count = Math.max(0, Math.min(last - first + 1, MOST_HOURS));
    return Array.from({ length: count }, (_, index) => (first + index) * HOUR_MS);
  }

  charge(hour: EpochMs): void {
    for (const symbol of this.#debtors(hour)) {
      const instrument = this.#market.require(symbol);
      const owed = heldBefore(this.#file.state, instrument, hour);
      const isOwed = owed.lte(instrument.lotStepBase.neg());
      const lent = isOwed ? this.#feed.borrow?.(this.#venue, symbol, hour) : null;
      const grownBase = baseSize(
        owed
          .abs()
          .times(lent?.perHour ?? ZERO)
          .round(COIN_PLACES),
      );
      if (!lent || grownBase.eq(ZERO)) continue;
      owe(this.#file.state.account, instrument, { ...lent, sizeBase: grownBase });
      this.#file.addInterest({
        ...{ venue: this.#venue, symbol, grownBase, chargedAt: hour },
        amountUsd: usd(grownBase.times(lent.refPrice).neg()),
        paymentId: `${this.#venue}:${symbol}:${hour}`,
      });
    }
  }

  /** Spot that is held, or was traded since. */
  #debtors(since: EpochMs): readonly string[] {
    const { account, fills } = this.#file.state;
    const symbols = new Set(account.positions.keys());
    for (let at = fills.length - 1; at >= 0; at -= 1) {
      const fill = fills[at];
      if (!fill || fill.filledAt < since) break;
      symbols.add(fill.symbol);
    }
    return [...symbols].filter(isSpotSymbol);
  }
}
