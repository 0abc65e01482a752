import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import slowest from "./slowest-files.json" with { type: "json" };

/** Every check, in order: types, lint, dead code, tests. Ends with `N passed, N failed`. */
const CHECKS = [
  { name: "types", command: ["bun", "--bun", "tsc", "--noEmit"] },
  { name: "lint", command: ["bun", "biome", "ci", "--colors=off"] },
  { name: "dead code", command: ["bun", "--bun", "knip", "--no-progress"] },
] as const;

/** A test file that is not one of the slowest takes less than this. */
const QUICK_MS = 5_000;

/** For a test that hangs. A slow machine is no defect: bun's own five seconds would call it one. */
const HUNG_MS = 180_000;

async function runChecks(): Promise<number> {
  let passed = 0;
  let failed = 0;
  for (const { check, exitCode, output, seconds } of await Promise.all(CHECKS.map(runCheck))) {
    say(`${exitCode === 0 ? "ok  " : "FAIL"} ${check.name} (${seconds} s)`);
    if (exitCode !== 0) say(output);
    if (exitCode === 0) passed += 1;
    else failed += 1;
  }
  const tests = await run(await testCommand(), true);
  passed += count(tests.output, /^\s*(\d+) pass$/m);
  failed += count(tests.output, /^\s*(\d+) fail$/m);
  failed += count(tests.output, /^\s*(\d+) errors?$/m);
  if (tests.exitCode !== 0 && failed === 0) failed = 1;
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/**
 * Half of the tests compute on both cores, the others wait on sockets and timers: two files at a time, those
 * that compute first and beside each other. More at a time would break what is timed. A worker that dies is
 * a failure.
 */
async function testCommand(): Promise<readonly string[]> {
  const files = [...new Bun.Glob("tests/**/*.test.ts").scanSync()];
  // A file without a time would go before the slow ones.
  const quick = Object.fromEntries(files.map((file) => [file, QUICK_MS]));
  const timings = { ...slowest, files: { ...quick, ...slowest.files } };
  const path = join(mkdtempSync(join(tmpdir(), "hedgerow-checks-")), "timings.json");
  await Bun.write(path, JSON.stringify(timings));
  const how = ["--parallel=2", "--no-isolate", `--timeout=${HUNG_MS}`, `--timings=${path}`];
  return ["bun", "test", ...how, "tests/"];
}

async function runCheck(check: (typeof CHECKS)[number]) {
  const started = performance.now();
  const result = await run(["bun", "x", ...check.command.slice(1)]);
  return { check, ...result, seconds: ((performance.now() - started) / 1000).toFixed(1) };
}

async function run(command: readonly string[], live = false) {
  const child = Bun.spawn([...command], { stdout: "pipe", stderr: "pipe", stdin: "ignore" });
  const parts: string[] = [];
  await Promise.all([collect(child.stdout, parts, live), collect(child.stderr, parts, live)]);
  return { exitCode: await child.exited, output: parts.join("") };
}

async function collect(stream: ReadableStream<Uint8Array>, parts: string[], live: boolean) {
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const text = decoder.decode(chunk, { stream: true });
    parts.push(text);
    if (live) process.stdout.write(text);
  }
}

function count(output: string, pattern: RegExp): number {
  return Number(pattern.exec(output)?.[1] ?? 0);
}

function say(line: string) {
  process.stdout.write(`${line}\n`);
}

process.exit(await runChecks());
