import { z } from "zod";
import { isLoopbackHost } from "#config/loopback.ts";
import { type Decimal, parseDecimal } from "#src/core/decimal.ts";
import { runningParameters } from "./running-parameters.ts";

/** Who serves models, and the environment variable that holds the key there. */
export const MODEL_KEYS = {
  anthropic: "HEDGEROW_ANTHROPIC_KEY",
  openai: "HEDGEROW_OPENAI_KEY",
  deepseek: "HEDGEROW_DEEPSEEK_KEY",
  xai: "HEDGEROW_XAI_KEY",
  qwen: "HEDGEROW_QWEN_KEY",
  gemini: "HEDGEROW_GEMINI_KEY",
  openrouter: "HEDGEROW_OPENROUTER_KEY",
  ollama: "HEDGEROW_OLLAMA_KEY",
  compatible: "HEDGEROW_COMPATIBLE_KEY",
} as const;

export type ModelProvider = keyof typeof MODEL_KEYS;

export const MODEL_PROVIDERS = Object.keys(MODEL_KEYS) as readonly ModelProvider[];

const HIGHEST_PRICE = "10000";
const HIGHEST_BUDGET = "100000";

const names = z
  .array(z.string())
  .refine((list) => new Set(list).size === list.length, "names a model twice");

const modelTable = z.strictObject({
  chat: names,
  scan: names,
  chatUsdPerDay: usdText(HIGHEST_BUDGET),
  scanUsdPerDay: usdText(HIGHEST_BUDGET),
  chatUsdPerTurn: usdText(HIGHEST_BUDGET),
  openWithoutModel: z.boolean(),
  ...runningParameters.model,
});

const price = () => usdText(HIGHEST_PRICE, " (take it from the provider's price page)");

const modelEntry = z.strictObject({
  provider: z.enum(MODEL_PROVIDERS),
  name: z
    .string()
    .regex(/^[\w.:/@-]{1,120}$/, "must be the model's name as its provider writes it"),
  baseUrl: z.string().default("").transform(endpoint),
  inputUsdPerMillion: price(),
  cachedInputUsdPerMillion: price(),
  cacheWriteUsdPerMillion: price().optional(),
  outputUsdPerMillion: price(),
});

export const modelTables = {
  model: modelTable,
  models: z
    .record(
      z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, "must be a short name: a-z, 0-9 and -"),
      modelEntry,
    )
    .default({}),
};

const together = z.object({
  model: z.object({ chat: z.array(z.string()), scan: z.array(z.string()) }),
  models: z
    .record(
      z.string(),
      z.object({ provider: z.string(), name: z.string(), baseUrl: z.string().default("") }).loose(),
    )
    .default({}),
});

/** What is wrong between settings that are right one by one. */
export function modelContradictions(settings: unknown): readonly string[] {
  const parsed = together.safeParse(settings);
  if (!parsed.success) return [];
  const { model, models } = parsed.data;
  const unknown = (["chat", "scan"] as const).flatMap((use) =>
    model[use]
      .filter((name) => !Object.hasOwn(models, name))
      .map((name) => `model.${use}: there is no table [models.${name}]`),
  );
  // A vote is known by the model's name, and who speaks twice is not heard at all.
  const voters = model.scan.flatMap((table) => models[table]?.name ?? []);
  const twice = voters
    .filter((name, index) => voters.indexOf(name) !== index)
    .map((name) => `model.scan: two of its tables name the same model, ${name}`);
  const missing = Object.entries(models).flatMap(([name, entry]) => [
    ...(entry.provider === "compatible" && entry.baseUrl === ""
      ? [`models.${name}.baseUrl: provider "compatible" needs the address of its endpoint`]
      : []),
    ...(entry.provider === "anthropic" && entry["cacheWriteUsdPerMillion"] === undefined
      ? [`models.${name}.cacheWriteUsdPerMillion: is missing, and "anthropic" bills it`]
      : []),
  ]);
  return [...unknown, ...twice, ...missing];
}

/** USD as text, exact. */
function usdText(most: string, hint = "") {
  const message = `must be USD in quotes from 0 to ${most}${hint}`;
  return z.string(message).transform((text, context): Decimal => {
    const value = parseDecimal(text);
    return value?.gte("0") && value.lte(most) ? value : refuse(context, message);
  });
}

/** "" is the provider's own. Questions and keys travel there, so nobody may listen in. */
function endpoint(text: string, context: z.core.$RefinementCtx<string>): string | null {
  if (text === "") return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOurs = url && isLoopbackHost(url.hostname);
  const isSafe = url?.protocol === "https:" || (isOurs && url.protocol === "http:");
  if (!url || !isSafe || url.username || url.password || url.search || url.hash) {
    return refuse(context, "must be https://… (or http:// on this machine), without a key in it");
  }
  return url.href.replace(/\/+$/, "");
}

function refuse(context: z.core.$RefinementCtx<string>, message: string): never {
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}
