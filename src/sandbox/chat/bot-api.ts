import { z } from "zod";
import type { Clock } from "#src/ports/clock.ts";
import type { ChatMessage, ChatState } from "./chat-state.ts";
import type { Presence } from "./presence.ts";
import {
  ApiError,
  CAPTION_LIMIT,
  jsonOr,
  keyboardOf,
  type Params,
  read,
  SentFile,
  TEXT_LIMIT,
  textOf,
} from "./read-params.ts";

export interface ApiContext {
  readonly state: ChatState;
  readonly clock: Clock;
  readonly presence: Presence;
  readonly bot: { readonly id: number; readonly name: string; readonly username: string };
  /** People who may be written to. */
  readonly users: Map<number, string>;
  /** Callback queries that still wait for an answer. */
  readonly queries: Map<string, (text: string) => void>;
}

type Method = (context: ApiContext, params: Params) => unknown;

/** The part of the Bot API that we use. Everything else is 404, as for a name that Telegram does not know. */
export const METHODS: Readonly<Record<string, Method>> = {
  getme: ({ bot }) => ({
    ...botUser(bot),
    can_join_groups: false,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
  }),
  deletewebhook: () => true,
  setmycommands: (_context, params) => {
    const command = z.object({
      command: z.string().regex(/^[a-z0-9_]{1,32}$/),
      description: z.string().min(1).max(256),
    });
    return (
      read(
        z.object({ commands: jsonOr(z.array(command).max(100)) }),
        params,
        "BOT_COMMAND_INVALID",
      ) !== null
    );
  },
  sendmessage: (context, params) => {
    const chatId = chatOf(context, params);
    const { text, entities } = textOf(params, "text", TEXT_LIMIT);
    return present(
      context,
      add(context, chatId, { text, entities, keyboard: keyboardOf(params), photoId: null }),
    );
  },
  sendmessagedraft: (context, params) => {
    const chatId = chatOf(context, params);
    const wanted = z.object({
      draft_id: z.coerce.number().int(),
      can_stop: jsonOr(z.boolean()).optional(),
      keep_on_stop: jsonOr(z.boolean()).optional(),
    });
    const { draft_id, can_stop, keep_on_stop } = read(wanted, params, "draft_id is invalid");
    if (draft_id === 0) throw new ApiError(400, "Bad Request: draft_id must be non-zero");
    // An empty text shows that the bot is thinking.
    const isEmpty = String(params.text ?? "") === "";
    const { text, entities } = isEmpty
      ? { text: "", entities: [] }
      : textOf(params, "text", TEXT_LIMIT);
    const stopping = { canStop: can_stop ?? false, keepOnStop: keep_on_stop ?? false };
    context.presence.show(chatId, { draftId: draft_id, text, entities, ...stopping });
    return true;
  },
  sendphoto: (context, params) => {
    const chatId = chatOf(context, params);
    const { id: photoId } = keepFile(context, params.photo, "photo");
    return present(
      context,
      add(context, chatId, { ...captionOf(params), keyboard: keyboardOf(params), photoId }),
    );
  },
  senddocument: (context, params) => {
    const chatId = chatOf(context, params);
    const document = keepFile(context, params.document, "document");
    const content = { ...captionOf(params), keyboard: keyboardOf(params), photoId: null, document };
    return present(context, add(context, chatId, content));
  },
  editmessagetext: (context, params) => {
    const message = ownMessage(context, params, "edit");
    const { text, entities } = textOf(params, "text", TEXT_LIMIT);
    return change(context, message, { text, entities, keyboard: keyboardOf(params) });
  },
  editmessagereplymarkup: (context, params) => {
    const message = ownMessage(context, params, "edit");
    return change(context, message, { keyboard: keyboardOf(params) });
  },
  deletemessage: (context, params) => {
    const id = Number(params.message_id);
    const message = context.state.get(id);
    if (message?.chatId !== chatOf(context, params)) {
      throw new ApiError(400, "Bad Request: message to delete not found");
    }
    context.state.remove(id);
    context.presence.tell(message.chatId, { kind: "gone", messageId: id });
    return true;
  },
  answercallbackquery: ({ queries }, params) => {
    const id = String(params.callback_query_id ?? "");
    const waiting = queries.get(id);
    if (!waiting) {
      throw new ApiError(
        400,
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
      );
    }
    const text = String(params.text ?? "");
    if (text.length > 200) throw new ApiError(400, "Bad Request: MESSAGE_TOO_LONG");
    queries.delete(id);
    waiting(text);
    return true;
  },
  sendchataction: (context, params) => {
    const chatId = chatOf(context, params);
    if (!params.action) throw new ApiError(400, 'Bad Request: parameter "action" is required');
    context.presence.tell(chatId, { kind: "typing" });
    return true;
  },
  setmessagereaction: (context, params) => {
    const message = context.state.get(Number(params.message_id));
    if (message?.chatId !== chatOf(context, params)) {
      throw new ApiError(400, "Bad Request: message to react not found");
    }
    return true;
  },
};

