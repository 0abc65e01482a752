import type { OrderBook } from "#src/core/book.ts";
import type { BorrowRate } from "#src/core/figures/borrow.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { type Instrument, isSpotSymbol, type VenueId } from "#src/core/instrument.ts";
import type { EpochMs, Price } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { FeedBorrow, FeedRate, FeedSettlement, MarketFeed } from "#src/ports/market-feed.ts";
import type { Records } from "#src/ports/records.ts";
import type { SettledRate, VenueMarketData } from "#src/ports/venue.ts";
import { MarkMemory } from "./mark-memory.ts";
import type { Unsettled } from "./paper-funding.ts";

/** Nothing is filled or valued at what was asked for longer ago than this. */
const STALE_MS = 5_000;
/** Who asks again within this gets the same answer; a mark costs some venues a second of their rate limit. */
const [MARK_REUSE_MS, BOOK_REUSE_MS] = [3_000, 1_000];
/** Loans are repriced by the hour, or less often. */
const BORROW_REUSE_MS = 5 * 60_000;
/** Lots, ticks and listings change. */
const INSTRUMENTS_LIFE_MS = 10 * 60_000;
/** Settlements show in a venue's history within a day. */
const LATE_MS = 24 * HOUR_MS;
/** Most show within minutes of the hour: until then a history is asked for each minute. */
const [SETTLING_MS, SETTLING_STEP_MS] = [15 * 60_000, 60_000];

/** What a history would have said is paid when it comes: reads hardly wait for it, orders not at all. */
const HISTORY_WAIT_MS = 100;

/** Something that the engine looked at is not there, or too old: read it and try again. */
export class FeedGap extends Error {
  readonly what: "mark" | "book";
  readonly symbol: string;

  constructor(what: FeedGap["what"], symbol: string) {
    super(`no fresh ${what} of ${symbol}`);
    this.what = what;
    this.symbol = symbol;
  }
}

/** What the engine will look at next. */
export interface Wanted {
  /** Held, resting or ordered: these need a mark. */
  readonly marks: ReadonlySet<string>;
  /** With resting orders: these need a book. */
  readonly books: ReadonlySet<string>;
  /** An order is about it: its book is read after the order was placed. */
  readonly ordered: string | null;
  readonly unsettled: Unsettled;
}

interface Reading<T> {
  readonly value: T;
  /** When it was asked for, so that it is never younger than it is: elapsed, and wall. */
  readonly ms: number;
  readonly observedAt: EpochMs;
}

interface History {
  readonly since: EpochMs;
  readonly askedAt: EpochMs;
  readonly settled: readonly SettledRate[];
}

/**
 * A real venue's public data as the market of a paper account: what was read last, each with the time of
 * asking. Getters throw a FeedGap when it is not there or stale; `refresh` reads.
 */
export class LiveFeed implements MarketFeed {
  readonly venues: readonly VenueId[];
  readonly lateness = {
    ms: LATE_MS,
    readThrough: (symbols: ReadonlySet<string>, since: EpochMs) =>
      this.#readThrough(symbols, since),
  };
  readonly #data: VenueMarketData;
  readonly #clock: Clock;
  readonly #memory: MarkMemory;
  readonly #instruments = new Map<string, Instrument>();
  #listedMs: number | null = null;
  #answeredMs = Number.NEGATIVE_INFINITY;
  readonly #marks = new Map<string, Reading<Price>>();
  readonly #books = new Map<string, Reading<OrderBook>>();
  #borrows: Reading<readonly BorrowRate[]> | null = null;
  readonly #histories = new Map<string, History>();
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(parts: {
    readonly data: VenueMarketData;
    readonly clock: Clock;
    readonly records: Records;
  }) {
    this.venues = [parts.data.venue];
    this.#data = parts.data;
    this.#clock = parts.clock;
    this.#memory = new MarkMemory(parts.data.venue, parts.records);
  }

