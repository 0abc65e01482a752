import type { SSEStreamingApi } from "hono/streaming";
import type { ApiContext } from "./bot-api.ts";
import type { ChatMessage } from "./chat-state.ts";

/** Messages as they come and change, and whatever shows for a moment only. */
export async function streamChat(
  stream: SSEStreamingApi,
  { state, presence, clock }: ApiContext,
  userId: number,
): Promise<void> {
  const ended = new AbortController();
  const send = (event: string, data: unknown) =>
    void stream.writeSSE({ event, data: JSON.stringify(data) });
  const offs = [
    state.onMessage((message) => {
      if (message.chatId === userId) send("message", forPeople(message));
    }),
    presence.onSign((chatId, sign) => {
      if (chatId === userId) send("sign", sign);
    }),
  ];
  send("sign", { kind: "draft", draft: presence.draft(userId) });
  stream.onAbort(() => ended.abort());
  while (!ended.signal.aborted) {
    await stream.writeSSE({ event: "alive", data: "" });
    await clock.sleep(15_000, ended.signal);
  }
  for (const off of offs) off();
}

/** A message as the page and scripts see it. */
export function forPeople(message: ChatMessage) {
  return {
    id: message.id,
    from: message.from,
    text: message.text,
    entities: message.entities,
    buttons: (message.keyboard?.inline_keyboard ?? []).map((row) =>
      row.map((button) => ({ text: button.text, data: button.callback_data ?? "" })),
    ),
    ...(message.photoId ? { photoUrl: `/sandbox/photos/${message.photoId}` } : {}),
    ...(message.document
      ? {
          documentUrl: `/sandbox/documents/${message.document.id}`,
          documentName: message.document.name,
        }
      : {}),
    edited: message.edited,
    date: message.date,
  };
}
