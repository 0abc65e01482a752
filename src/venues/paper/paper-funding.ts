import { type Decimal, ZERO } from "#src/core/decimal.ts";
import { fundingPayment } from "#src/core/funding.ts";
import { type Instrument, isSpotSymbol } from "#src/core/instrument.ts";
import { baseSize, type EpochMs } from "#src/core/units.ts";
import type { FeedSettlement, MarketFeed } from "#src/ports/market-feed.ts";
import { heldBase, signOf } from "./paper-account.ts";
import type { PaperMarket } from "./paper-market.ts";
import type { PaperState, PaperStateFile } from "./paper-records.ts";

/** Settlements that are still to be paid may be about these instruments, and happened since then. */
export interface Unsettled {
  readonly since: EpochMs;
  readonly symbols: ReadonlySet<string>;
}

/** What settlements owe one account: each is paid once, however late its venue tells of it. */
export class PaperFunding {
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

  /** `inUse` and what was traded lately: a position may be gone before its last settlement is known. */
  unsettled(inUse: ReadonlySet<string>): Unsettled {
    const { settledThrough, fills } = this.#file.state;
    const since = settledThrough - (this.#feed.lateness?.ms ?? 0);
    const symbols = new Set(inUse);
    for (let at = fills.length - 1; at >= 0; at -= 1) {
      const fill = fills[at];
      if (!fill || fill.filledAt < since) break;
      symbols.add(fill.symbol);
    }
    // Spot settles nothing, and a venue need not be asked.
    for (const symbol of symbols) if (isSpotSymbol(symbol)) symbols.delete(symbol);
    return { since, symbols };
  }

  /** By time, oldest first; also such as were paid before. */
  until(now: EpochMs, inUse: ReadonlySet<string>): ReadonlyMap<EpochMs, readonly FeedSettlement[]> {
    const { since, symbols } = this.unsettled(inUse);
    const due = [...symbols]
      .flatMap((symbol) => this.#feed.settlements(this.#venue, since, now, symbol))
      .sort((a, b) => a.fundingAt - b.fundingAt);
    return Map.groupBy(due, (settlement) => settlement.fundingAt);
  }

  /** Up to when everything is paid that could be known by `now`: it never goes back. */
  through(now: EpochMs, inUse: ReadonlySet<string>): EpochMs {
    const { since, symbols } = this.unsettled(inUse);
    const read = this.#feed.lateness?.readThrough(symbols, since) ?? now;
    return Math.max(this.#file.state.settledThrough, Math.min(now, read));
  }

  pay({ symbol, fundingAt, rate, refPrice }: FeedSettlement): void {
    const { state } = this.#file;
    const venue = this.#venue;
    const paymentId = `${venue}:${symbol}:${fundingAt}`;
    if (state.paid.has(paymentId)) return;
    const held = heldBefore(state, this.#market.require(symbol), fundingAt);
    if (held.eq(ZERO)) return;
    const side = held.gt(ZERO) ? "long" : "short";
    const amountUsd = fundingPayment(side, baseSize(held.abs()), refPrice, rate);
    state.account.cashUsd = state.account.cashUsd.plus(amountUsd);
    this.#file.addPayment({ venue, symbol, paymentId, fundingAt, amountUsd, rate });
  }
}

/** What was held just before a moment: what is held now, less every fill since. */
export function heldBefore(
  { account, fills }: Pick<PaperState, "account" | "fills">,
  instrument: Instrument,
  moment: EpochMs,
): Decimal {
  let held = heldBase(account, instrument);
  for (let at = fills.length - 1; at >= 0; at -= 1) {
    const fill = fills[at];
    if (!fill || fill.filledAt < moment) break;
    if (fill.symbol === instrument.symbol) {
      held = held.minus(signOf(fill.side).times(fill.sizeBase));
    }
  }
  return held;
}
