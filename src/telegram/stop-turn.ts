import type { Bot, Context } from "grammy";
import type { Agent } from "#src/agent/contract.ts";
import type { Store } from "#src/ports/store.ts";

interface StopOptions {
  readonly agent: Agent;
  readonly store: Store;
}

const NOTHING = "No answer is in progress. /halt stops new trades, /kill closes everything.";

/** Every way to end an answer: the command, the plain word, and the button under a draft. */
export function registerStops(bot: Bot, options: StopOptions): void {
  bot.hears(/^\s*\/?stop(@\w+)?\s*[.!]*\s*$/i, async (ctx) => {
    // What was stopped says so itself.
    if (options.agent.stop(ctx.chat.id)) return;
    void ctx.reply(NOTHING).catch(() => undefined);
  });
  bot.on("stopped_message_generation", (ctx) => {
    const { chat, draft_id } = ctx.update.stopped_message_generation;
    // The draft of a turn that is over must not end the next one.
    const isLive = options.store.liveTurns(chat.id).some(({ seq }) => seq === draft_id);
    if (isLive) options.agent.stop(chat.id);
  });
}

/** The button under a placeholder names its turn; what to answer to the tap. */
export function stopByButton({ agent, store }: StopOptions, ctx: Context, turnId: string): string {
  const chatId = ctx.chat?.id ?? 0;
  const isLive = store.liveTurns(chatId).some(({ id }) => id === turnId);
  return isLive && agent.stop(chatId) ? "Stopping…" : "That answer is over already.";
}
