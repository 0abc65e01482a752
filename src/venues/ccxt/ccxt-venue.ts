import type { Clock } from "#src/ports/clock.ts";
import type { Records } from "#src/ports/records.ts";
import type { Venue, VenueStreams } from "#src/ports/venue.ts";
import { RequestGate } from "#src/venues/gate/request-gate.ts";
import type { OwnSpotOrders } from "#src/venues/spot/spot-driver.ts";
import type { DriverParts, Quirks, StreamProfile, VenueDriver } from "./driver.ts";
import { createCandles } from "./hourly-candles.ts";
import { createInstrumentList } from "./list-instruments.ts";
import { createMarketData } from "./market-data.ts";
import { openExchange } from "./open-exchange.ts";
import { createTrading } from "./place-orders.ts";
import { createAccountReader } from "./read-account.ts";
import { createReader } from "./read-venue.ts";
import { createStreams, type StreamsParts } from "./streams/follow-venue.ts";
import { openStream, streamHost } from "./streams/open-stream.ts";
import { createVenueClock } from "./venue-clock.ts";
import type { VenueParts } from "./venue-parts.ts";
import { WireIds } from "./wire-ids.ts";
import { withBuilderFee } from "./with-builder-fee.ts";

export interface CcxtVenueOptions {
  readonly quirks: Quirks;
  readonly mode: DriverParts["mode"];
  /** By ccxt's names; null for public data only. */
  readonly credentials: Readonly<Record<string, string>> | null;
  readonly builderFeeRate: string | null;
  /** A simulator on this machine that stands in for the venue; "" for the venue itself. */
  readonly loopback: string;
  readonly clock: Clock;
  /** Where markets are kept between starts. */
  readonly saved: Records;
  /** Failures in a row after which the venue is left alone; 5 unless said. */
  readonly failuresToOpen?: number;
  /** Client order ids that we ever sent to this venue. */
  readonly ourOrders: () => Iterable<string>;
  /** What we know of our own orders on spot; absent or null leaves its spot out. */
  readonly spot?: OwnSpotOrders | null;
}

export interface CcxtVenue extends Venue {
  /** For key checks. */
  readonly driver: VenueDriver;
}

/** A real venue behind the same ports as the paper one. Asks it nothing yet. */
export async function createCcxtVenue(options: CcxtVenueOptions): Promise<CcxtVenue> {
  const { quirks, mode, clock, saved, credentials, builderFeeRate, loopback } = options;
  const { profile } = quirks;
  const spot = quirks.spotModes?.includes(mode) ? (options.spot ?? null) : null;
  const gate = new RequestGate({
    ...{ name: profile.name, clock, ...profile.budget },
    ...(options.failuresToOpen ? { failuresToOpen: options.failuresToOpen } : {}),
  });
  const venueClock = createVenueClock(clock, () => data.time());
  const wire = { clock, loopback, aheadMs: venueClock.aheadMs };
  const opening = { quirks, mode, credentials, gate, wire, spot: spot !== null };
  const exchange = await openExchange(opening);
  const made = quirks.create({ exchange, mode, builderFeeRate, spot });
  const driver = withBuilderFee(made, builderFeeRate);
  const reader = createReader({ driver, gate, ...venueClock });
  const parts: VenueParts = {
    ...{ ...venueClock, driver, gate, reader, clock },
    instruments: createInstrumentList({
      ...{ driver, exchange, reader, clock, saved, mode, venueClock, spot: spot !== null },
    }),
    ids: new WireIds(quirks.wireIdOf, options.ourOrders),
  };
  const data = createMarketData({ ...parts, candles: createCandles(exchange) });
  return {
    id: profile.id,
    capabilities: profile.capabilities,
    health: () => gate.health(),
    data,
    account: createAccountReader(parts),
    trading: createTrading(parts),
    streams: streamsOf(parts, credentials === null ? null : profile.streams, loopback, () =>
      openStream({ ...opening, asking: exchange, builderFeeRate }),
    ),
    driver,
  };
}

/** Null also without an account: then nothing can ring that matters. */
function streamsOf(
  { instruments, driver, clock }: VenueParts,
  streams: StreamProfile | null,
  loopback: string,
  open: StreamsParts["open"],
): VenueStreams | null {
  if (!streams) return null;
  const isAllowed = (url: string) => streams.hosts.includes(streamHost(url, loopback) ?? "");
  return createStreams({ profile: driver.profile, streams, instruments, clock, isAllowed, open });
}
