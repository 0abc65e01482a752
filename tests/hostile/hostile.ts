import { parseArgs } from "node:util";
import { seedOfPart } from "./dice.ts";
import { PART_CALLS, type PartReport, runParts, temperOf } from "./parts.ts";
import { runPart } from "./run-part.ts";

const USAGE = `bun run hostile --calls N --seed N   a hostile model's calls, on all cores
bun run hostile --seed N --part N    one part of such a run again`;

async function main(): Promise<number> {
  const values = readOptions();
  if (values === null) return usage("these options are not known");
  const [calls, seed] = [whole(values.calls ?? "100000"), whole(values.seed ?? "1")];
  const part = values.part === undefined ? null : whole(values.part);
  if (calls === null || calls === 0 || seed === null) {
    return usage("--calls and --seed must be whole numbers, --calls at least 1");
  }
  if (values.part !== undefined && part === null) return usage("--part must be a whole number");
  const started = performance.now();
  const total = { calls: 0, orders: 0, openings: 0, approvals: 0, bought: 0, borrowed: 0 };
  const broken: PartReport[] = [];
  const count = (report: PartReport) => {
    total.calls += report.calls;
    total.orders += report.orders;
    total.openings += report.openings;
    total.bought += report.bought;
    total.borrowed += report.borrowed;
    total.approvals += report.approvals;
    if (report.violation) broken.push(report);
  };
  if (part === null) await runParts({ seed, calls }, count);
  else count({ part, ...(await runPart(seedOfPart(seed, part), PART_CALLS, temperOf(part))) });
  for (const { part, violation } of broken.sort((a, b) => a.part - b.part)) {
    say(`${violation?.rule}: ${violation?.detail}`);
    say(`  after ${violation?.afterCalls} calls; bun run hostile --seed ${seed} --part ${part}`);
  }
  const seconds = (performance.now() - started) / 1_000;
  say(
    `${seconds.toFixed(1)} s; ${total.approvals} approvals that opened; ${total.openings} orders to open, ${total.bought} of them for coins, ${total.borrowed} of borrowed ones`,
  );
  say(`calls=${total.calls} orders=${total.orders} violations=${broken.length}`);
  return broken.length === 0 ? 0 : 1;
}

function readOptions() {
  try {
    const text = { type: "string" } as const;
    const options = { calls: text, seed: text, part: text };
    return parseArgs({ args: process.argv.slice(2), options }).values;
  } catch {
    return null;
  }
}

function whole(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function usage(why: string): number {
  process.stderr.write(`${why}\n${USAGE}\n`);
  return 2;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exit(await main());
