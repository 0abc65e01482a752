/** Seeded chance: the same seed throws the same. */
export interface Dice {
  /** A whole number from 0 to `below` − 1. */
  below(below: number): number;
  /** True in about `perMille` of 1000 throws. */
  chance(perMille: number): boolean;
  pick<T>(list: readonly T[]): T;
}

/** mulberry32: small, fast, and the same everywhere. */
export function seededDice(seed: number): Dice {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 0;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  return {
    below,
    chance: (perMille) => below(1_000) < perMille,
    pick(list) {
      const one = list[below(list.length)];
      if (one === undefined) throw new Error("nothing to pick from");
      return one;
    },
  };
}

/** The seed of one part of a run: parts are independent, so that they can run anywhere. */
export function seedOfPart(seed: number, part: number): number {
  return Math.imul(seed, 0x01000193) ^ Math.imul(part + 1, 0x9e3779b1);
}
