import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { readCredentials } from "#config/read-credentials.ts";

const folder = mkdtempSync(join(tmpdir(), "hedgerow-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FIELDS = ["apiKey", "secret", "password"];
const GOOD = `apiKey = "canary-key-0001"\nsecret = "canary-secret-0001"\npassword = "canary-pass-0001"\n`;
const isRoot = process.geteuid?.() === 0;
let files = 0;

function keyFile(text: string, options: { readonly mode?: number; readonly end?: string } = {}) {
  files += 1;
  const path = join(folder, `okx-${files}${options.end ?? ".toml"}`);
  writeFileSync(path, text);
  chmodSync(path, options.mode ?? 0o600);
  return path;
}

const read = (path: string, fields: readonly string[] = FIELDS) =>
  readCredentials({ venue: "okx", path, fields });

function refusal(path: string, fields?: readonly string[]): string {
  try {
    read(path, fields);
  } catch (error) {
    if (error instanceof Error && error.name === "OperatorError") return error.message;
  }
  throw new Error("it was accepted");
}

describe("a key file", () => {
  test.each([
    ["TOML", GOOD, ".toml"],
    ["JSON", JSON.stringify(Bun.TOML.parse(GOOD)), ".json"],
    ["TOML without an ending", GOOD, ""],
  ])("of %s gives its fields", (_name, text, end) => {
    const credentials = read(keyFile(text, { end }));

    expect(credentials.reveal()).toEqual({
      apiKey: "canary-key-0001",
      secret: "canary-secret-0001",
      password: "canary-pass-0001",
    });
    expect(credentials.secrets()).toHaveLength(3);
  });

  test("that is read cannot be printed", () => {
    const credentials = read(keyFile(GOOD));
    const printed = [
      Bun.inspect(credentials),
      inspect(credentials, { showHidden: true, customInspect: false }),
      JSON.stringify(credentials),
      String(credentials),
    ];
    expect(printed.join()).not.toContain("canary");
  });

  test("does not count an address or an account number as a secret", () => {
    const fields = ["walletAddress", "accountId", "privateKey"];
    const path = keyFile(`walletAddress = "0xabc"\naccountId = "126"\nprivateKey = "0x00112233"`);
    expect(read(path, fields).secrets()).toEqual(["0x00112233"]);
  });
});

describe("its mode", () => {
  test.each([0o600, 0o400])("%o is accepted", (mode) => {
    expect(read(keyFile(GOOD, { mode })).secrets()).toHaveLength(3);
  });

  test.each([0o644, 0o640, 0o604, 0o660, 0o601, 0o620, 0o700, 0o4600])(
    "%o is refused with what to type",
    (mode) => {
      const path = keyFile(GOOD, { mode });
      expect(refusal(path)).toContain(`type: chmod 600 ${path}`);
    },
  );

  test("a path with spaces is quoted in what to type", () => {
    const path = keyFile(GOOD, { mode: 0o644, end: " of mine.toml" });
    expect(refusal(path)).toContain(`chmod 600 '${path}'`);
  });

  test("that of a link's target counts", () => {
    const link = (name: string, target: string) => {
      symlinkSync(target, join(folder, name));
      return join(folder, name);
    };
    expect(refusal(link("open.toml", keyFile(GOOD, { mode: 0o644 })))).toContain("chmod 600");
    expect(read(link("closed.toml", keyFile(GOOD))).secrets()).toHaveLength(3);
  });
});

describe("what is no key file", () => {
  test("a folder, a pipe and a file that is absent are refused, without waiting", () => {
    const pipe = join(folder, "pipe.toml");
    Bun.spawnSync(["mkfifo", "-m", "600", pipe]);

    expect(refusal(folder)).toContain("is not a regular file");
    expect(refusal(pipe)).toContain("is not a regular file");
    expect(refusal(join(folder, "absent.toml"))).toContain("is not there");
  });

  test.if(isRoot)("a file of another user is refused with what to type", () => {
    const path = keyFile(GOOD);
    chownSync(path, 12_345, 12_345);
    expect(refusal(path)).toContain(`belongs to another user; type: sudo chown 0 ${path}`);
  });

  test.each([
    ["canary-secret-value", ".toml"],
    ["canary-secret-value", ".json"],
    ['["canary-secret-value"]', ".json"],
    ['apiKey = "canary-secret-value', ".toml"],
    ["x".repeat(70_000), ".toml"],
  ])("text that is not a table is refused and not repeated", (text, end) => {
    const said = refusal(keyFile(text, { end }));
    expect(said.split("\n")).toHaveLength(1);
    expect(said).not.toMatch(/canary|xxx/);
  });
});

describe("its fields", () => {
  test("everything that is wrong is told at once, a line each, and no value is repeated", () => {
    const path = keyFile(
      'apiKey = ""\npassword = 1234567890123456\nuid = "canary-1"\ncanarySecretValue = "canary-2"\n',
    );

    expect(refusal(path).split("\n")).toEqual([
      `key file of okx: ${path}: apiKey is empty`,
      `key file of okx: ${path}: secret is missing`,
      `key file of okx: ${path}: password must be text in quotes`,
      `key file of okx: ${path}: uid is unknown; this venue takes apiKey, secret, password`,
      `key file of okx: ${path}: field 4 (its name is not shown) is unknown; this venue takes apiKey, secret, password`,
    ]);
  });

  test("a secret too short for the redactor is refused", () => {
    const path = keyFile(GOOD.replace("canary-pass-0001", "abc1234"));
    expect(refusal(path)).toContain("password is too short to be a secret");
  });

  test("blanks around a value, as pasting leaves them, are no part of it", () => {
    const path = keyFile(GOOD.replace('"canary-key-0001"', '" canary-key-0001\\n"'));
    expect(read(path).reveal()["apiKey"]).toBe("canary-key-0001");
  });
});
