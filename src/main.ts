import { type ParseArgsConfig, parseArgs } from "node:util";
import { secretValues } from "#config/load.ts";
import { describeError, OperatorError } from "#src/core/errors.ts";
import { guardOutput } from "#src/runtime/guard-output.ts";
import { createRedactor, type Redactor } from "#src/runtime/redactor.ts";

const USAGE = `hedgerow <command>
  demo    everything on a simulated market: [--port N] [--state DIR] [--speed N] [--seed N] [--replay FILE] [--headless] [--config FILE]
  start   the bot: [--config FILE], else from config/settings.toml
  backtest  rules on recorded data: --help lists the flags
  doctor  checks the configuration and says how to mend it: [--config FILE]`;

/** The way in: one command, and every expected failure as one line with exit code 2. */
async function main(argv: readonly string[], redactor: Redactor): Promise<void> {
  for (const secret of secretValues()) redactor.add(secret);
  const [command, ...rest] = argv;
  switch (command) {
    case "demo":
      return (await import("#src/main/run-demo.ts")).runDemo(readDemoOptions(rest), redactor);
    case "start":
      return (await import("#src/main/run-start.ts")).runStart(readStartOptions(rest), redactor);
    case "doctor":
      return (await import("#src/main/doctor/run-doctor.ts")).runDoctor(
        readStartOptions(rest),
        redactor,
      );
    case "backtest":
      return (await import("#src/main/backtest/run-backtest.ts")).runBacktest(rest);
    default:
      throw new OperatorError(`${command ? `unknown command ${command}` : "no command"}\n${USAGE}`);
  }
}

function readDemoOptions(args: readonly string[]) {
  const values = parse(args, {
    port: { type: "string" },
    state: { type: "string" },
    speed: { type: "string" },
    seed: { type: "string" },
    replay: { type: "string" },
    headless: { type: "boolean" },
    config: { type: "string" },
  });
  return {
    port: whole("--port", values.port ?? "8420", 0, 65_535),
    stateDir: values.state ?? "./data/demo",
    speed: whole("--speed", values.speed ?? "60", 1, 3_600),
    seed: whole("--seed", values.seed ?? "1", 0, 2 ** 31),
    replay: values.replay ?? null,
    headless: values.headless ?? false,
    config: values.config ?? null,
  };
}

function readStartOptions(args: readonly string[]) {
  return { config: parse(args, { config: { type: "string" } }).config ?? null };
}

function parse<Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new OperatorError(`${describeError(error)}\n${USAGE}`, { cause: error });
  }
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new OperatorError(`${name} must be a whole number from ${least} to ${most}, not "${text}"`);
}

const redactor = createRedactor();
guardOutput(redactor.redact);
try {
  await main(process.argv.slice(2), redactor);
} catch (error) {
  const expected = error instanceof OperatorError;
  const text = expected ? error.message : `unexpected failure: ${describeError(error)}`;
  process.stderr.write(`${redactor.redact(text)}\n`);
  process.exit(expected ? 2 : 1);
}
