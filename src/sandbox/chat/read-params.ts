import { z } from "zod";
import { type Entity, entitiesSchema, type Keyboard, keyboardSchema } from "./chat-state.ts";

/** A refusal in Telegram's own words. */
export class ApiError extends Error {
  readonly code: number;

  constructor(code: number, description: string) {
    super(description);
    this.code = code;
  }
}

/** A file as it came with a form. */
export class SentFile {
  readonly name: string;
  readonly bytes: Uint8Array;

  constructor(name: string, bytes: Uint8Array) {
    this.name = name;
    this.bytes = bytes;
  }
}

/** What any method may be given; nothing about it is known before it is read. */
export type Params = {
  readonly [name in
    | "action"
    | "callback_query_id"
    | "can_stop"
    | "caption"
    | "caption_entities"
    | "chat_id"
    | "document"
    | "draft_id"
    | "entities"
    | "keep_on_stop"
    | "limit"
    | "message_id"
    | "offset"
    | "parse_mode"
    | "photo"
    | "reply_markup"
    | "text"
    | "timeout"]?: unknown;
};
export const TEXT_LIMIT = 4096;
export const CAPTION_LIMIT = 1024;
const DATA_LIMIT_BYTES = 64;

export function textOf(
  params: Params,
  field: "text" | "caption",
  limit: number,
): { text: string; entities: Entity[] } {
  const text = String(params[field] ?? "");
  if (params.parse_mode) throw new ApiError(400, "Bad Request: unsupported parse_mode");
  if (text.trim() === "")
    throw new ApiError(
      400,
      `Bad Request: ${field === "text" ? "message text is empty" : "caption is empty"}`,
    );
  if (text.length > limit) {
    throw new ApiError(
      400,
      `Bad Request: ${field === "text" ? "message is too long" : "message caption is too long"}`,
    );
  }
  const given =
    read(jsonOr(entitiesSchema).optional(), params.entities, "can't parse entities") ?? [];
  for (const entity of given) {
    if (entity.offset + entity.length > text.length) {
      throw new ApiError(400, "Bad Request: ENTITY_BOUNDS_INVALID");
    }
  }
  return { text, entities: given };
}

export function keyboardOf(params: Params): Keyboard | null {
  const given = read(
    jsonOr(keyboardSchema).optional(),
    params.reply_markup,
    "can't parse inline keyboard",
  );
  if (!given || given.inline_keyboard.flat().length === 0) return null;
  for (const button of given.inline_keyboard.flat()) {
    const data = button.callback_data;
    if (data === undefined && button.url === undefined) {
      throw new ApiError(
        400,
        "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
      );
    }
    if (data !== undefined && (data === "" || Buffer.byteLength(data) > DATA_LIMIT_BYTES)) {
      throw new ApiError(400, "Bad Request: BUTTON_DATA_INVALID");
    }
  }
  return { inline_keyboard: given.inline_keyboard.filter((row) => row.length > 0) };
}

export function read<T>(schema: z.ZodType<T>, value: unknown, complaint: string): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new ApiError(400, `Bad Request: ${complaint}`);
  return parsed.data;
}

/** Forms carry objects as JSON text. */
export function jsonOr<T>(schema: z.ZodType<T>): z.ZodType<T> {
  return z.preprocess((value) => {
    if (typeof value !== "string") return value;
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  }, schema);
}
