import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { z } from "zod";
import type { Clock } from "#src/ports/clock.ts";
import { ModelError } from "#src/ports/language-model.ts";
import { createAnthropicClient } from "./anthropic.ts";
import { askInTime } from "./ask-in-time.ts";
import { createOpenAiClient } from "./openai-compatible.ts";
import type { CompatibleProvider } from "./presets.ts";

const TIMEOUT_MS = 10_000;
const MOST_NAMES = 5_000;

/** Whether a model is there to be asked; nothing is billed for finding out. */
export type ModelCheck =
  | { readonly kind: "there" }
  /** The provider will take it away; the date when it says one. */
  | { readonly kind: "retiring"; readonly on: string | null }
  | { readonly kind: "gone" }
  /** The endpoint answers and does not list its models. */
  | { readonly kind: "notListed" }
  | { readonly kind: "failed"; readonly error: ModelError };

interface CheckOptions {
  readonly apiKey: string | null;
  readonly model: string;
  readonly baseUrl: string | null;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export async function checkModel(
  provider: CompatibleProvider | "anthropic",
  options: CheckOptions,
): Promise<ModelCheck> {
  try {
    return await askInTime({ ...options, timeoutMs: TIMEOUT_MS }, (signal) =>
      provider === "anthropic"
        ? checkAnthropic(options, signal)
        : checkCompatible(provider, options, signal),
    );
  } catch (error) {
    const known = error instanceof ModelError ? error : new ModelError("protocol", "no answer");
    return { kind: "failed", error: known };
  }
}

const info = z.object({
  id: z.string(),
  lifecycle: z.enum(["active", "deprecated", "retired"]).nullish().catch(null),
  retires_at: z.string().nullish(),
});

async function checkAnthropic(options: CheckOptions, signal: AbortSignal): Promise<ModelCheck> {
  const { apiKey, model, baseUrl } = options;
  const client = createAnthropicClient({ apiKey: apiKey ?? "", baseUrl, timeoutMs: TIMEOUT_MS });
  try {
    const parsed = info.safeParse(await client.models.retrieve(model, null, { signal }));
    if (!parsed.success)
      throw new ModelError("protocol", "the endpoint does not speak this dialect");
    const { lifecycle, retires_at } = parsed.data;
    if (lifecycle === "retired") return { kind: "gone" };
    if (lifecycle !== "deprecated") return { kind: "there" };
    return { kind: "retiring", on: retires_at?.slice(0, 10) ?? null };
  } catch (error) {
    if (error instanceof Anthropic.NotFoundError) return { kind: "gone" };
    throw error;
  }
}

async function checkCompatible(
  provider: CompatibleProvider,
  options: CheckOptions,
  signal: AbortSignal,
): Promise<ModelCheck> {
  const client = createOpenAiClient({ ...options, provider, timeoutMs: TIMEOUT_MS });
  const names = new Set<string>();
  try {
    for await (const { id } of client.models.list({ signal })) {
      // Gemini lists its own as models/NAME.
      names.add(String(id)).add(String(id).replace(/^models\//, ""));
      if (names.size > MOST_NAMES) break;
    }
  } catch (error) {
    const isRefused = error instanceof OpenAI.NotFoundError || error instanceof TypeError;
    if (isRefused) return { kind: "notListed" };
    throw error;
  }
  if (names.size === 0) return { kind: "notListed" };
  return names.has(options.model) ? { kind: "there" } : { kind: "gone" };
}
