import type { Clock } from "#src/ports/clock.ts";
import type { InstrumentList } from "./list-instruments.ts";
import type { Heedful, Reader } from "./read-venue.ts";
import type { VenueClock } from "./venue-clock.ts";
import type { WireIds } from "./wire-ids.ts";

/** What the adapter's three ports share. */
export interface VenueParts extends Heedful, VenueClock {
  readonly reader: Reader;
  readonly instruments: InstrumentList;
  readonly ids: WireIds;
  readonly clock: Clock;
}
