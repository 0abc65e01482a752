import { type Credentials, readCredentials } from "#config/read-credentials.ts";
import type { Settings } from "#config/schema.ts";
import { wantsSpot } from "#config/venue-settings.ts";
import { SPOT_SUFFIX, type VenueId } from "#src/core/instrument.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Records } from "#src/ports/records.ts";
import type { Store } from "#src/ports/store.ts";
import type { Redactor } from "#src/runtime/redactor.ts";
import { type CcxtVenue, createCcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import type { Quirks } from "#src/venues/ccxt/driver.ts";
import { loadQuirks } from "#src/venues/ccxt/load-quirks.ts";
import type { OwnSpotOrders } from "#src/venues/spot/spot-driver.ts";

export interface OpenVenuesParts {
  readonly settings: Settings;
  readonly clock: Clock;
  /** Where markets are kept between starts. */
  readonly saved: Records;
  readonly store: Pick<Store, "listAttempts" | "getAttempt">;
  readonly redactor: Redactor;
}

/**
 * The venues in use, each made of its own ccxt class and nothing else of ccxt; asks them nothing yet. Keys
 * are read in every mode but paper. Throws OperatorError on a key file that cannot be used.
 */
export async function openVenues(parts: OpenVenuesParts): Promise<ReadonlyMap<VenueId, CcxtVenue>> {
  const opened = await Promise.all(
    parts.settings.venues.use.map(async (id) => [id, await openVenue(parts, id)] as const),
  );
  return new Map(opened);
}

export async function openVenue(
  parts: OpenVenuesParts,
  id: Settings["venues"]["use"][number],
): Promise<CcxtVenue> {
  const { settings, clock, saved, store, redactor } = parts;
  const quirks = await loadQuirks(id);
  const credentials = settings.mode === "paper" ? null : keysOf(settings, id, quirks);
  for (const secret of credentials?.secrets() ?? []) redactor.add(secret);
  const fees: Readonly<Record<string, { toFixed(): string } | undefined>> = settings.builderFees;
  return createCcxtVenue({
    ...{ quirks, clock, saved },
    mode: settings.mode,
    failuresToOpen: settings.stops.apiFailures,
    credentials: credentials?.reveal() ?? null,
    builderFeeRate: fees[id]?.toFixed() ?? null,
    loopback: settings.venues.loopback,
    *ourOrders() {
      for (const { clientOrderId, request } of store.listAttempts({})) {
        if (request.venue === id) yield clientOrderId;
      }
    },
    spot: wantsSpot(settings, id) ? ownSpotOrders(store, id) : null,
  });
}

/** The venues with spot take our own ids as they are. */
function ownSpotOrders(store: OpenVenuesParts["store"], id: VenueId): OwnSpotOrders {
  let symbols: ReadonlySet<string> | null = null;
  return {
    asked: (wireId) => store.getAttempt(wireId)?.request.sizeBase ?? null,
    symbols() {
      // What is sent from now on the adapter sees itself.
      symbols ??= new Set(
        store
          .listAttempts({})
          .flatMap(({ request: { venue, symbol } }) =>
            venue === id && symbol.endsWith(SPOT_SUFFIX) ? symbol : [],
          ),
      );
      return symbols;
    },
  };
}

function keysOf(
  settings: Settings,
  venue: Settings["venues"]["use"][number],
  { profile }: Quirks,
): Credentials | null {
  const path = settings.credentials[venue];
  return path ? readCredentials({ venue, path, fields: profile.credentials }) : null;
}
