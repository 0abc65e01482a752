import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import { describeError } from "#src/core/errors.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Records } from "#src/ports/records.ts";
import { meet, STRANGER, stopDraft, tapped, typed, WAYS } from "./chat/act-as-person.ts";
import { type ApiContext, METHODS } from "./chat/bot-api.ts";
import { chatPage } from "./chat/chat-page.ts";
import { ChatState } from "./chat/chat-state.ts";
import { createLongPoll } from "./chat/long-poll.ts";
import { Presence } from "./chat/presence.ts";
import { ApiError, type Params, SentFile } from "./chat/read-params.ts";
import { forPeople, streamChat } from "./chat/stream-chat.ts";

export interface SandboxChatOptions {
  readonly records: Records;
  readonly clock: Clock;
  readonly token: string;
  readonly owner: { readonly id: number; readonly name: string };
  readonly log: Logger;
}

const MESSAGE_LIMIT = 4096;
const BODY_LIMIT = 256 * 1024;

/** A Bot API server and a chat page of our own: grammY polls it, people and scripts type into it. */
export function createSandboxChat(options: SandboxChatOptions): {
  fetch(request: Request): Response | Promise<Response>;
  isSandboxPath(pathname: string): boolean;
  readonly ownerChatId: number;
} {
  const { records, clock, owner, token } = options;
  const state = new ChatState(records);
  const context: ApiContext = {
    state,
    clock,
    presence: new Presence(clock),
    bot: { id: Number(token.split(":")[0]), name: "Hedgerow", username: "hedgerow_demo_bot" },
    users: new Map([
      ...state.chatIds().map((id) => [id, STRANGER.name] as const),
      [STRANGER.id, STRANGER.name],
      [owner.id, owner.name],
    ]),
    queries: new Map(),
  };
  const app = new Hono();
  registerPeople(app, options, context);
  registerBotApi(app, options, context);
  app.onError((error, c) => {
    if (error instanceof ClientError) return c.json({ error: error.message }, error.status);
    options.log.error("sandboxFailed", { error });
    const isFull = describeError(error).includes("disk is full");
    const why = isFull
      ? "the disk is full, so the bot did not get this. Free some space, then send it again"
      : "something went wrong here; nothing was changed";
    return c.json({ error: why }, 500);
  });
  return {
    fetch: (request) => app.fetch(request),
    isSandboxPath: (path) => /^\/(chat|sandbox|bot[^/]*)(\/|$)/.test(path),
    ownerChatId: owner.id,
  };
}

class ClientError extends Error {
  readonly status: 400 | 404 | 413;

