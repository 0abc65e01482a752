import { format } from "node:util";
import { describeError } from "#src/core/errors.ts";

type Name = "log" | "info" | "warn" | "error" | "debug" | "trace" | "dir" | "dirxml" | "table";

const NAMES: readonly Name[] = [
  ...(["log", "info", "warn", "error", "debug"] as const),
  ...(["trace", "dir", "dirxml", "table"] as const),
];

/**
 * What libraries print, and what ends the process before anybody watches over it, passes the redactor too:
 * the runtime would print a thrown error with all its fields, and a venue's error holds signed requests.
 */
export function guardOutput(redact: (text: string) => string): void {
  const say = (text: string) => void process.stderr.write(`${redact(text)}\n`);
  const print = (...values: readonly unknown[]) => say(format(...values));
  Object.assign(globalThis.console, Object.fromEntries(NAMES.map((name) => [name, print])));
  const die = (error: unknown) => {
    say(`unexpected failure: ${describeError(error)}`);
    process.exit(1);
  };
  process.on("uncaughtException", die);
  process.on("unhandledRejection", die);
}
