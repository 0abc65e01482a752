import { afterEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { rememberPlaceholder } from "#src/telegram/placeholders.ts";
import { createTurnProgress } from "#src/telegram/turn-progress.ts";
import { openChatDoor, until } from "#tests/support/chat-door.ts";
import { OWNER } from "#tests/support/chat-server.ts";
import { createFakeClock } from "#tests/support/fake-clock.ts";
import { SPEC_PATH } from "#tests/support/telegram-spec.ts";

let open: ReturnType<typeof openChatDoor>;

const drafts = () => open.chat.calls.filter(({ method }) => method === "sendMessageDraft");
const draftText = async () => (await open.chat.draft())?.text ?? null;

describe("while a turn runs", () => {
  afterEach(() => open.stop());

  test("a draft with a stop button thinks, tells of tools and grows, until the answer stands", async () => {
    open = openChatDoor({ judged: existsSync(SPEC_PATH) });
    await open.say("rates?");
    const watcher = await open.agent.watcher();
    await until(async () => (await draftText()) === "", "the draft");
    expect((await open.chat.draft())?.canStop).toBe(true);

    watcher.tool("get_rates", "began");
    await until(
      async () => /^⏳ looking at rates… \d+ s$/.test((await draftText()) ?? ""),
      "a line",
    );
    watcher.tool("get_rates", "ended");
    watcher.text("**BTC** pays");
    await until(
      async () => /^✓ looked at rates(, \d+ s)?\n\nBTC pays$/.test((await draftText()) ?? ""),
      "text",
    );
    await open.agent.answer("**BTC** pays most.");
    await open.chat.waitFor((line) => line.text === "BTC pays most.");

    expect(await open.chat.draft()).toBeNull();
    expect(open.spec?.violations ?? []).toEqual([]);
    expect(drafts().every(({ body }) => body["draft_id"] === 1 && body["can_stop"] === true)).toBe(
      true,
    );
  });

  test("drafts are a second apart, and an answer that comes at once has none", async () => {
    open = openChatDoor();
    await open.say("quick");
    await open.agent.answer("at once");
    await open.chat.waitFor((line) => line.text === "at once");
    expect(drafts()).toEqual([]);

    await open.say("slow");
    const watcher = await open.agent.watcher();
    for (let words = 0; words < 40; words += 1) {
      watcher.text(`word ${words}`);
      await Bun.sleep(10);
    }
    const times = drafts().map(({ at }) => at);
    expect(times.length).toBeGreaterThan(2);
    // Twenty times as fast as life.
    for (const [index, at] of times.entries()) {
      if (index > 0) expect(at - (times[index - 1] ?? 0)).toBeGreaterThan(45);
    }
  });

  test("a model that says nothing is shown to be waited for, in steps, so that its draft never passes", async () => {
    open = openChatDoor({ speed: 200 });
    await open.say("slow");
    await until(() => drafts().length >= 4, "the growing wait");
    const [first, ...later] = drafts().map(({ body }) => String(body["text"] ?? ""));
    expect(first).toBe("");
    const waits = later.map((text) => Number(/^⏳ asking the model… (\d+) s$/.exec(text)?.[1]));
    for (const [index, seconds] of waits.entries()) {
      expect(seconds % 5).toBe(0);
      expect(seconds).toBeGreaterThan(waits[index - 1] ?? 0);
    }
  });

  test("the wait is counted from the last sign of life, and not beside a tool at work", () => {
    let now = 0;
    const progress = createTurnProgress({ elapsedMs: () => now });
    const shown = (at: number) => {
      now = at;
      return progress.picture().text;
    };
    // Behind another question: that time is not the model's.
    expect(shown(60_000)).toBe("");
    expect(shown(64_900)).toBe("");
    expect(shown(83_000)).toBe("⏳ asking the model… 20 s");
    progress.tool("get_rates", "began");
    expect(shown(93_000)).toBe("⏳ looking at rates… 10 s");
    progress.tool("get_rates", "ended");
    expect(shown(94_000)).not.toContain("asking");
    expect(shown(99_000)).toBe("✓ looked at rates, 10 s\n⏳ asking the model… 5 s");
  });

  test("a question that waits gets its own draft when its turn comes", async () => {
    open = openChatDoor();
    await open.say("first");
    await open.agent.watcher();
    await open.say("second");
    await open.chat.waitFor((line) => line.text === "I will answer that next.");
    await open.agent.answer("one");
    await until(async () => (await open.chat.draft())?.draftId === 2, "the second draft");
  });

  test("a chat without drafts has a message with a button instead, gone with the answer", async () => {
    open = openChatDoor();
    open.chat.fail("sendMessageDraft", { code: 404, description: "Not Found", times: 9 });
    await open.say("rates?");
    const watcher = await open.agent.watcher();
    const shown = await open.chat.waitFor((line) => line.text === "Thinking…");
    watcher.text("so far /kill https://evil.example");
    const edited = await open.chat.waitFor((line) => line.text.startsWith("so far"));
    expect(edited).toMatchObject({ id: shown.id, buttons: [[{ data: "s:T1" }]] });
    expect(edited.text).toBe("so far /kill https[:]//evil[.]example");

    await open.agent.answer("done");
    await open.chat.waitFor((line) => line.text === "done");
    await until(
      async () => !(await open.chat.messages()).some(({ id }) => id === shown.id),
      "its removal",
    );
    expect(drafts()).toHaveLength(1);
    const tap = await open.chat.post("/sandbox/taps", { messageId: shown.id, data: "s:T1" });
    expect(tap.status).toBe(404);
  });

  test("the button of the message ends its turn", async () => {
    open = openChatDoor();
    open.chat.fail("sendMessageDraft", { code: 400, description: "Bad Request: no", times: 9 });
    await open.say("rates?");
    const shown = await open.chat.waitFor((line) => line.text === "Thinking…");
    const tap = (data: string) => open.chat.post("/sandbox/taps", { messageId: shown.id, data });
    expect((await tap("s:T9")).json).toEqual({ answer: "That answer is over already." });
    expect((await tap("s:T1")).json).toEqual({ answer: "Stopping…" });
    await open.chat.waitFor((line) => line.text === "Stopped.");
  });

  test("a message that a dead process left is taken away with the answer", async () => {
    open = openChatDoor();
    await open.chat.call("sendMessage", { chat_id: OWNER.id, text: "Thinking…" });
    const left = await open.chat.waitFor((line) => line.text === "Thinking…");
    const { store } = open;
    rememberPlaceholder(store, OWNER.id, "T1", left.id);
    store.transaction(() => {
      store.insertTurn({
        ...{ id: "T1", chatId: OWNER.id, state: "running", question: "?", askedAt: 1 },
      });
      store.moveTurn("T1", "interrupted", { answer: "I was restarted.", endedAt: 1 });
      store.enqueue({
        ...{ severity: "info", chatId: OWNER.id, content: { type: "answer", turnId: "T1" } },
      });
    });
    await until(
      async () => !(await open.chat.messages()).some(({ id }) => id === left.id),
      "its removal",
    );
    await open.chat.waitFor((line) => line.text === "I was restarted.");
  });

  test("a draft on its way when the answer is ready does not come to stand below it", async () => {
    open = openChatDoor({ speed: 5 });
    open.chat.slow("sendMessageDraft", 60);
    await open.say("rates?");
    await until(() => drafts().length > 0, "the draft");
    await open.agent.answer("done");
    await open.chat.waitFor((line) => line.text === "done");
    await Bun.sleep(100);
    expect(await open.chat.draft()).toBeNull();
  });

  test("a draft that another message took away comes back", async () => {
    open = openChatDoor({ speed: 2 });
    await open.say("rates?");
    await until(async () => (await open.chat.draft()) !== null, "the draft");
    open.alert("something else");
    await open.chat.waitFor((line) => line.text.includes("something else"));
    await until(async () => (await open.chat.draft()) !== null, "the draft again");
    expect(drafts().length).toBeGreaterThan(1);
  });

  test("a limit of Telegram is kept, and the answer comes all the same", async () => {
    open = openChatDoor();
    open.chat.fail("sendMessageDraft", { code: 429, description: "slow", retryAfter: 4, times: 1 });
    await open.say("rates?");
    const watcher = await open.agent.watcher();
    for (let words = 0; drafts().length < 2; words += 1) {
      watcher.text(`word ${words}`);
      await Bun.sleep(5);
    }
    const [first, second] = drafts();
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(4_000 / 20 - 10);
    await open.agent.answer("done");
    await open.chat.waitFor((line) => line.text === "done");
  });

  test.each([
    [500, "oops"],
    [403, "Forbidden: bot was blocked by the user"],
  ])("a view that fails (%d) hurts nothing", async (code, description) => {
    open = openChatDoor();
    open.chat.fail("sendMessageDraft", { code, description, times: 99 });
    await open.say("rates?");
    await until(() => drafts().length > 0, "the failure");
    await open.agent.answer("done");
    await open.chat.waitFor((line) => line.text === "done");
  });
});

describe("the picture of a turn", () => {
  test("has one line a tool with its seconds, in plain words, and never a name of a model's own", async () => {
    const clock = createFakeClock();
    const progress = createTurnProgress(clock);
    progress.tool("get_rates", "began");
    await clock.advance(3_200);
    expect(progress.picture().text).toBe("⏳ looking at rates… 3 s");
    progress.tool("get_rates", "ended");
    progress.tool("/kill https://evil.example", "began");
    progress.tool("__proto__", "began");
    await clock.advance(500);
    expect(progress.picture().text).toBe("✓ looked at rates, 3 s\n⏳ working…\n⏳ working…");
  });

  test("stays within a message, shows the end of the text, and moves its entities", () => {
    const progress = createTurnProgress(createFakeClock());
    progress.tool("get_rates", "began");
    progress.text(`${"word ".repeat(2_000)}**end**`);
    const { text, entities } = progress.picture();
    expect(text.length).toBeLessThanOrEqual(4_096);
    expect(entities.map(({ offset, length }) => text.slice(offset, offset + length))).toEqual([
      "end",
    ]);
  });
});