  instruments(): readonly Instrument[] {
    return [...this.#instruments.values()];
  }

  mark(_venue: VenueId, symbol: string): Price {
    return this.#fresh(this.#marks, "mark", symbol);
  }

  book(_venue: VenueId, symbol: string): OrderBook {
    return this.#fresh(this.#books, "book", symbol);
  }

  /** The engine asks for what settled, never for what will. */
  upcomingRate(): FeedRate {
    throw new Error("a live feed knows no upcoming rates: ask the venue");
  }

  settlements(_venue: VenueId, from: EpochMs, to: EpochMs, symbol = ""): readonly FeedSettlement[] {
    const settled = this.#histories.get(symbol)?.settled ?? [];
    return settled
      .filter(({ fundingAt }) => fundingAt > from && fundingAt <= to)
      .map((one) => {
        const refPrice = this.#memory.at(symbol, one.fundingAt);
        if (!refPrice) throw new FeedGap("mark", symbol);
        return { ...one, refPrice };
      });
  }

  borrow(_venue: VenueId, symbol: string, at: EpochMs): FeedBorrow | null {
    const asset = this.#instruments.get(symbol)?.asset;
    const lent = this.#borrows?.value.find((one) => one.asset === asset);
    const refPrice = this.#memory.at(symbol, at);
    return lent && refPrice ? { ...lent, refPrice } : null;
  }

  /** Wall time of the oldest mark that still counts. */
  oldestMarkAt(): EpochMs {
    const fresh = [...this.#marks.values()].filter((one) => !this.#isOlder(one, STALE_MS));
    return Math.min(this.#clock.wallNow(), ...fresh.map((one) => one.observedAt));
  }

  /** The venue's list; true when it was read anew. An old one is better than none. */
  async list(): Promise<boolean> {
    const nowMs = this.#clock.elapsedMs();
    if (this.#listedMs !== null && nowMs - this.#listedMs < INSTRUMENTS_LIFE_MS) return false;
    try {
      // What is no longer listed may still be held: it is kept.
      for (const one of await this.#data.instruments()) this.#instruments.set(one.symbol, one);
      this.#listedMs = nowMs;
      return true;
    } catch (error) {
      if (this.#listedMs === null) throw error;
      return false;
    }
  }

  /** Reads all that is wanted and not fresh. Throws when the venue does not answer, also if nothing is wanted. */
  async refresh({ marks, books, ordered, unsettled }: Wanted): Promise<void> {
    const { since, symbols } = unsettled;
    const histories = Promise.all([...symbols].map((one) => this.#readHistory(one, since)));
    await Promise.all([
      [...marks].some(isSpotSymbol) ? this.#readBorrows() : null,
      ...[...marks].map((symbol) => this.#readMark(symbol, MARK_REUSE_MS)),
      ...[...books]
        .filter((one) => one !== ordered)
        .map((one) => this.#readBook(one, BOOK_REUSE_MS)),
      ordered === null ? this.#inTime(histories) : this.#askBook(ordered),
    ]);
    // An account that holds nothing is as unknown as any other while its venue is down.
    if (this.#clock.elapsedMs() - this.#answeredMs > STALE_MS)
      await this.#ask(() => this.#data.time());
  }

  fill({ what, symbol }: FeedGap): Promise<void> {
    return what === "mark" ? this.#readMark(symbol, 0) : this.#askBook(symbol);
  }

  #readMark(symbol: string, reuseMs: number): Promise<void> {
    const known = this.#marks.get(symbol);
    if (known && !this.#isOlder(known, reuseMs)) return Promise.resolve();
    return this.#once(`mark ${symbol}`, async () => {
      const at = this.#clock.marketNow();
      const reading = await this.#ask(() => this.#data.marketStats(symbol));
      const mark = reading.value.markPrice;
      this.#marks.set(symbol, { ...reading, value: mark });
      this.#memory.note(symbol, mark, at);
    });
  }

  #readBook(symbol: string, reuseMs: number): Promise<void> {
    const known = this.#books.get(symbol);
    if (known && !this.#isOlder(known, reuseMs)) return Promise.resolve();
    return this.#once(`book ${symbol}`, () => this.#askBook(symbol));
  }

  /** Asks now, whatever is under way: that was asked before. */
  async #askBook(symbol: string): Promise<void> {
    const reading = await this.#ask(() => this.#data.orderBook(symbol));
    const known = this.#books.get(symbol);
    if (!known || known.ms <= reading.ms) this.#books.set(symbol, reading);
  }

  async #readBorrows(): Promise<void> {
    const { borrowRates } = this.#data;
    if (!borrowRates || (this.#borrows && !this.#isOlder(this.#borrows, BORROW_REUSE_MS))) return;
    try {
      await this.#once("borrows", async () => {
        this.#borrows = await this.#ask(() => borrowRates());
      });
    } catch {
      // The last known price of the loan stands; closing must not wait for it.
    }
  }

  async #readHistory(symbol: string, since: EpochMs): Promise<void> {
    const known = this.#histories.get(symbol);
    if (known && known.since <= since && !this.#mayHaveSettled(known)) return;
    try {
      await this.#once(`history ${symbol}`, async () => {
        const askedAt = this.#clock.marketNow();
        const { value } = await this.#ask(() => this.#data.fundingHistory(symbol, since));
        this.#histories.set(symbol, { since, askedAt, settled: value });
      });
    } catch {
      // What it would have said is paid when it answers: closing must not wait for it.
    }
  }

  async #inTime(work: Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.later(HISTORY_WAIT_MS, resolve);
    await Promise.race([work, promise]);
    cancel();
  }

  #readThrough(symbols: ReadonlySet<string>, since: EpochMs): EpochMs {
    const times = [...symbols].map((symbol) => {
      const known = this.#histories.get(symbol);
      return known && known.since <= since ? known.askedAt : Number.NEGATIVE_INFINITY;
    });
    return Math.min(Number.POSITIVE_INFINITY, ...times);
  }

  #mayHaveSettled({ askedAt }: History): boolean {
    const now = this.#clock.marketNow();
    if (Math.floor(now / HOUR_MS) > Math.floor(askedAt / HOUR_MS)) return true;
    return now % HOUR_MS < SETTLING_MS && now - askedAt >= SETTLING_STEP_MS;
  }

  async #ask<T>(question: () => Promise<T>): Promise<Reading<T>> {
    const [ms, observedAt] = [this.#clock.elapsedMs(), this.#clock.wallNow()];
    const value = await question();
    this.#answeredMs = Math.max(this.#answeredMs, ms);
    return { value, ms, observedAt };
  }

  #once(key: string, read: () => Promise<void>): Promise<void> {
    const running = this.#underWay.get(key) ?? read().finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, running);
    return running;
  }

  #fresh<T>(readings: ReadonlyMap<string, Reading<T>>, what: "mark" | "book", symbol: string): T {
    const found = readings.get(symbol);
    if (!found || this.#isOlder(found, STALE_MS)) throw new FeedGap(what, symbol);
    return found.value;
  }

  #isOlder({ ms }: Reading<unknown>, limitMs: number): boolean {
    return this.#clock.elapsedMs() - ms > limitMs;
  }
}
