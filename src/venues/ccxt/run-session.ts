import type { Exchange } from "ccxt";
import type { Clock } from "#src/ports/clock.ts";
import type { Row } from "./row.ts";
import { dressSockets, kindOf } from "./streams/dress-sockets.ts";

export interface SessionParts {
  /** Used by this session alone, and of no use afterwards. */
  readonly exchange: Exchange;
  /** Each is called again and again; it resolves when something came. */
  readonly watches: readonly (() => Promise<unknown>)[];
  readonly isAllowed: (url: string) => boolean;
  readonly lastWords: readonly string[];
  readonly connected: () => void;
  readonly message: () => void;
  readonly clock: Clock;
  readonly pingMs: number;
  readonly signal: AbortSignal;
}

/**
 * One life of a venue's sockets, from connecting to the first sign that they cannot be trusted any more: an
 * error, a close, a silence, or the abort. Resolves with why, when everything that it opened is closed.
 */
export async function runSession(parts: SessionParts): Promise<string> {
  const { exchange, clock, signal, lastWords, pingMs } = parts;
  if (signal.aborted) return "stopped";
  const over = new AbortController();
  const { promise: ended, resolve } = Promise.withResolvers<string>();
  const heardMs = new Map<object, number>();
  const end = (why: string) => {
    resolve(why);
    over.abort();
  };
  const stop = () => end("stopped");
  signal.addEventListener("abort", stop, { once: true });
  dressSockets(exchange, {
    isAllowed: (url) => !over.signal.aborted && parts.isAllowed(url),
    connected: () => !over.signal.aborted && parts.connected(),
    message(message) {
      if (over.signal.aborted) return;
      parts.message();
      if (lastWords.includes(nameOf(message))) end("ended by the venue");
    },
    heard: (socket) => heardMs.set(socket, clock.elapsedMs()),
    failed: end,
  });
  const forgetTimers = withClock(exchange, clock);
  for (const watch of parts.watches) void keepWatching(watch, end, over.signal);
  void keepPinging({ exchange, clock, pingMs, heardMs, end, signal: over.signal });
  const why = await ended;
  signal.removeEventListener("abort", stop);
  forgetTimers();
  closeAll(exchange);
  return why;
}

async function keepWatching(
  watch: () => Promise<unknown>,
  end: (why: string) => void,
  over: AbortSignal,
): Promise<void> {
  try {
    while (!over.aborted) await watch();
  } catch (error) {
    end(kindOf(error));
  }
}

/** A socket that neither spoke nor answered for two pings is taken for dead, whatever TCP believes. */
async function keepPinging(parts: {
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly pingMs: number;
  readonly heardMs: ReadonlyMap<object, number>;
  readonly end: (why: string) => void;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { exchange, clock, pingMs, heardMs, end, signal } = parts;
  while (!signal.aborted) {
    await clock.sleep(pingMs, signal);
    for (const socket of Object.values(exchange.clients)) {
      if (!socket.connection || signal.aborted) continue;
      const silentMs = clock.elapsedMs() - (heardMs.get(socket) ?? 0);
      if (silentMs > 2 * pingMs) return end("silent");
      if (!socket.isOpen()) continue;
      const words: unknown = socket.ping?.(socket);
      if (words === undefined) socket.connection.ping();
      else await socket.send(words);
    }
  }
}

/** What ccxt would do later, such as renewing a listen key, it does by our clock and only while this lasts. */
function withClock(exchange: Exchange, clock: Clock): () => void {
  const waiting = new Set<() => void>();
  exchange.delay = (ms: number, method: unknown, ...args: unknown[]) => {
    const forget = clock.later(ms, () => {
      waiting.delete(forget);
      void exchange.spawn(method, ...args);
    });
    waiting.add(forget);
  };
  return () => {
    for (const forget of waiting) forget();
  };
}

/** At once, without the other side's goodbye: it may be dead. */
function closeAll(exchange: Exchange): void {
  for (const socket of Object.values(exchange.clients)) {
    socket.error = new Error("closed by us");
    socket.reset(socket.error);
    socket.connection?.terminate();
  }
  exchange.clients = {};
}

function nameOf(message: unknown): string {
  if (typeof message !== "object" || message === null) return "";
  const { e, event }: Row = { ...message };
  return String(e ?? event ?? "");
}
