import { type Bot, GrammyError, HttpError } from "grammy";
import { splitRendered } from "#src/agent/reply/split-rendered.ts";
import { RetryableError } from "#src/core/errors.ts";
import { shortVenues } from "#src/core/words/plain-name.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Notifier } from "#src/ports/notifier.ts";
import type { OutboxItem, Severity, Store } from "#src/ports/store.ts";
import { liveCard } from "./cards/live-card.ts";
import { mandateCard, resumeCard } from "./cards/other-cards.ts";
import { type Card, proposalCard } from "./cards/proposal-card.ts";
import { deliverAnswer } from "./deliver-answer.ts";
import { modelComment } from "./replies/decision-replies.ts";
import type { LiveViews } from "./show-turn.ts";

interface NotifierOptions {
  readonly bot: Bot;
  readonly pipeline: Pipeline;
  readonly store: Store;
  readonly log: Logger;
  readonly live: LiveViews;
}

/** Who blocked the bot is asked again rarely: nothing that we send reaches them. */
const BLOCKED_WAIT_MS = 300_000;
const REFUSED_WAIT_MS = 60_000;
const MARKS: Readonly<Record<Severity, string>> = { info: "ℹ️", warning: "⚠️", critical: "🚨" };

/** Sends what the outbox holds; every card is drawn from the rows at this moment. */
export function createNotifier(options: NotifierOptions): Notifier {
  return {
    async deliver(item) {
      try {
        await deliver(options, item);
      } catch (error) {
        throw asDeliveryError(options, item, error);
      }
    },
  };
}

async function deliver(options: NotifierOptions, item: OutboxItem): Promise<void> {
  const { bot, pipeline, store } = options;
  const { content, chatId } = item;
  switch (content.type) {
    case "alert": {
      const silent = item.severity === "info";
      const text = `${MARKS[item.severity]} ${shortVenues(content.text)}`;
      for (const part of splitRendered({ text, entities: [] })) {
        await bot.api.sendMessage(chatId, part.text, { disable_notification: silent });
      }
      return;
    }
    case "proposalCard": {
      const facts = await pipeline.cardFacts(content.proposalId);
      if (!facts) return;
      await removeButtons(options, content.proposalId);
      const card = proposalCard(facts, content.nonce);
      const messageId = await sendCard(bot, chatId, card);
      store.transaction(() => {
        store.bindApprovalMessage(content.nonce, chatId, messageId);
        store.setFact(factKey(content.proposalId), String(messageId));
      });
      return;
    }
    case "mandateCard": {
      const facts = pipeline.mandateFacts(content.mandateId);
      if (!facts) return;
      const messageId = await sendCard(bot, chatId, mandateCard(facts, content.nonce));
      return store.transaction(() => store.bindApprovalMessage(content.nonce, chatId, messageId));
    }
    case "resumeCard": {
      const messageId = await sendCard(bot, chatId, resumeCard(content.nonce, content.stops));
      return store.transaction(() => store.bindApprovalMessage(content.nonce, chatId, messageId));
    }
    case "liveCard": {
      const messageId = await sendCard(bot, chatId, liveCard(await pipeline.live(), content.nonce));
      return store.transaction(() => store.bindApprovalMessage(content.nonce, chatId, messageId));
    }
    case "answer": {
      const turn = store.getTurn(content.turnId);
      if (turn) await deliverAnswer(options, turn);
      return;
    }
    case "modelComment": {
      const comment = modelComment(pipeline.decision(content.decisionId));
      if (!comment) return;
      const { text, entities } = comment;
      await bot.api.sendMessage(chatId, text, { entities, disable_notification: true });
      return;
    }
    case "cardUpdate":
      return redrawCard(options, chatId, content.proposalId);
  }
}

/** Brings a proposal's message up to what is true now; a card that is gone is sent again. */
export async function redrawCard(
  { bot, pipeline, store }: Pick<NotifierOptions, "bot" | "pipeline" | "store">,
  chatId: number,
  proposalId: string,
): Promise<void> {
  const facts = await pipeline.cardFacts(proposalId);
  if (!facts) return;
  const pending = store.listApprovals({ subjectId: proposalId, state: "pending" })[0];
  const card = proposalCard(
    facts,
    facts.stored.state === "awaiting" ? (pending?.nonce ?? null) : null,
  );
  const messageId = Number(store.getFact(factKey(proposalId)) ?? "0");
  if (messageId > 0) {
    try {
      await editCard(bot, chatId, messageId, card);
      return;
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  const sent = await sendCard(bot, chatId, card);
  store.transaction(() => {
    // The buttons are on another message now, and only a tap on theirs counts.
    if (pending) store.bindApprovalMessage(pending.nonce, chatId, sent);
    store.setFact(factKey(proposalId), String(sent));
  });
}

async function editCard(bot: Bot, chatId: number, messageId: number, card: Card): Promise<void> {
  try {
    await bot.api.editMessageText(chatId, messageId, card.text, {
      entities: card.entities,
      reply_markup: card.keyboard,
    });
  } catch (error) {
    if (!isUnchanged(error)) throw error;
  }
}

async function sendCard(bot: Bot, chatId: number, card: Card): Promise<number> {
  const { message_id } = await bot.api.sendMessage(chatId, card.text, {
    entities: card.entities,
    ...(card.keyboard.inline_keyboard.flat().length > 0 ? { reply_markup: card.keyboard } : {}),
  });
  return message_id;
}

/** A card that is sent anew leaves no second set of working buttons behind. */
async function removeButtons({ bot, store }: NotifierOptions, proposalId: string): Promise<void> {
  const messageId = Number(store.getFact(factKey(proposalId)) ?? "0");
  const chatId = Number(store.getFact("chatId") ?? "0");
  if (messageId === 0 || chatId === 0) return;
  await bot.api
    .editMessageReplyMarkup(chatId, messageId, { reply_markup: { inline_keyboard: [] } })
    .catch(() => undefined);
}

function asDeliveryError({ log }: NotifierOptions, item: OutboxItem, error: unknown): Error {
  if (error instanceof GrammyError) {
    const waitSeconds = error.parameters.retry_after;
    if (error.error_code === 429) {
      return new RetryableError("Telegram asks us to slow down", {
        cause: error,
        waitMs: (waitSeconds ?? 1) * 1_000,
      });
    }
    log.warn("telegramRefused", { id: item.id, description: error.description });
    // A fault of theirs passes soon; what they refuse, they refuse again.
    if (error.error_code >= 500) return new RetryableError("Telegram failed", { cause: error });
    const waitMs = error.error_code === 403 ? BLOCKED_WAIT_MS : REFUSED_WAIT_MS;
    return new RetryableError(error.description, { cause: error, waitMs });
  }
  const what = error instanceof HttpError ? "Telegram cannot be reached" : "delivery failed";
  return new RetryableError(what, { cause: error });
}

function isUnchanged(error: unknown): boolean {
  return error instanceof GrammyError && error.description.includes("message is not modified");
}

function isGone(error: unknown): boolean {
  return (
    error instanceof GrammyError &&
    /message to edit not found|can't be edited/.test(error.description)
  );
}

function factKey(proposalId: string): string {
  return `card:${proposalId}`;
}
