import type { Clock } from "#src/ports/clock.ts";

/** What `work` comes to, or `otherwise` when that takes too long. */
export function inTime<T>(
  clock: Pick<Clock, "later">,
  ms: number,
  work: Promise<T>,
  otherwise: T,
): Promise<T> {
  const late = Promise.withResolvers<T>();
  const cancel = clock.later(ms, () => late.resolve(otherwise));
  return Promise.race([work, late.promise]).finally(cancel);
}
