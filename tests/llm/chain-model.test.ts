import { describe, expect, test } from "bun:test";
import { createChainModel } from "#src/llm/chain-model.ts";
import { createRetryingModel } from "#src/llm/retrying-model.ts";
import { MODEL_FAILURES, type ModelFailure } from "#src/ports/language-model.ts";
import { createJumpingClock } from "#tests/support/fake-clock.ts";
import {
  createNamedModel,
  failureOf,
  modelError,
  modelReply,
  modelRequest,
} from "#tests/support/models.ts";

describe("a chain", () => {
  test("answers with its first model and says nothing about it", async () => {
    const second = createNamedModel("second");
    const chain = createChainModel([createNamedModel("first"), second]);
    expect(await chain.reply(modelRequest())).toEqual(modelReply({ modelId: "first" }));
    expect(second.asked).toEqual([]);
  });

  test.each(MODEL_FAILURES.filter((one) => one !== "aborted"))(
    "goes on to the next when one fails with %s, and says so in one line without a figure",
    async (failure) => {
      const first = createNamedModel("first", modelError(failure));
      const chain = createChainModel([first, createNamedModel("second")]);
      const { text, modelId } = await chain.reply(modelRequest());
      expect(modelId).toBe("second");
      expect(text).toMatch(/^BTC\.\n\n\(answered by second: [^\n\d]+\)$/);
    },
  );

  test("does not go on when the question was stopped", async () => {
    const second = createNamedModel("second");
    const chain = createChainModel([createNamedModel("first", modelError("aborted")), second]);
    expect(await failureOf(chain.reply(modelRequest()))).toMatchObject({ failure: "aborted" });
    expect(second.asked).toEqual([]);
  });

  test("stays within a turn with the model that it fell to, and begins the next turn anew", async () => {
    const first = createNamedModel("first", modelError("overloaded"), {});
    const calls = [{ id: "c", name: "get_rates", argumentsJson: "{}" }];
    const second = createNamedModel("second", { stop: "toolCalls", calls, text: "" }, {});
    const chain = createChainModel([first, second]);
    const step = await chain.reply(modelRequest());
    const end = await chain.reply(modelRequest());
    const next = await chain.reply(modelRequest({ subjectId: "T-2" }));

    expect(step.text).toBe("");
    expect(end.text).toContain("(answered by second: first is overloaded)");
    expect(next.modelId).toBe("first");
    expect(first.asked).toHaveLength(2);
  });

  test("names the rules as rules, and the budget as the reason", async () => {
    const chain = createChainModel([
      createNamedModel("first", modelError("overBudget")),
      createNamedModel("second", modelError("overBudget")),
      createNamedModel("offline"),
    ]);
    const { text } = await chain.reply(modelRequest());
    expect(text).toContain("(answered by rules: it was overBudget, /cost shows on what)");
  });

  test("says how many failed when more than one did, also in the steps after", async () => {
    const calls = [{ id: "c", name: "get_rates", argumentsJson: "{}" }];
    const chain = createChainModel([
      createNamedModel("first", modelError("rateLimited")),
      createNamedModel("second", modelError("network")),
      createNamedModel("offline", { stop: "toolCalls", calls, text: "" }, {}),
    ]);
    await chain.reply(modelRequest());
    const { text } = await chain.reply(modelRequest());
    expect(text).toContain(
      "(answered by rules: first asks us to slow down, and one more failed too)",
    );
  });

  test("fails as its last model failed when none can answer", async () => {
    const chain = createChainModel([
      createNamedModel("first", modelError("network")),
      createNamedModel("second", modelError("quota")),
    ]);
    expect(await failureOf(chain.reply(modelRequest()))).toMatchObject({ failure: "quota" });
    expect(await failureOf(chain.reply(modelRequest()))).toMatchObject({ failure: "quota" });
  });
});

describe("a second attempt", () => {
  const WINDOW_MS = 30_000;
  function retrying(...script: Parameters<typeof createNamedModel>[1][]) {
    const clock = createJumpingClock();
    const scripted = createNamedModel("m", ...script);
    const model = createRetryingModel(scripted, { clock, windowMs: WINDOW_MS });
    return { clock, scripted, model };
  }

  test.each(["rateLimited", "overloaded", "network", "timeout"] as const)(
    "is made once after %s, a second later",
    async (failure) => {
      const { clock, scripted, model } = retrying(modelError(failure), {});
      const before = clock.elapsedMs();
      await model.reply(modelRequest());
      expect(clock.elapsedMs() - before).toBe(1_000);

      const twice = retrying(modelError(failure));
      await failureOf(twice.model.reply(modelRequest()));
      expect([scripted.asked.length, twice.scripted.asked.length]).toEqual([2, 2]);
    },
  );

  test("is not made where it cannot help", async () => {
    const useless: ModelFailure[] = [
      ...(["unauthorised", "quota", "badRequest", "protocol", "aborted", "overBudget"] as const),
    ];
    for (const failure of useless) {
      const { scripted, model } = retrying(modelError(failure), {});
      await failureOf(model.reply(modelRequest()));
      expect(scripted.asked).toHaveLength(1);
    }
  });

  test("waits as long as the provider asks, but not for long", async () => {
    const short = retrying(modelError("rateLimited", { retryAfterMs: 7_000 }), {});
    const before = short.clock.elapsedMs();
    await short.model.reply(modelRequest());
    expect(short.clock.elapsedMs() - before).toBe(7_000);

    const long = retrying(modelError("rateLimited", { retryAfterMs: 11_000 }), {});
    await failureOf(long.model.reply(modelRequest()));
    expect(long.scripted.asked).toHaveLength(1);
  });

  test("is not made when the first took too long for it", async () => {
    const clock = createJumpingClock();
    let asked = 0;
    const slow = {
      id: "m",
      async reply() {
        asked += 1;
        clock.jump(WINDOW_MS);
        throw modelError("timeout");
      },
    };
    const model = createRetryingModel(slow, { clock, windowMs: WINDOW_MS });
    await failureOf(model.reply(modelRequest()));
    expect(asked).toBe(1);
  });
});
