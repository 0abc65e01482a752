import { describeError } from "#src/core/errors.ts";
import type { Logger } from "#src/ports/logger.ts";

/** One JSON line an event on standard error; every secret's value is cut out before it is written. */
export function createJsonLogger(
  secrets: readonly (string | null)[],
  write: (line: string) => void = (line) => process.stderr.write(line),
): Logger {
  const known = secrets.filter((secret) => secret !== null && secret.length >= 8);

  function emit(level: string, event: string, fields: Readonly<Record<string, unknown>> = {}) {
    const line = JSON.stringify({ at: new Date().toISOString(), level, event, ...plain(fields) });
    write(`${redact(line, known)}\n`);
  }

  return {
    info: (event, fields) => emit("info", event, fields),
    warn: (event, fields) => emit("warn", event, fields),
    error: (event, fields) => emit("error", event, fields),
  };
}

const TOKEN_SHAPE = /\d{8,10}:[\w-]{30,}/g;

function redact(line: string, secrets: readonly (string | null)[]): string {
  let safe = line.replace(TOKEN_SHAPE, "[redacted]");
  for (const secret of secrets) if (secret) safe = safe.replaceAll(secret, "[redacted]");
  return safe;
}

function plain(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? describeError(value) : value,
    ]),
  );
}
