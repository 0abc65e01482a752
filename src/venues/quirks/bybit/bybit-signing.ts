import type { EpochMs } from "#src/core/units.ts";
import { currentCall } from "#src/venues/ccxt/call-context.ts";
import { NotSentError } from "#src/venues/ccxt/not-sent.ts";
import type { Bybit } from "./bybit-replies.ts";

/** A longer life is cut: dying before its fence is always safe, and the venue's own limit is not documented. */
const MAX_WINDOW_MS = 60_000;

/**
 * The venue refuses a request once its time is past timestamp + recv_window. In ccxt that window belongs to
 * the exchange object; here each request's ends at its own fence. Also takes off the broker's Referer header.
 */
export function signWithFences(exchange: Bybit): void {
  const sign = exchange.sign.bind(exchange);
  const nonce = exchange.nonce.bind(exchange);
  exchange.sign = (...request: Parameters<typeof sign>) => {
    const fence = currentCall()?.expiresAt ?? null;
    if (fence === null) return withoutReferer(sign(...request));
    const now = nonce();
    const { options } = exchange;
    const standing: unknown = options["recvWindow"];
    // Signing is synchronous, so no other request can see these.
    exchange.nonce = () => now;
    options["recvWindow"] = windowUntil(fence, now);
    try {
      return withoutReferer(sign(...request));
    } finally {
      exchange.nonce = nonce;
      options["recvWindow"] = standing;
    }
  };
}

function windowUntil(fence: EpochMs, now: EpochMs): number {
  const left = Math.floor(fence - now);
  if (left <= 0) throw new NotSentError("its time was up before it could be signed");
  return Math.min(left, MAX_WINDOW_MS);
}

function withoutReferer<T extends { headers?: Record<string, string> }>(request: T): T {
  const { Referer: _broker, ...headers } = request.headers ?? {};
  return { ...request, headers };
}
