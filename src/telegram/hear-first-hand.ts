import type { Context, NextFunction } from "grammy";
import type { Clock } from "#src/ports/clock.ts";

const FORWARDED = "I do not read forwarded text. Type the question yourself.";
const NOT_TEXT = "I read text only. /help shows what I can do.";
/** An album or a dozen forwarded messages get one answer. */
const AGAIN_AFTER_MS = 20_000;

/**
 * Lets through what the owner typed: words of somebody else, sent through another bot or under a picture
 * are not instructions, and they are told so.
 */
export function createFirstHandGate(
  clock: Pick<Clock, "elapsedMs">,
): (ctx: Context, next: NextFunction) => Promise<void> {
  const saidAt = new Map<string, number>();
  return async (ctx, next) => {
    const { message } = ctx;
    if (!message) return next();
    const isForeign = message.forward_origin !== undefined || message.via_bot !== undefined;
    if (!isForeign && message.text !== undefined) return next();
    const text = isForeign ? FORWARDED : NOT_TEXT;
    const now = clock.elapsedMs();
    if (now - (saidAt.get(text) ?? Number.NEGATIVE_INFINITY) < AGAIN_AFTER_MS) return;
    saidAt.set(text, now);
    void ctx.api.sendMessage(message.chat.id, text).catch(() => undefined);
  };
}
