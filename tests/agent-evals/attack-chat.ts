import type { Agent } from "#src/agent/contract.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createTelegramDoor } from "#src/telegram/create-bot.ts";
import { TOKEN } from "#tests/support/chat-server.ts";
import { createIdlePipeline } from "#tests/support/idle-pipeline.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";

const OWNER = { id: 1, is_bot: false, first_name: "You" };
const ME = { id: 7, is_bot: true, first_name: "Hedgerow", username: "hedgerow_bot" };
const PAGE = 100;

/** The real door, given these messages of its private chat: what it asks the agent, and all that it sends. */
export async function hearUpdates(
  messages: readonly (object & { readonly from?: object })[],
): Promise<{ readonly asked: readonly string[]; readonly sent: string }> {
  const asked: string[] = [];
  let sent = "";
  const heard = Promise.withResolvers<void>();
  const updates = messages.map((message, index) => ({
    update_id: index + 1,
    message: {
      ...{ message_id: index + 1, date: 1, chat: { id: OWNER.id, type: "private" }, ...message },
      from: { ...OWNER, ...message.from },
    },
  }));
  const server = Bun.serve({
    port: 0,
    async fetch(request) {
      const method = new URL(request.url).pathname.split("/").at(-1) ?? "";
      const body = await request.text();
      if (method === "getMe") return reply(ME);
      if (method === "getUpdates") {
        const offset = Number(/"offset":(\d+)/.exec(body)?.[1] ?? "0");
        const page = updates.filter(({ update_id }) => update_id >= offset).slice(0, PAGE);
        if (page.length > 0) return reply(page);
        heard.resolve();
        await Bun.sleep(20);
        return reply([]);
      }
      sent += `${method} ${body}\n`;
      const message = { message_id: 1, date: 1, chat: { id: OWNER.id, type: "private" }, text: "" };
      return reply(method === "sendMessage" ? message : true);
    },
  });
  const clock = createSystemClock();
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  store.transaction(() => {
    store.setFact("ownerId", String(OWNER.id));
    store.setFact("chatId", String(OWNER.id));
  });
  const agent: Agent = {
    async ask({ text, watcher }) {
      asked.push(text);
      watcher?.ended();
      return { kind: "running", turnId: "T-1" };
    },
    ...{ stop: () => false, stopAll: () => undefined, recover: () => undefined },
    idle: async () => undefined,
  };
  const door = createTelegramDoor({
    ...{ token: TOKEN, apiRoot: `http://127.0.0.1:${server.port}`, bindCode: null },
    ...{ pipeline: createIdlePipeline(), agent, store, clock, log: silentLogger },
    redact: (text) => text,
  });
  const stopping = new AbortController();
  const running = door.run(stopping.signal);
  await heard.promise;
  stopping.abort();
  await running;
  await server.stop(true);
  return { asked, sent };
}

function reply(result: unknown): Response {
  return Response.json({ ok: true, result });
}
