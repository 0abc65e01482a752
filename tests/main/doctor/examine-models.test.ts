import { afterAll, describe, expect, test } from "bun:test";
import { examineModels } from "#src/main/doctor/examine-models.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { startModelEndpoint } from "#tests/support/model-endpoint.ts";
import { modelKeys, modelSettings, modelTable } from "#tests/support/model-settings.ts";

const endpoint = startModelEndpoint();
afterAll(() => endpoint.stop());

const KEY = "model-key-0001";
const secrets = modelKeys({ anthropic: KEY, gemini: KEY });

async function examine(provider: "anthropic" | "gemini" | "ollama" | "xai") {
  const models = { one: modelTable(provider, { baseUrl: endpoint.url }) };
  const settings = modelSettings(models, { chat: ["one"], scan: ["one"] });
  const checks = await examineModels({ settings, secrets }, createSystemClock());
  expect(checks).toHaveLength(1);
  return checks[0];
}

const about = (lifecycle: string) => ({
  ...{ id: "anthropic-model", type: "model", lifecycle, retires_at: "2027-01-31T00:00:00Z" },
});
const list = (...ids: string[]) => ({ object: "list", data: ids.map((id) => ({ id })) });

describe("the doctor says of a model", () => {
  test.each([
    [
      "that it answers",
      "anthropic",
      about("active"),
      200,
      true,
      "anthropic-model (anthropic) answers",
    ],
    [
      "when it will be taken away",
      "anthropic",
      about("deprecated"),
      200,
      true,
      "will take it away on 2027-01-31: name a newer",
    ],
    [
      "that it was taken away",
      "anthropic",
      about("retired"),
      200,
      false,
      "has no model anthropic-model",
    ],
    [
      "that its name is unknown",
      "anthropic",
      { type: "error", error: { type: "not_found_error" } },
      404,
      false,
      "put a name from its list",
    ],
    [
      "that its key is refused",
      "anthropic",
      { type: "error", error: { type: "authentication_error", message: KEY } },
      401,
      false,
      "put it into HEDGEROW_ANTHROPIC_KEY",
    ],
    ["that something else answers", "anthropic", { hello: 1 }, 200, false, "check baseUrl"],
    [
      "that it is on the list",
      "gemini",
      list("models/gemini-model"),
      200,
      true,
      "gemini-model (gemini) answers",
    ],
    [
      "that it is not on the list",
      "gemini",
      list("models/other"),
      200,
      false,
      "has no model gemini-model",
    ],
    ["that nobody can tell", "gemini", { error: { message: "?" } }, 404, true, "cannot be checked"],
    [
      "that there is no credit",
      "gemini",
      { error: { message: "?" } },
      402,
      false,
      "no credit left",
    ],
    ["without a key, where none is needed", "ollama", list("ollama-model"), 200, true, "answers"],
  ] as const)("%s", async (_what, provider, body, status, ok, says) => {
    endpoint.json(body, { status });
    const check = await examine(provider);
    expect(check).toMatchObject({ ok, name: "model one" });
    expect(check?.says).toContain(says);
    expect(check?.says).not.toContain(KEY);
  });

  test("that it has no key, and asks nobody", async () => {
    const before = endpoint.asked.length;
    expect(await examine("xai")).toMatchObject({
      ...{ ok: false, says: "it has no key: set HEDGEROW_XAI_KEY" },
    });
    expect(endpoint.asked).toHaveLength(before);
  });

  test("that there is none", async () => {
    const settings = modelSettings({}, {});
    const checks = await examineModels({ settings, secrets }, createSystemClock());
    expect(checks).toMatchObject([{ ok: true, says: expect.stringContaining("rules") }]);
  });
});
