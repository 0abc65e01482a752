import { type BookLevel, levelsFor } from "#src/core/book.ts";
import { type Decimal, ZERO } from "#src/core/decimal.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import type { Fill, OrderSide } from "#src/core/order.ts";
import type { EpochMs, Price } from "#src/core/units.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import { DepthMemory } from "./depth-memory.ts";
import { type Match, matchedSize, matchOrder } from "./match-order.ts";

/** One venue's side of the feed, less the depth that we have just taken from it. */
export class PaperMarket {
  readonly #id: VenueId;
  readonly #feed: MarketFeed;
  readonly #depth = new DepthMemory();
  #instruments: ReadonlyMap<string, Instrument> = new Map();

  constructor(id: VenueId, feed: MarketFeed) {
    this.#id = id;
    this.#feed = feed;
    this.relist();
  }

  /** Takes the feed's list anew. */
  relist(): void {
    this.#instruments = new Map(this.#feed.instruments(this.#id).map((one) => [one.symbol, one]));
  }

  get instruments(): readonly Instrument[] {
    return [...this.#instruments.values()];
  }

  find(symbol: string): Instrument | null {
    return this.#instruments.get(symbol) ?? null;
  }

  require(symbol: string): Instrument {
    const instrument = this.find(symbol);
    if (!instrument) throw new Error(`${this.#id} has no instrument ${symbol}`);
    return instrument;
  }

  mark(symbol: string, at: EpochMs): Price {
    return this.#feed.mark(this.#id, symbol, at);
  }

  /** What an order of this side may take from, best first. */
  levels(symbol: string, side: OrderSide, at: EpochMs): readonly BookLevel[] {
    const book = this.#feed.book(this.#id, symbol, at);
    const levels = levelsFor({ venue: this.#id, symbol, ...book, observedAt: at }, side);
    const lot = this.require(symbol).lotStepBase;
    return this.#depth.whatIsLeft(levels, { symbol, side, lot }, at);
  }

  remember(fill: Fill): void {
    this.#depth.remember(fill);
  }

  /** As after these fills and no others: for an account that was read back. */
  recall(fills: readonly Fill[]): void {
    this.#depth.recall(fills);
  }

  /** All of it at any price; what the book cannot take goes at the worst price that it showed. */
  takeAll(
    order: { readonly symbol: string; readonly side: OrderSide },
    sizeBase: Decimal,
    at: EpochMs,
  ): readonly Match[] {
    const levels = this.levels(order.symbol, order.side, at);
    const matches = matchOrder({ side: order.side, limitPrice: null }, sizeBase, levels);
    const rest = sizeBase.minus(matchedSize(matches));
    if (rest.lte(ZERO)) return matches;
    const worst = matches.at(-1)?.price ?? this.mark(order.symbol, at);
    return [...matches, { price: worst, sizeBase: rest }];
  }
}
