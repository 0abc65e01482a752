import type { Clock } from "#src/ports/clock.ts";
import type { PaperEngine } from "#src/venues/paper/paper-engine.ts";
import { createFillTape } from "./fill-tape.ts";
import type { LoopbackSocket, LoopbackStreams } from "./loopback.ts";

export interface HyperliquidStreams extends LoopbackStreams {
  /** Tells of what happened in the engine since it last told. */
  push(): void;
  pushMarks(): void;
}

/** Hyperliquid's one socket for everything: what an account does is public there, and nothing is signed. */
export function createHyperliquidStreams(
  parts: { readonly engine: PaperEngine; readonly clock: Clock; readonly user: string },
  open: () => Iterable<LoopbackSocket>,
): HyperliquidStreams {
  const { engine, clock, user } = parts;
  const tape = createFillTape(engine);
  const tell = (note: string, channel: string, data: unknown) => {
    for (const socket of open()) if (socket.notes.has(note)) socket.say({ channel, data });
  };
  return {
    heard(socket, message) {
      const { method, subscription } = JSON.parse(message);
      if (method === "ping") return socket.say({ channel: "pong" });
      if (method !== "subscribe") return socket.say({ channel: "error", data: "Invalid request" });
      const note = `${subscription.type}:${String(subscription.user ?? subscription.coin).toLowerCase()}`;
      if (socket.notes.has(note))
        return socket.say({ channel: "error", data: "Already subscribed" });
      socket.notes.add(note);
      socket.say({ channel: "subscriptionResponse", data: { method, subscription } });
      if (subscription.type === "userFills") {
        const data = { isSnapshot: true, user: subscription.user, fills: [] };
        socket.say({ channel: "userFills", data });
      }
    },
    push() {
      const { orders, fills } = tape();
      const updates = orders.map(({ report, request }) => ({
        order: {
          ...{ coin: report.symbol, side: report.side === "buy" ? "B" : "A", oid: 1 },
          ...{ limitPx: request.limitPrice.toFixed(), timestamp: clock.wallNow() },
          ...{ sz: report.sizeBase.minus(report.filledBase).toFixed() },
          origSz: report.sizeBase.toFixed(),
        },
        status: { open: "open", filled: "filled", cancelled: "canceled" }[report.status],
        statusTimestamp: clock.wallNow(),
      }));
      if (updates.length > 0) tell(`orderUpdates:${user}`, "orderUpdates", updates);
      const rows = fills.map((fill) => ({
        ...{ coin: fill.symbol, side: fill.side === "buy" ? "B" : "A", time: fill.filledAt },
        ...{ px: fill.price.toFixed(), sz: fill.sizeBase.toFixed(), fee: fill.feeUsd.toFixed() },
        ...{ oid: 1, tid: 1, hash: "0x0", crossed: true, dir: "Open Long", closedPnl: "0.0" },
        ...{ startPosition: "0.0", feeToken: "USDC" },
      }));
      if (rows.length > 0) tell(`userFills:${user}`, "userFills", { user, fills: rows });
    },
    pushMarks() {
      for (const { symbol: coin } of engine.market.instruments) {
        const markPx = engine.market.mark(coin, clock.marketNow()).toFixed();
        const ctx = { markPx, midPx: markPx, oraclePx: markPx, prevDayPx: markPx, funding: "0.0" };
        const data = {
          coin,
          ctx: { ...ctx, openInterest: "1.0", dayNtlVlm: "1.0", premium: "0.0" },
        };
        tell(`activeAssetCtx:${coin.toLowerCase()}`, "activeAssetCtx", data);
      }
    },
  };
}
