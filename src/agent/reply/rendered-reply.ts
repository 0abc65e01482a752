/** A place in a text, in UTF-16 units. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Entities that we computed: the model's text itself is never read as markup by anybody else. */
export interface ReplyEntity extends Span {
  readonly type: "bold" | "italic" | "strikethrough" | "code" | "pre" | "blockquote";
  readonly language?: string;
}

export interface RenderedReply {
  readonly text: string;
  readonly entities: ReplyEntity[];
}

/** Both stand alone in Telegram: nothing is inside them, and nothing in them is looked for links. */
export function isCode({ type }: { readonly type: string }): boolean {
  return type === "code" || type === "pre";
}

/** The parts of a span that none of the others covers. */
export function subtractSpans(span: Span, others: readonly Span[]): readonly Span[] {
  const parts: Span[] = [];
  let from = span.offset;
  const end = span.offset + span.length;
  for (const other of [...others].sort((a, b) => a.offset - b.offset)) {
    const [start, stop] = [other.offset, other.offset + other.length];
    if (stop <= from || start >= end) continue;
    if (start > from) parts.push({ offset: from, length: start - from });
    from = Math.max(from, stop);
  }
  return from < end ? [...parts, { offset: from, length: end - from }] : parts;
}

/**
 * The part of a reply from `from` to `to` as a reply of its own, without white space around it. Entities are
 * cut, moved and put in Telegram's order; none is empty or ends in white space.
 */
export function sliceReply<Entity extends Span & { readonly type: string }>(
  reply: { readonly text: string; readonly entities: readonly Entity[] },
  from: number,
  to: number,
): { text: string; entities: Entity[] } {
  const [start, end] = withoutEdges(reply.text, from, to, WHITE);
  const entities = reply.entities.flatMap((entity) => {
    const [first, last] = withoutEdges(
      reply.text,
      Math.max(start, entity.offset),
      Math.min(end, entity.offset + entity.length),
      BLOCKS.has(entity.type) ? LINE_END : WHITE,
    );
    const isBlank = reply.text.slice(first, last).trim() === "";
    return isBlank ? [] : [{ ...entity, offset: first - start, length: last - first }];
  });
  entities.sort(
    (a, b) => a.offset - b.offset || b.length - a.length || Number(isCode(a)) - Number(isCode(b)),
  );
  return { text: reply.text.slice(start, end), entities };
}

const WHITE = /\s/;
const LINE_END = /\n/;
/** What their first line begins with is part of them. */
const BLOCKS: ReadonlySet<string> = new Set(["pre", "blockquote"]);

function withoutEdges(
  text: string,
  from: number,
  to: number,
  before: RegExp,
): readonly [number, number] {
  let [start, end] = [from, to];
  while (start < end && before.test(text.charAt(start))) start += 1;
  while (end > start && WHITE.test(text.charAt(end - 1))) end -= 1;
  return [start, end];
}
