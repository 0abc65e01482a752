import { readFileSync } from "node:fs";
import type { z } from "zod";
import { isLoopbackHost } from "#config/loopback.ts";
import { type Settings, settingsSchema } from "#config/schema.ts";
import { OperatorError } from "#src/core/errors.ts";
import demoToml from "./demo.toml" with { type: "text" };
import {
  MODEL_KEYS,
  MODEL_PROVIDERS,
  type ModelProvider,
  modelContradictions,
} from "./model-settings.ts";
import { parameterContradictions } from "./parameter-contradictions.ts";
import settingsToml from "./settings.toml" with { type: "text" };
import { venueContradictions } from "./venue-settings.ts";

const OWN_FILE = "config/settings.toml";
/** What earlier versions read for whichever model there was. */
const OLD_MODEL_KEY = "HEDGEROW_MODEL_KEY";

/** Secrets come from the environment only; they are never written into settings. */
export interface Secrets {
  readonly telegramToken: string | null;
  readonly modelKeys: Readonly<Record<ModelProvider, string | null>>;
  /** What programs show at `/mcp`. */
  readonly mcpToken: string | null;
}

/**
 * Reads the settings (for the demo with demo.toml over them) and the secrets. Throws an OperatorError that
 * lists every violation at once. A named file stands alone: what it leaves out has the default that is
 * declared here, or is an error, because a default from another file could be another mode.
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
  const written = profile === "demo" ? merge(base, parseToml("config/demo.toml", demoToml)) : base;
  const { merged, superseded } = withoutSuperseded(written);
  const parsed = settingsSchema.safeParse(merged);
  const problems = [
    ...(parsed.error?.issues ?? []).map(
      (issue) => `${issue.path.join(".") || "settings"}: ${wordsOf(issue)}`,
    ),
    ...superseded,
    ...(parsed.success ? parameterContradictions(parsed.data) : []),
    ...venueContradictions(merged),
    ...modelContradictions(merged),
    ...renamedKeys(merged),
    ...(parsed.success ? mcpContradictions(parsed.data, readSecrets()) : []),
  ];
  if (!parsed.success || problems.length > 0) {
    throw new OperatorError(`${name}: ${problems.join("; ")}`);
  }
  return { settings: parsed.data, secrets: readSecrets() };
}

/** What earlier versions read, and what stands for it now. */
const SUPERSEDED = [
  {
    ...{ table: "entry", name: "minSpread8h" },
    now: "is entry.seed2Base now (with entry.seed2Per10k for every 10,000 USD of a leg)",
  },
] as const;

/** An old name is told as such, and not as one that nobody knows. */
function withoutSuperseded(settings: Table) {
  const merged: Record<string, unknown> = { ...settings };
  const superseded: string[] = [];
  for (const { table, name, now } of SUPERSEDED) {
    const found = merged[table];
    if (!isTable(found) || !(name in found)) continue;
    const { [name]: _, ...others } = found;
    merged[table] = others;
    superseded.push(`${table}.${name}: ${now}`);
  }
  return { merged, superseded };
}

const SHORTEST_TOKEN = 32;

/** Whoever reaches `/mcp` can make cards: not from another machine, and not by guessing. */
function mcpContradictions({ mcp, dashboard }: Settings, { mcpToken }: Secrets): readonly string[] {
  if (!mcp.enabled) return [];
  const isStrong = mcpToken !== null && mcpToken.length >= SHORTEST_TOKEN;
  return [
    ...(isStrong
      ? []
      : [`mcp.enabled: set HEDGEROW_MCP_TOKEN to at least ${SHORTEST_TOKEN} random characters`]),
    ...(isLoopbackHost(dashboard.host)
      ? []
      : ["mcp.enabled: dashboard.host must be 127.0.0.1, because it is for this machine only"]),
  ];
}

/** What is wrong with the name of a table stands one level deeper. */
function wordsOf(issue: z.core.$ZodIssue): string {
  return (issue.code === "invalid_key" && issue.issues[0]?.message) || issue.message;
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
  const keys = MODEL_PROVIDERS.map((one) => [one, readEnvironment(MODEL_KEYS[one])] as const);
  return {
    telegramToken: readEnvironment("HEDGEROW_TELEGRAM_TOKEN"),
    modelKeys: Object.fromEntries(keys) as Secrets["modelKeys"],
    mcpToken: readEnvironment("HEDGEROW_MCP_TOKEN"),
  };
}

/** Every value in the environment that must never be seen, read by us or not. */
export function secretValues(): readonly (string | null)[] {
  const { telegramToken, modelKeys, mcpToken } = readSecrets();
  const used = [telegramToken, mcpToken, ...Object.values(modelKeys)];
  return [...used, readEnvironment(OLD_MODEL_KEY)];
}

/** A key that nobody reads would look like a model that does not answer. */
function renamedKeys(settings: Table): readonly string[] {
  if (readEnvironment(OLD_MODEL_KEY) === null) return [];
  const { models } = settings;
  const used = isTable(models) ? Object.values(models) : [];
  const provider = used.map((one) => (isTable(one) ? one["provider"] : null))[0];
  const known = MODEL_PROVIDERS.find((one) => one === provider) ?? "anthropic";
  return [
    `environment: ${OLD_MODEL_KEY} is not read any more; a key is named after its provider now, for example ${MODEL_KEYS[known]}, and ${OLD_MODEL_KEY} must be unset`,
  ];
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
