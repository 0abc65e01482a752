/** Where all of a schedule's randomness comes from: from a seed, or from a list that is played again. */
export interface Choices {
  /** A whole number from 0 to `below` − 1; 0 is always the benign one. */
  draw(below: number): number;
  /** True in about `perMille` of 1000 cases; never when only zeros are left. */
  chance(perMille: number): boolean;
  readonly taken: readonly number[];
}

/** mulberry32: small, fast, and the same everywhere. */
export function seededChoices(seed: number): Choices {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 0;
  return createChoices(() => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  });
}

/** Plays a list again; after its end every choice is the benign one. */
export function replayedChoices(list: readonly number[]): Choices {
  let next = 0;
  return createChoices((below) => {
    const value = list[next] ?? 0;
    next += 1;
    return Math.min(value, below - 1);
  });
}

function createChoices(source: (below: number) => number): Choices {
  const taken: number[] = [];
  const draw = (below: number): number => {
    const value = source(below) % below;
    taken.push(value);
    return value;
  };
  return { draw, chance: (perMille) => draw(1_000) >= 1_000 - perMille, taken };
}
