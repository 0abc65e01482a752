import type { Clock } from "#src/ports/clock.ts";
import type { World } from "./world.ts";

/** Thrown into synchronous code of a process that has just died; nothing it does afterwards has an effect. */
export class Crashed extends Error {}

/**
 * One life of the bot's process. Every call through a port passes `point` before and after its effect;
 * at the chosen one the process dies: what it awaits never comes, what it calls throws.
 */
export class Process {
  readonly world: World;
  alive = true;
  points = 0;
  readonly #crashAt: number;
  readonly #onCrash: () => void;
  /** Its wall clock is off by this much. */
  wallOffsetMs = 0;
  /** Its event loop stands still until then. */
  stalledUntilMs = 0;

  constructor(world: World, crashAt: number, onCrash: () => void) {
    this.world = world;
    this.#crashAt = crashAt;
    this.#onCrash = onCrash;
  }

  /** True while the process goes on. */
  point(): boolean {
    if (!this.alive) return false;
    this.points += 1;
    if (this.points !== this.#crashAt) return true;
    this.die();
    return false;
  }

  die(): void {
    if (!this.alive) return;
    this.alive = false;
    this.#onCrash();
  }

  /** A port call that does its work at once: a store write. */
  sync<T>(work: () => T): T {
    if (!this.point()) throw new Crashed("the process is dead");
    const result = work();
    if (!this.point()) throw new Crashed("the process died");
    return result;
  }

  /** Runs `happen` in this process after a while, unless it is dead by then. */
  after(delayMs: number, happen: () => void): () => void {
    return this.world.after(delayMs, () => {
      if (!this.alive) return;
      const stall = this.stalledUntilMs - this.world.nowMs;
      if (stall > 0) this.after(stall, happen);
      else happen();
    });
  }
}

const START = 1_770_000_000_000;

export function processClock(process: Process): Clock {
  const { world } = process;
  const now = () => START + world.nowMs;
  return {
    wallNow: () => now() + process.wallOffsetMs,
    marketNow: now,
    elapsedMs: () => world.nowMs,
    later(ms, work) {
      return process.point() ? process.after(ms, work) : () => undefined;
    },
    sleep(ms, signal) {
      if (!process.point()) return never();
      return new Promise((wake) => {
        if (signal?.aborted) return wake();
        const cancel = process.after(Math.max(0, ms), wake);
        signal?.addEventListener("abort", () => {
          cancel();
          wake();
        });
      });
    },
  };
}

/** The true time at the venues. */
export function venueTime(world: World): number {
  return START + world.nowMs;
}

/** A dead process never goes on: what awaits it waits for ever. Fresh each time, so that nothing leaks. */
export function never<T>(): Promise<T> {
  return new Promise<T>(() => {});
}
