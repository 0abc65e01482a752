import { z } from "zod";
import { ModelError } from "#src/ports/language-model.ts";

const part = z.looseObject({
  index: z.int().nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.unknown().optional() }).nullish(),
});

const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        delta: z
          .looseObject({
            content: z.string().nullish(),
            refusal: z.string().nullish(),
            tool_calls: z.array(part).nullish(),
          })
          .nullish(),
      }),
    )
    .nullish(),
  usage: z.unknown().optional(),
});

type Part = z.infer<typeof part>;

interface Call {
  readonly index: number | null;
  id: string;
  name: string;
  arguments: string;
  extras: Record<string, unknown>;
}

export interface ChatAssembler {
  /** True when the text grew. Throws ModelError on what is no chunk. */
  add(chunk: unknown): boolean;
  text(): string;
  /** The same as an answer in one piece. Throws ModelError when the end was missing. */
  whole(): unknown;
}

/**
 * Puts a streamed completion together. Our own, because the library keeps only the last piece of fields
 * that it does not know, such as the reasoning that DeepSeek wants back.
 */
export function createChatAssembler(): ChatAssembler {
  const fields: Record<string, unknown> = {};
  const calls: Call[] = [];
  let finish: string | null = null;
  let usage: unknown = null;

  return {
    add(chunk) {
      const parsed = chunkSchema.safeParse(chunk);
      if (!parsed.success) throw new ModelError("protocol", "the stream has a piece that is none");
      usage = parsed.data.usage ?? usage;
      const choice = parsed.data.choices?.[0];
      finish = choice?.finish_reason ?? finish;
      const { tool_calls, ...delta } = choice?.delta ?? {};
      for (const piece of tool_calls ?? []) addToCall(calls, piece);
      append(fields, delta);
      return typeof delta.content === "string" && delta.content !== "";
    },
    text: () => String(fields["content"] ?? ""),
    whole() {
      if (finish === null) throw new ModelError("protocol", "the stream was cut off");
      const tool_calls = calls.map(({ id, name, arguments: text, extras }) => ({
        ...{ ...extras, id },
        function: { name, arguments: text },
      }));
      return { choices: [{ finish_reason: finish, message: { ...fields, tool_calls } }], usage };
    },
  };
}

/** By index; without one, or when a new id comes under an old index, a call of its own. */
function addToCall(calls: Call[], { index, id, function: piece, ...extras }: Part): void {
  const known = index == null ? calls.at(-1) : calls.findLast((call) => call.index === index);
  const isNew = !known || (id != null && id !== "" && known.id !== "" && known.id !== id);
  const call: Call = isNew
    ? { index: index ?? null, id: "", name: "", arguments: "", extras: {} }
    : known;
  if (isNew) calls.push(call);
  call.id ||= id ?? "";
  call.name ||= piece?.name ?? "";
  const text = piece?.arguments;
  call.arguments += typeof text === "string" ? text : text == null ? "" : JSON.stringify(text);
  append(call.extras, extras);
}

/** Texts and lists grow; anything else is replaced. */
function append(fields: Record<string, unknown>, more: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(more)) {
    const before = fields[name];
    if (value == null) continue;
    if (typeof value === "string" && typeof before === "string" && name !== "role") {
      fields[name] = before + value;
    } else if (Array.isArray(value) && Array.isArray(before)) fields[name] = [...before, ...value];
    else fields[name] = value;
  }
}
