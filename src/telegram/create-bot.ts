import { Bot, type Context, GrammyError, type NextFunction } from "grammy";
import type { Agent } from "#src/agent/run-turn.ts";
import { describeError } from "#src/core/errors.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Notifier } from "#src/ports/notifier.ts";
import type { Store } from "#src/ports/store.ts";
import { COMMANDS, detach, registerCommands, registerKill, send } from "./commands.ts";
import { createNotifier } from "./notifier.ts";
import { redactPayloads } from "./redact-payload.ts";
import { registerTaps } from "./taps.ts";
import { whileTyping } from "./while-typing.ts";

export interface TelegramOptions {
  readonly token: string;
  readonly apiRoot: string;
  readonly pipeline: Pipeline;
  readonly agent: Agent;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** `/start CODE` binds the first owner; null when one is bound already. */
  readonly bindCode: string | null;
  readonly redact: (text: string) => string;
}

const RESTART_MS = 3_000;

/** The chat: commands, taps and free text of one owner. Everybody else meets silence. */
export function createTelegramDoor(options: TelegramOptions): {
  /** Polls until stopped; comes back after every failure. */
  run(signal: AbortSignal): Promise<void>;
  readonly notifier: Notifier;
} {
  const { pipeline, store, log } = options;
  const bot = new Bot(options.token, { client: { apiRoot: options.apiRoot } });
  bot.api.config.use(redactPayloads(options.redact));
  bot.use((ctx, next) => onlyOwner(options, ctx, next));
  registerKill(bot, options);
  registerTaps(bot, options);
  registerCommands(bot, options);
  bot.on("message:text", (ctx) => detach(ctx, options, () => answer(ctx, options)));
  bot.on("message", (ctx) =>
    detach(ctx, options, () =>
      send(ctx, { text: "I read text only. /help shows what I can do.", entities: [] }),
    ),
  );
  bot.catch(({ error }) => log.error("updateFailed", { error: describeError(error) }));
  return {
    run: (signal) => poll(bot, options, signal),
    notifier: createNotifier({ bot, pipeline, store, log }),
  };
}

async function poll(bot: Bot, { clock, log }: TelegramOptions, signal: AbortSignal): Promise<void> {
  signal.addEventListener("abort", () => void bot.stop().catch(() => undefined), { once: true });
  while (!signal.aborted) {
    try {
      await bot.api.setMyCommands([...COMMANDS]);
      // Nothing is dropped: a /kill sent while we were away must count.
      await bot.start({ allowed_updates: ["message", "callback_query"] });
    } catch (error) {
      const conflict = error instanceof GrammyError && error.error_code === 409;
      log.error(conflict ? "anotherPollerUsesThisToken" : "pollingFailed", {
        error: describeError(error),
      });
    }
    await clock.sleep(RESTART_MS, signal);
  }
}

/** Identity is the sender's id in a private chat: never a name, never a chat. */
async function onlyOwner(
  options: TelegramOptions,
  ctx: Context,
  next: NextFunction,
): Promise<void> {
  const { store, log } = options;
  const ownerId = Number(store.getFact("ownerId") ?? "0");
  const isPrivate = ctx.chat?.type === "private";
  if (ownerId > 0 && ctx.from?.id === ownerId && isPrivate && isFirstHand(ctx)) return next();
  if (ownerId === 0 && isPrivate && bindOwner(options, ctx)) return next();
  log.warn("ignoredUpdate", { fromId: ctx.from?.id ?? 0, private: isPrivate });
  // An unanswered button spins for its presser; an empty answer tells nothing.
  if (ctx.callbackQuery) await ctx.answerCallbackQuery().catch(() => undefined);
}

/** What was forwarded or sent through another bot is somebody else's word. */
function isFirstHand(ctx: Context): boolean {
  return !ctx.message?.forward_origin && !ctx.message?.via_bot;
}

function bindOwner({ store, bindCode, log }: TelegramOptions, ctx: Context): boolean {
  const userId = ctx.from?.id;
  const chatId = ctx.chat?.id;
  if (!bindCode || !userId || !chatId || ctx.message?.text !== `/start ${bindCode}`) return false;
  store.transaction(() => {
    store.setFact("ownerId", String(userId));
    store.setFact("chatId", String(chatId));
  });
  log.info("ownerBound", { userId });
  return true;
}

async function answer(ctx: Context, { agent, clock }: TelegramOptions): Promise<void> {
  const { text } = ctx.message ?? {};
  const chatId = ctx.chat?.id;
  if (!text || !chatId) return;
  if (text.startsWith("/")) {
    return send(ctx, {
      text: "I do not know that command. /help shows what I can do.",
      entities: [],
    });
  }
  await ctx.replyWithChatAction("typing").catch(() => undefined);
  await whileTyping(ctx, clock, async () => send(ctx, await agent.handle(chatId, text)));
}
