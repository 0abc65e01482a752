import { type Bot, GrammyError } from "grammy";
import { renderReply } from "#src/agent/render-reply.ts";
import { breakLinksInText } from "#src/agent/reply/break-links.ts";
import type { RenderedReply } from "#src/agent/reply/rendered-reply.ts";
import { splitRendered } from "#src/agent/reply/split-rendered.ts";
import type { Store, Turn } from "#src/ports/store.ts";
import { removePlaceholders } from "./placeholders.ts";
import type { LiveViews } from "./show-turn.ts";

const EMPTY = "The answer had no text. Ask again, or use /best, /status, /hedges.";

/** Answers of a chat whose progress is known. */
const MOST_REMEMBERED = 20;

interface AnswerOptions {
  readonly bot: Bot;
  readonly store: Store;
  readonly live: LiveViews;
}

/**
 * Sends what a turn ended with, in pieces and in order. How far it came is remembered durably, so that the
 * next try continues where this one failed.
 */
export async function deliverAnswer(options: AnswerOptions, turn: Turn): Promise<void> {
  const { bot, store, live } = options;
  const { chatId } = turn;
  // A draft that arrived after the answer would stand below it.
  await live.settled(chatId);
  const parts = splitRendered(renderReply(turn.answer ?? ""));
  if (parts.length === 0) parts.push({ text: EMPTY, entities: [] });
  for (const [index, part] of parts.entries()) {
    if (index < partsSent(store, turn)) continue;
    await sendPart(bot, chatId, part);
    store.transaction(() => rememberSent(store, turn, index + 1));
  }
  await removePlaceholders(bot, store, chatId);
}

async function sendPart(bot: Bot, chatId: number, { text, entities }: RenderedReply) {
  try {
    await bot.api.sendMessage(chatId, text, { entities });
  } catch (error) {
    if (!isAboutEntities(error)) throw error;
    const plain = { text: breakLinksInText(text), entities: [] };
    for (const part of splitRendered(plain)) await bot.api.sendMessage(chatId, part.text);
  }
}

export function isAboutEntities(error: unknown): boolean {
  return (
    error instanceof GrammyError &&
    error.error_code === 400 &&
    /entit|parse/i.test(error.description)
  );
}

function partsSent(store: Store, { id, chatId }: Turn): number {
  const line = linesOf(store, chatId).find(([turnId]) => turnId === id);
  return Number(line?.[1] ?? "0");
}

/** The newest first. An answer that fails for long is overtaken by others, and still begins with no part anew. */
function rememberSent(store: Store, { id, chatId }: Turn, sent: number): void {
  const others = linesOf(store, chatId).filter(([turnId]) => turnId !== id);
  const lines = [[id, sent], ...others].slice(0, MOST_REMEMBERED);
  store.setFact(factKey(chatId), lines.map((line) => line.join(" ")).join("\n"));
}

/** `turn parts`, one a line. */
function linesOf(store: Store, chatId: number): readonly (readonly string[])[] {
  const lines = (store.getFact(factKey(chatId)) ?? "").split("\n");
  return lines.map((line) => line.split(" "));
}

function factKey(chatId: number): string {
  return `answerSent:${chatId}`;
}
