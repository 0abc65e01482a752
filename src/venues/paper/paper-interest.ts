import { ZERO } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import { baseSize, type EpochMs, usd } from "#src/core/units.ts";
import { owe } from "./paper-account.ts";
import { fillsSince, heldBefore, type PaperParts } from "./paper-funding.ts";

/** Hours that an account may be charged for at once: a borrowed coin is not forgotten, a year of hours is. */
const MOST_HOURS = 24 * 400;
/** Finer parts of a coin are not charged. */
const COIN_PLACES = 12;

/**
 * Interest on what spot shorts owe: each full hour once, on what was owed just before it. As at real venues it
 * is owed in the borrowed coins themselves, so that the loan grows; less than a lot is forgiven.
 */
export class PaperInterest {
  readonly #parts: PaperParts;

  constructor(parts: PaperParts) {
    this.#parts = parts;
  }

  /** Full hours that may still have to be charged, oldest first; none while nothing is or was owed lately. */
  due(now: EpochMs): readonly EpochMs[] {
    const since = this.#parts.file.state.interestThrough;
    if (this.#debtors(since).length === 0) return [];
    const [first, last] = [Math.floor(since / HOUR_MS) + 1, Math.floor(now / HOUR_MS)];
    const count = Math.max(0, Math.min(last - first + 1, MOST_HOURS));
    return Array.from({ length: count }, (_, index) => (first + index) * HOUR_MS);
  }

  charge(hour: EpochMs): void {
    const { id: venue, feed, market, file } = this.#parts;
    for (const symbol of this.#debtors(hour)) {
      const instrument = market.require(symbol);
      const owed = heldBefore(file.state, instrument, hour);
      const isOwed = owed.lte(instrument.lotStepBase.neg());
      const lent = isOwed ? feed.borrow?.(venue, symbol, hour) : null;
      const grownBase = baseSize(
        owed
          .abs()
          .times(lent?.perHour ?? ZERO)
          .round(COIN_PLACES),
      );
      if (!lent || grownBase.eq(ZERO)) continue;
      owe(file.state.account, instrument, { ...lent, sizeBase: grownBase });
      file.addInterest({
        ...{ venue, symbol, grownBase, chargedAt: hour },
        amountUsd: usd(grownBase.times(lent.refPrice).neg()),
        paymentId: `${venue}:${symbol}:${hour}`,
      });
    }
  }

  /** Spot that is held, or was traded since. */
  #debtors(since: EpochMs): readonly string[] {
    const { state } = this.#parts.file;
    const traded = fillsSince(state, since).map((fill) => fill.symbol);
    return [...new Set([...state.account.positions.keys(), ...traded])].filter(isSpotSymbol);
  }
}
