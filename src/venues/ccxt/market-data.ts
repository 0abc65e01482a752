import { HOUR_MS } from "#src/core/funding.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { VenueMarketData } from "#src/ports/venue.ts";
import { currentCall } from "./call-context.ts";
import { type Candles, closesOf } from "./hourly-candles.ts";
import { createReader } from "./read-venue.ts";
import { createTierMemory } from "./remember-tiers.ts";
import type { VenueParts } from "./venue-parts.ts";

/** Public data. What is observed carries the time before it was asked for: never younger than it is. */
export function createMarketData(
  parts: VenueParts & {
    /** Null where ccxt can ask this venue for none. */
    readonly candles: Candles | null;
  },
): VenueMarketData {
  const { driver, reader, instruments, clock } = parts;
  const { id } = driver.profile;
  const watcher = createReader(parts, "watch");
  const tiers = createTierMemory(parts);

  async function lookedAt(symbol: string) {
    const of = await instruments.require(symbol);
    tiers.want(of);
    return of;
  }

  async function time(): Promise<EpochMs> {
    const askedMs = clock.elapsedMs();
    return watcher.read("time", async () => {
      const venueTime = await driver.time();
      parts.noteTime(venueTime, currentCall()?.sentMs ?? askedMs);
      return venueTime;
    });
  }

  const { borrowRates } = driver;
  return {
    venue: id,
    time,
    ...(borrowRates && {
      async borrowRates() {
        const listings = await instruments.traded();
        const observedAt = clock.wallNow();
        const offers = await reader.read("borrow rates", () => borrowRates(listings));
        return offers.map((one) => ({ ...one, venue: id, observedAt }));
      },
    }),
    instruments: async () =>
      [...(await instruments.traded()).values()].map((one) => tiers.withTiers(one.instrument)),
    async fundingRates() {
      const listings = await instruments.traded();
      const observedAt = clock.wallNow();
      const rates = await reader.read("funding rates", () => driver.fundingRates(listings));
      return rates.map((rate) => ({ ...rate, observedAt }));
    },
    async fundingHistory(symbol, since) {
      const of = await instruments.require(symbol);
      const now = clock.marketNow();
      const all = await reader.readAhead("funding history", () => driver.fundingHistory(of, since));
      const settled = all.filter(({ fundingAt }) => fundingAt > since && fundingAt <= now);
      const each = new Map(settled.map((one) => [one.fundingAt, one]));
      return [...each.values()].toSorted((a, b) => a.fundingAt - b.fundingAt);
    },
    async orderBook(symbol) {
      const of = await lookedAt(symbol);
      const observedAt = clock.wallNow();
      const book = await reader.read("order book", () => driver.orderBook(of));
      return { ...book, venue: id, symbol, observedAt };
    },
    async marketStats(symbol) {
      const of = await lookedAt(symbol);
      const observedAt = clock.wallNow();
      return { ...(await reader.read("prices", () => driver.marketStats(of))), observedAt };
    },
    async usdcInUsdt() {
      const observedAt = clock.wallNow();
      const price = await watcher.read(
        "USDC/USDT",
        async () => (await driver.usdcInUsdt?.()) ?? null,
      );
      return price && { price, observedAt };
    },
    async hourlyCloses(symbol, count) {
      const of = await instruments.require(symbol);
      const hour = Math.floor(clock.marketNow() / HOUR_MS) * HOUR_MS;
      const hours = { since: hour - count * HOUR_MS, count };
      const { candles } = parts;
      if (!candles) return [];
      const rows = await reader.readAhead("past prices", () => candles(of, hours));
      return closesOf(of, rows, hours);
    },
  };
}
