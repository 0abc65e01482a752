import { parseArgs } from "node:util";
import { replayedChoices, seededChoices } from "./choices.ts";
import { killMutants } from "./kill-mutants.ts";
import { runRange, runTasks } from "./parallel.ts";
import { describeReport, saveReport } from "./report.ts";
import { runSchedule, Schedule } from "./run-schedule.ts";
import { readChoices, shrink, writeChoices } from "./shrink.ts";
import { type Tally, unreached } from "./tally.ts";
import { tellStory } from "./tell-story.ts";

const USAGE = `bun run simulate --from SEED --count N   runs these schedules on all cores
bun run simulate --report                 a million of them, as the table that /proof shows
bun run simulate --replay CHOICES         one schedule again, from its printed choices`;

/** From this size on a run must have reached every fault kind and every reason to speak up. */
const TELLING = 20_000;
const CRASH_SEEDS = 24;
const MUTANT_LIMIT = 100_000;

async function main(): Promise<number> {
  const values = readOptions();
  if (values === null) return usage("these options are not known");
  if (values.replay !== undefined) return replay(values.replay);
  const from = whole(values.from ?? (values.report ? "5000001" : "1"));
  const count = whole(values.count ?? (values.report ? "1000000" : "10000"));
  if (from === null || count === null || count === 0) {
    return usage("--from and --count must be whole numbers, --count at least 1");
  }
  const started = performance.now();
  const tally = await runRange({ from, count }, progressOf(count, started));
  const seconds = (performance.now() - started) / 1_000;
  const missed = unreached(tally);
  if (values.report) await report(tally, from);
  for (const failure of tally.failures.slice(0, 1)) explain(failure.seed);
  for (const { seed, rule, detail } of tally.failures) say(`seed ${seed}: ${rule} ${detail}`);
  if (missed.length > 0 && count >= TELLING) say(`not reached: ${missed.join(", ")}`);
  const tooFew = count >= TELLING && missed.length > 0 ? missed.length : 0;
  say(
    `${Math.round(count / seconds)} schedules a second; longest naked ${inSeconds(tally.longestNakedMs)}, longest without an alert ${inSeconds(tally.longestUntoldMs)}`,
  );
  say(`schedules=${tally.schedules} crashes=${tally.crashes} violations=${tally.violations}`);
  say(`${tally.schedules - tally.violations} passed, ${tally.violations + tooFew} failed`);
  return tally.violations + tooFew === 0 ? 0 : 1;
}

/** With every crash point and every built-in defect, so that the page tells the whole of it. */
async function report(tally: Tally, from: number): Promise<void> {
  say(describeReport(tally));
  const points = await runTasks([{ kind: "crashPoints", seeds: CRASH_SEEDS }]);
  const defects = await killMutants(from, MUTANT_LIMIT);
  tally.violations += points.violations;
  await saveReport(tally, { from, crashPoints: points.schedules, defects });
}

/** The first failing seed, its smallest choices, and how to play them again. */
function explain(seed: number): void {
  const choices = seededChoices(seed);
  const [violation] = runSchedule(choices).violations;
  const smallest = shrink(choices.taken, (list) => {
    const [found] = runSchedule(replayedChoices(list)).violations;
    return found?.rule === violation?.rule;
  });
  say(`SEED=${seed} CHOICES=${writeChoices(smallest)}`);
  say(
    `${choices.taken.length} choices, ${smallest.filter((one) => one > 0).length} of them matter`,
  );
  say(`bun run simulate --replay ${writeChoices(smallest)}`);
}

function replay(text: string): number {
  const list = readChoices(text);
  if (list === null) return usage("--replay takes what a failing run printed, like 5,0*12,3");
  const schedule = new Schedule(replayedChoices(list), null);
  const result = schedule.run();
  for (const line of tellStory(schedule)) say(line);
  for (const { rule, hedgeId, detail } of result.violations)
    say(`${rule} ${hedgeId ?? ""} ${detail}`);
  const failed = result.violations.length > 0 ? 1 : 0;
  say(`schedules=1 crashes=${result.crashes} violations=${failed}`);
  say(`${1 - failed} passed, ${failed} failed`);
  return failed;
}

function progressOf(count: number, started: number): (tally: Tally) => void {
  let saidAt = started;
  return ({ schedules, violations }) => {
    if (!process.stderr.isTTY && performance.now() - saidAt < 10_000) return;
    if (performance.now() - saidAt < 500) return;
    saidAt = performance.now();
    const share = Math.floor((schedules / count) * 100);
    process.stderr.write(`${share} %: ${schedules} schedules, ${violations} violations\n`);
  };
}

function readOptions() {
  try {
    const text = { type: "string" } as const;
    const options = { from: text, count: text, replay: text, report: { type: "boolean" } } as const;
    return parseArgs({ args: process.argv.slice(2), options }).values;
  } catch {
    return null;
  }
}

function whole(text: string): number | null {
  return /^\d{1,10}$/.test(text) ? Number(text) : null;
}

function usage(why: string): number {
  process.stderr.write(`${why}\n${USAGE}\n`);
  return 2;
}

function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exit(await main());
