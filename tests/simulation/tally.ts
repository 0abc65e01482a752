import { ALERT_REASONS } from "#src/ports/store.ts";
import { FAULTS } from "./faults.ts";
import type { EndState, ScheduleResult } from "./run-schedule.ts";

export const END_STATES = ["neutral", "flat", "held", "silent"] as const satisfies EndState[];

export interface Failure {
  readonly seed: number;
  readonly rule: string;
  readonly detail: string;
}

/** What a run of schedules came to; two of them add up. */
export interface Tally {
  schedules: number;
  crashes: number;
  violations: number;
  events: number;
  virtualMs: number;
  longestNakedMs: number;
  longestUntoldMs: number;
  /** Times that each fault struck, schedules in which it did, and how their hedges ended. */
  readonly faults: Record<string, FaultTally>;
  /** Times that each reason to speak up was reached. */
  readonly reasons: Record<string, number>;
  readonly ends: Record<EndState, number>;
  /** The first ones, lowest seed first. */
  readonly failures: Failure[];
}

export interface FaultTally {
  reached: number;
  schedules: number;
  readonly ends: Record<EndState, number>;
  longestNakedMs: number;
  longestUntoldMs: number;
}

const FAILURES_KEPT = 20;

export function emptyTally(): Tally {
  return {
    ...{ schedules: 0, crashes: 0, violations: 0, events: 0, virtualMs: 0 },
    ...{ longestNakedMs: 0, longestUntoldMs: 0 },
    faults: Object.fromEntries(
      FAULTS.map((fault) => [
        fault,
        { reached: 0, schedules: 0, ends: noEnds(), longestNakedMs: 0, longestUntoldMs: 0 },
      ]),
    ),
    reasons: Object.fromEntries(ALERT_REASONS.map((reason) => [reason, 0])),
    ends: noEnds(),
    failures: [],
  };
}

export function count(tally: Tally, seed: number, result: ScheduleResult): void {
  tally.schedules += 1;
  tally.crashes += result.crashes;
  tally.events += result.events;
  tally.virtualMs += result.virtualMs;
  tally.longestNakedMs = Math.max(tally.longestNakedMs, result.longestNakedMs);
  tally.longestUntoldMs = Math.max(tally.longestUntoldMs, result.longestUntoldMs);
  for (const end of result.ends) tally.ends[end] += 1;
  for (const reason of result.reasons) tally.reasons[reason] = (tally.reasons[reason] ?? 0) + 1;
  FAULTS.forEach((fault, index) => {
    const reached = result.reached[index] ?? 0;
    const one = tally.faults[fault];
    if (reached === 0 || !one) return;
    one.reached += reached;
    one.schedules += 1;
    for (const end of result.ends) one.ends[end] += 1;
    one.longestNakedMs = Math.max(one.longestNakedMs, result.longestNakedMs);
    one.longestUntoldMs = Math.max(one.longestUntoldMs, result.longestUntoldMs);
  });
  const [violation] = result.violations;
  if (!violation) return;
  tally.violations += 1;
  const { rule, detail } = violation;
  if (tally.failures.length < FAILURES_KEPT) tally.failures.push({ seed, rule, detail });
}

export function addTally(to: Tally, other: Tally): void {
  to.schedules += other.schedules;
  to.crashes += other.crashes;
  to.violations += other.violations;
  to.events += other.events;
  to.virtualMs += other.virtualMs;
  to.longestNakedMs = Math.max(to.longestNakedMs, other.longestNakedMs);
  to.longestUntoldMs = Math.max(to.longestUntoldMs, other.longestUntoldMs);
  for (const end of END_STATES) to.ends[end] += other.ends[end];
  for (const [reason, times] of Object.entries(other.reasons)) {
    to.reasons[reason] = (to.reasons[reason] ?? 0) + times;
  }
  for (const [fault, theirs] of Object.entries(other.faults)) {
    const ours = to.faults[fault];
    if (!ours) continue;
    ours.reached += theirs.reached;
    ours.schedules += theirs.schedules;
    for (const end of END_STATES) ours.ends[end] += theirs.ends[end];
    ours.longestNakedMs = Math.max(ours.longestNakedMs, theirs.longestNakedMs);
    ours.longestUntoldMs = Math.max(ours.longestUntoldMs, theirs.longestUntoldMs);
  }
  to.failures.push(...other.failures);
  to.failures.sort((a, b) => a.seed - b.seed);
  to.failures.splice(FAILURES_KEPT);
}

/** Fault kinds and reasons to speak up that nothing reached: a run that misses one proves little. */
export function unreached(tally: Tally): readonly string[] {
  return [
    ...Object.entries(tally.faults).flatMap(([fault, one]) => (one.reached === 0 ? [fault] : [])),
    ...Object.entries(tally.reasons).flatMap(([reason, times]) =>
      times === 0 && !NEVER_EXPECTED.has(reason) ? [reason] : [],
    ),
  ];
}

/** Said only when the engine itself is wrong. */
const NEVER_EXPECTED = new Set(["INVARIANT_BROKEN"]);

function noEnds(): Record<EndState, number> {
  return { neutral: 0, flat: 0, held: 0, silent: 0 };
}
