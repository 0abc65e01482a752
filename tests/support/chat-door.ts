import type { Accepted, Agent, TurnWatcher } from "#src/agent/contract.ts";
import { createOutbox } from "#src/alerts/deliver-outbox.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Severity, Store, TurnState } from "#src/ports/store.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createTelegramDoor } from "#src/telegram/create-bot.ts";
import { OWNER, serveChat, TOKEN } from "#tests/support/chat-server.ts";
import { createFastClock } from "#tests/support/fake-clock.ts";
import { createIdlePipeline } from "#tests/support/idle-pipeline.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { TelegramSpec } from "#tests/support/telegram-spec.ts";

/** The Telegram door and the outbox against the sandbox's chat server, with an agent that tests lead. */
export function openChatDoor(
  options: { readonly speed?: number; readonly bindCode?: string; readonly judged?: boolean } = {},
) {
  const spec = options.judged ? TelegramSpec.load() : null;
  const chat = serveChat(undefined, spec);
  const clock = createFastClock(options.speed ?? 20);
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
  const agent = createLedAgent(store, clock);
  let running = open();

  /** A process: the door and the outbox over the store. */
  function open() {
    const door = createTelegramDoor({
      ...{ token: TOKEN, apiRoot: chat.url, pipeline, agent, store, clock, log: silentLogger },
      bindCode: options.bindCode ?? null,
      redact: (text) => text,
    });
    const stopping = new AbortController();
    const outbox = createOutbox({ store, notifier: door.notifier, clock, log: silentLogger });
    const done = Promise.all([door.run(stopping.signal), outbox.run(stopping.signal)]);
    return { door, stopping, done };
  }

  async function close() {
    running.stopping.abort();
    await running.done;
  }

  return {
    ...{ chat, store, kills, agent, clock, spec, pipeline },
    say: (text: string, more: { fromUserId?: number; as?: string } = {}) =>
      chat.post("/sandbox/messages", { text, ...more }),
    alert: (text: string, severity: Severity = "info") =>
      store.transaction(() =>
        store.enqueue({ severity, chatId: OWNER.id, content: { type: "alert", text } }),
      ),
    deliver: (item: Parameters<typeof running.door.notifier.deliver>[0]) =>
      running.door.notifier.deliver(item),
    async restart() {
      await close();
      running = open();
    },
    async stop() {
      await close();
      chat.stop();
    },
  };
}

/** An agent whose turns do what a test says; rows and outbox are written as the real one writes them. */
function createLedAgent(store: Store, clock: Clock) {
  const asked: string[] = [];
  const watchers = new Map<string, TurnWatcher | null>();
  let stops = 0;
  const live = (state: TurnState) => store.liveTurns().find((turn) => turn.state === state);

  function end(id: string, state: "answered" | "stopped", answer: string): void {
    const chatId = store.getTurn(id)?.chatId ?? 0;
    store.transaction(() => {
      store.moveTurn(id, state, { answer, endedAt: clock.wallNow() });
      store.enqueue({ severity: "info", chatId, content: { type: "answer", turnId: id } });
    });
    watchers.get(id)?.ended();
    const next = live("waiting");
    if (next) store.transaction(() => store.moveTurn(next.id, "running"));
  }

  const agent: Agent = {
    async ask({ chatId, text, watcher }): Promise<Accepted> {
      if (live("waiting")) return { kind: "busy" };
      const state = live("running") ? "waiting" : "running";
      asked.push(text);
      const id = `T${asked.length}`;
      const turn = { id, chatId, state, question: text, askedAt: clock.wallNow() } as const;
      store.transaction(() => store.insertTurn(turn));
      watchers.set(id, watcher);
      return { kind: state, turnId: id };
    },
    stop(chatId) {
      const turns = store.liveTurns(chatId);
      for (const { id } of turns.toReversed()) end(id, "stopped", "Stopped.");
      return turns.length > 0;
    },
    stopAll() {
      stops += 1;
      for (const { id } of store.liveTurns().toReversed()) end(id, "stopped", "Stopped.");
    },
    recover: () => undefined,
    idle: async () => undefined,
  };
  return {
    ...agent,
    asked,
    get stopAlls() {
      return stops;
    },
    /** The watcher of the turn that runs, waited for. */
    async watcher(): Promise<TurnWatcher> {
      for (let turn = 0; turn < 3_000; turn += 1) {
        const watcher = watchers.get(live("running")?.id ?? "");
        if (watcher) return watcher;
        await Bun.sleep(10);
      }
      throw new Error("no question came");
    },
    async answer(text: string) {
      await this.watcher();
      end(live("running")?.id ?? "", "answered", text);
    },
  };
}

/** Waits until it holds; what is waited for comes within milliseconds unless it never comes. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let turn = 0; turn < 3_000; turn += 1) {
    if (await holds()) return;
    await Bun.sleep(10);
  }
  throw new Error(`${what} never came`);
}
