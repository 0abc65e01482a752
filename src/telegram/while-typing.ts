import type { Context } from "grammy";
import type { Clock } from "#src/ports/clock.ts";

/** Nobody needs a sign before this. */
const SOON_MS = 1_000;
/** Telegram takes the sign away after five seconds. */
const AGAIN_MS = 4_000;

/** Shows "typing…" for as long as the work takes, when it takes long. */
export async function whileTyping<T>(
  ctx: Context,
  clock: Pick<Clock, "sleep">,
  work: () => Promise<T>,
): Promise<T> {
  const done = new AbortController();
  void keepTyping(ctx, clock, done.signal);
  try {
    return await work();
  } finally {
    done.abort();
  }
}

async function keepTyping(
  ctx: Context,
  clock: Pick<Clock, "sleep">,
  ended: AbortSignal,
): Promise<void> {
  for (let waitMs = SOON_MS; !ended.aborted; waitMs = AGAIN_MS) {
    await clock.sleep(waitMs, ended);
    if (!ended.aborted) await ctx.replyWithChatAction("typing").catch(() => undefined);
  }
}
