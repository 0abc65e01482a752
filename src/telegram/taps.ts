import type { Bot, Context } from "grammy";
import type { MessageEntity } from "grammy/types";
import type { Agent } from "#src/agent/contract.ts";
import type { Pipeline, TapResult } from "#src/pipeline/contract.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Store } from "#src/ports/store.ts";
import { isOtherCard } from "./cards/other-cards.ts";
import { detach } from "./commands.ts";
import { redrawCard } from "./notifier.ts";
import { proposeReply } from "./replies/replies.ts";
import { stopByButton } from "./stop-turn.ts";

interface TapOptions {
  readonly pipeline: Pipeline;
  readonly agent: Agent;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Tapped {
  readonly text: string;
  readonly entities?: readonly MessageEntity[] | undefined;
}

const NOT_VALID = "This button is not valid any more.";
/** Longer than this and the phone is told to wait. */
const PATIENCE_MS = 3_000;

/** Buttons: `a:` approve, `d:` decline, `r:` redraw, `c:` ask for a close card, `s:` end an answer. Anything else is forged. */
export function registerTaps(bot: Bot, options: TapOptions): void {
  bot.on("callback_query", (ctx) => detach(ctx, options, () => handleTap(bot, ctx, options)));
}

async function handleTap(bot: Bot, ctx: Context, options: TapOptions): Promise<void> {
  const { pipeline, store } = options;
  const data = ctx.callbackQuery?.data ?? "";
  const message = ctx.callbackQuery?.message;
  const userId = ctx.from?.id;
  if (!message || !userId) return answer(ctx, NOT_VALID);
  const [kind, ...rest] = data.split(":");
  const value = rest.join(":");
  const tap = { nonce: value, userId, chatId: message.chat.id, messageId: message.message_id };
  switch (kind) {
    case "a":
      return approve(ctx, options, pipeline.approve(tap));
    case "d":
      return finish(bot, ctx, options, pipeline.decline(tap));
    case "r": {
      if (!store.getProposal(value)) return answer(ctx, NOT_VALID);
      await redrawCard({ bot, pipeline, store }, tap.chatId, value);
      return answer(ctx, "Up to date.");
    }
    case "c": {
      const said = proposeReply(await pipeline.proposeClose(value, "owner"));
      return answer(ctx, said ?? "The card follows.");
    }
    case "s":
      return answer(ctx, stopByButton(options, ctx, value));
    default:
      return answer(ctx, NOT_VALID);
  }
}

async function approve(
  ctx: Context,
  options: TapOptions,
  working: Promise<TapResult>,
): Promise<void> {
  const patience = options.clock.sleep(PATIENCE_MS).then(() => null);
  const first = await Promise.race([working, patience]);
  await answer(ctx, first ? first.answer : "Working on it…");
  const result = first ?? (await working);
  if (result.kind === "denied") await ctx.reply(`⛔ ${result.answer}`);
  await closeOther(ctx, result);
  await result.done;
}

async function finish(
  _bot: Bot,
  ctx: Context,
  _options: TapOptions,
  result: TapResult,
): Promise<void> {
  await answer(ctx, result.answer);
  await closeOther(ctx, result);
}

/** Cards that are not redrawn by the outbox (mandate, resume, live) lose their buttons when they are used. */
async function closeOther(ctx: Context, result: TapResult): Promise<void> {
  const used = ["armed", "resumed", "confirmed", "declined", "expired", "withdrawn"].includes(
    result.kind,
  );
  if (!used) return;
  const { text, entities } = ctx.callbackQuery?.message ?? {};
  if (!text || !isOtherCard(text)) return;
  const reply_markup = { inline_keyboard: [] };
  const now = decided({ text, entities }, result);
  await ctx
    .editMessageText(now.text, { entities: now.entities, reply_markup })
    .catch(() => ctx.editMessageReplyMarkup({ reply_markup }).catch(() => undefined));
  await ctx.reply(result.answer);
}

/** The card's question with its answer; what was accepted stays to be read, in its columns. */
export function decided(card: Tapped, { kind, answer: said }: TapResult) {
  const [head = "", ...body] = card.text.split("\n");
  const told = `${head.split("?")[0]}: ${said}`;
  if (kind !== "armed" && kind !== "confirmed") return { text: told, entities: [] };
  const entities = (card.entities ?? [])
    .filter(({ offset }) => offset > head.length)
    .map((one) => ({ ...one, offset: one.offset + told.length - head.length }));
  return { text: [told, ...body].join("\n"), entities };
}

async function answer(ctx: Context, text: string): Promise<void> {
  // A late answer is refused by Telegram; the card itself tells what happened.
  await ctx.answerCallbackQuery(text ? { text: text.slice(0, 200) } : {}).catch(() => undefined);
}
