import { describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { costs } from "#src/pipeline/show/costs.ts";
import type { ModelCall } from "#src/ports/model-call-store.ts";
import type { CostsView } from "#src/reports/costs-view.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { costReply } from "#src/telegram/replies/cost-reply.ts";
import { createFakeClock } from "#tests/support/fake-clock.ts";

const DAY_MS = 86_400_000;
const NOON = 20_000 * DAY_MS + DAY_MS / 2;

type Models = PipelineContext["settings"]["models"];

function view(calls: readonly Partial<ModelCall>[], models: Partial<Models> = {}): CostsView {
  const clock = createFakeClock(NOON);
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  store.transaction(() => {
    for (const call of calls) {
      store.insertModelCall({
        ...{ at: NOON, purpose: "chat", subjectId: "T-1", provider: "anthropic", model: "claude" },
        ...{ failure: null, costMicroUsd: 0, costIsEstimate: false, elapsedMs: 5 },
        usage: { inputTokens: 100, cacheReadTokens: 50, cacheWriteTokens: 0, outputTokens: 10 },
        ...call,
      });
    }
  });
  const all: Models = {
    inUse: { chat: [{ name: "claude", provider: "anthropic", missingKey: null }], scan: [] },
    usdPerDay: { chat: dec("2"), scan: dec("0") },
    ...{ chatUsdPerTurn: dec("0.25"), ...models },
  };
  // Only what it reads.
  const context = { store, clock, settings: { models: all } };
  return costs(context as unknown as PipelineContext);
}

describe("what language models cost", () => {
  const CALLS: readonly Partial<ModelCall>[] = [
    { costMicroUsd: 500_000 },
    { costMicroUsd: 250_001, failure: "timeout", usage: null, costIsEstimate: true },
    { at: NOON - DAY_MS, costMicroUsd: 1_000_000 },
    { at: NOON - 8 * DAY_MS, costMicroUsd: 9_000_000 },
    { purpose: "scan", model: "gpt", provider: "openai", subjectId: "D-1", costMicroUsd: 3 },
  ];

  test("is exact, today since midnight UTC and over seven days, against the budgets", () => {
    const { today, sevenDays, budgets, chatUsdPerTurn } = view(CALLS);
    expect(today.totalUsd).toBe("0.750004");
    expect(sevenDays.totalUsd).toBe("1.750004");
    expect(budgets).toEqual([
      { purpose: "chat", perDayUsd: "2", usedUsd: "0.750001", usedShare: "0.375" },
      { purpose: "scan", perDayUsd: "0", usedUsd: "0.000003", usedShare: null },
    ]);
    expect(chatUsdPerTurn).toBe("0.25");
    expect(sevenDays.models[0]).toMatchObject({
      ...{ model: "claude", calls: 3, failures: 1, inputTokens: 200, isEstimate: true },
      costUsd: "1.750001",
    });
  });

  test("fits a phone, marks what was estimated, and names a key that is missing", () => {
    const grok = {
      name: "grok-with-a-very-long-name",
      provider: "xai",
      missingKey: "HEDGEROW_XAI_KEY",
    };
    const inUse: Models["inUse"] = { chat: [grok], scan: [] };
    const calls = [...CALLS, { model: grok.name, costMicroUsd: 12_000_000 }];
    const { text } = costReply(view(calls, { inUse }));

    expect(text).toContain("≈1.75");
    expect(text).toContain("3 (1✗)");
    expect(text).toContain("Not asked, because HEDGEROW_XAI_KEY is not set.");
    const table = text.split("\n").filter((line) => /^(chat|scan) /.test(line));
    expect(Math.max(...table.map((line) => line.length))).toBeLessThan(45);
  });

  test("is said plainly when there is no model", () => {
    const inUse: Models["inUse"] = { chat: [], scan: [] };
    const offline = [{ provider: "offline", model: "offline" }];
    expect(costReply(view(offline, { inUse })).text).toContain("No language model is configured");
  });
});
