import { expect, test } from "bun:test";
import { describeError } from "#src/core/errors.ts";
import { createJsonLogger } from "#src/runtime/json-logger.ts";
import { createRedactor } from "#src/runtime/redactor.ts";

test("no secret's value reaches a log line, wherever it stands", () => {
  const lines: string[] = [];
  const redactor = createRedactor();
  redactor.add("canary-secret-value");
  const token = "4200000001:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr";
  const log = createJsonLogger(redactor.redact, (line) => void lines.push(line));

  log.error("failed", {
    error: new Error("GET https://x/?key=canary-secret-value"),
    url: `https://t/bot${token}/getMe`,
  });

  expect(lines.join("")).toContain('"event":"failed"');
  expect(lines.join("")).not.toMatch(/canary-secret-value|AAbbCC/);
});

test("a short secret at which a description was cut off does not stay either", () => {
  const lines: string[] = [];
  const redactor = createRedactor();
  redactor.add("Hunter2-Canary");
  const log = createJsonLogger(redactor.redact, (line) => void lines.push(line));

  const error = new Error(`${"x".repeat(288)}Hunter2-Canary`);
  log.error("failed", { error, next: 1 });
  log.error("failed", { error: describeError(error), next: 1 });

  expect(lines.join("")).not.toContain("Hunter2");
});

test("what cannot be written is said to be so, and nothing is thrown", () => {
  const lines: string[] = [];
  const log = createJsonLogger(createRedactor().redact, (line) => void lines.push(line));
  const ring: Record<string, unknown> = {};
  ring["ring"] = ring;

  log.info("odd", { big: 10n, ring });
  log.info("even", { big: 10n });

  expect(lines[0]).toContain('"unprintable":["at","level","event","big","ring"]');
  expect(lines[1]).toContain('"big":"10"');
});
