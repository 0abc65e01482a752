import { expect, test } from "bun:test";
import { type Choices, seededChoices } from "./choices.ts";
import { runSchedule } from "./run-schedule.ts";

test("when nothing goes wrong nobody is alarmed, and every hedge is neutral or flat", () => {
  const ends = new Set<string>();
  for (let seed = 1; seed <= 400; seed += 1) {
    const { violations, reasons, ends: these } = runSchedule(calm(seed), { first: 0, second: 0 });
    expect({ seed, violations, reasons }).toEqual({ seed, violations: [], reasons: [] });
    for (const end of these) ends.add(end);
  }
  expect([...ends].sort()).toEqual(["flat", "neutral"]);
});

/** Latencies, makers, closes and kills as they come; no fault kind is ever on. */
function calm(seed: number): Choices {
  const choices = seededChoices(seed);
  let first = true;
  return {
    ...choices,
    draw(below) {
      // The first choice is the number of fault kinds.
      const value = first ? 0 : choices.draw(below);
      first = false;
      return value;
    },
  };
}
