import type { Bot, Context } from "grammy";
import type { Agent } from "#src/agent/contract.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import { detach } from "./commands.ts";
import type { LiveViews } from "./show-turn.ts";
import { createTurnProgress } from "./turn-progress.ts";

const LONGEST_QUESTION = 4_000;

interface QuestionOptions {
  readonly agent: Agent;
  readonly clock: Clock;
  readonly log: Logger;
  readonly live: LiveViews;
}

/** Free text is a question: what its owner typed and nothing that hangs on it, quotes and replies included. */
export function registerQuestions(bot: Bot, options: QuestionOptions): void {
  bot.on("message:text", (ctx) => detach(ctx, options, () => takeQuestion(ctx, options)));
}

async function takeQuestion(ctx: Context, { agent, clock, live }: QuestionOptions): Promise<void> {
  const { text, message_id: messageId } = ctx.message ?? {};
  const chatId = ctx.chat?.id;
  if (!text || !chatId || !messageId) return;
  if (text.startsWith("/")) {
    await ctx.reply("I do not know that command. /help shows what I can do.");
    return;
  }
  if (text.length > LONGEST_QUESTION) {
    await ctx.reply("That is longer than the 4,000 characters that I read. Ask it in fewer words.");
    return;
  }
  void ctx.replyWithChatAction("typing").catch(() => undefined);
  const progress = createTurnProgress(clock);
  const accepted = await agent.ask({ chatId, text, messageId, watcher: progress });
  if (accepted.kind === "busy") {
    await ctx.reply("One question runs and one waits; /stop ends them.");
    return;
  }
  if (accepted.kind === "known") return;
  void live.show(accepted.turnId, progress);
  if (accepted.kind === "waiting") await ctx.reply("I will answer that next.");
}
