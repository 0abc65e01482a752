import type { Clock } from "#src/ports/clock.ts";

export interface VenueClock {
  /** How far the venue's clock is ahead of ours, as last measured; 0 before that. */
  readonly aheadMs: () => number;
  /** Was the venue's clock read, and has ours not stepped since? */
  readonly isTimed: () => boolean;
  /** Resolves once it is so: what is signed before that may be out of its time. */
  readonly timed: () => Promise<void>;
  /** The venue finds our requests out of their time: its clock is read anew before the next question. */
  readonly mistimed: () => void;
  /** What it said, and when that question left. */
  readonly noteTime: (venueTime: number, askedMs: number) => void;
}

/** Further than clocks drift apart in a day; a step of this machine's clock, or a sleep of it, is more. */
const STEP_MS = 500;

/** The venue's time on this machine, whose own clock may step at any moment. */
export function createVenueClock(
  clock: Pick<Clock, "wallNow" | "elapsedMs">,
  ask: () => Promise<unknown>,
): VenueClock {
  let aheadMs = 0;
  let asking: Promise<unknown> | null = null;
  // Our wall clock less the one that never steps, when the venue's was read; null for not read.
  let baseMs: number | null = null;
  const drift = () => clock.wallNow() - clock.elapsedMs();
  const isTimed = () => baseMs !== null && Math.abs(drift() - baseMs) < STEP_MS;
  return {
    aheadMs: () => aheadMs,
    isTimed,
    async timed() {
      if (isTimed()) return;
      asking ??= ask().finally(() => {
        asking = null;
      });
      await asking;
    },
    mistimed() {
      baseMs = null;
    },
    noteTime(venueTime, askedMs) {
      const tookMs = clock.elapsedMs() - askedMs;
      aheadMs = Math.round(venueTime + tookMs / 2 - clock.wallNow());
      baseMs = drift();
    },
  };
}
