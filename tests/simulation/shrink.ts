/**
 * The smallest list of choices that `fails` still fails on: the tail cut off, blocks made benign, values
 * made smaller, as long as any of it helps.
 */
export function shrink(
  choices: readonly number[],
  fails: (choices: readonly number[]) => boolean,
  tries = 600,
): readonly number[] {
  let best = cutZeros(choices);
  let left = tries;
  const keeps = (candidate: readonly number[]): boolean => {
    if (left === 0) return false;
    left -= 1;
    if (!fails(candidate)) return false;
    best = cutZeros(candidate);
    return true;
  };
  for (let before = -1; before !== weight(best) && left > 0; ) {
    before = weight(best);
    while (best.length > 0 && keeps(best.slice(0, best.length >> 1)));
    for (let block = best.length >> 1; block >= 1; block >>= 1) {
      for (let start = 0; start < best.length; start += block) {
        const piece = best.slice(start, start + block);
        if (piece.every((value) => value === 0)) continue;
        keeps(best.map((value, index) => (index >= start && index < start + block ? 0 : value)));
      }
    }
    for (let index = 0; index < best.length; index += 1) {
      while ((best[index] ?? 0) > 0 && keeps(best.map((v, at) => (at === index ? v >> 1 : v))));
    }
  }
  return best;
}

/** As text for a command line: `5,0*12,3`. */
export function writeChoices(choices: readonly number[]): string {
  const parts: string[] = [];
  for (let index = 0; index < choices.length; ) {
    const value = choices[index] ?? 0;
    let end = index;
    while (choices[end] === value) end += 1;
    parts.push(end - index > 1 ? `${value}*${end - index}` : `${value}`);
    index = end;
  }
  return parts.join(",");
}

/** Null when the text is not a list of choices. */
export function readChoices(text: string): readonly number[] | null {
  if (!/^(\d{1,9}(\*\d{1,5})?)(,\d{1,9}(\*\d{1,5})?)*$/.test(text)) return text === "" ? [] : null;
  return text.split(",").flatMap((part) => {
    const [value = "0", times = "1"] = part.split("*");
    return Array.from({ length: Number(times) }, () => Number(value));
  });
}

function cutZeros(choices: readonly number[]): readonly number[] {
  let end = choices.length;
  while (end > 0 && choices[end - 1] === 0) end -= 1;
  return choices.slice(0, end);
}

function weight(choices: readonly number[]): number {
  return choices.reduce(
    (sum, value) => sum + (value === 0 ? 0 : 1 + value / 1_000),
    choices.length,
  );
}
