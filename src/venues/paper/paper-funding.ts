import { type Decimal, sum, ZERO } from "#src/core/decimal.ts";
import { fundingPayment } from "#src/core/funding.ts";
import { type Instrument, isSpotSymbol } from "#src/core/instrument.ts";
import type { Fill } from "#src/core/order.ts";
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

/** What payments that come by the clock work on. */
export interface PaperParts {
  readonly id: string;
  readonly feed: MarketFeed;
  readonly market: PaperMarket;
  readonly file: PaperStateFile;
}

/** What settlements owe one account: each is paid once, however late its venue tells of it. */
export class PaperFunding {
  readonly #parts: PaperParts;

  constructor(parts: PaperParts) {
    this.#parts = parts;
  }

  /** `inUse` and what was traded lately: a position may be gone before its last settlement is known. */
  unsettled(inUse: ReadonlySet<string>): Unsettled {
    const { feed, file } = this.#parts;
    const since = file.state.settledThrough - (feed.lateness?.ms ?? 0);
    const all = [...inUse, ...fillsSince(file.state, since).map((fill) => fill.symbol)];
    // Spot settles nothing, and a venue need not be asked.
    return { since, symbols: new Set(all.filter((symbol) => !isSpotSymbol(symbol))) };
  }

  /** By time, oldest first; also such as were paid before. */
  until(now: EpochMs, inUse: ReadonlySet<string>): ReadonlyMap<EpochMs, readonly FeedSettlement[]> {
    const { feed, id } = this.#parts;
    const { since, symbols } = this.unsettled(inUse);
    const due = [...symbols]
      .flatMap((symbol) => feed.settlements(id, since, now, symbol))
      .sort((a, b) => a.fundingAt - b.fundingAt);
    return Map.groupBy(due, (settlement) => settlement.fundingAt);
  }

  /** Up to when everything is paid that could be known by `now`: it never goes back. */
  through(now: EpochMs, inUse: ReadonlySet<string>): EpochMs {
    const { feed, file } = this.#parts;
    const { since, symbols } = this.unsettled(inUse);
    const read = feed.lateness?.readThrough(symbols, since) ?? now;
    return Math.max(file.state.settledThrough, Math.min(now, read));
  }

  pay({ symbol, fundingAt, rate, refPrice }: FeedSettlement): void {
    const { id: venue, market, file } = this.#parts;
    const { state } = file;
    const paymentId = `${venue}:${symbol}:${fundingAt}`;
    if (state.paid.has(paymentId)) return;
    const held = heldBefore(state, market.require(symbol), fundingAt);
    if (held.eq(ZERO)) return;
    const side = held.gt(ZERO) ? "long" : "short";
    const amountUsd = fundingPayment(side, baseSize(held.abs()), refPrice, rate);
    state.account.cashUsd = state.account.cashUsd.plus(amountUsd);
    file.addPayment({ venue, symbol, paymentId, fundingAt, amountUsd, rate, refPrice });
  }
}

/** What was held just before a moment: what is held now, less every fill since. */
export function heldBefore(state: Books, instrument: Instrument, moment: EpochMs): Decimal {
  const own = fillsSince(state, moment).filter((fill) => fill.symbol === instrument.symbol);
  return heldBase(state.account, instrument).minus(
    sum(own.map((fill) => signOf(fill.side).times(fill.sizeBase))),
  );
}

type Books = Pick<PaperState, "account" | "fills">;

/** From the end on: an account's whole past is longer than what is asked about. */
export function fillsSince({ fills }: Books, moment: EpochMs): readonly Fill[] {
  const before = fills.findLastIndex((fill) => fill.filledAt < moment);
  return fills.slice(before + 1);
}
