import type { ReplyEntity } from "#src/agent/reply/rendered-reply.ts";

/**
 * What Telegram makes of a text by itself, after the rules of its open library: addresses, names,
 * commands, telephone and card numbers. Entities of code keep it away. Written apart from the product.
 */
export function findLinks(text: string, entities: readonly ReplyEntity[]): readonly string[] {
  const codes = entities.filter((one) => one.type === "code" || one.type === "pre");
  return SHAPES.flatMap((shape) => [...text.matchAll(shape)])
    .filter(
      ({ index, 0: whole }) =>
        !codes.some(
          (code) => index < code.offset + code.length && index + whole.length > code.offset,
        ),
    )
    .map(([whole]) => whole)
    .filter((whole) => !HARMLESS.test(whole));
}

const HARMLESS = /^\/(best|rates|hedges|status|pnl|help|cost|decisions)$/;

const SHAPES = [
  // A name with a top-level domain, with or without a protocol, a user, a port and a path.
  /(?:https?:\/\/|ftp:\/\/)?(?:[\p{L}\p{N}\p{So}_-]|\uFE0F)+(?:\.[\p{L}\p{N}_-]+)*\.(?:xn--[a-z0-9]+|\p{L}{2,})(?::\d+)?(?:[/?#]\S*)?/gu,
  /(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.])/g,
  /(?:tg|ton|tonsite|https?|ftp|mailto|javascript):\/\/\S+/gi,
  /[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/gi,
  /(?<!\w)@[a-zA-Z0-9_]{2,32}/g,
  /(?<![\w/<>])\/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/<>])/g,
  /\+\d[\d ().-]{5,}\d{2}/g,
  /(?<!\d)(?:\d{4}[ -]?){3}\d{4}(?!\d)/g,
];
