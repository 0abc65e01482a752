import { RetryableError } from "#src/core/errors.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { VenueHealth } from "#src/ports/venue.ts";

/**
 * What a request is for: what reduces may use the whole reserve, and looking at our own account (without which
 * nothing can be reduced) half of it; what adds risk never waits long; what is only read ahead leaves room for
 * everything else.
 */
export type Urgency = "reduce" | "watch" | "open" | "read" | "ahead";

export interface GateOptions {
  /** For people, in messages. */
  readonly name: string;
  readonly clock: Clock;
  /** In the units in which requests cost. */
  readonly perSecond: number;
  readonly burst: number;
  /** Failures in a row after which the venue is left alone; 5 unless said. */
  readonly failuresToOpen?: number;
}

/** This part of the burst is kept from each: for cancels and closes, and for all that somebody waits for. */
const RESERVE: Readonly<Record<Urgency, number>> = {
  ...{ reduce: 0, watch: 0.125, open: 0.25, read: 0.25, ahead: 0.6 },
};
/** Whoever would wait longer than this is told so instead. */
const PATIENCE_MS: Readonly<Record<Urgency, number>> = {
  ...{ reduce: 4_000, watch: 8_000, open: 1_000, read: 8_000, ahead: 30_000 },
};
const FAILURES_TO_OPEN = 5;
/** After an outage the venue's positions must be read this often, this far apart, before anything opens. */
const [READS_TO_TRUST, READS_APART_MS] = [2, 1_000];

/**
 * The one way to a venue's requests: a token bucket that lets a burst go at once, the times that the venue
 * asked us to stay away, and a circuit that opens when it fails again and again.
 */
export class RequestGate {
  readonly #options: GateOptions;
  #tokens: number;
  #filledMs: number;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #health: VenueHealth = { state: "ok", reason: null };
  #trusted = { reads: 0, lastMs: Number.NEGATIVE_INFINITY };

  constructor(options: GateOptions) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#filledMs = options.clock.elapsedMs();
  }

  health(): VenueHealth {
    return this.#health;
  }

  /** Resolves when a request of this cost may leave; throws RetryableError when that is too far away. */
  async admit(urgency: Urgency, cost: number): Promise<void> {
    const { clock, name, burst } = this.#options;
    const price = Math.min(cost, burst);
    const floor = Math.min(burst * RESERVE[urgency], burst - price);
    const giveUpMs = clock.elapsedMs() + PATIENCE_MS[urgency];
    for (;;) {
      const waitMs = this.#waitFor(price + floor);
      if (waitMs === 0) break;
      if (clock.elapsedMs() + waitMs > giveUpMs) {
        throw new RetryableError(`${name}: too many requests, free again in ${inSeconds(waitMs)}`, {
          waitMs,
        });
      }
      await clock.sleep(waitMs);
    }
    this.#tokens -= price;
  }

  /** An answer arrived, and this is what it says. */
  answered(httpStatus: number, headers: Headers, text: string): void {
    const waitMs = this.#askedToWait(httpStatus, headers, text);
    if (waitMs !== null) this.#pause(waitMs);
    if (httpStatus >= 500) this.failed(`it answers HTTP ${httpStatus}`);
    // A page for people: of a firewall, or of somebody who mends it.
    else if (text.startsWith("<")) this.failed(`it answers HTTP ${httpStatus} with a web page`);
    else if (httpStatus === 418) this.#open(`it bans us for ${inSeconds(waitMs ?? 0)}`);
    else this.#works();
  }

  /** No answer, or none that means anything. */
  failed(reason: string): void {
    this.#failures += 1;
    if (
      this.#health.state !== "ok" ||
      this.#failures >= (this.#options.failuresToOpen ?? FAILURES_TO_OPEN)
    )
      this.#open(reason);
  }

  /** It says so in words of its own, under a code of HTTP that says nothing. */
  tooMany(): void {
    this.#pause(1_000);
  }

  /** The venue refuses our key: what is held there cannot be seen until that is mended. */
  keyRefused(): void {
    this.#open("it refuses our key");
  }

  /** Positions were read: after an outage that is what makes the venue trusted again. */
  positionsRead(): void {
    const now = this.#options.clock.elapsedMs();
    if (this.#health.state !== "recovering" || now - this.#trusted.lastMs < READS_APART_MS) return;
    this.#trusted = { reads: this.#trusted.reads + 1, lastMs: now };
    if (this.#trusted.reads >= READS_TO_TRUST) this.#health = { state: "ok", reason: null };
  }

  #pause(waitMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#options.clock.elapsedMs() + waitMs);
  }

  #works(): void {
    this.#failures = 0;
    if (this.#health.state !== "down") return;
    this.#trusted = { reads: 0, lastMs: Number.NEGATIVE_INFINITY };
    this.#health = { state: "recovering", reason: this.#health.reason };
  }

  #open(reason: string): void {
    this.#health = { state: "down", reason };
  }

  /** 0 when that many tokens are there. */
  #waitFor(tokens: number): number {
    const { clock, perSecond, burst } = this.#options;
    const now = clock.elapsedMs();
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledMs) / 1_000) * perSecond);
    this.#filledMs = now;
    const pausedMs = Math.max(0, this.#pausedUntilMs - now);
    const missing = tokens - this.#tokens;
    return Math.max(pausedMs, missing > 0 ? Math.ceil((missing / perSecond) * 1_000) : 0);
  }

  #askedToWait(httpStatus: number, headers: Headers, text: string): number | null {
    if (httpStatus !== 429 && httpStatus !== 418) return null;
    const now = this.#options.clock.wallNow();
    // Binance names the end of a ban only in the message.
    const until = /until (\d{13})/.exec(text)?.[1];
    if (until) return Math.max(0, Number(until) - now);
    const retryAfter = headers.get("retry-after") ?? "";
    if (/^\d+(\.\d+)?$/.test(retryAfter)) return Number(retryAfter) * 1_000;
    const reset = headers.get("x-bapi-limit-reset-timestamp") ?? "";
    if (/^\d{13}$/.test(reset)) return Math.max(0, Number(reset) - now);
    return httpStatus === 418 ? 120_000 : 1_000;
  }
}

function inSeconds(ms: number): string {
  return `${Math.ceil(ms / 1_000)} s`;
}
