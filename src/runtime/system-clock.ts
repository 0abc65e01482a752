import type { EpochMs } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Records } from "#src/ports/records.ts";

/** Real time: market time is wall time. */
export function createSystemClock(): Clock {
  return { wallNow: () => Date.now(), marketNow: () => Date.now(), elapsedMs, later, sleep };
}

const COLLECTION = "sandbox:clock";
const LEASE_MS = 1_000;

/**
 * Sandbox time: `speed` market milliseconds a wall millisecond, standing still while the process is
 * down. It reserves a little time ahead on disk, so that a killed process can never go back in time.
 */
export function createSandboxClock(options: {
  readonly records: Records;
  readonly speed: number;
  readonly marketStart: EpochMs;
}): Clock {
  const saved = options.records.load(COLLECTION).find((row) => row.key === "ceiling");
  const anchorMarket = saved ? Number(saved.value) : options.marketStart;
  const anchorWall = Date.now();
  let ceiling = Number.NEGATIVE_INFINITY;

  function marketNow(): EpochMs {
    const now = anchorMarket + Math.floor((Date.now() - anchorWall) * options.speed);
    if (now < ceiling) return now;
    const next = now + LEASE_MS * options.speed;
    try {
      options.records.write([{ collection: COLLECTION, key: "ceiling", value: String(next) }]);
    } catch (error) {
      // A full disk: time that cannot be reserved does not pass, and nobody who asks for it fails.
      if (ceiling === Number.NEGATIVE_INFINITY) throw error;
      return ceiling;
    }
    ceiling = next;
    return now;
  }

  return { wallNow: () => Date.now(), marketNow, elapsedMs, later, sleep };
}

/** Monotonic: unlike the wall clock it never steps. */
function elapsedMs(): number {
  return performance.now();
}

function later(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, Math.max(0, ms));
  return () => clearTimeout(timer);
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(finish, Math.max(0, ms));
    signal?.addEventListener("abort", finish, { once: true });
    function finish() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    }
  });
}
