import type { Socket } from "bun";

interface Line {
  readonly client: Socket<Line | undefined>;
  upstream: Socket<Line> | null;
  readonly waiting: Buffer[];
  isStream: boolean;
  frozen: boolean;
}

export interface TcpRelay {
  readonly proxyUrl: string;
  /** Connections that carry a stream and are open. */
  readonly streams: number;
  /** How many streams were ever opened. */
  readonly opened: number;
  /** The streams of now stay open and carry nothing more, as when a cable is pulled; returns how many. */
  freeze(): number;
  /** Cuts the streams of now. */
  cut(): void;
  /** While it is false a new connection is closed at once. */
  accepts: boolean;
  /** While it is true a new stream is taken and never answered. */
  hangs: boolean;
  stop(): void;
}

/** A wire to a server that can fail below HTTP. Only streams are hit; requests go on. */
export function startTcpRelay(port: number): TcpRelay {
  const lines = new Set<Line>();
  let opened = 0;
  const streams = () => [...lines].filter(({ isStream }) => isStream);
  const listener = Bun.listen<Line | undefined>({
    ...{ hostname: "127.0.0.1", port: 0 },
    socket: {
      open(client) {
        if (!relay.accepts) return void client.terminate();
        const line: Line = { client, upstream: null, waiting: [], isStream: false, frozen: false };
        client.data = line;
        lines.add(line);
        void connect(line, port);
      },
      data({ data: line }, chunk) {
        if (!line || line.frozen) return;
        if (!line.isStream && /sec-websocket-key/i.test(chunk.toString("latin1"))) {
          line.isStream = true;
          line.frozen = relay.hangs;
          opened += 1;
        }
        if (line.frozen) return;
        if (line.upstream) line.upstream.write(chunk);
        else line.waiting.push(Buffer.from(chunk));
      },
      close({ data: line }) {
        if (!line) return;
        lines.delete(line);
        line.upstream?.end();
      },
    },
  });
  const relay: TcpRelay = {
    proxyUrl: `http://127.0.0.1:${listener.port}/`,
    accepts: true,
    hangs: false,
    get streams() {
      return streams().length;
    },
    get opened() {
      return opened;
    },
    freeze() {
      for (const line of streams()) line.frozen = true;
      return streams().length;
    },
    cut() {
      for (const { client, upstream } of streams()) {
        client.terminate();
        upstream?.terminate();
      }
    },
    stop() {
      for (const { client, upstream } of lines) {
        client.terminate();
        upstream?.terminate();
      }
      listener.stop(true);
    },
  };
  return relay;
}

async function connect(line: Line, port: number): Promise<void> {
  const upstream = await Bun.connect<Line>({
    ...{ hostname: "127.0.0.1", port, data: line },
    socket: {
      data({ data: { client, frozen } }, chunk) {
        if (!frozen) client.write(chunk);
      },
      close({ data: { client } }) {
        client.end();
      },
    },
  });
  line.upstream = upstream;
  for (const chunk of line.waiting.splice(0)) upstream.write(chunk);
}
