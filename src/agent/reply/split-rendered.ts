import { isCode, type ReplyEntity, type Span, sliceReply } from "./rendered-reply.ts";

interface Text<Entity extends Span> {
  readonly text: string;
  readonly entities: readonly Entity[];
}

/** Telegram takes this many UTF-16 units a message. */
export const MESSAGE_LIMIT = 4096;
/** Below this share of a message a nicer place to cut is not worth it. */
const SHORTEST_SHARE = 0.4;

/**
 * The reply in pieces that Telegram takes, cut where a paragraph ends, else a line, else a word, never inside
 * a character. An entity that spans two pieces is one in each.
 */
export function splitRendered<Entity extends Span & { readonly type: string }>(
  reply: Text<Entity>,
  limit = MESSAGE_LIMIT,
): { text: string; entities: Entity[] }[] {
  const parts: { text: string; entities: Entity[] }[] = [];
  for (let from = 0; from < reply.text.length; ) {
    const to = reply.text.length - from <= limit ? reply.text.length : cutAt(reply, from, limit);
    const part = sliceReply(reply, from, to);
    if (part.text !== "") parts.push(part);
    from = to;
  }
  return parts;
}

/** The end of the reply, when there is no room for all of it. */
export function tailOf(
  reply: Text<ReplyEntity>,
  limit: number,
): { text: string; entities: ReplyEntity[] } {
  const { text } = reply;
  if (text.length <= limit) return sliceReply(reply, 0, text.length);
  let from = wholeCharacter(text, text.length - limit + 1);
  const space = text.slice(from, from + limit / 4).search(/\s/);
  if (space >= 0) from += space;
  else while (text.charAt(from) === "/") from += 1;
  return sliceReply(reply, from, text.length);
}

function cutAt(
  { text, entities }: Text<Span & { readonly type: string }>,
  from: number,
  limit: number,
): number {
  const window = text.slice(from, from + limit);
  const shortest = limit * SHORTEST_SHARE;
  const pres = entities.filter((entity) => isCode(entity) && entity.type === "pre");
  const isFree = (at: number) =>
    !pres.some(({ offset, length }) => from + at > offset && from + at < offset + length);
  for (
    let at = window.lastIndexOf("\n\n");
    at > shortest;
    at = window.lastIndexOf("\n\n", at - 1)
  ) {
    if (isFree(at)) return from + at;
  }
  const cut = [window.lastIndexOf("\n"), window.lastIndexOf(" ")].find((at) => at > shortest);
  return cut === undefined ? hardCut(text, from, limit) : from + cut;
}

/** No cut makes a command: neither by beginning a message inside a word, nor by ending one early. */
function hardCut(text: string, from: number, limit: number): number {
  let at = wholeCharacter(text, from + limit);
  const command = /[^\w/<>]\/\w{0,64}$/.exec(text.slice(Math.max(from, at - 66), at));
  if (command) at -= command[0].length - 1;
  while (at > from + limit / 2 && text.charAt(at) === "/" && !command) at -= 1;
  return at;
}

/** Never between the two halves of a character. */
function wholeCharacter(text: string, at: number): number {
  return /[\uDC00-\uDFFF]/.test(text.charAt(at)) ? at - 1 : at;
}
