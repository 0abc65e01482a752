import type { Server, ServerWebSocket } from "bun";
import type { LoopbackSocket, LoopbackStreams } from "./loopback.ts";

interface Seat {
  readonly url: URL;
  socket: LoopbackSocket | null;
}

/** The WebSocket half of a loopback server; a venue without streams refuses the upgrade. */
export function loopbackStreams(streams: LoopbackStreams | undefined) {
  const sockets = new Set<LoopbackSocket>();
  const said: string[] = [];
  return {
    sockets,
    said,
    upgrade(raw: Request, server: Server<Seat>): Response | undefined {
      const data: Seat = { url: streamOf(raw.url), socket: null };
      if (streams && server.upgrade(raw, { data })) return undefined;
      return new Response("no streams here", { status: 404 });
    },
    websocket: {
      open(ws: ServerWebSocket<Seat>) {
        const socket = {
          url: ws.data.url,
          notes: new Set<string>(),
          say: (message: unknown) =>
            void ws.send(typeof message === "string" ? message : JSON.stringify(message)),
          close: () => ws.close(),
        };
        ws.data.socket = socket;
        sockets.add(socket);
        streams?.opened?.(socket);
      },
      message(ws: ServerWebSocket<Seat>, message: string | Buffer) {
        said.push(String(message));
        if (ws.data.socket) streams?.heard(ws.data.socket, String(message));
      },
      close(ws: ServerWebSocket<Seat>) {
        if (!ws.data.socket) return;
        sockets.delete(ws.data.socket);
        streams?.closed?.(ws.data.socket);
      },
    },
  };
}

/** "ws://127.0.0.1:port/wss/host/path" is "wss://host/path". */
function streamOf(proxied: string): URL {
  return new URL(proxied.replace(/^\w+:\/\/[^/]+\/wss\//, "wss://"));
}
