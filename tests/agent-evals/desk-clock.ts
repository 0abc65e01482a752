import type { Clock } from "#src/ports/clock.ts";

/** Time that passes only when somebody sleeps or a test says so: every conversation is the same each time. */
export function createDeskClock(start: number): Clock & { jump(ms: number): void } {
  let now = start;
  const timers = new Map<symbol, { readonly at: number; readonly work: () => void }>();
  function jump(ms: number): void {
    now += ms;
    for (const [key, { at, work }] of timers) if (at <= now && timers.delete(key)) work();
  }
  return {
    wallNow: () => now,
    marketNow: () => now,
    elapsedMs: () => now - start,
    later(ms, work) {
      const key = Symbol("timer");
      timers.set(key, { at: now + ms, work });
      return () => void timers.delete(key);
    },
    async sleep(ms, signal) {
      // Whatever runs without sleeping runs before it.
      await new Promise((wake) => setImmediate(wake));
      if (!signal?.aborted) jump(ms);
    },
    jump,
  };
}
