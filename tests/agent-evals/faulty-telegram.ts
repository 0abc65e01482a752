import { z } from "zod";
import { uniform } from "#src/sandbox/seeded-random.ts";
import { OWNER, TOKEN } from "#tests/support/chat-server.ts";

const bodySchema = z.looseObject({
  chat_id: z.coerce.number().optional(),
  text: z.string().optional(),
});

/** What goes wrong with a call: refused, or the line breaks before or after the message stands in the chat. */
const KINDS = ["429", "500", "400", "brokenEntities", "cutBefore", "cutAfter"] as const;
type Kind = (typeof KINDS)[number];

interface Said {
  readonly text: string;
  /** It stands in the chat, but the bot was never told. */
  readonly untold: boolean;
  readonly at: number;
}

/** Just enough of a Bot API to talk to one owner, in which a share of the calls fails. */
export function serveFaultyTelegram(options: {
  readonly share: number;
  /** The next thing that the owner types, as soon as there is one. */
  readonly next: () => Promise<string | null>;
}) {
  const said: Said[] = [];
  const struck = new Map<Kind, number>();
  let [calls, updates] = [0, 0];

  function fault(method: string): Kind | null {
    calls += 1;
    if (uniform(`telegram:${calls}`) >= options.share) return null;
    const kind = KINDS[Math.floor(uniform(`kind:${calls}`) * KINDS.length)] ?? "500";
    // Only what is sent as text has entities, and leaves something behind.
    const isText = method === "sendMessage" || (kind !== "brokenEntities" && kind !== "cutAfter");
    return isText ? kind : "500";
  }

  async function getUpdates(): Promise<unknown> {
    const text = await options.next();
    if (text === null) return [];
    updates += 1;
    const person = { id: OWNER.id, first_name: "You" };
    const from = { ...person, is_bot: false };
    const chat = { ...person, type: "private" };
    const message = { message_id: 100_000 + updates, date: 1_767_600_000, chat, from, text };
    return [{ update_id: updates, message }];
  }

  async function answer(method: string, text: string): Promise<Response> {
    if (method === "getUpdates") return ok(await getUpdates());
    if (method === "getMe") return ok({ id: 42, is_bot: true, first_name: "H", username: "h_bot" });
    const kind = fault(method);
    if (kind) struck.set(kind, (struck.get(kind) ?? 0) + 1);
    switch (kind) {
      case "429":
        return refuse(429, "Too Many Requests: retry after 3", { retry_after: 3 });
      case "500":
        return refuse(500, "Internal Server Error");
      case "400":
        return refuse(400, "Bad Request: try another time");
      case "brokenEntities":
        return refuse(400, "Bad Request: can't parse entities");
      case "cutBefore":
        return brokenLine();
      case "cutAfter":
        said.push({ text, untold: true, at: performance.now() });
        return brokenLine();
      default:
    }
    if (method !== "sendMessage") return ok(true);
    said.push({ text, untold: false, at: performance.now() });
    const chat = { id: OWNER.id, type: "private", first_name: "You" };
    return ok({ message_id: said.length, date: 1_767_600_000, chat, text });
  }

  const server = Bun.serve({
    port: 0,
    idleTimeout: 60,
    async fetch(request) {
      const method = new URL(request.url).pathname.replace(`/bot${TOKEN}/`, "");
      const isJson = request.headers.get("content-type")?.includes("json") === true;
      const { text = "" } = isJson ? bodySchema.parse(await request.json()) : {};
      return answer(method, text);
    },
  });
  return {
    ...{ said, struck },
    url: `http://127.0.0.1:${server.port}`,
    calls: () => calls,
    stop: () => server.stop(true),
  };
}

function ok(result: unknown): Response {
  return Response.json({ ok: true, result });
}

function refuse(code: number, description: string, parameters: object = {}): Response {
  return Response.json({ ok: false, error_code: code, description, parameters }, { status: code });
}

/** A line that broke while it answered: what came through is no answer. */
function brokenLine(): Response {
  return new Response('{"ok":', { headers: { "content-type": "application/json" } });
}
