import { runVectorFile } from "#tests/vectors/vector-file.ts";

/** `bun run vectors FILE…`: golden cases through the product's own functions. */
async function runVectors(paths: readonly string[]): Promise<number> {
  if (paths.length === 0) return complain("name one or more vector files");
  let passed = 0;
  let failed = 0;
  for (const path of paths) {
    const result = await runVectorFile(path);
    if (typeof result === "string") return complain(result);
    passed += result.passed;
    failed += result.failures.length;
    for (const line of result.failures) process.stdout.write(`FAIL ${line}\n`);
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

function complain(line: string): number {
  process.stderr.write(`${line}\n`);
  return 2;
}

process.exit(await runVectors(process.argv.slice(2)));
