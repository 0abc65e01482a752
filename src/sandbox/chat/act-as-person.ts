import { type ApiContext, present } from "./bot-api.ts";
import type { ChatMessage } from "./chat-state.ts";

/** Somebody who is not the owner, so that strangers can be played. */
export const STRANGER = { id: 999, name: "Stranger" };
const ANSWER_WAIT_MS = 15_000;

/** What somebody types, as an update for the bot; the id of the message. */
export function typed(
  context: ApiContext,
  userId: number,
  text: string,
  how: Way = "typed",
): number {
  const { state, clock } = context;
  const command = /^\/[a-zA-Z0-9_]+/.exec(text)?.[0];
  const message: ChatMessage = {
    id: state.takeId(),
    chatId: userId,
    from: "user",
    text,
    entities: command ? [{ type: "bot_command", offset: 0, length: command.length }] : [],
    keyboard: null,
    photoId: null,
    edited: false,
    date: Math.floor(clock.wallNow() / 1000),
  };
  state.put(message);
  state.addUpdate({ message: { ...present(context, message), ...trappings(message, how) } });
  return message.id;
}

/** How a text may come into a chat; only the first way are its sender's own words. */
export const WAYS = ["typed", "forwarded", "viaBot", "caption", "reply"] as const;
type Way = (typeof WAYS)[number];

/** What Telegram adds to a message that came this way; `undefined` takes a field away. */
function trappings({ text, date, chatId }: ChatMessage, how: Way): Record<string, unknown> {
  const file = { file_id: "picture", file_unique_id: "picture", width: 8, height: 8 };
  const chat = { id: chatId, type: "private", first_name: STRANGER.name };
  const said = { message_id: 1, date, chat, text };
  switch (how) {
    case "typed":
      return {};
    case "forwarded":
      return { forward_origin: { type: "hidden_user", sender_user_name: STRANGER.name, date } };
    case "viaBot":
      return { via_bot: { id: 77, is_bot: true, first_name: "Inline", username: "inline_bot" } };
    case "caption":
      return { text: undefined, entities: undefined, photo: [file], caption: text };
    // The text is what is replied to and quoted; its sender typed only this.
    case "reply":
      return { text: "what about it?", reply_to_message: said, quote: { text, position: 0 } };
  }
}

/** Presses a button and waits for what the bot says to it. */
export async function tapped(
  context: ApiContext,
  message: ChatMessage,
  data: string,
  userId: number,
): Promise<string> {
  const { state, queries, users, clock } = context;
  const id = `q${state.takeId()}`;
  const answered = new Promise<string>((resolve) => queries.set(id, resolve));
  const ended = new AbortController();
  state.addUpdate({
    callback_query: {
      id,
      from: { id: userId, is_bot: false, first_name: users.get(userId) ?? "Somebody" },
      message: present(context, message),
      chat_instance: `chat${message.chatId}`,
      data,
    },
  });
  const text = await Promise.race([
    answered,
    clock.sleep(ANSWER_WAIT_MS, ended.signal).then(() => ""),
  ]);
  ended.abort();
  queries.delete(id);
  return text;
}

/** The button under a draft. Telegram names the chat and the draft, not the person. */
export function stopDraft(
  { state, presence, users }: ApiContext,
  chatId: number,
  draftId: number,
): boolean {
  if (!presence.stop(chatId, draftId)) return false;
  const chat = { id: chatId, type: "private", first_name: users.get(chatId) ?? "Somebody" };
  state.addUpdate({ stopped_message_generation: { chat, draft_id: draftId } });
  return true;
}

/** Anybody may write to a bot; whoever has, can be written to. */
export function meet({ users }: ApiContext, userId: number): void {
  if (!users.has(userId)) users.set(userId, STRANGER.name);
}
