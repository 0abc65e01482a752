import { AsyncLocalStorage } from "node:async_hooks";
import type { EpochMs } from "#src/core/units.ts";
import type { Urgency } from "#src/venues/gate/request-gate.ts";

/** One request's surroundings: what ccxt has no parameter for, and what went over the wire. */
export interface Call {
  readonly urgency: Urgency;
  /** Venue time after which the venue must refuse it; null for reads. Signing reads it. */
  readonly expiresAt: EpochMs | null;
  /** Sent along with whatever ccxt sends. */
  readonly headers: Record<string, string>;
  /** Set just before the first byte leaves. */
  sent: boolean;
  /** When the last request left, by `clock.elapsedMs()`: what waits for its turn is not on the way yet. */
  sentMs: number | null;
  /** The answer to the last request; null while there is none: an earlier one's says nothing of it. */
  reply: { readonly httpStatus: number; readonly body: string } | null;
}

const calls = new AsyncLocalStorage<Call>();

/** A new one; what signs it sees no fence unless one is named. */
export function newCall(urgency: Urgency, expiresAt: EpochMs | null = null): Call {
  return { urgency, expiresAt, headers: {}, sent: false, sentMs: null, reply: null };
}

/** Runs `work` so that everything that it awaits can see this call. */
export function inCall<T>(call: Call, work: () => Promise<T>): Promise<T> {
  return calls.run(call, work);
}

/** The call that runs now; undefined outside of one. */
export function currentCall(): Call | undefined {
  return calls.getStore();
}
