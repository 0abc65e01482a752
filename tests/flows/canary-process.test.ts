import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DemoProcess } from "#tests/support/demo-process.ts";

const LEAKY_PROCESS = fileURLToPath(import.meta.resolve("#tests/support/leaky-process.ts"));
const NO_REDACTOR = fileURLToPath(import.meta.resolve("#tests/support/no-redactor.ts"));
const SECRET = "CanaryKey4f1b9c77d2e84a06b3c5e7f9a1b2c3d4";
const TOKEN = "4200000009:CanaryTokenAbCdEfGhIjKlMnOpQrStUvWx";

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = Bun.spawn([process.execPath, ...args], {
    ...{ stdout: "pipe", stderr: "pipe", stdin: "ignore" },
    env: { ...Bun.env, ...env },
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { all: out + err, exitCode: await child.exited };
}

describe("a process that fails with a secret in its hands", () => {
  const leak = (way: string, ...more: readonly string[]) =>
    run([LEAKY_PROCESS, way, SECRET, ...more]);

  test.each([
    ["throws", 1],
    ["rejects", 1],
    ["running throws", 1],
    ["running rejects", 1],
    ["prints", 0],
  ])("and %s, tells the failure without it", async (way, exitCode) => {
    const [guarded, unguarded] = await Promise.all([leak(way), leak(way, "unguarded")]);

    expect(guarded.all).toContain("https://v.example/?key=[redacted]");
    expect(guarded.all).not.toContain(SECRET.slice(8, 20));
    expect(guarded.exitCode).toBe(exitCode);
    // Once it runs, its log tells, and it stops in order.
    expect(guarded.all.includes('"event":"stopping"')).toBe(way.startsWith("running"));
    expect(unguarded.all).toContain(SECRET);
  });

  test("and serves, answers one line and prints nothing of it", async () => {
    const { all } = await leak("serves", "unguarded");
    expect(all).toContain("500 this did not work");
    expect(all).not.toContain(SECRET);
  });
});

test("a command line with a secret in it is refused without repeating it", async () => {
  const args = ["src/main.ts", SECRET, TOKEN];
  const known = await run(args, { HEDGEROW_OPENAI_KEY: SECRET });
  const unknown = await run(args, { HEDGEROW_OPENAI_KEY: "" });

  expect(known.all).toContain("unknown command [redacted]");
  expect(unknown.all).toContain(SECRET);
});

describe.each([
  ["with the redactor", "", false],
  ["without it (the test can fail)", `--preload=${NO_REDACTOR}`, true],
])("the whole demo, %s", (_name, bunOptions, leaks) => {
  const demo = new DemoProcess("--speed", "60");

  beforeAll(
    () =>
      demo.start({
        ...{ HEDGEROW_OPENAI_KEY: SECRET, HEDGEROW_TELEGRAM_TOKEN: TOKEN },
        BUN_OPTIONS: bunOptions,
      }),
    30_000,
  );
  afterAll(() => demo.dispose());

  test("an owner who types a secret into the chat finds it nowhere again", async () => {
    for (const text of [
      `my key is ${SECRET}`,
      `/open ${SECRET}`,
      `/rates ${TOKEN}`,
      `hedge ${SECRET}`,
    ])
      await demo.say(text);
    await demo.message((line) => /No .*rates|no .*rates|not/.test(line.text), "an answer");
    await demo.until(
      async () => (await demo.messages()).filter((line) => line.from === "bot").length >= 5,
      "five messages",
    );
    const pages = await Promise.all(
      ["/", "/api/status", "/api/rates", "/api/health"].map(async (path) =>
        (await fetch(`${demo.url}${path}`)).text(),
      ),
    );
    const said = (await demo.messages()).filter((line) => line.from === "bot");
    await demo.kill();
    // The sandbox's own file is Telegram's side: what the owner typed stands there.
    const files = readdirSync(demo.stateDir).filter((name) => name.startsWith("hedgerow.db"));
    const memory = files.map((name) => readFileSync(join(demo.stateDir, name), "latin1"));

    const sinks = {
      said: JSON.stringify(said),
      memory: memory.join(),
      pages: pages.join(),
      log: demo.log,
    };
    const found = Object.entries(sinks).filter(([, bytes]) => /canary/i.test(bytes));
    expect(found.map(([name]) => name)).toEqual(leaks ? ["said", "memory"] : []);
  });
});
