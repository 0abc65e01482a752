import type { Server } from "bun";

/** An endpoint of a test's own making, which notes what it was sent. */
export interface ModelEndpoint {
  readonly url: string;
  readonly asked: { readonly path: string; readonly headers: Headers; readonly body: string }[];
  /** What it answers from now on. */
  answer(make: (body: string) => Response | Promise<Response>): void;
  json(body: unknown, init?: ResponseInit): void;
  /** Server-sent events; without an end the line stays open. */
  events(chunks: readonly (string | object)[], end?: "closed" | "open"): void;
  stop(): Promise<void>;
}

export function startModelEndpoint(): ModelEndpoint {
  const asked: ModelEndpoint["asked"] = [];
  let make: (body: string) => Response | Promise<Response> = () =>
    new Response("", { status: 500 });
  const server: Server<undefined> = Bun.serve({
    port: 0,
    idleTimeout: 30,
    async fetch(request) {
      const body = await request.text();
      asked.push({ path: new URL(request.url).pathname, headers: request.headers, body });
      return make(body);
    },
  });
  const endpoint: ModelEndpoint = {
    url: `http://127.0.0.1:${server.port}`,
    asked,
    answer(next) {
      make = next;
    },
    json: (body, init) => endpoint.answer(() => Response.json(body, init)),
    events: (chunks, end = "closed") =>
      endpoint.answer(() => new Response(toStream(chunks, end), EVENT_STREAM)),
    stop: () => server.stop(true),
  };
  return endpoint;
}

const EVENT_STREAM = { headers: { "content-type": "text/event-stream" } };

function toStream(chunks: readonly (string | object)[], end: "closed" | "open"): ReadableStream {
  const text = chunks.map((chunk) => {
    const data = typeof chunk === "string" ? chunk : JSON.stringify(chunk);
    const type = typeof chunk === "object" && "type" in chunk ? `event: ${chunk.type}\n` : "";
    return `${type}data: ${data}\n\n`;
  });
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text.join("")));
      if (end === "closed") controller.close();
    },
  });
}
