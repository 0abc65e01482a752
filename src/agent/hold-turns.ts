import { describeError } from "#src/core/errors.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Ids } from "#src/ports/ids.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Store, Turn, TurnState } from "#src/ports/store.ts";
import type { Accepted, Agent, TurnWatcher } from "./contract.ts";
import { capText, endTurn } from "./end-turn.ts";
import { type EndCause, explainEnd } from "./explain-end.ts";
import { type ShownTurn, showTurn } from "./show-turn.ts";
import { createTidier } from "./tidy-after.ts";
import { untilAborted } from "./until-aborted.ts";

const TURN_MS = 90_000;
const LONGEST_QUESTION = 4_000;

export interface TurnOutcome {
  readonly state: "answered" | "failed";
  readonly answer: string;
}

/** What answers a question, loaded when the first one comes. */
export interface TurnRunner {
  answer(turn: Turn, shown: ShownTurn, signal: AbortSignal): Promise<TurnOutcome>;
  /** What can wait until the answer is out. */
  tidy(turn: Turn, signal: AbortSignal): Promise<void>;
}

export interface HoldOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly redact: (text: string) => string;
  readonly runner: () => Promise<TurnRunner>;
}

/** A turn that this process runs. */
interface Lane {
  readonly turn: Turn;
  readonly shown: ShownTurn;
  readonly stop: AbortController;
}

/**
 * Takes questions durably and holds their turns: one a chat runs, one waits, chats run side by side. It loads
 * nothing of what answers them, so that a question is on disk before the model's code is in memory.
 */
export function holdTurns(options: HoldOptions): Agent {
  return new Holder(options);
}

class Holder implements Agent {
  readonly #options: HoldOptions;
  readonly #lanes = new Map<number, Lane>();
  /** Of the turns that wait in this process, by id. */
  readonly #waiting = new Map<string, TurnWatcher | null>();
  readonly #tidier: ReturnType<typeof createTidier>;
  readonly #busy = new Set<Promise<void>>();
  #closing = false;

  constructor(options: HoldOptions) {
    this.#options = options;
    this.#tidier = createTidier(options);
  }

