import { loadSettings } from "#config/load.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { VenueId } from "#src/core/instrument.ts";
import { composePipeline } from "#src/main/compose-pipeline.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Venue, VenueMarketData } from "#src/ports/venue.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";

/** The pipeline over public data alone: it can look, but holds nothing anywhere. */
export function composeForTest(parts: {
  readonly clock: Clock;
  readonly data: ReadonlyMap<VenueId, VenueMarketData>;
}): Pipeline {
  const { clock, data } = parts;
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  store.transaction(() => {
    store.setFact("ownerId", "1");
    store.setFact("chatId", "1");
  });
  return composePipeline({
    mode: "paper",
    ...loadSettings("operator"),
    venues: new Map([...data].map(([id, one]) => [id, withoutAccount(id, one)])),
    ...{ store, clock, log: silentLogger, shout: () => undefined },
  });
}

function withoutAccount(id: VenueId, data: VenueMarketData): Venue {
  const none = () => Promise.reject(new RetryableError("no account here"));
  const refused = async () =>
    ({ kind: "refused", code: "NOT_SENT", detail: "no account here" }) as const;
  return {
    ...{ id, data },
    capabilities: { provable: true, restingFence: true },
    streams: null,
    health: () => ({ state: "ok", reason: null }),
    account: {
      ...{ account: none, setup: none, feeRates: none, positions: none, openOrders: none },
      ...{ lookupOrder: none, fills: none, fundingPayments: none },
    },
    trading: { place: refused, cancel: refused, cancelAll: refused, setLeverage: refused },
  };
}
