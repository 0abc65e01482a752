import { z } from "zod";
import { decFromInteger } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { type EpochMs, type Price, price } from "#src/core/units.ts";
import type { Records } from "#src/ports/records.ts";

interface Reading {
  readonly at: EpochMs;
  readonly mark: Price;
}

/** The last reading is on disk at least this often: what a process that was down draws its line from. */
const SAVE_EVERY_MS = 10 * 60_000;
/** Nothing older than this is ever asked for. */
const KEEP_MS = 60 * 24 * HOUR_MS;

/**
 * The mark at settlements, which venues do not tell afterwards. Between the readings on both sides of a
 * full hour it is taken to have moved in a straight line: off by seconds of movement while the bot runs,
 * by the shape of the way when it was down. It weighs a payment, never a price of a fill.
 */
export class MarkMemory {
  readonly #collection: string;
  readonly #records: Records;
  readonly #last = new Map<string, Reading>();
  readonly #savedAt = new Map<string, EpochMs>();
  /** At full hours, by symbol. */
  readonly #hours = new Map<string, Map<number, Price>>();

  constructor(venue: string, records: Records) {
    this.#collection = `paper:${venue}:marks`;
    this.#records = records;
    for (const { key, value } of records.load(this.#collection)) {
      const found = saved.safeParse(JSON.parse(value));
      if (!found.success) continue;
      this.#last.set(key, found.data);
      this.#savedAt.set(key, found.data.at);
    }
  }

  note(symbol: string, mark: Price, at: EpochMs): void {
    const before = this.#last.get(symbol);
    if (before && at <= before.at) return;
    const now = { at, mark };
    if (before) this.#passHours(symbol, before, now);
    this.#last.set(symbol, now);
    if (at - (this.#savedAt.get(symbol) ?? Number.NEGATIVE_INFINITY) < SAVE_EVERY_MS) return;
    this.#savedAt.set(symbol, at);
    const value = JSON.stringify({ at, mark: mark.toFixed() });
    this.#records.write([{ collection: this.#collection, key: symbol, value }]);
  }

  /** At the full hour nearest to `at`; the last reading where no other is known; null without any. */
  at(symbol: string, at: EpochMs): Price | null {
    const hour = Math.round(at / HOUR_MS);
    return this.#hours.get(symbol)?.get(hour) ?? this.#last.get(symbol)?.mark ?? null;
  }

  #passHours(symbol: string, before: Reading, now: Reading): void {
    const hours = this.#hours.get(symbol) ?? new Map<number, Price>();
    this.#hours.set(symbol, hours);
    const oldest = Math.ceil((now.at - KEEP_MS) / HOUR_MS);
    for (const hour of hours.keys()) if (hour < oldest) hours.delete(hour);
    const first = Math.max(Math.floor(before.at / HOUR_MS) + 1, oldest);
    for (let hour = first; hour * HOUR_MS <= now.at; hour += 1) {
      hours.set(hour, between(before, now, hour * HOUR_MS));
    }
  }
}

function between(before: Reading, after: Reading, at: EpochMs): Price {
  const rise = after.mark.minus(before.mark).times(decFromInteger(at - before.at));
  // More places than any mark has; enough for any payment.
  return price(before.mark.plus(rise.div(decFromInteger(after.at - before.at))).round(18));
}

const saved = z.object({ at: z.number(), mark: z.string().transform((text) => price(text)) });
