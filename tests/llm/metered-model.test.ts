import { describe, expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { dec } from "#src/core/decimal.ts";
import { createMeteredModel } from "#src/llm/metered-model.ts";
import type { ModelBudgets } from "#src/llm/model-budget.ts";
import {
  type LanguageModel,
  MODEL_FAILURES,
  type ModelRequest,
} from "#src/ports/language-model.ts";
import type { Store } from "#src/ports/store.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createFakeClock } from "#tests/support/fake-clock.ts";
import {
  createNamedModel,
  failureOf,
  modelError,
  modelReply,
  modelRequest,
} from "#tests/support/models.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";

const HOUR_MS = 3_600_000;
/** 06:00 UTC. */
const MORNING = 1_800_000_000_000 - (1_800_000_000_000 % (24 * HOUR_MS)) + 6 * HOUR_MS;
const ROOMY: ModelBudgets = { perDay: { chat: 10_000, scan: 10_000 }, perTurn: 10_000 };
/** A reply of modelReply() costs 100 × 1 + 10 × 10 = 200 micro-dollars. */
const PRICES = {
  ...{ input: dec("1"), cachedInput: dec("0.1"), cacheWrite: dec("1.25"), output: dec("10") },
};

function setUp(over: { budgets?: ModelBudgets; path?: string; free?: boolean } = {}) {
  const clock = createFakeClock(MORNING);
  const store = openStore({ path: over.path ?? ":memory:", wallNow: clock.wallNow });
  store.transaction(() => store.setFact("chatId", "7"));
  const zero = dec("0");
  const prices = over.free
    ? { input: zero, cachedInput: zero, cacheWrite: zero, output: zero }
    : PRICES;
  const meter = (model: LanguageModel) =>
    createMeteredModel(model, {
      ...{ provider: "openai", prices, budgets: over.budgets ?? ROOMY },
      ...{ store, clock, log: silentLogger },
    });
  return { clock, store, meter };
}

const rows = (store: Store, subjectId = "T-1") => store.listModelCalls(subjectId);
const alerts = (store: Store) =>
  store
    .dueOutbox(MORNING + 48 * HOUR_MS, 50)
    .map(({ severity, content }) => `${severity} ${content.type === "alert" ? content.text : ""}`);

describe("every request on the wire is one row", () => {
  test("an answer, with what it used and cost", async () => {
    const { store, meter } = setUp();
    await meter(createNamedModel("m")).reply(modelRequest());
    expect(rows(store)).toMatchObject([
      {
        ...{ provider: "openai", model: "m", purpose: "chat", subjectId: "T-1", at: MORNING },
        ...{ failure: null, costMicroUsd: 200, costIsEstimate: false, usage: modelReply().usage },
      },
    ]);
  });

  test("is booked before it is sent, at the most that it can cost: a process may die meanwhile", async () => {
    const { store, meter } = setUp();
    const seen: unknown[] = [];
    const model: LanguageModel = {
      id: "m",
      async reply() {
        seen.push(...rows(store));
        return modelReply();
      },
    };
    await meter(model).reply(modelRequest());
    expect(seen).toMatchObject([{ failure: "aborted", usage: null, costIsEstimate: true }]);
    expect(rows(store)).toMatchObject([{ failure: null, costMicroUsd: 200 }]);
  });

  test("an answer without usage is estimated, and marked", async () => {
    const { store, meter } = setUp();
    await meter(createNamedModel("m", { usage: null })).reply(modelRequest());
    const [row] = rows(store);
    expect(row).toMatchObject({ usage: null, costIsEstimate: true });
    expect(row?.costMicroUsd).toBeGreaterThan(100);
  });

  test("a failure that was certainly not billed costs nothing; any other the most that it can", async () => {
    const { store, meter } = setUp();
    const refused = modelError("overloaded", { mayBeBilled: false });
    const model = meter(createNamedModel("m", refused, modelError("timeout")));
    await failureOf(model.reply(modelRequest()));
    await failureOf(model.reply(modelRequest()));

    const [first, second] = rows(store);
    expect(first).toMatchObject({ failure: "overloaded", costMicroUsd: 0, costIsEstimate: false });
    expect(second).toMatchObject({ failure: "timeout", costIsEstimate: true });
    expect(second?.costMicroUsd).toBeGreaterThan(200 * 10);
  });

  test("one that the caller abandoned too; one that was never sent is none", async () => {
    const { store, meter } = setUp();
    const stop = new AbortController();
    const model: LanguageModel = {
      id: "m",
      async reply() {
        stop.abort();
        throw modelError("aborted");
      },
    };
    const asked = modelRequest({ signal: stop.signal });
    await failureOf(meter(model).reply(asked));
    await failureOf(meter(model).reply(asked));
    expect(rows(store)).toMatchObject([{ failure: "aborted", costIsEstimate: true }]);
  });
});

test("whatever fails, in any order: as many rows as requests, and their sum is what was spent", async () => {
  const end = fc.constantFrom(...MODEL_FAILURES, "answer", "answer without usage");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(end, fc.boolean()), { maxLength: 12 }), async (ends) => {
      const { store, meter } = setUp({ budgets: { ...ROOMY, perTurn: 1_000_000 } });
      const script = ends.map(([how, mayBeBilled]) => {
        if (how === "answer") return {};
        if (how === "answer without usage") return { usage: null };
        return modelError(how, { mayBeBilled });
      });
      const scripted = createNamedModel("m", ...script);
      const model = meter(scripted);
      for (const _ of ends) await model.reply(modelRequest()).catch(() => undefined);
      const booked = rows(store);
      expect(booked).toHaveLength(scripted.asked.length);
      const sum = booked.reduce((total, { costMicroUsd }) => total + costMicroUsd, 0);
      expect(store.spentMicroUsd({ subjectId: "T-1" })).toBe(sum);
      store.close();
    }),
    { numRuns: 25 },
  );
});

