/**
 * Runs a script of ours in a process of its own, a share of a long computation, and yields what it writes: a
 * line of JSON each. `preload` is loaded before everything else.
 */
export async function* runWorker(
  script: string,
  args: readonly string[],
  preload: readonly string[] = [],
): AsyncGenerator<unknown> {
  const command = [
    process.execPath,
    ...preload.flatMap((file) => ["--preload", file]),
    ...[script, ...args],
  ];
  const child = Bun.spawn(command, { env: TUNING, stdout: "pipe", stderr: "pipe" });
  const errors = new Response(child.stderr).text();
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of child.stdout) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
  if ((await child.exited) !== 0) throw new Error(`${script} failed: ${await errors}`);
}

/**
 * Every core has one of these to run. A garbage collector that saves memory, or calls the other cores for help, and
 * the compiler's last stage, which pays off after minutes only, would take two fifths of the time from the work.
 */
const TUNING = {
  BUN_JSC_largeHeapSize: "200000000",
  BUN_JSC_numberOfGCMarkers: "1",
  BUN_JSC_useFTLJIT: "0",
};
