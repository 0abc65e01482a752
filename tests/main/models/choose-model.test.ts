import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { chooseModel, chooseScanModels } from "#src/main/models/choose-model.ts";
import { missingKeys } from "#src/main/models/models-in-use.ts";
import type { ModelRequest } from "#src/ports/language-model.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { startModelEndpoint } from "#tests/support/model-endpoint.ts";
import { modelKeys, modelSettings, modelTable } from "#tests/support/model-settings.ts";
import { failureOf, modelRequest } from "#tests/support/models.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";

const endpoint = startModelEndpoint();
afterAll(() => endpoint.stop());
beforeEach(() => {
  endpoint.asked.length = 0;
  endpoint.json({ error: { message: "no" } }, { status: 400 });
});

const KEYS = modelKeys({ anthropic: "anthropic-key-1", openai: "openai-key-0001" });
const baseUrl = endpoint.url;
const MODELS = {
  claude: modelTable("anthropic", { baseUrl }),
  gpt: modelTable("openai", { baseUrl }),
  grok: modelTable("xai", { baseUrl }),
};

function parts(model: Readonly<Record<string, unknown>>) {
  const clock = createSystemClock();
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  return {
    ...{ settings: modelSettings(MODELS, model), secrets: KEYS, store, clock, log: silentLogger },
    redact: (text: string) => text.replaceAll("canary", "[redacted]"),
  };
}

test("whichever model is configured, what is sent to it was redacted", async () => {
  const calls = [{ id: "c", name: "get_status", argumentsJson: '{"a":"canary"}' }];
  const request: ModelRequest = modelRequest({
    system: "canary system",
    facts: "canary facts",
    messages: [
      { role: "user", text: "canary question" },
      {
        ...{ role: "assistant", text: "canary answer", calls },
        echo: {
          provider: "anthropic/anthropic-model",
          payload: [{ type: "text", text: "canary echo" }],
        },
      },
      { role: "tool", callId: "c", name: "get_status", json: '{"b":"canary"}' },
    ],
  });
  const all = parts({ chat: ["claude", "gpt"], scan: ["claude", "gpt"] });
  await chooseModel(all).reply(request);
  for (const model of chooseScanModels(all)) {
    await failureOf(model.reply({ ...request, purpose: "scan" }));
  }

  expect(endpoint.asked).toHaveLength(4);
  for (const { body } of endpoint.asked) {
    expect(body).not.toContain("canary");
    expect(body.match(/\[redacted\]/g)).toHaveLength(6);
  }
});

describe("the chat", () => {
  test("asks in the order of the settings, then rules answer, and every request is booked", async () => {
    const all = parts({ chat: ["gpt", "grok", "claude"] });
    const { text, modelId } = await chooseModel(all).reply(modelRequest());

    expect(endpoint.asked.map(({ path }) => path)).toEqual(["/chat/completions", "/v1/messages"]);
    expect(modelId).toBe("offline");
    expect(text).not.toContain("configured");
    const rows = all.store.listModelCalls("T-1");
    expect(rows.map(({ provider, failure }) => [provider, failure])).toEqual([
      ["openai", "badRequest"],
      ["anthropic", "badRequest"],
      ["offline", null],
    ]);
  });

  test("without a model, or without any key, rules answer and say which", async () => {
    const messages = [{ role: "user", text: "hm" }] as const;
    const nobody = await chooseModel(parts({})).reply(modelRequest({ messages }));
    const keyless = await chooseModel(parts({ chat: ["grok"] })).reply(modelRequest({ messages }));

    expect(nobody.text).toContain("No language model is configured");
    expect(keyless.text).toContain("xai-model has no key (HEDGEROW_XAI_KEY is not set)");
    expect(endpoint.asked).toEqual([]);
  });

  test("with a used-up budget rules answer and say so; nothing is sent", async () => {
    const all = parts({ chat: ["claude"], chatUsdPerDay: "0" });
    const messages = [{ role: "user", text: "hm" }] as const;
    const { text } = await chooseModel(all).reply(modelRequest({ messages }));
    expect(text).toMatch(/\(answered by rules: today's budget is used up, \/cost shows on what\)$/);
    expect(endpoint.asked).toEqual([]);
  });
});

describe("votes on scans", () => {
  test("come from each named model alone; one without a key fails, so that it cannot be outvoted by silence", async () => {
    const all = parts({ scan: ["gpt", "grok"] });
    const [gpt, grok] = chooseScanModels(all);
    if (!gpt || !grok) throw new Error("two models");
    const request = modelRequest({ purpose: "scan", subjectId: "D-1", tools: [] });

    expect(await failureOf(gpt.reply(request))).toMatchObject({ failure: "badRequest" });
    expect(await failureOf(grok.reply(request))).toMatchObject({
      ...{ failure: "unauthorised", mayBeBilled: false },
    });
    expect([gpt.id, grok.id]).toEqual(["openai-model", "xai-model"]);
    expect(missingKeys(all)).toEqual([
      "models.grok has no key and is not asked, so its vote on scans is always to hold: set HEDGEROW_XAI_KEY",
    ]);
  });

  test("are none when none is named", () => {
    expect(chooseScanModels(parts({ chat: ["claude"] }))).toEqual([]);
  });
});
