import type { VenueId } from "#src/core/instrument.ts";
import { inTime } from "#src/main/in-time.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Venue } from "#src/ports/venue.ts";

/** Long enough for a slow line, short enough for somebody who waits at the terminal. */
const PATIENCE_MS = 8_000;

/** The venues that do not answer, asked all at once. */
export async function findSilent(
  venues: ReadonlyMap<VenueId, Venue>,
  clock: Pick<Clock, "later">,
): Promise<readonly VenueId[]> {
  const answers = await Promise.all(
    [...venues].map(([id, { data }]) => {
      const asked = data.time().then(
        () => null,
        () => id,
      );
      return inTime(clock, PATIENCE_MS, asked, id);
    }),
  );
  return answers.filter((id) => id !== null);
}
