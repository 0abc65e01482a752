import { createHmac } from "node:crypto";
import { createFillTape } from "./fill-tape.ts";
import type { LoopbackSocket, LoopbackStreams } from "./loopback.ts";
import { contracts, type OkxWorld } from "./okx-world.ts";

export interface OkxStreams extends LoopbackStreams {
  /** Tells of what happened in the engine since it last told. */
  push(): void;
  pushMarks(): void;
}

interface OkxKey {
  readonly apiKey: string;
  readonly secret: string;
  readonly password: string;
}

const LOGGED_IN = "logged in";

/** OKX's v5 streams; a fill, a liquidation and a reduction by the venue all come as orders. */
export function createOkxStreams(
  world: OkxWorld,
  key: OkxKey,
  open: () => Iterable<LoopbackSocket>,
): OkxStreams {
  const { engine, feed, venue, clock } = world;
  const tape = createFillTape(engine);
  const tell = (note: string, arg: object, data: readonly unknown[]) => {
    for (const socket of open()) if (socket.notes.has(note)) socket.say({ arg, data });
  };
  return {
    heard(socket, message) {
      if (message === "ping") return socket.say("pong");
      const { op, args } = JSON.parse(message);
      const fail = (code: string, msg: string) => socket.say({ event: "error", code, msg });
      if (op === "login") {
        if (!isRight(args[0], key)) return fail("60009", "Login failed.");
        socket.notes.add(LOGGED_IN);
        return socket.say({ event: "login", code: "0", msg: "", connId: "c0" });
      }
      if (op !== "subscribe") return fail("60012", `Illegal request: ${message}`);
      for (const arg of args) {
        const isPrivate = socket.url.pathname.endsWith("/private");
        if (isPrivate && !socket.notes.has(LOGGED_IN)) return fail("60011", "Please log in");
        socket.notes.add(`${arg.channel}:${arg.instId ?? arg.instType}`);
        socket.say({ event: "subscribe", arg, connId: "c0" });
      }
    },
    push() {
      const { orders, fills } = tape();
      const rows = orders.map(({ report, request }) => {
        const instrument = engine.market.require(request.symbol);
        const fill = fills.findLast((one) => one.clientOrderId === report.clientOrderId);
        return {
          ...{ instType: "SWAP", instId: request.symbol, ordId: "1", side: request.side },
          ...{ clOrdId: request.clientOrderId, px: request.limitPrice.toFixed(), ordType: "limit" },
          state: { open: "live", filled: "filled", cancelled: "canceled" }[report.status],
          sz: contracts(instrument, report.sizeBase),
          accFillSz: contracts(instrument, report.filledBase),
          ...{ fillPx: fill?.price.toFixed() ?? "", tradeId: fill?.tradeId ?? "" },
          ...{ uTime: `${clock.wallNow()}`, cTime: `${clock.wallNow()}` },
        };
      });
      if (rows.length > 0)
        tell("orders:ANY", { channel: "orders", instType: "ANY", uid: "1" }, rows);
    },
    pushMarks() {
      for (const { symbol } of engine.market.instruments) {
        const markPx = feed.mark(venue, symbol, clock.marketNow()).toFixed();
        const row = { instType: "SWAP", instId: symbol, markPx, ts: `${clock.wallNow()}` };
        tell(`mark-price:${symbol}`, { channel: "mark-price", instId: symbol }, [row]);
      }
    },
  };
}

function isRight(login: Readonly<Record<string, string>>, key: OkxKey): boolean {
  const { apiKey, passphrase, timestamp = "", sign } = login;
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > 30) return false;
  const right = createHmac("sha256", key.secret)
    .update(`${timestamp}GET/users/self/verify`)
    .digest("base64");
  return apiKey === key.apiKey && passphrase === key.password && sign === right;
}
