/** What a door shows while a turn runs. Nothing of it decides anything, and nothing of it throws. */
export interface TurnWatcher {
  /** The answer so far, as the model writes it; it may start again. */
  text(soFar: string): void;
  tool(name: string, state: "began" | "ended"): void;
  /** The turn is over, however it ended: its answer is in the outbox. */
  ended(): void;
}

export type Accepted =
  | { readonly kind: "running" | "waiting"; readonly turnId: string }
  /** One runs and one waits already; nothing was taken. */
  | { readonly kind: "busy" }
  /** This message was taken before: it came again because a process ended before it could say so. */
  | { readonly kind: "known" };

/** Who answers free text. Doors start turns and show them; the answer itself always comes by the outbox. */
export interface Agent {
  /** Takes the question durably before it returns its promise; the turn runs beside the caller. */
  ask(question: {
    readonly chatId: number;
    readonly text: string;
    /** Grows in a chat, so that what is delivered twice is asked once; left out where nothing is. */
    readonly messageId?: number;
    readonly watcher: TurnWatcher | null;
  }): Promise<Accepted>;
  /** Ends what runs and what waits in this chat, by its owner's wish; false when nothing did. */
  stop(chatId: number): boolean;
  /**
   * Ends every turn at once: /kill wants the machine for itself. Before a shutdown the owner is told that
   * it was interrupted, and later questions wait for the next start.
   */
  stopAll(why?: "killed" | "shutdown"): void;
  /** Tells about turns that an earlier process left unfinished; nothing of them is run again. */
  recover(): void;
  /** Resolves when no turn runs: for a shutdown. */
  idle(): Promise<void>;
}
