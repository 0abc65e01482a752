import { createAgent } from "#src/agent/run-turn.ts";
import type { LanguageModel, ModelRequest } from "#src/ports/language-model.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Turn } from "#src/ports/store.ts";
import { createRandomIds } from "#src/runtime/random-ids.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createFakeClock } from "#tests/support/fake-clock.ts";
import { createIdlePipeline } from "#tests/support/idle-pipeline.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { TOOLS } from "#tools/registry.ts";

export const CHAT = 1;

/** An agent over a store, an idle pipeline and a clock that stands still. */
export function openAgent(
  model: LanguageModel,
  options: {
    readonly path?: string;
    readonly log?: Logger;
    readonly redact?: (text: string) => string;
  } = {},
) {
  const { path = ":memory:", log = silentLogger, redact = (text: string) => text } = options;
  const pipeline = createIdlePipeline();
  const clock = createFakeClock();
  const store = openStore({ path, wallNow: clock.wallNow });
  const agent = createAgent({
    ...{ model, store, clock, log, redact, ids: createRandomIds() },
    ...{ tools: TOOLS, toolContext: { pipeline }, system: "s" },
  });

  async function ask(text: string, chatId = CHAT): Promise<string> {
    const taken = await agent.ask({ chatId, text, watcher: null });
    return "turnId" in taken ? taken.turnId : "";
  }

  /** Every answer that was queued, in order, with the turn that it ends. */
  function answers(): readonly Turn[] {
    const items = store.dueOutbox(Number.MAX_SAFE_INTEGER, 10_000);
    return items.flatMap(({ content }) => {
      const turn = content.type === "answer" ? store.getTurn(content.turnId) : null;
      return turn ? [turn] : [];
    });
  }

  return {
    ...{ agent, store, pipeline, clock, ask, answers },
    /** One question, to its end. */
    async answerTo(text: string, chatId = CHAT): Promise<string> {
      const id = await ask(text, chatId);
      await agent.idle();
      return store.getTurn(id)?.answer ?? "";
    },
  };
}

/** A model whose replies are given one by one, while it is waited for; it heeds no signal. */
export function createHeldModel(): {
  readonly model: LanguageModel;
  readonly requests: ModelRequest[];
  readonly replies: PromiseWithResolvers<Awaited<ReturnType<LanguageModel["reply"]>>>[];
} {
  const requests: ModelRequest[] = [];
  const replies: PromiseWithResolvers<Awaited<ReturnType<LanguageModel["reply"]>>>[] = [];
  return {
    ...{ requests, replies },
    model: {
      id: "held",
      reply(request) {
        requests.push(request);
        const reply = Promise.withResolvers<Awaited<ReturnType<LanguageModel["reply"]>>>();
        replies.push(reply);
        return reply.promise;
      },
    },
  };
}

/** Lets everything run that waits for nothing. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}
