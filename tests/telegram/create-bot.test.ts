import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Agent } from "#src/agent/run-turn.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createTelegramDoor } from "#src/telegram/create-bot.ts";
import { OWNER, serveChat, TOKEN } from "#tests/support/chat-server.ts";
import { createIdlePipeline } from "#tests/support/idle-pipeline.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";

function openDoor(options: { readonly agent?: Agent; readonly bindCode?: string } = {}) {
  const chat = serveChat();
  const clock = createSystemClock();
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  if (!options.bindCode) {
    store.transaction(() => {
      store.setFact("ownerId", String(OWNER.id));
      store.setFact("chatId", String(OWNER.id));
    });
  }
  const kills: string[] = [];
  const pipeline = createIdlePipeline();
  pipeline.kill = async (actor: string) => {
    kills.push(actor);
    return { flat: true, legs: [], lastOrderSentMs: null, elapsedMs: 1 };
  };
  const agent: Agent = options.agent ?? {
    handle: async (_chat, text) => ({ text: `heard ${text}`, entities: [] }),
  };
  const door = createTelegramDoor({
    ...{ token: TOKEN, apiRoot: chat.url, pipeline, agent, store, clock, log: silentLogger },
    bindCode: options.bindCode ?? null,
    redact: (text) => text,
  });
  const stopping = new AbortController();
  const running = door.run(stopping.signal);
  return {
    ...{ chat, store, kills, door },
    say: (text: string, fromUserId?: number) =>
      chat.post("/sandbox/messages", { text, ...(fromUserId ? { fromUserId } : {}) }),
    async stop() {
      stopping.abort();
      await running;
      chat.stop();
    },
  };
}

let open: ReturnType<typeof openDoor>;
afterEach(() => open.stop());

describe("with a model that never answers", () => {
  beforeEach(() => {
    open = openDoor({ agent: { handle: () => new Promise(() => {}) } });
  });

  test("/kill is acknowledged and done at once", async () => {
    for (let turn = 0; turn < 10; turn += 1) await open.say(`question ${turn}`);
    const startedAt = performance.now();

    await open.say("/kill");
    await open.chat.waitFor((line) => line.text.startsWith("⬛ /kill received"));

    expect(open.kills).toEqual([`telegram:${OWNER.id}`]);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    await open.chat.waitFor((line) => line.text.includes("Everything is flat"));
  });
});

describe("an owner", () => {
  test("is bound by the code, and nobody else after that", async () => {
    open = openDoor({ bindCode: "secret-code" });
    await open.say("/start wrong");
    await open.say("/start secret-code");
    await open.chat.waitFor((line) => line.text.includes("Hedgerow is yours"));
    expect(open.store.getFact("ownerId")).toBe(String(OWNER.id));

    await open.say("/start secret-code", 999);
    await open.say("/kill", 999);
    await open.say("hello");
    await open.chat.waitFor((line) => line.text === "heard hello");

    expect(open.store.getFact("ownerId")).toBe(String(OWNER.id));
    expect(open.kills).toEqual([]);
  });

  test("gets a long answer in pieces that Telegram takes, with nothing lost", async () => {
    const long = Array.from({ length: 300 }, (_, index) => `line ${index} ${"x".repeat(30)}`).join(
      "\n",
    );
    open = openDoor({ agent: { handle: async () => ({ text: long, entities: [] }) } });

    await open.say("tell me everything");
    await open.chat.waitFor((line) => line.text.includes("line 299"));

    const parts = (await open.chat.messages()).filter((line) => line.from === "bot");
    expect(parts.every((line) => line.text.length <= 4096)).toBe(true);
    expect(parts.map((line) => line.text).join("\n")).toBe(long);
  });

  test("is told when a command is unknown", async () => {
    open = openDoor();
    await open.say("/frobnicate");
    await open.chat.waitFor((line) => line.text.includes("I do not know that command"));
  });
});

describe("delivery", () => {
  test("an alert that cannot be delivered is an error to be tried again, not a loss", async () => {
    open = openDoor();
    const item = {
      id: 1,
      severity: "critical",
      chatId: 5,
      attempts: 0,
      content: { type: "alert", text: "x" },
    } as const;
    const error = await open.door.notifier.deliver(item).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "RetryableError" });
  });
});
