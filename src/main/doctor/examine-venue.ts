import type { Settings } from "#config/schema.ts";
import { wantsSpot } from "#config/venue-settings.ts";
import { describeError, OperatorError } from "#src/core/errors.ts";
import { type OpenVenuesParts, openVenue } from "#src/main/venues/open-venues.ts";
import type { CcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import { checkKey } from "#src/venues/ccxt/check-key.ts";

export interface Check {
  readonly ok: boolean;
  readonly name: string;
  readonly says: string;
}

type VenueName = Settings["venues"]["use"][number];

/** Venues refuse what is stamped further into their future than this. */
const CLOCK_LEEWAY_MS = 1_000;

/** One venue, for the doctor: whether it answers, whose clock is off, and what its key is good for. */
export async function examineVenue(
  parts: OpenVenuesParts,
  name: VenueName,
  expectedAccountId: string | null,
): Promise<readonly Check[]> {
  try {
    const venue = await openVenue(parts, name);
    const reached = await examineClock(venue, parts);
    return reached.ok
      ? [reached, ...(await examineKey(venue, parts, expectedAccountId))]
      : [reached];
  } catch (error) {
    // A key file that cannot be used has a line for each thing that is wrong with it.
    const text = error instanceof OperatorError ? error.message : describeError(error);
    return text.split("\n").map((says) => ({ ok: false, name, says }));
  }
}

async function examineClock(
  { id: name, data }: CcxtVenue,
  { clock }: OpenVenuesParts,
): Promise<Check> {
  const askedMs = clock.elapsedMs();
  try {
    const venueTime = await data.time();
    const tookMs = clock.elapsedMs() - askedMs;
    const offsetMs = Math.round(clock.wallNow() - tookMs / 2 - venueTime);
    const side = offsetMs < 0 ? "behind" : "ahead of";
    const found = `this machine's clock is ${Math.abs(offsetMs)} ms ${side} the venue's`;
    const says = `answers in ${Math.round(tookMs)} ms; ${found}`;
    if (Math.abs(offsetMs) <= CLOCK_LEEWAY_MS) return { ok: true, name, says };
    const mend = "Set the clock: timedatectl set-ntp true";
    return { ok: false, name, says: `${says}, which is too much. ${mend}` };
  } catch (error) {
    const says = `${describeError(error)}: it cannot be used now. See whether it is up, and may be reached from here`;
    return { ok: false, name, says };
  }
}

async function examineKey(
  { id: name, driver }: CcxtVenue,
  { settings }: OpenVenuesParts,
  expectedAccountId: string | null,
): Promise<readonly Check[]> {
  const { mode } = settings;
  if (mode === "paper") return [];
  const { findings } = await checkKey({ driver, mode, expectedAccountId });
  if (findings.length === 0) {
    const what = wantsSpot(settings, name) ? " perps and spot" : "";
    return [{ ok: true, name, says: `the key may trade${what} and may not withdraw` }];
  }
  return findings.map(({ severity, says }) => ({ ok: severity === "note", name, says }));
}
