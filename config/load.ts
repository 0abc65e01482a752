import { readFileSync } from "node:fs";
import { type Settings, settingsSchema } from "#config/schema.ts";
import { OperatorError } from "#src/core/errors.ts";
import demoToml from "./demo.toml" with { type: "text" };
import settingsToml from "./settings.toml" with { type: "text" };
import { venueContradictions } from "./venue-settings.ts";

const OWN_FILE = "config/settings.toml";

/** Secrets come from the environment only; they are never written into settings. */
export interface Secrets {
  readonly telegramToken: string | null;
  readonly modelKey: string | null;
}

/**
 * Reads the settings (for the demo with demo.toml over them) and the secrets. Throws an OperatorError that
 * lists every violation at once. A named file stands alone: what it leaves out is an error, because a
 * default from another file could be another mode.
 */
export function loadSettings(
  profile: "demo" | "operator",
  file: string | null = null,
): {
  settings: Settings;
  secrets: Secrets;
} {
  const name = file ?? OWN_FILE;
  const base = parseToml(name, file === null ? settingsToml : readText(file));
  const merged = profile === "demo" ? merge(base, parseToml("config/demo.toml", demoToml)) : base;
  const parsed = settingsSchema.safeParse(merged);
  const problems = [
    ...(parsed.error?.issues ?? []).map(
      (issue) => `${issue.path.join(".") || "settings"}: ${issue.message}`,
    ),
    ...venueContradictions(merged),
  ];
  if (!parsed.success || problems.length > 0) {
    throw new OperatorError(`${name}: ${problems.join("; ")}`);
  }
  return { settings: parsed.data, secrets: readSecrets() };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new OperatorError(`${file} cannot be read: is that the path of a settings file?`, {
      cause: error,
    });
  }
}

export function readSecrets(): Secrets {
  return {
    telegramToken: readEnvironment("HEDGEROW_TELEGRAM_TOKEN"),
    modelKey: readEnvironment("HEDGEROW_MODEL_KEY"),
  };
}

function readEnvironment(name: string): string | null {
  // biome-ignore lint/style/noProcessEnv: the one reader of the environment
  return process.env[name]?.trim() || null;
}

type Table = { readonly [key: string]: unknown };

function parseToml(name: string, text: string): Table {
  try {
    return Bun.TOML.parse(text) as Table;
  } catch (error) {
    throw new OperatorError(`${name}: not valid TOML`, { cause: error });
  }
}

function merge(base: Table, over: Table): Table {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    result[key] = isTable(below) && isTable(value) ? merge(below, value) : value;
  }
  return result;
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
