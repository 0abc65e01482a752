/** One line of the table: ours beside a floor that ran in the same process. */
export function row(what: string, oursMs: number, floorMs: number): readonly string[] {
  return [what, show(oursMs), show(floorMs), `${(oursMs / floorMs).toFixed(1)} ×`];
}

export function show(ms: number): string {
  return ms >= 1 ? `${ms.toFixed(2)} ms` : `${(ms * 1000).toFixed(1)} µs`;
}

export function median(turns: number, work: () => unknown): number {
  const times: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const started = performance.now();
    work();
    times.push(performance.now() - started);
  }
  return middle(times);
}

export function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