function keepFile({ state }: ApiContext, file: unknown, what: "photo" | "document") {
  if (!(file instanceof SentFile) || file.bytes.length === 0) {
    throw new ApiError(400, `Bad Request: there is no ${what} in the request`);
  }
  const id = `${what}${state.takeId()}`;
  state.addFile(id, file.bytes);
  return { id, name: file.name };
}

function captionOf(params: Params) {
  return params.caption === undefined
    ? { text: "", entities: [] }
    : textOf({ ...params, entities: params.caption_entities }, "caption", CAPTION_LIMIT);
}

/** A message as Telegram shows it to a bot. */
export function present(context: ApiContext, message: ChatMessage): Record<string, unknown> {
  const { chatId, text, entities, keyboard, photoId, document } = message;
  const name = context.users.get(chatId) ?? "Somebody";
  const from =
    message.from === "bot" ? botUser(context.bot) : { id: chatId, is_bot: false, first_name: name };
  const file = photoId
    ? { photo: [{ file_id: photoId, file_unique_id: photoId, width: 800, height: 600 }] }
    : document && {
        document: { file_id: document.id, file_unique_id: document.id, file_name: document.name },
      };
  const body = file
    ? {
        ...file,
        ...(text
          ? { caption: text, ...(entities.length > 0 ? { caption_entities: entities } : {}) }
          : {}),
      }
    : { text, ...(entities.length > 0 ? { entities } : {}) };
  return {
    message_id: message.id,
    date: message.date,
    chat: { id: chatId, type: "private", first_name: name },
    from,
    ...body,
    ...(message.edited ? { edit_date: message.date } : {}),
    ...(keyboard ? { reply_markup: keyboard } : {}),
  };
}

function add(
  { state, clock, presence }: ApiContext,
  chatId: number,
  content: Pick<ChatMessage, "text" | "entities" | "keyboard" | "photoId" | "document">,
): ChatMessage {
  const date = Math.floor(clock.wallNow() / 1000);
  const message: ChatMessage = {
    id: state.takeId(),
    chatId,
    from: "bot",
    edited: false,
    date,
    ...content,
  };
  presence.clear(chatId);
  state.put(message);
  return message;
}

function change(
  context: ApiContext,
  message: ChatMessage,
  to: Partial<Pick<ChatMessage, "text" | "entities" | "keyboard">>,
): unknown {
  const next = { ...message, ...to, edited: true };
  const same = (one: ChatMessage) => JSON.stringify([one.text, one.entities, one.keyboard]);
  if (same(next) === same(message)) {
    throw new ApiError(
      400,
      "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
    );
  }
  context.state.put(next);
  return present(context, next);
}

function chatOf({ users }: ApiContext, params: Params): number {
  const id = Number(params.chat_id);
  if (params.chat_id === undefined || params.chat_id === "") {
    throw new ApiError(400, "Bad Request: chat_id is empty");
  }
  if (!users.has(id)) throw new ApiError(400, "Bad Request: chat not found");
  return id;
}

function ownMessage(context: ApiContext, params: Params, verb: string): ChatMessage {
  const chatId = chatOf(context, params);
  const message = context.state.get(Number(params.message_id));
  if (message?.chatId !== chatId)
    throw new ApiError(400, `Bad Request: message to ${verb} not found`);
  if (message.from !== "bot") throw new ApiError(400, "Bad Request: message can't be edited");
  return message;
}

function botUser({ id, name, username }: ApiContext["bot"]) {
  return { id, is_bot: true, first_name: name, username };
}
