/** Every check, in order: types, lint, dead code, tests. Ends with `N passed, N failed`. */
const CHECKS = [
  { name: "types", command: ["bun", "--bun", "tsc", "--noEmit"] },
  { name: "lint", command: ["bun", "biome", "ci", "--colors=off"] },
  { name: "dead code", command: ["bun", "--bun", "knip", "--no-progress"] },
] as const;

async function runChecks(): Promise<number> {
  let passed = 0;
  let failed = 0;
  for (const check of CHECKS) {
    const started = performance.now();
    const { exitCode, output } = await run(["bun", "x", ...check.command.slice(1)]);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    say(`${exitCode === 0 ? "ok  " : "FAIL"} ${check.name} (${seconds} s)`);
    if (exitCode !== 0) say(output);
    if (exitCode === 0) passed += 1;
    else failed += 1;
  }
  const tests = await run(["bun", "test", "tests/"], true);
  passed += count(tests.output, /^\s*(\d+) pass$/m);
  failed += count(tests.output, /^\s*(\d+) fail$/m);
  if (tests.exitCode !== 0 && failed === 0) failed = 1;
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
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

export {};
