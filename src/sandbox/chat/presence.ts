import type { Clock } from "#src/ports/clock.ts";
import type { Entity } from "./chat-state.ts";

/** A message that the bot is still writing. */
export interface Draft {
  readonly draftId: number;
  readonly text: string;
  readonly entities: readonly Entity[];
  readonly canStop: boolean;
  readonly keepOnStop: boolean;
}

/** What a chat shows for a moment, besides its messages. */
export type Sign =
  | { readonly kind: "draft"; readonly draft: Draft | null }
  | { readonly kind: "typing" }
  | { readonly kind: "gone"; readonly messageId: number };

const DRAFT_LIVES_MS = 30_000;

/** Drafts and signs of life, kept in memory as Telegram keeps them: they pass by themselves. */
export class Presence {
  readonly #clock: Pick<Clock, "later">;
  readonly #drafts = new Map<number, { readonly draft: Draft; readonly cancel: () => void }>();
  readonly #stopped = new Map<number, number>();
  readonly #listeners = new Set<(chatId: number, sign: Sign) => void>();

  constructor(clock: Pick<Clock, "later">) {
    this.#clock = clock;
  }

  draft(chatId: number): Draft | null {
    return this.#drafts.get(chatId)?.draft ?? null;
  }

  /** Shown for thirty seconds, in place of another one; nothing when its reader has stopped it. */
  show(chatId: number, draft: Draft): void {
    if (this.#stopped.get(chatId) === draft.draftId) return;
    this.#drafts.get(chatId)?.cancel();
    const cancel = this.#clock.later(DRAFT_LIVES_MS, () => this.clear(chatId));
    this.#drafts.set(chatId, { draft, cancel });
    this.tell(chatId, { kind: "draft", draft });
  }

  clear(chatId: number): void {
    const shown = this.#drafts.get(chatId);
    if (!shown) return;
    shown.cancel();
    this.#drafts.delete(chatId);
    this.tell(chatId, { kind: "draft", draft: null });
  }

  /** False when no such draft can be stopped. */
  stop(chatId: number, draftId: number): boolean {
    const draft = this.draft(chatId);
    if (draft?.draftId !== draftId || !draft.canStop) return false;
    if (draft.keepOnStop) this.show(chatId, { ...draft, canStop: false });
    else this.clear(chatId);
    this.#stopped.set(chatId, draftId);
    return true;
  }

  tell(chatId: number, sign: Sign): void {
    for (const listener of this.#listeners) listener(chatId, sign);
  }

  onSign(listener: (chatId: number, sign: Sign) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
