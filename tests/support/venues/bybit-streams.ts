import { executionRow, orderRow, positionRows } from "./bybit-private.ts";
import { type BybitWorld, toQuote } from "./bybit-world.ts";
import { createFillTape } from "./fill-tape.ts";
import type { LoopbackSocket, LoopbackStreams } from "./loopback.ts";

const AUTHENTICATED = "authenticated";

export interface BybitStreams extends LoopbackStreams {
  /** Tells of what happened in the engine since it last told. */
  push(): void;
  pushMarks(): void;
}

/** Bybit's v5 streams: the private one wants its signature first. */
export function createBybitStreams(
  world: BybitWorld,
  key: { readonly apiKey: string; readonly secret: string },
  open: () => Iterable<LoopbackSocket>,
): BybitStreams {
  const { engine, feed, venue, clock } = world;
  const tape = createFillTape(engine);
  const tell = (topic: string, data: unknown, more: object = {}) => {
    const message = {
      id: crypto.randomUUID(),
      topic,
      creationTime: clock.wallNow(),
      data,
      ...more,
    };
    for (const socket of open()) if (socket.notes.has(topic)) socket.say(message);
  };
  return {
    heard(socket, message) {
      const { op, args = [], req_id } = JSON.parse(message);
      const reply = (success: boolean, ret_msg = "") =>
        socket.say({ success, ret_msg, conn_id: "c0", ...(req_id && { req_id }), op });
      if (op === "ping") socket.say({ req_id, op: "pong", args: [`${clock.wallNow()}`] });
      if (op === "auth") {
        const refused = refusal(args, key, clock.wallNow());
        if (refused === null) socket.notes.add(AUTHENTICATED);
        reply(refused === null, refused ?? "");
      }
      if (op !== "subscribe") return;
      const isPrivate = socket.url.pathname.endsWith("/private");
      if (isPrivate && !socket.notes.has(AUTHENTICATED))
        return reply(false, "Request not authorized");
      for (const topic of args) socket.notes.add(String(topic));
      reply(true);
    },
    push() {
      const { orders, fills } = tape();
      if (orders.length > 0)
        tell(
          "order",
          orders.map((one) => orderRow(world, one)),
        );
      if (fills.length === 0) return;
      tell(
        "execution",
        fills.map((one) => executionRow(world, one)),
      );
      tell("position", positionRows(world));
    },
    pushMarks() {
      for (const instrument of engine.market.instruments) {
        const { symbol } = instrument;
        const markPrice = toQuote(instrument, feed.mark(venue, symbol, clock.marketNow()));
        const data = { symbol, markPrice, lastPrice: markPrice, indexPrice: markPrice };
        tell(`tickers.${symbol}`, data, { type: "snapshot", cs: 1, ts: clock.wallNow() });
      }
    },
  };
}

function refusal(
  args: readonly unknown[],
  { apiKey, secret }: { readonly apiKey: string; readonly secret: string },
  now: number,
): string | null {
  const [key, expires, sign] = args.map(String);
  if (key !== apiKey) return "API key is invalid.";
  if (!(Number(expires) > now)) return "Params Error";
  const hmac = new Bun.CryptoHasher("sha256", secret)
    .update(`GET/realtime${expires}`)
    .digest("hex");
  return hmac === sign ? null : "error sign!";
}
