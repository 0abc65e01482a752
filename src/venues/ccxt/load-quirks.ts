import { OperatorError } from "#src/core/errors.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { Quirks } from "./driver.ts";

/** Only the venues in use are ever loaded. */
const LOADERS: Readonly<Record<VenueId, () => Promise<Quirks>>> = {
  binance: async () => (await import("#src/venues/quirks/binance.ts")).binance,
  bybit: async () => (await import("#src/venues/quirks/bybit.ts")).bybit,
  dydx: async () => (await import("#src/venues/quirks/dydx.ts")).dydx,
  extended: async () => (await import("#src/venues/quirks/extended.ts")).extended,
  hibachi: async () => (await import("#src/venues/quirks/hibachi.ts")).hibachi,
  hyperliquid: async () => (await import("#src/venues/quirks/hyperliquid.ts")).hyperliquid,
  okx: async () => (await import("#src/venues/quirks/okx.ts")).okx,
  pacifica: async () => (await import("#src/venues/quirks/pacifica.ts")).pacifica,
};

/** Throws OperatorError for a venue that Hedgerow does not know. */
export async function loadQuirks(venue: VenueId): Promise<Quirks> {
  const load = LOADERS[venue];
  if (!load) {
    throw new OperatorError(
      `there is no venue ${venue}; there are ${Object.keys(LOADERS).join(", ")}`,
    );
  }
  return load();
}
