import type { OrderBook } from "#src/core/book.ts";
import { RetryableError } from "#src/core/errors.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Instrument } from "#src/core/instrument.ts";
import { baseSize, notionalUsd, price, rate } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { SettledRate, VenueMarketData } from "#src/ports/venue.ts";
import { instrument } from "#tests/support/builders.ts";

type Call = Exclude<keyof VenueMarketData, "venue">;

export interface FakeListing {
  readonly instrument?: Partial<Instrument>;
  readonly price?: string;
  readonly depth?: string;
  /** Per hour; settles every hour. */
  readonly rate?: string;
  /** Of past hours, oldest first; the price itself where they are not given. */
  readonly closes?: readonly string[];
}

/** A venue's public side that fails, lags and dawdles as it is told, and counts what it is asked. */
export class FakeMarketData implements VenueMarketData {
  readonly venue: string;
  /** "orderBook BTC-PERP" and so on, in the order of asking. */
  readonly asked: string[] = [];
  /** The most questions that were under way at once. */
  most = 0;
  /** Calls that fail, or all of them. */
  failing: ReadonlySet<Call> | "all" = new Set();
  failingSymbols: ReadonlySet<string> = new Set();
  delayMs = 0;
  /** This call takes longer than the others. */
  slow: { readonly call: Call; readonly ms: number } | null = null;
  /** After a book it gives no other for so long, and says so. */
  busyMs = 0;
  /** A settlement shows in the history this long after it happened. */
  historyLagMs = 0;
  readonly #listings = new Map<string, { listing: FakeListing; instrument: Instrument }>();
  readonly #clock: Clock;
  #underWay = 0;
  #busyUntilMs = 0;

  constructor(clock: Clock, venue: string, listings: readonly FakeListing[] = [{}]) {
    this.venue = venue;
    this.#clock = clock;
    for (const listing of listings) this.list(listing);
  }

  list(listing: FakeListing): void {
    const listed = instrument({ venue: this.venue, ...listing.instrument });
    this.#listings.set(listed.symbol, { listing, instrument: listed });
  }

  change(symbol: string, over: FakeListing): void {
    this.list({ ...this.#listings.get(symbol)?.listing, ...over });
  }

  time = () => this.#answer("time", "", () => this.#clock.wallNow());

  instruments = () =>
    this.#answer("instruments", "", () =>
      [...this.#listings.values()].map((one) => one.instrument),
    );

  fundingRates = () =>
    this.#answer("fundingRates", "", () =>
      [...this.#listings.values()].map(({ listing, instrument: { symbol } }) => ({
        symbol,
        rate: rate(listing.rate ?? "0.0001"),
        ...{ intervalText: "1h", intervalHint: null },
        fundingAt: (Math.floor(this.#clock.marketNow() / HOUR_MS) + 1) * HOUR_MS,
        observedAt: this.#clock.wallNow(),
      })),
    );

  fundingHistory = (symbol: string, since: number) =>
    this.#answer("fundingHistory", symbol, () => {
      const shown = this.#clock.marketNow() - this.historyLagMs;
      const found: SettledRate[] = [];
      for (let at = (Math.floor(since / HOUR_MS) + 1) * HOUR_MS; at <= shown; at += HOUR_MS) {
        const settled = rate(this.#of(symbol).listing.rate ?? "0.0001");
        found.push({ symbol, rate: settled, intervalHours: "1", fundingAt: at });
      }
      return found;
    });

  orderBook = (symbol: string) =>
    this.#answer("orderBook", symbol, (): OrderBook => {
      const { listing, instrument: of } = this.#of(symbol);
      const mid = price(listing.price ?? "60000");
      const sizeBase = baseSize(listing.depth ?? "100");
      const level = (ticks: string) => ({
        price: price(mid.plus(of.priceTick.times(ticks))),
        sizeBase,
      });
      return {
        ...{ venue: this.venue, symbol, observedAt: this.#clock.wallNow() },
        bids: [level("-1"), level("-2"), level("-3")],
        asks: [level("1"), level("2"), level("3")],
      };
    });

  marketStats = (symbol: string) =>
    this.#answer("marketStats", symbol, () => ({
      markPrice: price(this.#of(symbol).listing.price ?? "60000"),
      indexPrice: null,
      openInterestBase: baseSize("100000000"),
      volume24hUsd: notionalUsd("500000000"),
      observedAt: this.#clock.wallNow(),
    }));

  hourlyCloses = (symbol: string, count: number) =>
    this.#answer("hourlyCloses", symbol, () => {
      const { closes, price: steady } = this.#of(symbol).listing;
      const all = closes ?? Array.from({ length: count }, () => steady ?? "60000");
      return all.slice(-count).map((text) => price(text));
    });

  countOf(call: Call): number {
    return this.asked.filter((one) => one.startsWith(call)).length;
  }

  #of(symbol: string) {
    const found = this.#listings.get(symbol);
    if (!found) throw new RetryableError(`${this.venue} does not list ${symbol}`);
    return found;
  }

  #takeTurn(): void {
    const waitMs = this.#busyUntilMs - this.#clock.elapsedMs();
    if (waitMs > 0) throw new RetryableError("too many requests", { waitMs });
    this.#busyUntilMs = this.#clock.elapsedMs() + this.busyMs;
  }

  async #answer<T>(call: Call, symbol: string, make: () => T): Promise<T> {
    this.asked.push(`${call} ${symbol}`.trim());
    this.#underWay += 1;
    this.most = Math.max(this.most, this.#underWay);
    try {
      if (call === "orderBook") this.#takeTurn();
      const fails = this.failing === "all" || this.failing.has(call);
      const delayMs = this.slow?.call === call ? this.slow.ms : this.delayMs;
      if (delayMs > 0) {
        // What is shown is as of the question: it ages on the way.
        const answer = fails ? null : make();
        await this.#clock.sleep(delayMs);
        if (answer !== null) return answer;
      }
      await Promise.resolve();
      if (fails || this.failingSymbols.has(symbol)) throw new RetryableError(`${call}: 503`);
      return make();
    } finally {
      this.#underWay -= 1;
    }
  }
}
