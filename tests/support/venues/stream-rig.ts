import type { Clock } from "#src/ports/clock.ts";
import type { Ring, Venue } from "#src/ports/venue.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import type { Loopback } from "./loopback.ts";
import { startTcpRelay } from "./tcp-relay.ts";

/** The system's, with waits that are over sooner; durations stay in proportion. */
export function createHurriedClock(times: number): Clock {
  const clock = createSystemClock();
  return {
    ...clock,
    elapsedMs: () => clock.elapsedMs() * times,
    later: (ms, work) => clock.later(ms / times, work),
    sleep: (ms, signal) => clock.sleep(ms / times, signal),
  };
}

/** A venue that is followed over a wire which can fail. */
export async function followOverRelay(
  server: Pick<Loopback, "proxyUrl">,
  connect: (loopback: string) => Promise<Venue>,
  held: readonly string[] = [],
) {
  const relay = startTcpRelay(Number(new URL(server.proxyUrl).port));
  const venue = await connect(relay.proxyUrl);
  const rings: Ring[] = [];
  const lines: string[] = [];
  const stopping = new AbortController();
  const symbols = [...held];
  const note = (event: string, fields?: object) =>
    void lines.push(`${event} ${JSON.stringify(fields)}`);
  const following = (venue.streams ?? absent()).follow({
    symbols: () => symbols,
    ring: (what) => void rings.push(what),
    log: { info: note, warn: note, error: note },
    signal: stopping.signal,
  });
  const count = (what: Ring) => rings.filter((one) => one === what).length;
  return {
    ...{ relay, venue, rings, lines, symbols, following, count },
    stop: () => stopping.abort(),
    async close() {
      stopping.abort();
      await following;
      relay.stop();
    },
  };
}

/** Resolves as soon as it holds, and says what did not once no slow machine can be the reason. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const from = performance.now();
  while (!holds()) {
    if (performance.now() - from > PATIENCE_MS) throw new Error(`waited in vain for ${what}`);
    await Bun.sleep(2);
  }
}

const PATIENCE_MS = 30_000;

function absent(): never {
  throw new Error("it has no streams");
}
