import type { Fault } from "./faults.ts";
import type { Schedule } from "./run-schedule.ts";

/** Brings one kind of trouble into a schedule. */
export type Cause = (schedule: Schedule) => void;

/** Once, if it strikes: mostly while the hedge is being opened, sometimes later. */
export function atSomeMoment(schedule: Schedule, fault: Fault, happen: () => void): void {
  if (!schedule.swarm.strikes(fault)) return;
  schedule.world.after(momentOf(schedule), happen);
}

export function momentOf({ choices }: Schedule): number {
  return choices.draw(2) === 0 ? 200 + choices.draw(30) * 20 : 1_000 + choices.draw(40) * 1_000;
}

/** Nobody but a person can mend it. Only the first asset's positions are touched from outside. */
export function touch({ beyondUs, assets }: Schedule): void {
  beyondUs.touched.add(assets[0] ?? "BTC");
}
