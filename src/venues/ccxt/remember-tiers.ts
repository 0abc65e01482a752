import { HOUR_MS } from "#src/core/funding.ts";
import type { Instrument, MaintenanceTiers } from "#src/core/instrument.ts";
import type { Listed } from "./driver.ts";
import type { VenueParts } from "./venue-parts.ts";

/** Venues announce new tiers days ahead. */
const FRESH_MS = 6 * HOUR_MS;
/** After a failure no tiers are asked for so long. */
const RETRY_MS = 10 * 60_000;

export interface TierMemory {
  /** The instrument with its tiers, as far as they are known. */
  withTiers(instrument: Instrument): Instrument;
  /** Somebody looks at this one: its tiers are read ahead, and nobody waits for them. */
  want(of: Listed): void;
}

/**
 * The tiers of venues that tell them one instrument at a time: only those that are looked at are read, since
 * hundreds of requests would buy figures that nobody uses. Until then the instrument's one rate counts.
 */
export function createTierMemory({
  driver,
  reader,
  clock,
}: Pick<VenueParts, "driver" | "reader" | "clock">): TierMemory {
  const known = new Map<string, MaintenanceTiers>();
  const againMs = new Map<string, number>();
  let quietUntilMs = Number.NEGATIVE_INFINITY;
  let line: Promise<void> = Promise.resolve();

  async function read(of: Listed): Promise<void> {
    if (clock.elapsedMs() < quietUntilMs) return;
    const tiers = await reader.readAhead(
      "margin tiers",
      async () => (await driver.maintenanceTiers?.(of)) ?? null,
    );
    const { symbol } = of.instrument;
    if (tiers) known.set(symbol, tiers);
    else known.delete(symbol);
    againMs.set(symbol, clock.elapsedMs() + FRESH_MS);
  }

  return {
    withTiers(instrument) {
      const tiers = known.get(instrument.symbol);
      return tiers ? { ...instrument, maintenanceTiers: tiers } : instrument;
    },
    want(of) {
      const { symbol, kind } = of.instrument;
      const isFresh = clock.elapsedMs() < (againMs.get(symbol) ?? Number.NEGATIVE_INFINITY);
      if (!driver.maintenanceTiers || kind === "spot" || isFresh) return;
      againMs.set(symbol, clock.elapsedMs() + RETRY_MS);
      // One after the other: an endpoint that fails must not look like a venue that is down. Until it succeeds
      // the last ones, or the one rate, count.
      line = line
        .then(() => read(of))
        .catch(() => {
          quietUntilMs = clock.elapsedMs() + RETRY_MS;
        });
    },
  };
}
