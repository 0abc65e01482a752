import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { LLMock } from "@copilotkit/aimock";
import { createAnthropicModel } from "#src/llm/anthropic.ts";
import { createOpenAiCompatibleModel } from "#src/llm/openai-compatible.ts";
import { chooseAdvisor } from "#src/main/models/choose-advisor.ts";
import type { LanguageModel } from "#src/ports/language-model.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { closeCandidate, decisionTable, openCandidate } from "#tests/support/decision-tables.ts";

const mock = new LLMock({ port: 0, logLevel: "silent", strict: true });
beforeAll(() => mock.start());
afterAll(() => mock.stop());
afterEach(() => mock.clearFixtures());

const clock = createSystemClock();
const common = { apiKey: "test-key-0001", clock };
const GOOD = JSON.stringify({
  ...{ choice: "C1", confidence: 0.7, reasoning: "it has turned", risks: ["NONE"] },
});

const SURFACES: readonly (readonly [string, () => LanguageModel])[] = [
  [
    "Anthropic",
    () => createAnthropicModel({ ...common, model: "claude-opus-5-5", baseUrl: mock.url }),
  ],
  [
    "OpenAI",
    () =>
      createOpenAiCompatibleModel({
        ...{ ...common, provider: "openai" as const, model: "gpt-6-sol" },
        baseUrl: `${mock.url}/v1`,
      }),
  ],
];

describe.each(SURFACES)("a scan through the library of %s", (_, create) => {
  async function askSaying(content: string) {
    mock.on({}, { content });
    const advisor = chooseAdvisor([create()], clock);
    const table = decisionTable([openCandidate()], [closeCandidate({ hasTurned: true })]);
    const { signal } = new AbortController();
    const [vote] = (await advisor?.ask(table, { decisionId: "D1", signal })) ?? [];
    return vote;
  }

  test("is a choice when it answers in the one form, of the prompt and the table alone", async () => {
    const vote = await askSaying(GOOD);
    expect(vote).toMatchObject({ failure: null, choice: "C1", raw: GOOD });
    const sent = JSON.stringify(mock.getLastRequest()?.body ?? {});
    expect(sent).toContain("slot|asset|short|long");
    expect(sent).toContain("You choose for a delta-neutral funding bot");
  });

  test("is no choice when it talks", async () => {
    const vote = await askSaying("I would close C1.");
    expect(vote).toMatchObject({ failure: "notJson", choice: null, raw: "I would close C1." });
  });
});
