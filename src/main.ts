import { parseArgs } from "node:util";
import { loadSettings } from "#config/load.ts";
import { describeError, OperatorError } from "#src/core/errors.ts";
import { runDemo } from "#src/main/run-demo.ts";
import { runDoctor } from "#src/main/run-doctor.ts";

const USAGE = `hedgerow <command>
  demo    everything on a simulated market: [--port N] [--state DIR] [--speed N] [--seed N] [--replay FILE] [--headless]
  start   the bot from config/settings.toml
  doctor  checks the configuration and says how to mend it`;

/** The way in: one command, and every expected failure as one line with exit code 2. */
async function main(argv: readonly string[]): Promise<void> {
  const [command, ...rest] = argv;
  switch (command) {
    case "demo":
      return runDemo(readDemoOptions(rest));
    case "start":
      loadSettings("operator");
      throw new OperatorError(
        "live market data is not part of this version yet, so there is nothing to start on; `bun run demo` runs everything on a simulated market",
      );
    case "doctor":
      return runDoctor();
    default:
      throw new OperatorError(`${command ? `unknown command ${command}` : "no command"}\n${USAGE}`);
  }
}

function readDemoOptions(args: readonly string[]) {
  const values = parse(args);
  return {
    port: whole("--port", values.port ?? "8420", 0, 65_535),
    stateDir: values.state ?? "./data/demo",
    speed: whole("--speed", values.speed ?? "60", 1, 3_600),
    seed: whole("--seed", values.seed ?? "1", 0, 2 ** 31),
    replay: values.replay ?? null,
    headless: values.headless ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: "string" },
        state: { type: "string" },
        speed: { type: "string" },
        seed: { type: "string" },
        replay: { type: "string" },
        headless: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new OperatorError(`${describeError(error)}\n${USAGE}`, { cause: error });
  }
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new OperatorError(`${name} must be a whole number from ${least} to ${most}, not "${text}"`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const expected = error instanceof OperatorError;
  const text = expected ? error.message : `unexpected failure: ${describeError(error)}`;
  process.stderr.write(`${text}\n`);
  process.exit(expected ? 2 : 1);
}
