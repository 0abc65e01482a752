import { z } from "zod";
import type { Records } from "#src/ports/records.ts";

const entitySchema = z.looseObject({
  type: z.string(),
  offset: z.int().min(0),
  length: z.int().min(1),
});

const buttonSchema = z.looseObject({
  text: z.string().min(1),
  callback_data: z.string().optional(),
  url: z.string().optional(),
});

export const keyboardSchema = z.object({ inline_keyboard: z.array(z.array(buttonSchema)) });
export const entitiesSchema = z.array(entitySchema);

const messageSchema = z.object({
  id: z.int(),
  chatId: z.int(),
  from: z.enum(["bot", "user"]),
  text: z.string(),
  entities: entitiesSchema,
  keyboard: keyboardSchema.nullable(),
  photoId: z.string().nullable(),
  document: z.object({ id: z.string(), name: z.string() }).optional(),
  edited: z.boolean(),
  /** Seconds. */
  date: z.int(),
});

export type ChatMessage = z.infer<typeof messageSchema>;
export type Entity = z.infer<typeof entitySchema>;
export type Keyboard = z.infer<typeof keyboardSchema>;

export type ChatUpdate = { readonly update_id: number } & Readonly<Record<string, unknown>>;

const [MESSAGES, UPDATES, META, FILES] = [
  "chat:messages",
  "chat:updates",
  "chat:meta",
  "chat:photos",
];

/** Everything that the chat server remembers, on disk before anybody is answered. */
export class ChatState {
  readonly #records: Records;
  readonly #messages = new Map<number, ChatMessage>();
  readonly #updates = new Map<number, ChatUpdate>();
  readonly #listeners = new Set<(message: ChatMessage) => void>();
  #nextId: number;

  constructor(records: Records) {
    this.#records = records;
    for (const row of records.load(MESSAGES)) {
      const message = messageSchema.parse(JSON.parse(row.value));
      this.#messages.set(message.id, message);
    }
    for (const row of records.load(UPDATES)) {
      const update: unknown = JSON.parse(row.value);
      const parsed = z.looseObject({ update_id: z.int() }).parse(update);
      this.#updates.set(parsed.update_id, parsed);
    }
    const saved = records.load(META).find((row) => row.key === "nextId");
    this.#nextId = saved ? Number(saved.value) : 1;
  }

  /** One counter for messages, updates and queries: ids never come twice, also after a restart. */
  takeId(): number {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#records.write([{ collection: META, key: "nextId", value: String(this.#nextId) }]);
    return id;
  }

  get(id: number): ChatMessage | undefined {
    return this.#messages.get(id);
  }

  inChat(chatId: number, after = 0): readonly ChatMessage[] {
    return [...this.#messages.values()].filter(
      (message) => message.chatId === chatId && message.id > after,
    );
  }

  chatIds(): readonly number[] {
    return [...new Set([...this.#messages.values()].map((message) => message.chatId))];
  }

  put(message: ChatMessage): void {
    const row = { collection: MESSAGES, key: String(message.id), value: JSON.stringify(message) };
    this.#records.write([row]);
    this.#messages.set(message.id, message);
    for (const listener of this.#listeners) listener(message);
  }

  remove(id: number): void {
    this.#records.write([{ collection: MESSAGES, key: String(id), value: null }]);
    this.#messages.delete(id);
  }

  addFile(id: string, bytes: Uint8Array): void {
    const value = Buffer.from(bytes).toString("base64");
    this.#records.write([{ collection: fileOf(id), key: id, value }]);
  }

  file(id: string): Buffer<ArrayBuffer> | null {
    const [row] = this.#records.load(fileOf(id));
    return row ? Buffer.from(row.value, "base64") : null;
  }

  addUpdate(content: Readonly<Record<string, unknown>>): void {
    const update: ChatUpdate = { update_id: this.takeId(), ...content };
    const key = String(update.update_id);
    this.#records.write([{ collection: UPDATES, key, value: JSON.stringify(update) }]);
    this.#updates.set(update.update_id, update);
  }

  /** Updates from `offset` on; everything before it is confirmed and gone. */
  updatesFrom(offset: number, limit: number): readonly ChatUpdate[] {
    const confirmed = [...this.#updates.keys()].filter((id) => id < offset);
    if (confirmed.length > 0) {
      this.#records.write(
        confirmed.map((id) => ({ collection: UPDATES, key: String(id), value: null })),
      );
      for (const id of confirmed) this.#updates.delete(id);
    }
    return [...this.#updates.values()].slice(0, limit);
  }

  onMessage(listener: (message: ChatMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Each apart: to show one of many pictures is not to read them all. */
function fileOf(id: string): string {
  return `${FILES}:${id}`;
}
