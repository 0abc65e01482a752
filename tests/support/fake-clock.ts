import type { Clock } from "#src/ports/clock.ts";

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

/** A clock whose sleepers never wait: time jumps to where they wanted to wake. */
export function createJumpingClock(start = 1_770_000_000_000): Clock & { jump(ms: number): void } {
  let now = start;
  return {
    wallNow: () => now,
    marketNow: () => now,
    async sleep(ms) {
      now += Math.max(0, ms);
      await Promise.resolve();
    },
    jump(ms) {
      now += ms;
    },
  };
}
