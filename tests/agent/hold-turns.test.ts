import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { holdTurns, type TurnRunner } from "#src/agent/hold-turns.ts";
import { OperatorError } from "#src/core/errors.ts";
import type { LanguageModel } from "#src/ports/language-model.ts";
import { createRandomIds } from "#src/runtime/random-ids.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { CHAT, createHeldModel, openAgent, settle } from "#tests/support/agent-rig.ts";
import { openCheck } from "#tests/support/builders.ts";
import { createFakeClock } from "#tests/support/fake-clock.ts";
import { calling, createScriptedModel, replyOf } from "#tests/support/scripted-model.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";

const folder = mkdtempSync(join(tmpdir(), "hedgerow-turns-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a chat", () => {
  test("runs one question, lets one wait and takes no third", async () => {
    const { model, replies, requests } = createHeldModel();
    const { agent, store, answers } = openAgent(model);
    const ask = (text: string) => agent.ask({ chatId: CHAT, text, watcher: null });

    const kinds = [await ask("one"), await ask("two"), await ask("three")].map(({ kind }) => kind);
    expect(kinds).toEqual(["running", "waiting", "busy"]);
    expect(store.liveTurns().map(({ state }) => state)).toEqual(["running", "waiting"]);
    await settle();
    expect(requests).toHaveLength(1);
    replies[0]?.resolve(replyOf({ text: "first" }));
    await settle();
    expect(requests[1]?.messages.map((one) => "text" in one && one.text)).toEqual([
      ...["one", "first", "two"],
    ]);
    replies[1]?.resolve(replyOf({ text: "second" }));
    await agent.idle();
    expect(answers().map(({ answer }) => answer)).toEqual(["first", "second"]);
  });

  test("has its question on disk before anything else happens", () => {
    const { agent, store } = openAgent(createHeldModel().model);
    void agent.ask({ chatId: CHAT, text: "hello", watcher: null });
    expect(store.liveTurns(CHAT)).toMatchObject([{ state: "running", question: "hello" }]);
  });

  test("asks a message once, however often it is delivered, also by the next process", async () => {
    const path = join(folder, "twice.db");
    const open = () => openAgent(createScriptedModel({ text: "said" }).model, { path });
    const ask = ({ agent }: ReturnType<typeof open>, messageId: number) =>
      agent.ask({ chatId: CHAT, text: "hi", messageId, watcher: null });

    const first = open();
    expect(await ask(first, 5)).toMatchObject({ kind: "running" });
    await first.agent.idle();
    expect(await ask(first, 5)).toEqual({ kind: "known" });
    first.store.close();
    const second = open();
    expect(await ask(second, 5)).toEqual({ kind: "known" });
    expect(await ask(second, 6)).toMatchObject({ kind: "running" });
    await second.agent.idle();
    expect(second.store.endedTurns(CHAT, 0, 10)).toHaveLength(2);
    second.store.close();
  });

  test("does not wait for another chat", async () => {
    const { model, requests, replies } = createHeldModel();
    const { agent, ask, answers } = openAgent(model);
    for (let chat = 1; chat <= 10; chat += 1) await ask("hi", chat);
    await settle();
    expect(requests).toHaveLength(10);
    replies[9]?.resolve(replyOf({ text: "last first" }));
    await settle();
    expect(answers().map(({ chatId }) => chatId)).toEqual([10]);
    agent.stopAll();
    await agent.idle();
    expect(answers()).toHaveLength(10);
  });

  test("gives up after 90 seconds, whatever does not answer", async () => {
    const hanging = openAgent(createHeldModel().model);
    await hanging.ask("slow?");
    await hanging.clock.advance(89_999);
    expect(hanging.answers()).toEqual([]);
    await hanging.clock.advance(1);
    expect(hanging.answers()[0]).toMatchObject({ state: "failed" });
    expect(hanging.answers()[0]?.answer).toContain("took longer");

    const slow = openAgent(createScriptedModel(calling("get_status", {})).model);
    slow.pipeline.status = () => new Promise(() => undefined);
    await slow.ask("slow?");
    await slow.clock.advance(90_000);
    expect(slow.answers()).toHaveLength(1);
    await slow.agent.idle();
  });

  test("says why when what answers cannot be loaded", async () => {
    const clock = createFakeClock();
    const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
    const agent = holdTurns({
      ...{ store, clock, log: silentLogger, ids: createRandomIds(), redact: (text) => text },
      runner: () => Promise.reject(new OperatorError("model.name is empty")),
    });
    await agent.ask({ chatId: CHAT, text: "hi", watcher: null });
    await agent.idle();
    expect(store.endedTurns(CHAT, 0, 1)[0]).toMatchObject({ state: "failed" });
  });
});

describe("a question that comes before what answers it is loaded", () => {
  const answers = (times: string[]): TurnRunner => ({
    async answer({ question }) {
      times.push(question);
      return { state: "answered", answer: "here" };
    },
    tidy: async () => undefined,
  });

  function openUnloaded(path: string) {
    const clock = createFakeClock();
    const store = openStore({ path, wallNow: clock.wallNow });
    const loading = Promise.withResolvers<TurnRunner>();
    const agent = holdTurns({
      ...{ store, clock, log: silentLogger, ids: createRandomIds(), redact: (text) => text },
      runner: () => loading.promise,
    });
    agent.recover();
    return { agent, store, load: loading.resolve };
  }

  test("is answered once when it is, and what a recovery finds then is nothing", async () => {
    const { agent, store, load } = openUnloaded(":memory:");
    const asked: string[] = [];
    await agent.ask({ chatId: CHAT, text: "one", watcher: null });
    agent.recover();
    load(answers(asked));
    await agent.idle();
    expect(asked).toEqual(["one"]);
    expect(store.endedTurns(CHAT, 0, 9).map(({ state }) => state)).toEqual(["answered"]);
  });

  test("can be stopped, and survives the process as a word about it", async () => {
    const path = join(folder, "unloaded.db");
    const first = openUnloaded(path);
    await first.agent.ask({ chatId: CHAT, text: "one", watcher: null });
    expect(first.agent.stop(CHAT)).toBe(true);
    await first.agent.ask({ chatId: CHAT, text: "two", watcher: null });
    await settle();
    first.store.close();
    const asked: string[] = [];
    const second = openUnloaded(path);
    second.load(answers(asked));
    await second.agent.idle();
    expect(asked).toEqual([]);
    const ended = second.store.endedTurns(CHAT, 0, 9);
    expect(ended.map(({ state }) => state)).toEqual(["stopped", "interrupted"]);
    second.store.close();
  });
});

describe("a watcher", () => {
  test("sees the text, the tools and the end, which comes after the answer is queued", async () => {
    const { model } = createScriptedModel(calling("get_status", {}), (request) => {
      request.onText?.("All");
      return { text: "All quiet." };
    });
    const { agent, answers } = openAgent(model);
    const seen: string[] = [];
    const watcher = {
      text: (soFar: string) => seen.push(soFar),
      tool: (name: string, state: string) => seen.push(`${name} ${state}`),
      ended: () => seen.push(`ended with ${answers().length}`),
    };
    await agent.ask({ chatId: CHAT, text: "status", watcher });
    await agent.idle();
    expect(seen).toEqual(["get_status began", "get_status ended", "All", "ended with 1"]);
  });

  test("that breaks disturbs nothing", async () => {
    const { model } = createScriptedModel(calling("get_status", {}), (request) => {
      request.onText?.("All");
      return { text: "All quiet." };
    });
    const { agent, answers } = openAgent(model);
    const broken = () => {
      throw new Error("telegram");
    };
    const watcher = { text: broken, tool: broken, ended: broken };
    await agent.ask({ chatId: CHAT, text: "status", watcher });
    await agent.idle();
    expect(answers().map(({ answer }) => answer)).toEqual(["All quiet."]);
  });
});

describe("a stop", () => {
  test("ends what runs and what waits at once, with the words so far", async () => {
    const { model, requests } = createHeldModel();
    const { agent, ask, answers, store } = openAgent(model);
    await ask("one");
    await ask("two");
    await ask("elsewhere", 2);
    await settle();
    requests[0]?.onText?.("BTC pays");

    expect(agent.stop(CHAT)).toBe(true);
    expect(requests[0]?.signal.aborted).toBe(true);
    expect(answers().map(({ state, answer }) => [state, answer])).toEqual([
      ["stopped", "BTC pays\n\n(Stopped. This question traded nothing.)"],
      ["stopped", "The question that waited is dropped too. Ask it again."],
    ]);
    expect(store.liveTurns()).toMatchObject([{ chatId: 2 }]);
    expect(agent.stop(CHAT)).toBe(false);
  });

  test("marks in the words so far what a whole answer would have marked, and no half figure", async () => {
    const { model, requests } = createHeldModel();
    const { agent, ask, answers } = openAgent(model);
    await ask("best?");
    await settle();
    requests[0]?.onText?.("I opened ETH; it pays 47.11 % a year after costs of 12");

    agent.stop(CHAT);
    const [said] = answers();
    expect(said?.answer).toStartWith("I opened ETH; it pays 47.11 % a year after costs of…\n\n");
    expect(said?.answer).toContain("(This answer traded nothing.");
    expect(said?.answer).toContain("(Not from this turn's data: 47.11 %.)");
    expect(said?.answer).toEndWith("(Stopped. This question traded nothing.)");
  });

  test("is the last word: what comes later changes nothing", async () => {
    const { model, requests, replies } = createHeldModel();
    const { agent, ask, answers, store, pipeline } = openAgent(model);
    const late = Promise.withResolvers<Awaited<ReturnType<typeof pipeline.status>>>();
    const quiet = await pipeline.status();
    pipeline.status = () => late.promise;
    const inTool = await ask("one");
    await settle();
    replies[0]?.resolve(replyOf(calling("get_status", {})));
    await settle();
    agent.stop(CHAT);
    const inModel = await ask("two");
    await settle();
    agent.stop(CHAT);
    const before = JSON.stringify([answers(), store.callsOf(inTool), store.callsOf(inModel)]);

    late.resolve(quiet);
    replies[1]?.resolve(replyOf(calling("propose_hedge", { asset: "BTC", candidateId: null })));
    await settle();
    await agent.idle();
    expect(JSON.stringify([answers(), store.callsOf(inTool), store.callsOf(inModel)])).toBe(before);
    expect(store.callsOf(inTool)).toMatchObject([{ returnedAt: null }]);
    expect(pipeline.proposals).toEqual([]);
    expect(requests).toHaveLength(2);
  });

  test("meets an answer at any moment: one of them ends the turn, and the next question is safe", async () => {
    for (let ticks = 0; ticks < 30; ticks += 1) {
      const { model, replies } = createHeldModel();
      const { agent, ask, answers, store } = openAgent(model);
      await ask("one");
      await settle();
      replies[0]?.resolve(replyOf({ text: "an answer" }));
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
      agent.stop(CHAT);
      await ask("two");
      const third = await agent.ask({ chatId: CHAT, text: "three", watcher: null });
      await settle();
      expect(third.kind).toBe("waiting");
      expect(answers()).toHaveLength(1);
      expect(store.liveTurns().map(({ question }) => question)).toEqual(["two", "three"]);
      replies[1]?.resolve(replyOf({ text: "second" }));
      await settle();
      replies[2]?.resolve(replyOf({ text: "third" }));
      await agent.idle();
      expect(
        answers()
          .map(({ answer }) => answer)
          .slice(1),
      ).toEqual(["second", "third"]);
    }
  });

  test("lets no call begin after it, wherever between two calls it falls", async () => {
    for (let ticks = 0; ticks < 40; ticks += 1) {
      const { model, replies } = createHeldModel();
      const { agent, ask, pipeline } = openAgent(model);
      await ask("close all");
      await settle();
      const calls = ["A", "B", "C", "D"].map((hedge) => ({
        ...{ id: hedge, name: "propose_close", argumentsJson: JSON.stringify({ hedge }) },
      }));
      replies[0]?.resolve(replyOf({ stop: "toolCalls", calls }));
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
      agent.stop(CHAT);
      const before = pipeline.proposals.length;
      await settle();
      expect(pipeline.proposals).toHaveLength(before);
      expect(replies.length).toBeLessThanOrEqual(2);
    }
  });

  test("of everything leaves room for the next question", async () => {
    const { model, replies } = createHeldModel();
    const { agent, ask, answers, answerTo } = openAgent(model);
    await ask("one", 1);
    await ask("two", 2);
    agent.stopAll();
    expect(answers().map(({ answer }) => answer?.includes("/kill came first"))).toEqual([
      true,
      true,
    ]);
    const third = answerTo("three", 1);
    await settle();
    replies.at(-1)?.resolve(replyOf({ text: "here" }));
    expect(await third).toBe("here");
  });

  test("before a shutdown keeps later questions for the next start", async () => {
    const path = join(folder, "shutdown.db");
    const { agent, ask, answers, store } = openAgent(createHeldModel().model, { path });
    await ask("one");
    agent.stopAll("shutdown");
    await ask("two");
    await agent.idle();
    expect(answers().map(({ question, state }) => [question, state])).toEqual([
      ["one", "interrupted"],
    ]);
    store.close();

    const next = openAgent(createHeldModel().model, { path });
    next.agent.recover();
    expect(next.answers().map(({ question, state }) => [question, state])).toEqual([
      ["one", "interrupted"],
      ["two", "interrupted"],
    ]);
    next.store.close();
  });
});

describe("a restart", () => {
  /** Each model call and each tool run is a boundary: there the process dies. */
  test.each([1, 2, 3, 4, 5])(
    "at boundary %d tells once and runs nothing again",
    async (boundary) => {
      const path = join(folder, `boundary-${boundary}.db`);
      const never = new Promise<never>(() => undefined);
      let reached = 0;
      const passes = () => {
        reached += 1;
        return reached < boundary;
      };
      const script = createScriptedModel(
        calling("propose_close", { hedge: "A" }, "c1"),
        calling("propose_close", { hedge: "B" }, "c2"),
        { text: "done" },
      );
      const dying: LanguageModel = {
        id: "dying",
        reply: (request) => (passes() ? script.model.reply(request) : never),
      };
      const first = openAgent(dying, { path });
      const runs: string[] = [];
      first.pipeline.proposeClose = (hedge) => {
        runs.push(hedge);
        return passes()
          ? Promise.resolve({ kind: "unavailable", reason: "NO_HEDGE" } as const)
          : never;
      };
      const asked = await first.ask("close all");
      const waiting = await first.ask("and then?");
      await settle();
      expect(reached).toBe(boundary);
      const journal = first.store.callsOf(asked);
      first.store.close();

      const second = openAgent(createScriptedModel({ text: "here" }).model, { path });
      second.agent.recover();
      second.agent.recover();
      await second.agent.idle();
      const told = second.answers();
      expect(told.map(({ id, state }) => [id, state])).toEqual([
        [asked, "interrupted"],
        [waiting, "interrupted"],
      ]);
      expect(told[0]?.answer).toContain("This question traded nothing.");
      expect(told[1]?.answer).toContain("never begun");
      // A card may have been asked for, and nobody heard what came of it.
      const unheard = journal.some(({ returnedAt }) => returnedAt === null);
      expect(told[0]?.answer?.includes("may still come")).toBe(unheard);
      expect(second.store.callsOf(asked)).toEqual(journal);
      expect(runs).toEqual(["A", "B"].slice(0, Math.floor(boundary / 2)));
      expect(second.pipeline.proposals).toEqual([]);
      expect(await second.answerTo("again")).toBe("here");
      second.store.close();
    },
  );

  test("names the card that still waits", async () => {
    const path = join(folder, "card.db");
    const { model, replies } = createHeldModel();
    const first = openAgent(model, { path });
    const { proposal } = openCheck();
    const waits = { ...proposal, expiresAt: first.clock.wallNow() + 60_000 };
    first.pipeline.proposeOpen = async () => {
      first.store.transaction(() => first.store.insertProposal(waits, "hash"));
      return { kind: "proposed", proposal: waits };
    };
    await first.ask("hedge BTC");
    await settle();
    replies[0]?.resolve(replyOf(calling("propose_hedge", { asset: "BTC", candidateId: null })));
    await settle();
    first.store.close();

    const second = openAgent(createHeldModel().model, { path });
    second.agent.recover();
    expect(second.answers()[0]?.answer).toContain(
      `A card still waits for your tap: ${proposal.id} (open).`,
    );
    second.store.close();
  });

  test("is told with the first question, when nobody recovered before it", async () => {
    const path = join(folder, "unrecovered.db");
    const first = openAgent(createHeldModel().model, { path });
    await first.ask("one");
    await settle();
    first.store.close();
    const second = openAgent(createScriptedModel({ text: "here" }).model, { path });
    expect(await second.answerTo("two")).toBe("here");
    second.agent.recover();
    expect(second.answers().map(({ state }) => state)).toEqual(["interrupted", "answered"]);
    second.store.close();
  });
});
