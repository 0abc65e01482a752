import { Bot, type Context, GrammyError, type NextFunction } from "grammy";
import type { Agent } from "#src/agent/contract.ts";
import { describeError } from "#src/core/errors.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Notifier } from "#src/ports/notifier.ts";
import type { Store } from "#src/ports/store.ts";
import { COMMANDS, registerCommands, registerKill } from "./commands.ts";
import { createFirstHandGate } from "./hear-first-hand.ts";
import { createNotifier } from "./notifier.ts";
import { redactPayloads } from "./redact-payload.ts";
import { createLiveViews } from "./show-turn.ts";
import { registerStops } from "./stop-turn.ts";
import { registerQuestions } from "./take-question.ts";
import { registerTaps } from "./taps.ts";
import { withoutPreviews } from "./without-previews.ts";

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
/** A call that hangs holds up what is to be told; a poll itself may take half a minute. */
const LONGEST_CALL_S = 45;
/** What was edited afterwards is not heard: a command counts as it was sent. */
const HEARD = ["message", "callback_query", "stopped_message_generation"] as const;

/** What puts a message under an answer that still grows. */
const INTERRUPTS: ReadonlySet<string> = new Set(["sendMessage", "sendPhoto", "sendDocument"]);

/** The chat: commands, taps and free text of one owner. Everybody else meets silence. */
export function createTelegramDoor(options: TelegramOptions): {
  /** Polls until stopped; comes back after every failure. */
  run(signal: AbortSignal): Promise<void>;
  readonly notifier: Notifier;
} {
  const { pipeline, store, clock, log } = options;
  const client = { apiRoot: options.apiRoot, timeoutSeconds: LONGEST_CALL_S };
  const bot = new Bot(options.token, { client });
  const live = createLiveViews({ bot, store, clock, log });
  bot.api.config.use(redactPayloads(options.redact), withoutPreviews());
  bot.api.config.use(async (call, method, payload, signal) => {
    const response = await call(method, payload, signal);
    if (INTERRUPTS.has(method) && "chat_id" in payload) live.interrupted(Number(payload.chat_id));
    return response;
  });
  bot.use((ctx, next) => onlyOwner(options, ctx, next));
  bot.use(createFirstHandGate(clock));
  registerKill(bot, options);
  registerStops(bot, options);
  registerTaps(bot, options);
  registerCommands(bot, options);
  registerQuestions(bot, { ...options, live });
  bot.catch(({ error }) => log.error("updateFailed", { error: describeError(error) }));
  return {
    run: (signal) => poll(bot, options, signal),
    notifier: createNotifier({ bot, pipeline, store, log, live }),
  };
}

async function poll(bot: Bot, { clock, log }: TelegramOptions, signal: AbortSignal): Promise<void> {
  signal.addEventListener("abort", () => void bot.stop().catch(() => undefined), { once: true });
  while (!signal.aborted) {
    try {
      await bot.api.setMyCommands([...COMMANDS]);
      // Nothing is dropped: a /kill sent while we were away must count.
      await bot.start({ allowed_updates: [...HEARD] });
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
  if (ownerId > 0 && senderId(ctx) === ownerId && isPrivate) return next();
  if (ownerId === 0 && isPrivate && bindOwner(options, ctx)) return next();
  log.warn("ignoredUpdate", { fromId: ctx.from?.id ?? 0, private: isPrivate });
  // An unanswered button spins for its presser; an empty answer tells nothing.
  if (ctx.callbackQuery) await ctx.answerCallbackQuery().catch(() => undefined);
}

/** Who stops a draft is not named, but a private chat has its person's id. */
function senderId(ctx: Context): number | undefined {
  return ctx.stoppedMessageGeneration ? ctx.chat?.id : ctx.from?.id;
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
