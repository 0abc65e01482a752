import { seedOfPart } from "./dice.ts";
import { CUNNING, PART_CALLS, parseShare, temperOf } from "./parts.ts";
import { runPart } from "./run-part.ts";

/** One share of a run, in its own process: the share as an argument, each part's report as a line. */
const { seed, calls, first, stride, untilFound, spot = false } = parseShare(process.argv[2] ?? "");
for (let part = first; part * PART_CALLS < calls; part += stride) {
  const size = Math.min(PART_CALLS, calls - part * PART_CALLS);
  const temper = untilFound ? { ...CUNNING, spot } : temperOf(part);
  const result = await runPart(seedOfPart(seed, part), size, temper);
  process.stdout.write(`${JSON.stringify({ part, ...result })}\n`);
  if (untilFound && result.violation) break;
}
// What a dead life still waits for never comes.
process.exit(0);