describe("a budget", () => {
  const spend = async (model: LanguageModel, times: number, over: Partial<ModelRequest> = {}) => {
    for (let at = 0; at < times; at += 1) await model.reply(modelRequest(over));
  };

  test("of a day that is used up sends nothing more, until the next UTC day", async () => {
    const { clock, store, meter } = setUp({
      budgets: { ...ROOMY, perDay: { chat: 600, scan: 10_000 } },
    });
    const scripted = createNamedModel("m");
    const model = meter(scripted);
    await spend(model, 3);
    const error = await failureOf(model.reply(modelRequest({ subjectId: "T-2" })));

    expect(error).toMatchObject({ failure: "overBudget", mayBeBilled: false });
    expect(scripted.asked).toHaveLength(3);
    expect(rows(store, "T-2")).toEqual([]);
    await clock.advance(17 * HOUR_MS + 59 * 60_000);
    await failureOf(model.reply(modelRequest()));
    await clock.advance(60_000);
    await model.reply(modelRequest());
  });

  test("of the chat and of scans are apart", async () => {
    const { meter } = setUp({ budgets: { ...ROOMY, perDay: { chat: 200, scan: 200 } } });
    const model = meter(createNamedModel("m"));
    await spend(model, 1);
    await spend(model, 1, { purpose: "scan", subjectId: "D-1" });
    await failureOf(model.reply(modelRequest({ purpose: "scan", subjectId: "D-2" })));
  });

  test("of one question holds for that question", async () => {
    const { meter } = setUp({ budgets: { ...ROOMY, perTurn: 400 } });
    const model = meter(createNamedModel("m"));
    await spend(model, 2);
    expect((await failureOf(model.reply(modelRequest()))).message).toContain("this question");
    await spend(model, 1, { subjectId: "T-2" });
  });

  test("of 0 sends nothing at all", async () => {
    const { store, meter } = setUp({ budgets: { ...ROOMY, perDay: { chat: 0, scan: 0 } } });
    await failureOf(meter(createNamedModel("m")).reply(modelRequest()));
    expect(alerts(store)).toEqual([]);
  });

  test("is remembered over a restart", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "hedgerow-test-")), "db");
    const budgets = { ...ROOMY, perDay: { chat: 200, scan: 0 } };
    const before = setUp({ path, budgets });
    await spend(before.meter(createNamedModel("m")), 1);
    before.store.close();
    const after = setUp({ path, budgets });
    await failureOf(after.meter(createNamedModel("m")).reply(modelRequest()));
    after.store.close();
  });

  test("of many calls at once is passed by no more than one call each", async () => {
    const { store, meter } = setUp({ budgets: { ...ROOMY, perDay: { chat: 300, scan: 0 } } });
    const model = meter(createNamedModel("m"));
    const turn = async (subjectId: string) => {
      for (;;) await model.reply(modelRequest({ subjectId }));
    };
    await Promise.all(["T-1", "T-2", "T-3"].map((id) => failureOf(turn(id))));
    expect(store.spentMicroUsd({ purpose: "chat" })).toBeLessThanOrEqual(300 + 3 * 200);
  });

  test("does not hold for what costs nothing", async () => {
    const { store, meter } = setUp({
      free: true,
      budgets: { perDay: { chat: 0, scan: 0 }, perTurn: 0 },
    });
    await spend(meter(createNamedModel("offline")), 2);
    expect(rows(store)).toMatchObject([{ costMicroUsd: 0 }, { costMicroUsd: 0 }]);
  });

  test("is told of once a day at 80 % and once at 100 %, to its owner", async () => {
    const { clock, store, meter } = setUp({
      budgets: { ...ROOMY, perDay: { chat: 1_000, scan: 10_000 } },
    });
    const model = meter(createNamedModel("m"));
    await spend(model, 3);
    expect(alerts(store)).toEqual([]);
    await spend(model, 1);
    expect(alerts(store)).toEqual([expect.stringMatching(/^info 80 % .*chat.*\/cost/)]);
    await spend(model, 1);
    await failureOf(model.reply(modelRequest()));
    expect(alerts(store)).toHaveLength(2);
    expect(alerts(store)).toContainEqual(expect.stringMatching(/^warning .*used up.*rules answer/));
    await clock.advance(24 * HOUR_MS);
    await spend(model, 5);
    expect(alerts(store)).toHaveLength(4);
  });
});
