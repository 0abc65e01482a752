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
const draftSchema = z
  .object({ text: z.string(), canStop: z.boolean(), draftId: z.number() })
  .nullable();
const answerSchema = z.looseObject({ ok: z.boolean(), description: z.string().optional() });

interface Failure {
  readonly code: number;
  readonly description: string;
  /** How many calls pass before it, and how many fail then; one when not said. */
  readonly after?: number;
  readonly times?: number;
  readonly retryAfter?: number;
}

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
  const failures: { readonly method: string; passes: number; fails: number; what: Failure }[] = [];
  const calls: {
    readonly method: string;
    readonly body: Record<string, unknown>;
    readonly at: number;
  }[] = [];
  const slowMs = new Map<string, number>();
  /** The failure that this call meets, if any. */
  function meets(method: string): Failure | null {
    for (const one of failures.filter((failure) => failure.method === method)) {
      if (one.passes > 0) one.passes -= 1;
      else if (one.fails > 0) {
        one.fails -= 1;
        return one.what;
      }
    }
    return null;
  }
  async function note(request: Request): Promise<string> {
    const { pathname } = new URL(request.url);
    const method = pathname.startsWith("/bot") ? (pathname.split("/")[2] ?? "") : "";
    const isJson = request.headers.get("content-type")?.includes("json");
    const body = isJson && method ? await request.clone().json() : {};
    if (method && method !== "getUpdates") calls.push({ method, body, at: performance.now() });
    return method;
  }
  const server = Bun.serve({
    port: 0,
    idleTimeout: 120,
    async fetch(request) {
      const called = await note(request);
      const failure = meets(called);
      if (failure) return refusal(failure);
      await Bun.sleep(slowMs.get(called) ?? 0);
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
    /** What the bot asked of the server, in order; without its polling. */
    calls,
    /** Lets calls of a method fail, as Telegram would. */
    fail(method: string, what: Failure) {
      failures.push({ method, passes: what.after ?? 0, fails: what.times ?? 1, what });
    },
    /** Lets calls of a method take as long. */
    slow: (method: string, ms: number) => void slowMs.set(method, ms),
    async draft(): Promise<{ text: string; canStop: boolean; draftId: number } | null> {
      return draftSchema.parse(await (await fetch(`${url}/sandbox/draft`)).json());
    },
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

function refusal({ code, description, retryAfter }: Failure): Response {
  const parameters = retryAfter === undefined ? {} : { parameters: { retry_after: retryAfter } };
  return Response.json(
    { ok: false, error_code: code, description, ...parameters },
    { status: code },
  );
}
