import { OperatorError } from "#src/core/errors.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { RequestGate } from "#src/venues/gate/request-gate.ts";
import { currentCall } from "./call-context.ts";
import { NotSentError } from "./not-sent.ts";

export interface VenueFetchOptions {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly gate: RequestGate;
  readonly clock: Clock;
  /** How far the venue's clock is ahead of ours. */
  readonly aheadMs: () => number;
  /** Where requests go instead of the venue: a simulator on this machine. "" for the venue itself. */
  readonly loopback: string;
}

/** What ccxt hands over to be sent. */
interface CcxtRequest extends RequestInit {
  readonly headers: Record<string, string>;
}

/** What ccxt asks of whoever sends its requests. */
interface WireAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  text(): Promise<string>;
}

/**
 * Sends what ccxt signed. Refuses hosts that are not the venue's, and what would arrive after its fence;
 * notes for the running call that it left and what came back.
 */
export function createVenueFetch(options: VenueFetchOptions) {
  const { gate, clock, hosts, name } = options;
  return async (url: string, init: CcxtRequest): Promise<WireAnswer> => {
    const call = currentCall();
    const { hostname } = new URL(realUrl(url, options.loopback));
    if (!hosts.includes(hostname)) throw new OperatorError(`${hostname} is not a host of ${name}`);
    if (call?.expiresAt && clock.wallNow() + options.aheadMs() >= call.expiresAt) {
      throw new NotSentError("its time was up before it could be sent");
    }
    const headers = call ? { ...init.headers, ...call.headers } : init.headers;
    if (call) Object.assign(call, { sent: true, sentMs: clock.elapsedMs(), reply: null });
    const { method, body, signal } = init;
    try {
      const response = await fetch(url, {
        ...{ method: method ?? "GET", headers, redirect: "error" as const },
        ...(body === undefined || body === null ? {} : { body }),
        ...(signal ? { signal } : {}),
      });
      const text = await response.text();
      if (call) call.reply = { httpStatus: response.status, body: text };
      gate.answered(response.status, response.headers, text);
      const { status, statusText } = response;
      return { status, statusText, headers: response.headers, text: async () => text };
    } catch (error) {
      if (call) call.reply = null;
      gate.failed("it does not answer");
      throw error;
    }
  };
}

/** The venue's own address: ccxt puts it behind the loopback's, encoded when it has a query. */
export function realUrl(url: string, loopback: string): string {
  if (loopback === "" || !url.startsWith(loopback)) return url;
  const rest = url.slice(loopback.length);
  return rest.startsWith("https%3A") ? decodeURIComponent(rest) : rest;
}
