import { createOutbox } from "#src/alerts/deliver-outbox.ts";
import { type LanguageModel, ModelError } from "#src/ports/language-model.ts";
import { createTelegramDoor } from "#src/telegram/create-bot.ts";
import { Desk } from "#tests/agent-evals/desk.ts";
import { serveFaultyTelegram } from "#tests/agent-evals/faulty-telegram.ts";
import { TOKEN } from "#tests/support/chat-server.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";

export const CHATS = Array.from({ length: 10 }, (_, at) => 5_001 + at);

/** The real door over a desk in ten of whose chats a turn runs against a model that never comes to an end. */
export async function openBusyDesk(options: { readonly canStop: boolean }) {
  const desk = await new Desk({ chain: () => [createEndlessModel()] }).begin();
  const { store, pipeline } = desk;
  const agent = options.canStop ? desk.agent : { ...unbound(desk), stopAll: () => undefined };
  const typed: string[] = [];
  let heardAt = 0;
  const telegram = serveFaultyTelegram({
    share: 0,
    async next() {
      await Bun.sleep(1);
      heardAt = typed.length > 0 ? performance.now() : heardAt;
      return typed.shift() ?? null;
    },
  });
  // People's time is real here; that of the market stands still.
  const clock = { ...desk.clock, sleep: (ms: number) => Bun.sleep(Math.min(ms, 5)) };
  const door = createTelegramDoor({
    ...{ token: TOKEN, apiRoot: telegram.url, bindCode: null, redact: (text) => text },
    ...{ pipeline, agent, store, clock, log: silentLogger },
  });
  const stopping = new AbortController();
  const outbox = createOutbox({ store, notifier: door.notifier, clock, log: silentLogger });
  const running = Promise.all([door.run(stopping.signal), outbox.run(stopping.signal)]);
  return {
    ...{ desk, telegram, typed },
    heardAt: () => heardAt,
    async askInEveryChat() {
      for (const chatId of CHATS) await agent.ask({ chatId, text: "what pays?", watcher: null });
    },
    async close() {
      desk.agent.stopAll();
      await desk.agent.idle();
      stopping.abort();
      await running;
      await telegram.stop();
      desk.close();
    },
  };
}

function unbound({ agent }: Desk) {
  return {
    ask: agent.ask.bind(agent),
    stop: agent.stop.bind(agent),
    recover: agent.recover.bind(agent),
    idle: agent.idle.bind(agent),
  };
}

/** Words and words, until it is stopped. */
function createEndlessModel(): LanguageModel {
  return {
    id: "endless",
    async reply({ signal, onText }) {
      for (let words = 1; !signal.aborted; words += 1) {
        onText?.("word ".repeat(words % 200));
        await Bun.sleep(10);
      }
      throw new ModelError("aborted", "stopped");
    },
  };
}
