import { afterEach, describe, expect, test } from "bun:test";
import { loadSettings, secretValues } from "#config/load.ts";
import { MODEL_KEYS, MODEL_PROVIDERS } from "#config/model-settings.ts";
import { modelSettings, modelTable } from "#tests/support/model-settings.ts";
import { writeSettings } from "#tests/support/write-settings.ts";

function refusal(models: Readonly<Record<string, object>>, model: object = {}): string {
  try {
    modelSettings(models, { ...model });
  } catch (error) {
    if (error instanceof Error && error.name === "OperatorError") return error.message;
  }
  throw new Error("it was accepted");
}

describe("the settings that are shipped", () => {
  test.each(["operator", "demo"] as const)("name no model for the %s", (profile) => {
    const { model, models } = loadSettings(profile).settings;
    expect([model.chat, model.scan, model.openWithoutModel, models]).toEqual([[], [], false, {}]);
  });
});

describe("a model", () => {
  test("that the settings name answers in the demo too, on the demo's own limits", () => {
    const models = { one: modelTable("openai") };
    const file = writeSettings({ model: { chat: ["one"], scan: ["one"] }, models });
    const { settings } = loadSettings("demo", file);
    expect([settings.model.chat, settings.model.scan]).toEqual([["one"], ["one"]]);
    expect(settings.models["one"]?.provider).toBe("openai");
    expect(settings.limits.hardCapUsd.toFixed()).toBe("5000");
  });

  test.each(MODEL_PROVIDERS)("of %s is taken with its name and its prices", (provider) => {
    const baseUrl = provider === "compatible" ? "https://models.example.org/v1/" : "";
    const { models } = modelSettings({ one: modelTable(provider, { baseUrl }) }, { chat: ["one"] });
    expect(models["one"]?.outputUsdPerMillion.toFixed()).toBe("10");
    expect(models["one"]?.baseUrl).toBe(baseUrl === "" ? null : "https://models.example.org/v1");
  });

  test("without a price is refused, whichever it is, and all that is wrong is said at once", () => {
    const { outputUsdPerMillion: _, ...noOutput } = modelTable("openai");
    const noWrite = { provider: "anthropic", name: "claude", inputUsdPerMillion: "5" };
    const said = refusal(
      {
        ...{ gpt: noOutput, claude: noWrite, local: modelTable("compatible") },
        cheap: modelTable("xai", { inputUsdPerMillion: "free" }),
      },
      { chat: ["gpt", "gpt"], scan: ["nobody"] },
    );
    expect(said.split("; ").length).toBeGreaterThan(4);
    for (const part of [
      "models.gpt.outputUsdPerMillion: must be USD in quotes",
      "models.claude.outputUsdPerMillion: must be USD in quotes from 0 to 10000 (take it from the provider's price page)",
      'models.claude.cacheWriteUsdPerMillion: is missing, and "anthropic" bills it',
      'models.local.baseUrl: provider "compatible" needs the address',
      "models.cheap.inputUsdPerMillion: must be USD in quotes",
      "model.chat: names a model twice",
      "model.scan: there is no table [models.nobody]",
    ])
      expect(said).toContain(part);
  });

  test("whose table has no short name is told how to name it", () => {
    const said = refusal({ "My Model": modelTable("openai") });
    expect(said).toContain("models.My Model: must be a short name: a-z, 0-9 and -");
  });

  test("votes on scans under one table only, wherever it is served", () => {
    const tables = {
      direct: modelTable("deepseek", { name: "same" }),
      routed: modelTable("openrouter", { name: "same" }),
    };
    expect(refusal(tables, { scan: ["direct", "routed"] })).toContain(
      "model.scan: two of its tables name the same model, same",
    );
    expect(modelSettings(tables, { chat: ["direct", "routed"] }).model.chat).toHaveLength(2);
  });

  test.each([
    "http://models.example.org/v1",
    "ftp://127.0.0.1",
    "https://me:key@example.org",
    "example.org",
  ])("is never asked at %s", (baseUrl) => {
    const said = refusal({ one: modelTable("compatible", { baseUrl }) });
    expect(said).toContain("models.one.baseUrl: must be https://");
  });

  test.each(["http://127.0.0.1:11434/v1", "http://localhost:1/v1", "http://[::1]:1/v1"])(
    "on this machine is asked at %s",
    (baseUrl) => {
      const { models } = modelSettings({ one: modelTable("compatible", { baseUrl }) }, {});
      expect(models["one"]?.baseUrl).toBe(baseUrl);
    },
  );
});

describe("keys in the environment", () => {
  const set: string[] = [];
  afterEach(() => {
    for (const name of set.splice(0)) delete Bun.env[name];
  });
  function put(name: string, value: string): void {
    set.push(name);
    Bun.env[name] = value;
  }

  test("are read by their provider's name, and each is given to the redactor", () => {
    for (const provider of MODEL_PROVIDERS) put(MODEL_KEYS[provider], `key-of-${provider}`);
    put("HEDGEROW_MODEL_KEY", "key-of-old");
    const values = secretValues();
    for (const provider of [...MODEL_PROVIDERS, "old"])
      expect(values).toContain(`key-of-${provider}`);
  });

  test("under the old name are refused with the new one, never repeated", () => {
    put("HEDGEROW_MODEL_KEY", "key-of-old");
    const said = refusal({ gpt: modelTable("openai") }, { chat: ["gpt"] });
    expect(said).toContain("HEDGEROW_MODEL_KEY is not read any more");
    expect(said).toContain("HEDGEROW_OPENAI_KEY");
    expect(said).not.toContain("key-of-old");
  });
});
