import type { Clock } from "#src/ports/clock.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";

/** A clock that tests move; whoever sleeps is woken when its time has come. */
export interface FakeClock extends Clock {
  /** Moves wall and market time together. */
  advance(ms: number): Promise<void>;
  setMarket(at: number): void;
}

export function createFakeClock(start = 1_770_000_000_000): FakeClock {
  let wall = start;
  let market = start;
  let sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  return {
    wallNow: () => wall,
    marketNow: () => market,
    elapsedMs: () => wall,
    later(ms, wake) {
      const sleeper = { at: wall + ms, wake };
      sleepers.push(sleeper);
      return () => {
        sleepers = sleepers.filter((one) => one !== sleeper);
      };
    },
    sleep: (ms) =>
      new Promise((wake) => {
        sleepers.push({ at: wall + ms, wake });
      }),
    async advance(ms) {
      wall += ms;
      market += ms;
      const due = sleepers.filter((one) => one.at <= wall);
      sleepers = sleepers.filter((one) => one.at > wall);
      for (const one of due) one.wake();
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    },
    setMarket(at) {
      market = at;
    },
  };
}

/** A clock that moves by itself: when nothing else runs, it jumps to the earliest sleeper and wakes it. */
export function createJumpingClock(start = 1_770_000_000_000): Clock & { jump(ms: number): void } {
  let now = start;
  let pumping = false;
  const sleepers = new Map<symbol, { readonly at: number; readonly wake: () => void }>();

  function pump(): void {
    pumping = false;
    const [next] = [...sleepers].sort(([, a], [, b]) => a.at - b.at);
    if (!next) return;
    const [key, { at, wake }] = next;
    sleepers.delete(key);
    now = Math.max(now, at);
    wake();
    keepPumping();
  }

  function keepPumping(): void {
    if (pumping || sleepers.size === 0) return;
    pumping = true;
    // A macrotask: everything that runs without sleeping has run before it.
    setImmediate(pump);
  }

  function later(ms: number, wake: () => void): () => void {
    const key = Symbol("sleeper");
    sleepers.set(key, { at: now + Math.max(0, ms), wake });
    keepPumping();
    return () => sleepers.delete(key);
  }

  return {
    wallNow: () => now,
    marketNow: () => now,
    elapsedMs: () => now,
    later,
    sleep: (ms, signal) =>
      new Promise((wake) => {
        if (signal?.aborted) return wake();
        const cancel = later(ms, wake);
        signal?.addEventListener("abort", () => {
          cancel();
          wake();
        });
      }),
    jump(ms) {
      now += ms;
    },
  };
}

/** Real time that runs `speed` times as fast, for what speaks over a socket and waits for long. */
export function createFastClock(speed: number): Clock {
  const real = createSystemClock();
  const [wall, startMs] = [real.wallNow(), real.elapsedMs()];
  const elapsedMs = () => (real.elapsedMs() - startMs) * speed;
  const now = () => wall + Math.floor(elapsedMs());
  return {
    ...{ wallNow: now, marketNow: now, elapsedMs },
    later: (ms, work) => real.later(ms / speed, work),
    sleep: (ms, signal) => real.sleep(ms / speed, signal),
  };
}

/** Real time, for what speaks over a socket; a jump is as if so much of it had passed. */
export function createShiftedClock(): Clock & { jump(ms: number): void } {
  const real = createSystemClock();
  let shiftMs = 0;
  return {
    ...real,
    wallNow: () => real.wallNow() + shiftMs,
    marketNow: () => real.marketNow() + shiftMs,
    elapsedMs: () => real.elapsedMs() + shiftMs,
    jump(ms) {
      shiftMs += ms;
    },
  };
}
