import type { EpochMs } from "#src/core/units.ts";

/**
 * How long the funding period is that ends next. Hibachi does not say; ccxt writes "8h" whatever it is. So it
 * is measured: from the last settlement to the next one, and believed only when the period before it was as
 * long. Asked for once a settlement and symbol.
 */
export class FundingIntervals {
  readonly #settledTimes: (symbol: string) => Promise<readonly EpochMs[]>;
  readonly #known = new Map<string, { readonly fundingAt: EpochMs; readonly interval: string }>();

  constructor(settledTimes: (symbol: string) => Promise<readonly EpochMs[]>) {
    this.#settledTimes = settledTimes;
  }

  /** As text in milliseconds; null when it cannot be told, and then the rate is refused. */
  async upTo(symbol: string, fundingAt: EpochMs): Promise<string | null> {
    const known = this.#known.get(symbol);
    if (known?.fundingAt === fundingAt) return known.interval;
    const times = await this.#settledTimes(symbol);
    const [before, last] = times.filter((at) => at < fundingAt).slice(-2);
    if (before === undefined || last === undefined) return null;
    const period = last - before;
    const next = fundingAt - last;
    // Twice the period: the last settlement is not in the list yet.
    if (next !== period && next !== 2 * period) return null;
    const interval = `${period}ms`;
    this.#known.set(symbol, { fundingAt, interval });
    return interval;
  }
}
