import { loopbackStreams } from "./loopback-streams.ts";

/** A request as the venue would have got it: `url` is the venue's own, whichever way it came here. */
export interface LoopbackRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
  /** When it had arrived whole; see performance.now(). */
  readonly arrivedMs: number;
}

/** A WebSocket of a client. */
export interface LoopbackSocket {
  /** The venue's own: "wss://stream.bybit.com/v5/private". */
  readonly url: URL;
  /** What this client has said of itself; the server's notes. */
  readonly notes: Set<string>;
  /** As JSON, unless it is text. */
  say(message: unknown): void;
  close(): void;
}

/** What a venue does with its streams. */
export interface LoopbackStreams {
  opened?(socket: LoopbackSocket): void;
  heard(socket: LoopbackSocket, message: string): void;
  closed?(socket: LoopbackSocket): void;
}

export interface LoopbackFault {
  readonly method?: string;
  /** Of the venue's URL, e.g. "/fapi/v1/order"; matches as a prefix. Any path unless said. */
  readonly path?: string;
  /** Which of the requests to this path; for venues with one path for everything. */
  readonly when?: (request: LoopbackRequest) => boolean;
  /** Let the venue do its work first, then lose its answer. */
  readonly execute?: boolean;
  /** "hang": no answer at all; "cut": its body ends in the middle. */
  readonly reply: (() => Response) | "hang" | "cut";
  /** How many requests it hits; 1 unless said. */
  readonly times?: number;
}

/** Scripted trouble: each fault hits the next requests that match it, in the order of writing. */
export class LoopbackFaults {
  readonly #waiting: { readonly fault: LoopbackFault; left: number }[] = [];

  next(fault: LoopbackFault): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  get pending(): number {
    return this.#waiting.length;
  }

  take(request: LoopbackRequest): LoopbackFault | null {
    const index = this.#waiting.findIndex(({ fault }) => hits(fault, request));
    const found = this.#waiting[index];
    if (!found) return null;
    found.left -= 1;
    if (found.left <= 0) this.#waiting.splice(index, 1);
    return found.fault;
  }
}

export interface Loopback {
  /** For ccxt's `proxyUrl`: the venue's whole URL follows it. */
  readonly proxyUrl: string;
  /** A base URL for other SDKs: `baseUrl("https://fapi.binance.com")`. */
  baseUrl(venueUrl: string): string;
  readonly faults: LoopbackFaults;
  /** Every request, oldest first. */
  readonly seen: readonly LoopbackRequest[];
  /** The streams that are open now. */
  readonly sockets: ReadonlySet<LoopbackSocket>;
  /** Everything that clients said on streams, oldest first. */
  readonly said: readonly string[];
  stop(): Promise<void>;
}

/** A server that venues' clients take for the venues themselves. */
export function startLoopback(venue: {
  handle(request: LoopbackRequest): Response | Promise<Response>;
  readonly streams?: LoopbackStreams;
}): Loopback {
  const faults = new LoopbackFaults();
  const seen: LoopbackRequest[] = [];
  // Answers that never come must not keep the server from stopping.
  const { promise: stopped, resolve: release } = Promise.withResolvers<Response>();
  const streams = loopbackStreams(venue.streams);
  const server = Bun.serve({
    websocket: streams.websocket,
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 120,
    async fetch(raw, self) {
      if (raw.headers.get("upgrade") === "websocket") return streams.upgrade(raw, self);
      const request = await readLoopbackRequest(raw);
      seen.push(request);
      const fault = faults.take(request);
      if (!fault) return await answered(venue, request);
      if (fault.execute) await answered(venue, request);
      if (fault.reply === "hang") {
        self.timeout(raw, 0);
        return await stopped;
      }
      return fault.reply === "cut" ? cutShort() : fault.reply();
    },
  });
  const root = `http://127.0.0.1:${server.port}/`;
  return {
    proxyUrl: root,
    baseUrl: (venueUrl) => root + venueUrl,
    faults,
    seen,
    sockets: streams.sockets,
    said: streams.said,
    stop: async () => {
      release(new Response(null, { status: 504 }));
      await server.stop(true);
    },
  };
}

/** JSON as venues send it. */
export function jsonReply(body: unknown, status = 200, headers: HeadersInit = {}): Response {
  return Response.json(body, { status, headers });
}

/** What a firewall or a broken gateway says. */
export function htmlReply(status: number, headers: Record<string, string> = {}): Response {
  const body = `<html><head><title>${status}</title></head><body>${status}</body></html>`;
  return new Response(body, { status, headers: { "content-type": "text/html", ...headers } });
}

async function answered(
  venue: { handle(request: LoopbackRequest): Response | Promise<Response> },
  request: LoopbackRequest,
): Promise<Response> {
  try {
    return await venue.handle(request);
  } catch (error) {
    // A mistake in a test server must not look like the venue's own trouble.
    return new Response(`loopback server failed: ${String(error)}`, { status: 599 });
  }
}

async function readLoopbackRequest(raw: Request): Promise<LoopbackRequest> {
  const { method, headers } = raw;
  const body = await raw.text();
  const arrivedMs = performance.now();
  return { method, headers, url: new URL(targetOf(raw.url)), body, arrivedMs };
}

/** ccxt writes the URL after the proxy's as it is, or percent-encodes all of it when it has a query. */
function targetOf(proxied: string): string {
  const target = proxied.slice(proxied.indexOf("/", "http://".length) + 1);
  return /^https?%3A/i.test(target) ? decodeURIComponent(target) : target;
}

/** Compressed, and cut in the middle: the client sees a good head and then no whole body. */
function cutShort(): Response {
  const whole = Bun.gzipSync(JSON.stringify({ answer: "lost on its way" }));
  const headers = { "content-type": "application/json", "content-encoding": "gzip" };
  return new Response(whole.slice(0, whole.length / 2), { headers });
}

function hits(fault: LoopbackFault, request: LoopbackRequest): boolean {
  if (fault.method !== undefined && fault.method !== request.method) return false;
  if (fault.path !== undefined && !request.url.pathname.startsWith(fault.path)) return false;
  return fault.when?.(request) ?? true;
}
