import type { Fill } from "#src/core/order.ts";
import type { PaperOrder } from "#src/venues/paper/paper-records.ts";
import {
  type BinanceAnswer,
  type BinanceDesk,
  numberOf,
  ok,
  orderNumberOf,
  refusal,
  wirePrice,
  wireQuantity,
} from "./binance-desk.ts";
import { createFillTape } from "./fill-tape.ts";
import type { LoopbackRequest, LoopbackSocket, LoopbackStreams } from "./loopback.ts";

const LISTEN_KEY = "loopbackListenKey0000000000000001";
const [PRIVATE, ALIVE] = ["private", "alive"];

export interface BinanceStreams extends LoopbackStreams {
  /** POST, PUT and DELETE of /fapi/v1/listenKey: the key alone, nothing is signed. */
  listenKey(request: LoopbackRequest, apiKey: string): BinanceAnswer;
  /** Tells of what happened in the engine since it last told. */
  push(): void;
  pushMarks(): void;
  /** The venue forgets the listen key: it says so once, and no more on that socket. */
  expire(): void;
}

/** Binance's user data stream and its marks; fields as its documentation has them. */
export function createBinanceStreams(desk: BinanceDesk, open: () => Iterable<LoopbackSocket>) {
  const tape = createFillTape(desk.engine);
  const now = () => desk.clock.wallNow();
  const live = () => [...open()].filter(({ notes }) => notes.has(ALIVE));
  const tell = (message: unknown) => {
    for (const socket of live()) socket.say(message);
  };
  const streams: BinanceStreams = {
    listenKey({ method, headers }, apiKey) {
      if (headers.get("x-mbx-apikey") !== apiKey) {
        return refusal(-2015, "Invalid API-key, IP, or permissions for action.", 401);
      }
      return ok(method === "POST" ? { listenKey: LISTEN_KEY } : {});
    },
    opened(socket) {
      if (!socket.url.pathname.startsWith("/private/")) return;
      socket.notes.add(PRIVATE);
      if (socket.url.searchParams.get("listenKey") === LISTEN_KEY) socket.notes.add(ALIVE);
    },
    heard(socket, message) {
      const { method, params, id } = JSON.parse(message);
      if (method !== "SUBSCRIBE") return;
      for (const stream of params) socket.notes.add(String(stream));
      socket.say({ result: null, id });
    },
    push() {
      const { orders, fills } = tape();
      for (const order of orders) tell(orderUpdate(desk, order, fills));
      for (const fill of fills) tell(accountUpdate(desk, fill));
    },
    pushMarks() {
      for (const { symbol, contractSizeBase } of desk.engine.market.instruments) {
        const stream = `${symbol.toLowerCase()}@markPrice@1s`;
        const mark = desk.feed.mark(desk.venue, symbol, desk.clock.marketNow());
        const p = mark.times(contractSizeBase).toFixed();
        const update = { e: "markPriceUpdate", E: now(), s: symbol, p, i: p, P: p, r: "0.0001" };
        for (const socket of open()) if (socket.notes.has(stream)) socket.say(update);
      }
    },
    expire() {
      tell({ e: "listenKeyExpired", E: now(), listenKey: LISTEN_KEY });
      for (const { notes } of live()) notes.delete(ALIVE);
    },
  };
  return streams;
}

function orderUpdate(desk: BinanceDesk, order: PaperOrder, fills: readonly Fill[]) {
  const { report, request } = order;
  const instrument = desk.engine.market.require(request.symbol);
  const fill = fills.findLast((one) => one.clientOrderId === report.clientOrderId);
  const at = desk.clock.wallNow();
  const X = report.status === "open" ? "NEW" : report.status === "filled" ? "FILLED" : "CANCELED";
  return {
    ...{ e: "ORDER_TRADE_UPDATE", T: at, E: at },
    o: {
      ...{ s: request.symbol, c: request.clientOrderId, S: request.side.toUpperCase() },
      ...{ o: "LIMIT", f: "GTC", x: fill ? "TRADE" : X, X, i: orderNumberOf(report.venueOrderId) },
      q: wireQuantity(instrument, report.sizeBase),
      p: wirePrice(instrument, request.limitPrice),
      ap: fill ? wirePrice(instrument, fill.price) : "0",
      l: fill ? wireQuantity(instrument, fill.sizeBase) : "0",
      z: wireQuantity(instrument, report.filledBase),
      L: fill ? wirePrice(instrument, fill.price) : "0",
      ...{ n: fill?.feeUsd.toFixed() ?? "0", N: "USDT", T: at, sp: "0" },
      t: fill ? Number(numberOf(fill.tradeId)) : 0,
      ...{ m: fill?.liquidity === "maker", R: request.reduceOnly, ps: "BOTH", rp: "0" },
    },
  };
}

function accountUpdate({ engine, clock }: BinanceDesk, fill: Fill) {
  const held = engine.state.account.positions.get(fill.symbol);
  const at = clock.wallNow();
  return {
    ...{ e: "ACCOUNT_UPDATE", E: at, T: at },
    a: {
      m: "ORDER",
      B: [{ a: "USDT", wb: engine.state.account.cashUsd.toFixed(), cw: "0", bc: "0" }],
      P: [{ s: fill.symbol, pa: held?.contracts.toFixed() ?? "0", ep: "0", up: "0", ps: "BOTH" }],
    },
  };
}