  async ask({ chatId, text, messageId, watcher }: Parameters<Agent["ask"]>[0]): Promise<Accepted> {
    const { store, clock, ids, redact } = this.#options;
    const lastKey = `askedMessage:${chatId}`;
    if (messageId !== undefined && messageId <= Number(store.getFact(lastKey) ?? "0")) {
      return { kind: "known" };
    }
    // What the owner typed is remembered: a key that was pasted into the chat must not be.
    const question = capText(redact(text), LONGEST_QUESTION, "");
    if (!this.#closing) this.#endOrphans(chatId);
    if (!this.#lanes.has(chatId)) this.#beginNext(chatId);
    const live = store.liveTurns(chatId).length;
    if (live > 1) return { kind: "busy" };
    const kind = live === 0 ? "running" : "waiting";
    const id = ids.next("T");
    store.transaction(() => {
      store.insertTurn({ id, chatId, question, state: kind, askedAt: clock.wallNow() });
      if (messageId !== undefined) store.setFact(lastKey, String(messageId));
    });
    // Its row tells the next process; this one begins nothing any more.
    if (this.#closing) return { kind, turnId: id };
    if (kind === "waiting") this.#waiting.set(id, watcher);
    else this.#begin(id, watcher);
    return { kind, turnId: id };
  }

  stop(chatId: number): boolean {
    return this.#end(this.#options.store.liveTurns(chatId), "stopped", { kind: "stopped" });
  }

  stopAll(why: "killed" | "shutdown" = "killed"): void {
    this.#closing ||= why === "shutdown";
    this.#tidier.stopAll();
    try {
      const ours = this.#options.store.liveTurns().filter((turn) => this.#isOurs(turn));
      if (why === "killed") this.#end(ours, "stopped", { kind: "killed" });
      else this.#end(ours, "interrupted", { kind: "interrupted" });
    } catch (error) {
      // A full disk must not keep /kill from anything.
      this.#options.log.error("turnsNotStopped", { error: describeError(error) });
    }
  }

  recover(): void {
    try {
      this.#endOrphans();
    } catch (error) {
      this.#options.log.error("turnsNotRecovered", { error: describeError(error) });
    }
  }

  async idle(): Promise<void> {
    while (this.#busy.size > 0) await Promise.all(this.#busy);
  }

  #isOurs({ id, chatId }: Turn): boolean {
    return this.#waiting.has(id) || this.#lanes.get(chatId)?.turn.id === id;
  }

  /** Whatever lives in the database without living here belongs to a process that is gone. */
  #endOrphans(chatId?: number): void {
    const orphans = this.#options.store.liveTurns(chatId).filter((turn) => !this.#isOurs(turn));
    this.#end(orphans, "interrupted", { kind: "interrupted" });
  }

  /** Rows first; but the work stops also when the disk does not take them. */
  #end(turns: readonly Turn[], state: "stopped" | "interrupted", cause: EndCause): boolean {
    const { store } = this.#options;
    try {
      if (turns.length > 0) {
        store.transaction(() => {
          for (const turn of turns)
            endTurn(this.#options, turn, state, this.#lastWords(turn, cause));
        });
      }
    } finally {
      for (const { id, chatId } of turns) {
        const lane = this.#lanes.get(chatId);
        if (lane?.turn.id === id) {
          this.#lanes.delete(chatId);
          lane.stop.abort();
          lane.shown.end();
        }
        const watcher = this.#waiting.get(id) ?? null;
        if (this.#waiting.delete(id)) showTurn(watcher, this.#options.log).end();
      }
    }
    return turns.length > 0;
  }

  #lastWords({ id, chatId, state }: Turn, cause: EndCause): string {
    const lane = this.#lanes.get(chatId);
    const soFar = lane?.turn.id === id ? lane.shown.soFar() : "";
    const end = explainEnd(this.#options, id, cause, state !== "waiting");
    return soFar === "" ? end : `${soFar}\n\n(${end})`;
  }

  #beginNext(chatId: number): void {
    if (this.#closing) return;
    const { store, log } = this.#options;
    try {
      const next = store.liveTurns(chatId).find(({ id }) => this.#waiting.has(id));
      if (!next || !store.transaction(() => store.moveTurn(next.id, "running"))) return;
      const watcher = this.#waiting.get(next.id) ?? null;
      this.#waiting.delete(next.id);
      this.#begin(next.id, watcher);
    } catch (error) {
      log.error("nextTurnNotBegun", { error: describeError(error) });
    }
  }

  #begin(id: string, watcher: TurnWatcher | null): void {
    // As it was written, so that the next turn remembers the same bytes.
    const turn = this.#options.store.getTurn(id);
    if (!turn) return;
    const shown = showTurn(watcher, this.#options.log);
    const lane = { turn, shown, stop: new AbortController() };
    this.#lanes.set(turn.chatId, lane);
    const work: Promise<void> = this.#run(lane).finally(() => this.#busy.delete(work));
    this.#busy.add(work);
  }

  async #run(lane: Lane): Promise<void> {
    const { clock, log, runner } = this.#options;
    const { turn, shown, stop } = lane;
    const limit = new AbortController();
    const takeBack = clock.later(TURN_MS, () => limit.abort());
    const signal = AbortSignal.any([stop.signal, limit.signal]);
    const began = clock.elapsedMs();
    let outcome: TurnOutcome;
    try {
      const loaded = await untilAborted(signal, runner());
      outcome = await untilAborted(signal, loaded.answer(turn, shown, signal));
    } catch (error) {
      if (stop.signal.aborted) return;
      log.warn("turnFailed", { turnId: turn.id, error: describeError(error) });
      const cause = limit.signal.aborted ? ({ kind: "tooLong" } as const) : null;
      const answer = () => explainEnd(this.#options, turn.id, cause ?? { kind: "error", error });
      return this.#release(lane, "failed", answer);
    } finally {
      // Whoever still works for this turn works for nobody.
      limit.abort();
      takeBack();
    }
    if (stop.signal.aborted) return;
    this.#release(lane, outcome.state, () => outcome.answer);
    log.info("turnEnded", {
      ...{ turnId: turn.id, state: outcome.state, elapsedMs: clock.elapsedMs() - began },
    });
    if (outcome.state === "answered" && !this.#closing) await this.#tidier.after(turn);
  }

  #release(lane: Lane, state: Exclude<TurnState, "waiting" | "running">, answer: () => string) {
    const { store, log } = this.#options;
    const { turn } = lane;
    try {
      store.transaction(() => endTurn(this.#options, turn, state, answer()));
    } catch (error) {
      // The row still runs and nobody holds it: the next question or the next start says so.
      log.error("turnNotEnded", { turnId: turn.id, error: describeError(error) });
    }
    this.#lanes.delete(turn.chatId);
    lane.shown.end();
    this.#beginNext(turn.chatId);
  }
}
