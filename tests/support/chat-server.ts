import { z } from "zod";
import type { Records } from "#src/ports/records.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createSandboxChat } from "#src/sandbox/create-sandbox-chat.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import type { TelegramSpec } from "#tests/support/telegram-spec.ts";

export const TOKEN = "4200000001:sandbox";
export const OWNER = { id: 1001, name: "You" };

const listSchema = z.array(
  z.looseObject({ id: z.number(), from: z.string(), text: z.string(), edited: z.boolean() }),
);
type ChatLine = z.infer<typeof listSchema>[number];
const answerSchema = z.looseObject({ ok: z.boolean(), description: z.string().optional() });

/** The sandbox's chat server on a free port; with a description, everything on the wire is judged. */
export function serveChat(
  records: Records = createMemoryRecords(),
  spec: TelegramSpec | null = null,
) {
  const chat = createSandboxChat({
    ...{ records, token: TOKEN, owner: OWNER },
    clock: createSystemClock(),
    log: silentLogger,
  });
  const server = Bun.serve({
    port: 0,
    idleTimeout: 120,
    async fetch(request) {
      const method = (await spec?.checkRequest(request.clone())) ?? null;
      const response = await chat.fetch(request);
      if (method) await spec?.checkResponse(method, response.clone());
      return response;
    },
  });
  const url = `http://127.0.0.1:${server.port}`;
  const send = (path: string, body: unknown) =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const messages = async (): Promise<readonly ChatLine[]> =>
    listSchema.parse(await (await fetch(`${url}/sandbox/messages?after=0`)).json());
  return {
    url,
    stop: () => void server.stop(true),
    async post(path: string, body: unknown) {
      const response = await send(path, body);
      return { status: response.status, json: await response.json() };
    },
    call: async (method: string, body: unknown) =>
      answerSchema.parse(await (await send(`/bot${TOKEN}/${method}`, body)).json()),
    messages,
    /** The first message that matches, waited for. */
    async waitFor(matches: (line: ChatLine) => boolean): Promise<ChatLine> {
      for (let turn = 0; turn < 100; turn += 1) {
        const found = (await messages()).find(matches);
        if (found) return found;
        await Bun.sleep(50);
      }
      throw new Error("the message never came");
    },
  };
}
