import { expect, test } from "bun:test";
import { renderReply } from "#src/agent/render-reply.ts";
import { splitRendered } from "#src/agent/reply/split-rendered.ts";
import { createOutbox } from "#src/alerts/deliver-outbox.ts";
import type { Clock } from "#src/ports/clock.ts";
import {
  type LanguageModel,
  MODEL_FAILURES,
  type ModelFailure,
  type ModelReply,
} from "#src/ports/language-model.ts";
import { uniform } from "#src/sandbox/seeded-random.ts";
import { createTelegramDoor } from "#src/telegram/create-bot.ts";
import { Desk, OWNER } from "#tests/agent-evals/desk.ts";
import { serveFaultyTelegram } from "#tests/agent-evals/faulty-telegram.ts";
import { judge } from "#tests/agent-evals/judge.ts";
import { calls, fails, says } from "#tests/agent-evals/script.ts";
import { TOKEN } from "#tests/support/chat-server.ts";
import { replyOf } from "#tests/support/scripted-model.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";

const TURNS = 1_000;
const SHARE = 0.05;
/** Whoever waits for a second try waits so much less. */
const HURRY = 10;
const USAGE = { inputTokens: 900, cacheReadTokens: 100, cacheWriteTokens: 0, outputTokens: 50 };
/** Those of a provider; the other two are ours. */
const FAULTS = MODEL_FAILURES.filter((one) => one !== "aborted" && one !== "overBudget");

test("a thousand turns with faults on both sides: each is answered once and whole, and booked", async () => {
  const faults: ModelFailure[] = [];
  const desk = await new Desk({
    chain: () => [createFaultyModel(faults)],
    ...{ chatUsdPerDay: 1e6, chatUsdPerTurn: 1e6 },
  }).begin();
  const { store, pipeline, agent } = desk;
  // Whoever polls lets the others work meanwhile.
  const clock: Clock = {
    ...desk.clock,
    sleep: (ms, signal) => Bun.sleep(1).then(() => desk.clock.sleep(HURRY * ms, signal)),
  };
  let asked = 0;
  const typed: string[] = [];
  const telegram = serveFaultyTelegram({ share: SHARE, next });
  async function next(): Promise<string | null> {
    await Bun.sleep(20);
    return typed.shift() ?? null;
  }
  const door = createTelegramDoor({
    ...{ token: TOKEN, apiRoot: telegram.url, bindCode: null, redact: (text) => text },
    ...{ pipeline, agent, store, clock, log: silentLogger },
  });
  const stopping = new AbortController();
  const outbox = createOutbox({ store, notifier: door.notifier, clock, log: silentLogger });
  const running = Promise.all([door.run(stopping.signal), outbox.run(stopping.signal)]);
  const waits = () => store.dueOutbox(Number.MAX_SAFE_INTEGER, 1).length > 0;
  while (asked < TURNS) {
    asked += 1;
    const text = `question ${asked}`;
    // One in ten comes by the chat; the rest would only cost two more calls each.
    if (asked % 10 === 1) typed.push(text);
    else await agent.ask({ chatId: OWNER, text, watcher: null });
    while (store.endedTurns(OWNER, asked - 1, 1).length === 0) await Bun.sleep(1);
  }
  while (store.liveTurns().length > 0 || waits()) await Bun.sleep(20);
  stopping.abort();
  await running;
  telegram.stop();

  const turns = desk.turns();
  expect(turns.map(({ question }) => question)).toEqual(
    Array.from({ length: TURNS }, (_, at) => `question ${at + 1}`),
  );
  expect(new Set(turns.map(({ state }) => state))).toEqual(new Set(["answered"]));

  // A message that the bot was not told of is sent a second time; nothing else is.
  const due = turns.flatMap(({ answer }) =>
    splitRendered(renderReply(answer ?? "")).map(({ text }) => text),
  );
  const { said } = telegram;
  const told = said.filter(({ untold }) => !untold).map(({ text }) => text);
  expect(told).toEqual(due);
  const untold = said.flatMap((one, at) => (one.untold ? [[one.text, said[at + 1]?.text]] : []));
  for (const [text, next] of untold) expect(next).toBe(text ?? "none");
  expect(said.length).toBe(due.length + untold.length);

  for (const { id } of turns) {
    const booked = store.listModelCalls(id);
    expect(booked.length).toBeGreaterThan(0);
    expect(booked.at(-1)?.failure ?? null).toBe(null);
    expect(booked.some(({ costMicroUsd }) => costMicroUsd > 0) || booked.length > 1).toBe(true);
  }
  judge(desk);
  const strikes = [...telegram.struck.values()].reduce((sum, one) => sum + one, 0);
  process.stdout.write(
    `turns=${turns.length} messages=${due.length} repeated=${untold.length} telegramFaults=${strikes} of ${telegram.calls()} providerFaults=${faults.length}\n`,
  );
  expect(telegram.struck.size).toBe(6);
  expect(strikes).toBeGreaterThan(TURNS * 0.03);
  expect(new Set(faults).size).toBe(FAULTS.length);
  desk.close();
}, 120_000);

/** Answers, with a tool now and then and long answers now and then, and fails one time in twenty. */
function createFaultyModel(faults: ModelFailure[]): LanguageModel {
  let requests = 0;
  return {
    id: "faulty",
    async reply({ messages, tools }): Promise<ModelReply> {
      requests += 1;
      if (uniform(`provider:${requests}`) < SHARE) {
        const failure = FAULTS[Math.floor(uniform(`fault:${requests}`) * FAULTS.length)];
        faults.push(failure ?? "network");
        throw fails(failure ?? "network", failure === "rateLimited" ? 2_000 : null);
      }
      const reply = (part: Partial<ModelReply>) =>
        replyOf({ usage: USAGE, modelId: "faulty", ...part });
      if (tools.length === 0) return reply(says("The owner asks questions."));
      const last = messages.at(-1);
      const asked = last?.role === "user" ? last.text : "";
      if (asked.endsWith("0")) return reply(calls("get_status"));
      if (asked.endsWith("5"))
        return reply(
          says(`**Long** answer to ${asked}: ${"A paragraph of words.\n\n".repeat(300)}`),
        );
      return reply(says(`The answer to **${asked || "a tool"}**.`));
    },
  };
}
