import { type Bot, GrammyError, InlineKeyboard } from "grammy";
import { breakLinksInText } from "#src/agent/reply/break-links.ts";
import type { RenderedReply } from "#src/agent/reply/rendered-reply.ts";
import { MESSAGE_LIMIT } from "#src/agent/reply/split-rendered.ts";
import { describeError } from "#src/core/errors.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Store, Turn } from "#src/ports/store.ts";
import { isAboutEntities } from "./deliver-answer.ts";
import { rememberPlaceholder, removePlaceholders } from "./placeholders.ts";
import type { TurnProgress } from "./turn-progress.ts";

/** An answer that comes sooner needs no sign before it. */
const SOON_MS = 400;
const DRAFT_EVERY_MS = 1_000;
/** Twenty edits a minute are what Telegram takes. */
const EDIT_EVERY_MS = 3_000;
const AFTER_FAILURE_MS = 3_000;
const AFTER_REFUSAL_MS = 20_000;
const SETTLE_MS = 1_000;

interface LiveOptions {
  readonly bot: Bot;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What is seen of turns while they run. Nothing of it decides anything; a failure of it is only logged. */
export interface LiveViews {
  /** Shows this turn from when it runs until it is over; resolves then. */
  show(turnId: string, progress: TurnProgress): Promise<void>;
  /** A message of ours came into the chat: a draft that stood there is gone. */
  interrupted(chatId: number): void;
  /** Resolves when nothing of a view is on its way to the chat, or soon. */
  settled(chatId: number): Promise<void>;
}

export function createLiveViews(options: LiveOptions): LiveViews {
  const views = new Set<View>();
  const shared = { refusesDrafts: false };
  return {
    async show(turnId, progress) {
      const view = new View(options, shared, turnId, progress);
      views.add(view);
      try {
        await view.run();
      } catch (error) {
        options.log.warn("liveViewFailed", { error: describeError(error) });
      } finally {
        views.delete(view);
      }
    },
    interrupted(chatId) {
      if (shared.refusesDrafts) return;
      for (const view of views) if (view.chatId === chatId) view.shown = null;
    },
    async settled(chatId) {
      const sending = [...views].flatMap((view) => (view.chatId === chatId ? [view.sending] : []));
      if (sending.length === 0) return;
      const waited = new AbortController();
      await Promise.race([Promise.all(sending), options.clock.sleep(SETTLE_MS, waited.signal)]);
      waited.abort();
    },
  };
}

class View {
  /**
   * What the owner sees now; null when it must be sent anew. A draft lives for thirty seconds, and no
   * picture of a turn stays the same for so long.
   */
  shown: string | null = null;
  sending: Promise<void> = Promise.resolve();
  chatId = 0;
  #placeholderId: number | null = null;
  #isPlain = false;
  readonly #options: LiveOptions;
  readonly #shared: { refusesDrafts: boolean };
  readonly #turnId: string;
  readonly #progress: TurnProgress;

  constructor(
    options: LiveOptions,
    shared: { refusesDrafts: boolean },
    turnId: string,
    progress: TurnProgress,
  ) {
    this.#options = options;
    this.#shared = shared;
    this.#turnId = turnId;
    this.#progress = progress;
  }

  async run(): Promise<void> {
    const { clock, store } = this.#options;
    const { over } = this.#progress;
    let ran = store.getTurn(this.#turnId)?.state === "running";
    let waitMs = SOON_MS;
    while (!over.aborted) {
      await clock.sleep(waitMs, over);
      const turn = store.getTurn(this.#turnId);
      if (over.aborted || !turn || (turn.state !== "waiting" && turn.state !== "running")) break;
      this.chatId = turn.chatId;
      waitMs = SOON_MS;
      if (turn.state === "running" && ran) waitMs = await this.#refresh(turn);
      ran = turn.state === "running";
    }
    await this.sending;
    if (this.#placeholderId !== null && this.chatId !== 0) {
      await removePlaceholders(this.#options.bot, store, this.chatId);
    }
  }

  /** How long to wait until the next one. */
  async #refresh(turn: Turn): Promise<number> {
    const picture = this.#isPlain ? plain(this.#progress.picture()) : this.#progress.picture();
    const key = JSON.stringify(picture);
    const every = this.#shared.refusesDrafts ? EDIT_EVERY_MS : DRAFT_EVERY_MS;
    if (this.shown === key) return every;
    let failure: unknown = null;
    const sent = this.#send(turn, picture).catch((error: unknown) => {
      failure = error;
    });
    this.sending = sent;
    await sent;
    if (failure !== null) return this.#waitAfter(failure);
    this.shown = key;
    return every;
  }

  async #send(turn: Turn, { text, entities }: RenderedReply): Promise<void> {
    const { bot, store } = this.#options;
    const { chatId, id, seq } = turn;
    if (!this.#shared.refusesDrafts) {
      await bot.api.sendMessageDraft(chatId, seq, text, { entities, can_stop: true });
      return;
    }
    const message = text === "" ? "Thinking…" : text;
    const reply_markup = new InlineKeyboard().text("⏹ Stop", `s:${id}`);
    if (this.#placeholderId !== null) {
      await bot.api.editMessageText(chatId, this.#placeholderId, message, {
        ...{ entities, reply_markup },
      });
      return;
    }
    const other = { entities, reply_markup, disable_notification: true };
    const { message_id } = await bot.api.sendMessage(chatId, message, other);
    this.#placeholderId = message_id;
    rememberPlaceholder(store, chatId, id, message_id);
  }

  #waitAfter(error: unknown): number {
    this.#options.log.info("liveViewSkipped", { error: describeError(error) });
    if (!(error instanceof GrammyError)) return AFTER_FAILURE_MS;
    if (error.error_code === 429) return Math.max(1, error.parameters.retry_after ?? 1) * 1_000;
    if (isAboutEntities(error)) {
      this.#isPlain = true;
      return DRAFT_EVERY_MS;
    }
    if (error.method === "sendMessageDraft" && [400, 404, 405, 501].includes(error.error_code)) {
      this.#shared.refusesDrafts = true;
      return 0;
    }
    return AFTER_REFUSAL_MS;
  }
}

/** When Telegram does not take our entities. */
function plain({ text }: RenderedReply): RenderedReply {
  return { text: breakLinksInText(text).slice(-MESSAGE_LIMIT).toWellFormed(), entities: [] };
}
