import { expect, test } from "bun:test";
import { createJsonLogger } from "#src/runtime/json-logger.ts";

test("no secret's value reaches a log line, wherever it stands", () => {
  const lines: string[] = [];
  const token = "4200000001:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr";
  const log = createJsonLogger(["canary-secret-value", null], (line) => void lines.push(line));

  log.error("failed", {
    error: new Error("GET https://x/?key=canary-secret-value"),
    url: `https://t/bot${token}/getMe`,
  });

  expect(lines.join("")).toContain('"event":"failed"');
  expect(lines.join("")).not.toMatch(/canary-secret-value|AAbbCC/);
});
