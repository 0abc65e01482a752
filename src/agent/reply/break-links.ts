import { isCode, type RenderedReply, type Span, subtractSpans } from "./rendered-reply.ts";

/** Commands that only show something may be tapped in a model's text; any other could be a trap. */
const SHOWING = new Set([
  ...["best", "rates", "hedges", "status", "pnl", "help", "cost", "decisions"],
]);

// Telegram makes links of these by itself, whatever entities a message has.
const PROTOCOL = /:(?=\/\/)/g;
const DOMAIN = /(?<=[\p{L}\p{N}\p{M}\p{S}_-])[.．。｡](?=[\p{L}\p{M}]{2}|xn-)/gu;
const MENTION = /@(?=[\w-]{2})/g;
const IP_ADDRESS = /(?<!\d|\d\.)\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d)/g;
const COMMAND = /(?<![\w/<>])\/(\w{1,64})(?!\w)/g;
const TELEPHONE = /\+\d(?:[ ().-]{0,2}\d){6,14}(?!\d)/g;
const CARD_NUMBER = /(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)/g;

/**
 * Nothing in the reply can become a link by itself any more. Addresses and names are broken in the text
 * ("evil[.]example", "[@]somebody"), so that they stay broken wherever the text goes; commands that do
 * something, telephone and card numbers become code, which keeps them readable and cannot be tapped.
 */
export function breakLinks(reply: RenderedReply): RenderedReply {
  const broken = applyBreaks(reply, addressBreaks(reply.text));
  const { text, entities } = broken;
  const taken = entities.filter(isCode);
  const numbers = [TELEPHONE, CARD_NUMBER].flatMap((shape) => spansOf(text, shape));
  const wanted = [...commandSpans(text), ...numbers];
  const codes = wanted.flatMap((span) => {
    const free = subtractSpans(span, taken).map((part) => ({ ...part, type: "code" as const }));
    taken.push(...free);
    return free;
  });
  return { text, entities: [...entities, ...codes] };
}

/** The same without any entity to lean on: for a text that must be sent plain. */
export function breakLinksInText(text: string): string {
  const commands = commandSpans(text).map(({ offset }) => offset);
  return applyBreaks({ text, entities: [] }, [...addressBreaks(text), ...commands]).text;
}

function addressBreaks(text: string): readonly number[] {
  const dots = spansOf(text, IP_ADDRESS).flatMap(({ offset, length }) =>
    spansOf(text.slice(offset, offset + length), /\./g).map((dot) => offset + dot.offset),
  );
  const places = [PROTOCOL, DOMAIN, MENTION].flatMap((shape) => spansOf(text, shape));
  return [...dots, ...places.map(({ offset }) => offset)];
}

function commandSpans(text: string): readonly Span[] {
  return [...text.matchAll(COMMAND)]
    .filter(([, name = ""]) => !SHOWING.has(name))
    .map(({ index, 0: whole }) => ({ offset: index, length: whole.length }));
}

/** Puts brackets around each character named, unless it stands in code. */
function applyBreaks({ text, entities }: RenderedReply, places: readonly number[]): RenderedReply {
  const codes = entities.filter(isCode);
  const breaks = [...new Set(places)]
    .filter((at) => !codes.some((code) => isInside(text, code, at)))
    .sort((a, b) => a - b);
  if (breaks.length === 0) return { text, entities };
  let result = "";
  let from = 0;
  for (const at of breaks) {
    result += `${text.slice(from, at)}[${text.charAt(at)}]`;
    from = at + 1;
  }
  const moved = (place: number) => place + 2 * breaks.filter((at) => at < place).length;
  return {
    text: result + text.slice(from),
    entities: entities.map((entity) => {
      const offset = moved(entity.offset);
      return { ...entity, offset, length: moved(entity.offset + entity.length) - offset };
    }),
  };
}

/** With what makes an address of it: code that covers half an address protects nothing. */
function isInside(text: string, { offset, length }: Span, at: number): boolean {
  const begins = at > offset || (at === offset && !/\S/.test(text.charAt(at - 1)));
  return begins && at + 2 < offset + length;
}

function spansOf(text: string, shape: RegExp): readonly Span[] {
  return [...text.matchAll(shape)].map(({ index, 0: whole }) => ({
    offset: index,
    length: whole.length,
  }));
}
