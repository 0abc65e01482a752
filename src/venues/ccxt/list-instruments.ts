import type { Exchange } from "ccxt";
import { z } from "zod";
import { RetryableError } from "#src/core/errors.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Records } from "#src/ports/records.ts";
import { onlyHedgeable } from "#src/venues/spot/spot-symbols.ts";
import type { DriverParts, Listed, Listings, VenueDriver } from "./driver.ts";
import type { Reader } from "./read-venue.ts";
import type { VenueClock } from "./venue-clock.ts";

/** Lots, ticks and limits change: after this they are read anew. */
const FRESH_MS = 30 * 60_000;
/** A list on disk saves a start most of its requests, but an older one is not trusted. */
const SAVED_FRESH_MS = 60 * 60_000;
/** How long a list that could not be read anew is left alone. */
const RETRY_MS = 10_000;

export interface InstrumentList {
  /** What is traded now; waits for a list that is read anew, and is an old one when that fails. */
  traded(): Promise<Listings>;
  /**
   * What is traded, or was before, by what is known at once: what is held must be seen and closable while
   * public data is slow or down.
   */
  all(): Promise<Listings>;
  /** One of `all`. Throws RetryableError when the venue does not list it. */
  require(symbol: string): Promise<Listed>;
  /** What the venue refused may be because its grid or its limits changed. */
  outdate(): void;
}

interface Known {
  readonly traded: Listings;
  readonly all: Listings;
  readonly freshUntilMs: number;
}

/** A venue's instruments, kept for half an hour and, as ccxt's markets, on disk. */
export function createInstrumentList(parts: {
  readonly driver: VenueDriver;
  readonly exchange: Exchange;
  readonly reader: Reader;
  readonly clock: Clock;
  readonly saved: Records;
  readonly mode: DriverParts["mode"];
  readonly spot: boolean;
  readonly venueClock: Pick<VenueClock, "isTimed" | "timed">;
}): InstrumentList {
  const { driver, exchange, reader, clock, saved, venueClock } = parts;
  const { id, name } = driver.profile;
  // The test venue lists other instruments, and a key may add what is only said to its account.
  const collection = `markets:${id}:${parts.mode}${parts.spot ? ":spot" : ""}`;
  let known: Known | null = null;
  let loading: Promise<Known> | null = null;

  async function load(): Promise<Known> {
    const savedAgeMs = known === null ? restore() : null;
    if (savedAgeMs === null) await readMarkets();
    const listed = understood();
    if (savedAgeMs === null) {
      const used = new Set(listed.map((one) => one.ccxtSymbol));
      // Of thousands of spot markets only those that can be hedged are worth their room.
      const markets = Object.values(exchange.markets ?? {}).filter(
        (one) => one?.spot !== true || used.has(one.symbol),
      );
      const value = JSON.stringify({ savedAt: clock.wallNow(), markets });
      saved.write([{ collection, key: "markets", value }]);
    }
    const traded = new Map(listed.map((one) => [one.instrument.symbol, one]));
    const all = new Map([...(known?.all ?? []), ...traded]);
    return { traded, all, freshUntilMs: clock.elapsedMs() + FRESH_MS - (savedAgeMs ?? 0) };
  }

  async function readMarkets(): Promise<void> {
    const read = () => reader.read("instruments", () => exchange.loadMarkets(true));
    await read().catch(async (error: unknown) => {
      // With a key a part of it may be signed, and our clock may be off.
      if (venueClock.isTimed()) throw error;
      await venueClock.timed();
      await read();
    });
  }

  /** Without those that lack something: one odd instrument must not take all others away, and the account. */
  function understood(): readonly Listed[] {
    const failures: unknown[] = [];
    const listed = Object.values(exchange.markets ?? {}).flatMap((market) => {
      try {
        return driver.list(market) ?? [];
      } catch (error) {
        failures.push(error);
        return [];
      }
    });
    if (listed.length === 0 && failures.length > 0) throw failures[0];
    return onlyHedgeable(listed);
  }

  /** The age of the markets that were taken from disk; null when there are none that can be used. */
  function restore(): number | null {
    const found = savedSchema.safeParse(parseJson(saved.load(collection)[0]?.value ?? ""));
    if (!found.success) return null;
    const ageMs = clock.wallNow() - found.data.savedAt;
    if (ageMs < 0 || ageMs > SAVED_FRESH_MS) return null;
    exchange.setMarkets(found.data.markets);
    return ageMs;
  }

  /** As it is known; read anew first when it is old. */
  async function refreshed(): Promise<Known> {
    if (known && clock.elapsedMs() < known.freshUntilMs) return known;
    loading ??= load().finally(() => {
      loading = null;
    });
    try {
      known = await loading;
    } catch (error) {
      // An old list is better than none.
      if (!known) throw error;
      known = { ...known, freshUntilMs: clock.elapsedMs() + RETRY_MS };
    }
    return known;
  }

  async function all(): Promise<Listings> {
    const reading = refreshed();
    if (!known) return (await reading).all;
    // Whoever waits for it hears of its failure.
    reading.catch(() => undefined);
    return known.all;
  }

  return {
    all,
    traded: async () => (await refreshed()).traded,
    async require(symbol) {
      const found = (await all()).get(symbol);
      if (!found) throw new RetryableError(`${name} does not list ${symbol}`);
      return found;
    },
    outdate() {
      if (known) known = { ...known, freshUntilMs: Number.NEGATIVE_INFINITY };
    },
  };
}

const savedSchema = z.object({
  savedAt: z.number(),
  markets: z.array(z.record(z.string(), z.unknown())).min(1),
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
