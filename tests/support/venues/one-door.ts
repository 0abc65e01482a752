import {
  type Loopback,
  type LoopbackRequest,
  type LoopbackSocket,
  type LoopbackStreams,
  startLoopback,
} from "./loopback.ts";

/** One address for several venues' servers, as `venues.loopback` has but one: the host decides. */
export function startOneDoor(
  servers: Readonly<Record<string, Pick<Loopback, "proxyUrl">>>,
): Loopback {
  return startLoopback({
    streams: passStreamsOn((hostname) => servers[hostname]),
    handle(request) {
      const server = servers[request.url.hostname];
      return server
        ? passOn(request, server)
        : new Response(`no server for ${request.url.hostname}`, { status: 502 });
    },
  });
}

/** The same request to a server behind this one. */
export function passOn(
  { method, url, headers, body }: LoopbackRequest,
  server: Pick<Loopback, "proxyUrl">,
): Promise<Response> {
  const sent = new Headers(headers);
  // These speak of the way to the door, not of the request.
  for (const name of ["host", "content-length", "accept-encoding"]) sent.delete(name);
  const init = body === "" ? {} : { body };
  return fetch(server.proxyUrl + encodeURIComponent(url.href), {
    ...{ method, headers: sent },
    ...init,
  });
}

/** The same streams, to the server that `serverOf` names; where it names none they are closed. */
export function passStreamsOn(
  serverOf: (hostname: string) => Pick<Loopback, "proxyUrl"> | null | undefined,
): LoopbackStreams {
  const beyond = new Map<
    LoopbackSocket,
    { readonly ws: WebSocket; readonly opened: Promise<void> }
  >();
  return {
    opened(socket) {
      const server = serverOf(socket.url.hostname);
      if (!server) return socket.close();
      const root = server.proxyUrl.replace(/^http/, "ws");
      const ws = new WebSocket(`${root}wss/${socket.url.href.slice("wss://".length)}`);
      const { promise: opened, resolve } = Promise.withResolvers<void>();
      ws.onopen = () => resolve();
      ws.onmessage = ({ data }) => socket.say(String(data));
      ws.onclose = () => socket.close();
      beyond.set(socket, { ws, opened });
    },
    heard(socket, message) {
      const to = beyond.get(socket);
      to?.opened.then(() => to.ws.send(message)).catch(() => socket.close());
    },
    closed(socket) {
      beyond.get(socket)?.ws.close();
      beyond.delete(socket);
    },
  };
}
