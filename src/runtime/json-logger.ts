import { describeError } from "#src/core/errors.ts";
import type { Logger } from "#src/ports/logger.ts";

/** One JSON line an event on standard error; secrets are cut out of every value and of the line itself. */
export function createJsonLogger(
  redact: (text: string) => string,
  write: (line: string) => void = (line) => process.stderr.write(line),
): Logger {
  function emit(level: string, event: string, fields: Readonly<Record<string, unknown>> = {}) {
    const head = { at: new Date().toISOString(), level, event };
    // Once more as a whole: a name of a field can be a secret too.
    write(`${redact(toLine({ ...head, ...fields }, redact, head))}\n`);
  }

  return {
    info: (event, fields) => emit("info", event, fields),
    warn: (event, fields) => emit("warn", event, fields),
    error: (event, fields) => emit("error", event, fields),
  };
}

/** Logging never throws: what cannot be written is said to be so. */
function toLine(fields: object, redact: (text: string) => string, head: object): string {
  try {
    return JSON.stringify(fields, (_key, value: unknown) => {
      if (typeof value === "string") return redact(value);
      if (typeof value === "bigint") return value.toString();
      return value instanceof Error ? redact(describeError(value)) : value;
    });
  } catch {
    return JSON.stringify({ ...head, unprintable: Object.keys(fields) });
  }
}
