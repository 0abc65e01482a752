import { expect, test } from "bun:test";
import fc from "fast-check";
import { createAgent } from "#src/agent/run-turn.ts";
import { type LanguageModel, MODEL_FAILURES, ModelError } from "#src/ports/language-model.ts";
import { createRandomIds } from "#src/runtime/random-ids.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { settle } from "#tests/support/agent-rig.ts";
import { createFakeClock } from "#tests/support/fake-clock.ts";
import { createIdlePipeline } from "#tests/support/idle-pipeline.ts";
import { replyOf } from "#tests/support/scripted-model.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { TOOLS } from "#tools/registry.ts";
import type { AgentTool } from "#tools/tool.ts";

const anyCall = fc.record({
  // Few ids, so that they come again.
  id: fc.oneof(fc.constantFrom("c1", "c2", "c3", "c4", "", "__proto__"), fc.string()),
  name: fc.oneof(
    fc.constantFrom(...TOOLS.map(({ name }) => name)),
    fc.constantFrom("approve", "constructor", "", "get_status "),
  ),
  argumentsJson: fc.oneof(
    fc.constantFrom(
      "{}",
      '{"asset":null}',
      '{"hedge":"BTC"}',
      '{"asset":"BTC","candidateId":null}',
    ),
    fc.constantFrom("", "{", "null", "[]", '{"__proto__":{"size":1}}', '"x"'),
    fc.constant(`{"asset":"${"x".repeat(9_000)}"}`),
    fc.json(),
  ),
});

const anyStep = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("reply" as const),
      text: fc.oneof(
        fc.string({ unit: "binary" }),
        fc.constantFrom("", " ", "I opened BTC.", "x".repeat(100_000)),
      ),
      calls: fc.array(anyCall, { maxLength: 7 }),
      stop: fc.constantFrom("toolCalls", "toolCalls", "toolCalls", "end", "length", "refused"),
    }),
  },
  fc.record({ kind: fc.constant("fails" as const), failure: fc.constantFrom(...MODEL_FAILURES) }),
  fc.constantFrom({ kind: "throws" as const }, { kind: "hangs" as const }),
);

const anyDeed = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("ask" as const), chatId: fc.constantFrom(1, 2) }),
  },
  fc.record({ do: fc.constant("stop" as const), chatId: fc.constantFrom(1, 2) }),
  fc.constantFrom({ do: "stopAll" as const }, { do: "wait" as const }, { do: "settle" as const }),
);

test("whatever a model does, every question that was taken gets one answer and no call runs twice", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyStep, { minLength: 1, maxLength: 12 }),
      fc.array(anyDeed, { minLength: 1, maxLength: 12 }),
      fc.array(fc.constantFrom("at once", "throws", "hangs"), { minLength: 1, maxLength: 5 }),
      async (steps, deeds, manners) => {
        const rig = openHostile(steps, manners);
        const { agent, store, clock } = rig;
        const taken: string[] = [];
        for (const deed of deeds) {
          if (deed.do === "ask") {
            const watcher = null;
            const { chatId } = deed;
            const accepted = await agent.ask({ chatId, text: `q${taken.length}`, watcher });
            if ("turnId" in accepted) taken.push(accepted.turnId);
          } else if (deed.do === "stop") agent.stop(deed.chatId);
          else if (deed.do === "stopAll") agent.stopAll();
          else if (deed.do === "wait") await clock.advance(90_000);
          else await settle();
        }
        // What still hangs is ended by its time; what waited for it then hangs in turn.
        for (let round = 0; round < 40 && store.liveTurns().length > 0; round += 1) {
          await settle();
          await clock.advance(90_000);
        }
        await clock.advance(90_000);
        await agent.idle();
        const told = store
          .dueOutbox(Number.MAX_SAFE_INTEGER, 9_999)
          .flatMap(({ content }) => (content.type === "answer" ? [content.turnId] : []));
        expect(told.toSorted()).toEqual(taken.toSorted());
        for (const id of taken) {
          const { answer, state } = store.getTurn(id) ?? {};
          expect(["answered", "failed", "stopped"]).toContain(state ?? "");
          expect(answer?.trim().length).toBeGreaterThan(0);
          expect(answer?.length).toBeLessThanOrEqual(16_200);
        }
        // Each run has a row of its own, and a row is one (turn, id).
        const journal = taken.flatMap((id) => store.callsOf(id));
        expect(new Set(journal.map((row) => JSON.stringify([row.turnId, row.callId]))).size).toBe(
          journal.length,
        );
        expect(rig.runs()).toBeLessThanOrEqual(journal.length);
        expect(rig.unwritten()).toBe(0);
        store.close();
      },
    ),
    { numRuns: 120 },
  );
}, 120_000);

/** Tools that note when they run without an open row of their own in the journal. */
function openHostile(
  steps: readonly (typeof anyStep extends fc.Arbitrary<infer Step> ? Step : never)[],
  manners: readonly string[],
) {
  let [at, runs, unwritten] = [0, 0, 0];
  const clock = createFakeClock();
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  const pipeline = createIdlePipeline();
  const tools: readonly AgentTool[] = TOOLS.map((tool) => ({
    ...tool,
    run(context, input) {
      const running = tool.run(context, input);
      if (!running) return null;
      runs += 1;
      const open = store.liveTurns().flatMap(({ id }) => store.callsOf(id));
      if (!open.some(({ name, returnedAt }) => name === tool.name && returnedAt === null))
        unwritten += 1;
      const manner = manners[runs % manners.length];
      if (manner === "throws") return Promise.reject(new Error("venue says <b>no</b>"));
      return manner === "hangs" ? new Promise(() => undefined) : running;
    },
  }));
  const model: LanguageModel = {
    id: "hostile",
    async reply({ onText }) {
      const step = steps[at % steps.length];
      at += 1;
      if (!step || step.kind === "throws") throw new RangeError("adapter broke");
      if (step.kind === "fails") throw new ModelError(step.failure, "raw");
      if (step.kind === "hangs") return new Promise(() => undefined);
      onText?.(step.text);
      const { text, calls, stop } = step;
      return replyOf({ text, calls, stop });
    },
  };
  const agent = createAgent({
    ...{ model, tools, toolContext: { pipeline }, store, clock, ids: createRandomIds() },
    ...{ log: silentLogger, system: "s", redact: (text: string) => text },
  });
  return { agent, store, clock, runs: () => runs, unwritten: () => unwritten };
}
