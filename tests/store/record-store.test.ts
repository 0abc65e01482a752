import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperatorError } from "#src/core/errors.ts";
import { openRecords } from "#src/store/record-store.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hedgerow-records-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const row = (key: string, value: string | null) => ({ collection: "c", key, value });

describe("records", () => {
  test("come back in the order in which their keys were first written", () => {
    const path = join(folder, "order.db");
    const records = openRecords(path);
    records.write([row("b", "1"), row("a", "2")]);
    records.write([row("b", "3"), { collection: "other", key: "a", value: "9" }]);
    records.close();
    const again = openRecords(path);
    expect(again.load("c")).toEqual([
      { key: "b", value: "3" },
      { key: "a", value: "2" },
    ]);
    again.write([row("b", null)]);
    expect(again.load("c").map((one) => one.key)).toEqual(["a"]);
    again.close();
  });

  test("are readable by their owner alone", () => {
    const path = join(folder, "mode.db");
    openRecords(path).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("belong to one process: a second one hears in one line who is in the way", async () => {
    const path = join(folder, "locked.db");
    const records = openRecords(path);
    const { output } = await inAnotherProcess(`openRecords(${JSON.stringify(path)})`);
    records.close();
    expect(output).toStartWith(`OperatorError: ${path} is in use by another Hedgerow process`);
    expect(output.trim()).not.toContain("\n");
  });

  test("survive a kill right after the write", async () => {
    const path = join(folder, "killed.db");
    const { signal } = await inAnotherProcess(
      `openRecords(${JSON.stringify(path)}).write([{ collection: "c", key: "k", value: "v" }]);
       process.kill(process.pid, "SIGKILL")`,
    );
    expect(signal).toBe("SIGKILL");
    const records = openRecords(path);
    expect(records.load("c")).toEqual([{ key: "k", value: "v" }]);
    records.close();
  });

  test("are never made out of something that is not ours", async () => {
    const path = join(folder, "text.db");
    await Bun.write(path, "this is not a database, and it is long enough to be looked at");
    expect(() => openRecords(path)).toThrow(OperatorError);
  });
});

async function inAnotherProcess(code: string) {
  const script = `import { openRecords } from "#src/store/record-store.ts";
    try { ${code} } catch (error) { process.stdout.write(String(error)) }`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "pipe" });
  const output = await new Response(child.stdout).text();
  await child.exited;
  return { output, signal: child.signalCode };
}
