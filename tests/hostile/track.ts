/** Counts what happens, so that "between the tap and the order" has a meaning while the clock stands. */
export interface Turns {
  now: number;
}

/** A value with its past: what somebody may have read since some moment. */
export class Track<T> {
  readonly #turns: Turns;
  readonly #past: { readonly turn: number; readonly value: T }[];

  constructor(turns: Turns, value: T) {
    this.#turns = turns;
    this.#past = [{ turn: 0, value }];
  }

  get value(): T {
    const last = this.#past[this.#past.length - 1];
    if (!last) throw new Error("a track is never empty");
    return last.value;
  }

  set(value: T): void {
    this.#past.push({ turn: ++this.#turns.now, value });
  }

  /** Every value that was true at some moment since `turn`. */
  since(turn: number): readonly T[] {
    const found: T[] = [];
    for (let at = this.#past.length - 1; at >= 0; at -= 1) {
      const one = this.#past[at];
      if (!one) break;
      found.push(one.value);
      if (one.turn <= turn) break;
    }
    return found;
  }
}
