import type { Exchange } from "ccxt";
import type { Row } from "#src/venues/ccxt/row.ts";

type Socket = ReturnType<Exchange["client"]>;

/** What may be said on a stream; an order would be something else. */
const WORDS = new Set(["subscribe", "unsubscribe", "auth", "login", "ping", "pong"]);

export interface SocketHooks {
  /** Whether this address may be connected to. */
  readonly isAllowed: (url: string) => boolean;
  readonly connected: () => void;
  /** Anything but an answer to a ping. */
  readonly message: (message: unknown) => void;
  /** Also answers to pings. */
  readonly heard: (socket: object) => void;
  readonly failed: (why: string) => void;
}

/**
 * Makes ccxt's sockets safe to leave alone: nothing is printed (their addresses carry listen keys), no promise
 * is rejected unseen, no message breaks a socket, their own timers are off, and only subscriptions are sent.
 */
export function dressSockets(exchange: Exchange, hooks: SocketHooks): void {
  const client = exchange.client.bind(exchange);
  const dressed = new WeakSet<object>();
  exchange.client = (url) => {
    // Binance keeps its requests for a listen key as a socket that never connects.
    if (url?.includes("://") && !hooks.isAllowed(url)) throw new Error("not a host of its streams");
    const socket = client(url);
    if (!dressed.has(socket)) dress(socket, hooks);
    dressed.add(socket);
    return socket;
  };
}

/** The class of an error says enough; its text may carry an address. */
export function kindOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}

function dress(socket: Socket, hooks: SocketHooks): void {
  socket.log = () => undefined;
  socket.keepAlive = 0;
  // A few subscriptions need no leaky bucket.
  socket.throttle = undefined;
  const future = socket.future.bind(socket);
  socket.future = (hash) => {
    const promise = future(hash);
    promise.catch(() => undefined);
    return promise;
  };
  const send = socket.send.bind(socket);
  socket.send = async (message) => {
    try {
      if (!isHarmless(message)) throw new Error("not a subscription");
      await send(message);
    } catch (error) {
      hooks.failed(`cannot be sent to (${kindOf(error)})`);
    }
  };
  hear(socket, hooks);
}

function hear(socket: Socket, hooks: SocketHooks): void {
  const { onMessageCallback, onConnectedCallback, onErrorCallback, onCloseCallback } = socket;
  hooks.heard(socket);
  socket.onMessageCallback = (self: Socket, message: unknown) => {
    hooks.heard(self);
    self.lastPong = undefined;
    try {
      onMessageCallback(self, message);
    } catch {
      // What ccxt makes of a message is of no interest, as long as it keeps its subscriptions.
    }
    if (self.lastPong === undefined) hooks.message(message);
  };
  const onPong = socket.onPong.bind(socket);
  socket.onPong = () => {
    hooks.heard(socket);
    onPong();
  };
  socket.onConnectedCallback = (self: Socket) => {
    hooks.heard(self);
    onConnectedCallback(self);
    hooks.connected();
  };
  socket.onErrorCallback = (self: Socket, error: unknown) => {
    onErrorCallback(self, error);
    hooks.failed(kindOf(error));
  };
  socket.onCloseCallback = (self: Socket, event: unknown) => {
    onCloseCallback(self, event);
    hooks.failed("closed by the venue");
  };
}

function isHarmless(message: unknown): boolean {
  if (typeof message === "string") return WORDS.has(message);
  if (typeof message !== "object" || message === null) return false;
  const { op, method, type }: Row = { ...message };
  return WORDS.has(String(op ?? method ?? type).toLowerCase());
}