  constructor(status: 400 | 404 | 413, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

const newMessage = z.object({
  text: z.string().min(1),
  fromUserId: z.int().positive().optional(),
  as: z.enum(WAYS).optional(),
});
const newStop = z.object({ draftId: z.int(), fromUserId: z.int().positive().optional() });
const newTap = z.object({
  messageId: z.int(),
  data: z.string().min(1).max(256),
  fromUserId: z.int().positive().optional(),
});

/** What a person does: read, type, tap. */
function registerPeople(app: Hono, { owner }: SandboxChatOptions, context: ApiContext): void {
  const { state, presence } = context;
  app.get("/chat", (c) => {
    c.header(
      "content-security-policy",
      "default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src 'self'",
    );
    return c.html(chatPage(owner.id, STRANGER.id));
  });
  app.get("/sandbox/messages", (c) => {
    const userId = numberParam(c, "userId") ?? owner.id;
    return c.json(state.inChat(userId, numberParam(c, "after") ?? 0).map(forPeople));
  });
  app.get("/sandbox/photos/:id", (c) => sendFile(c, state, { "content-type": "image/png" }));
  // Nothing in it is run here, whatever it is.
  app.get("/sandbox/documents/:id", (c) =>
    sendFile(c, state, {
      "content-type": "application/octet-stream",
      "content-disposition": "attachment",
    }),
  );
  app.get("/sandbox/draft", (c) => {
    const draft = presence.draft(numberParam(c, "userId") ?? owner.id);
    return c.json(draft && { text: draft.text, canStop: draft.canStop, draftId: draft.draftId });
  });
  app.get("/sandbox/events", (c) => {
    const userId = numberParam(c, "userId") ?? owner.id;
    return streamSSE(c, (stream) => streamChat(stream, context, userId));
  });
  app.post("/sandbox/messages", async (c) => {
    const { text, fromUserId = owner.id, as } = await readBody(c, newMessage);
    meet(context, fromUserId);
    let id = 0;
    // A phone sends a long text in pieces; the last piece's id is the answer.
    for (let at = 0; at < text.length; at += MESSAGE_LIMIT) {
      id = typed(context, fromUserId, text.slice(at, at + MESSAGE_LIMIT), as);
    }
    return c.json({ id });
  });
  app.post("/sandbox/stop", async (c) => {
    const { draftId, fromUserId = owner.id } = await readBody(c, newStop);
    if (!stopDraft(context, fromUserId, draftId)) {
      throw new ClientError(404, "there is no such draft that can be stopped");
    }
    return c.json({});
  });
  app.post("/sandbox/taps", async (c) => {
    const { messageId, data, fromUserId = owner.id } = await readBody(c, newTap);
    meet(context, fromUserId);
    const message = state.get(messageId);
    if (message?.from !== "bot") throw new ClientError(404, "there is no such message of the bot");
    return c.json({ answer: await tapped(context, message, data, fromUserId) });
  });
}

function sendFile(c: Context, state: ChatState, headers: Record<string, string>): Response {
  const bytes = state.file(c.req.param("id") ?? "");
  if (!bytes) throw new ClientError(404, "there is no such file");
  return c.body(bytes, 200, headers);
}

/** What the bot does: one route for every method, in Telegram's envelope. */
function registerBotApi(
  app: Hono,
  { token, clock, log }: SandboxChatOptions,
  context: ApiContext,
): void {
  const poll = createLongPoll(context.state, clock);
  app.all("/:bot/:method", async (c) => {
    const answer = (status: 200 | 400 | 401 | 404 | 409, body: unknown) => c.json(body, status);
    try {
      if (c.req.param("bot") !== `bot${token}`) throw new ApiError(401, "Unauthorized");
      const name = c.req.param("method").toLowerCase();
      const params = await readParams(c);
      if (name === "getupdates") {
        return answer(200, { ok: true, result: await poll(params, c.req.raw.signal) });
      }
      const method = METHODS[name];
      if (!method) throw new ApiError(404, "Not Found");
      return answer(200, { ok: true, result: method(context, params) });
    } catch (error) {
      const known =
        error instanceof ApiError
          ? error
          : new ApiError(400, "Bad Request: can't parse the request");
      if (known !== error) log.warn("badBotRequest", { error });
      const status =
        known.code === 401 || known.code === 404 || known.code === 409 ? known.code : 400;
      return answer(status, { ok: false, error_code: known.code, description: known.message });
    }
  });
}

async function readBody<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const text = await c.req.text();
  if (text.length > BODY_LIMIT) throw new ClientError(413, "the body is too large");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    // biome-ignore lint/style/useErrorCause: the cause is there, as the third argument
    throw new ClientError(400, "the body is not JSON", { cause: error });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ClientError(
    400,
    `${issue?.path.join(".") || "body"}: ${issue?.message ?? "is not as expected"}`,
  );
}

async function readParams(c: Context): Promise<Params> {
  const type = c.req.header("content-type") ?? "";
  if (type.includes("json")) return z.record(z.string(), z.unknown()).parse(await c.req.json());
  if (!/form/.test(type)) return c.req.query();
  const form = await c.req.parseBody();
  const files = new Map<string, SentFile>();
  for (const [name, value] of Object.entries(form)) {
    if (!(value instanceof File)) continue;
    files.set(name, new SentFile(value.name, new Uint8Array(await value.arrayBuffer())));
  }
  return Object.fromEntries(
    Object.entries(form).map(([name, value]) => {
      if (value instanceof File) return [name, files.get(name)];
      const attached = typeof value === "string" && value.startsWith("attach://");
      return [name, attached ? files.get(value.slice("attach://".length)) : value];
    }),
  );
}

function numberParam(c: Context, name: string): number | null {
  const text = c.req.query(name);
  if (text === undefined) return null;
  if (!/^\d{1,15}$/.test(text)) throw new ClientError(400, `${name} must be a whole number`);
  return Number(text);
}
