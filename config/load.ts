import { type Settings, settingsSchema } from "#config/schema.ts";
import { OperatorError } from "#src/core/errors.ts";
import demoToml from "./demo.toml" with { type: "text" };
import settingsToml from "./settings.toml" with { type: "text" };

/** Secrets come from the environment only; they are never written into settings. */
export interface Secrets {
  readonly telegramToken: string | null;
  readonly modelKey: string | null;
}

/**
 * Reads settings.toml (for the demo with demo.toml over it) and the secrets. Throws an OperatorError
 * that lists every violation at once.
 */
export function loadSettings(profile: "demo" | "operator"): {
  settings: Settings;
  secrets: Secrets;
} {
  const base = parseToml("config/settings.toml", settingsToml);
  const merged = profile === "demo" ? merge(base, parseToml("config/demo.toml", demoToml)) : base;
  const parsed = settingsSchema.safeParse(merged);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new OperatorError(`config/settings.toml: ${lines.join("; ")}`);
  }
  return { settings: parsed.data, secrets: readSecrets() };
}

function readSecrets(): Secrets {
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
