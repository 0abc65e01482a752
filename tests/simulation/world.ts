import { drainMicrotasks } from "bun:jsc";

interface Happening {
  readonly at: number;
  readonly order: number;
  happen: (() => void) | null;
}

/**
 * Virtual time. Everything that takes time is an event here; between two events all promises are run to
 * their end, so ordinary async code runs unmodified, in one order, as fast as the machine can.
 */
export class World {
  nowMs = 0;
  events = 0;
  #heap: Happening[] = [];
  #order = 0;

  /** Returns how to take it back. */
  after(delayMs: number, happen: () => void): () => void {
    const event: Happening = { at: this.nowMs + delayMs, order: this.#order++, happen };
    push(this.#heap, event);
    return () => {
      event.happen = null;
    };
  }

  /** Runs until `untilMs`, or until `stop` says so after an event, or nothing is left to happen. */
  run(untilMs: number, stop: () => boolean): void {
    drainMicrotasks();
    for (let next = this.#heap[0]; next && next.at <= untilMs; next = this.#heap[0]) {
      pop(this.#heap);
      const { happen } = next;
      if (happen === null) continue;
      this.nowMs = next.at;
      this.events += 1;
      happen();
      drainMicrotasks();
      if (stop()) return;
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Happening[], event: Happening): void {
  let index = heap.length;
  heap.push(event);
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex];
    if (!parent || !isBefore(event, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = event;
}

function pop(heap: Happening[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const left = index * 2 + 1;
    const right = left + 1;
    const [first, second] = [heap[left], heap[right]];
    if (!first) break;
    const smaller = second && isBefore(second, first) ? right : left;
    const child = heap[smaller];
    if (!child || !isBefore(child, last)) break;
    heap[index] = child;
    index = smaller;
  }
  heap[index] = last;
}
