import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { baseSize, price } from "#src/core/units.ts";
import { createHurriedClock, followOverRelay, until } from "#tests/support/venues/stream-rig.ts";
import {
  type StreamWorld,
  startBinanceWorld,
  startBybitWorld,
  startHyperliquidWorld,
  startOkxWorld,
} from "#tests/support/venues/stream-worlds.ts";

const unhandled: unknown[] = [];
const noteUnhandled = (error: unknown) => void unhandled.push(error);
process.on("unhandledRejection", noteUnhandled);
afterAll(() => void process.off("unhandledRejection", noteUnhandled));

let count = 0;

/** Somebody trades on the account: at the venue itself, not through us. */
function fill({ engine, symbol }: StreamWorld, side: "buy" | "sell" = "buy"): void {
  count += 1;
  const instrument = engine.market.require(symbol);
  const outcome = engine.place({
    ...{ venue: instrument.venue, symbol, clientOrderId: `byhand${count}`, side },
    sizeBase: baseSize("0.01"),
    limitPrice: price(side === "buy" ? "900000" : "1"),
    ...{ reduceOnly: false, timeInForce: "ioc", expiresAt: Number.MAX_SAFE_INTEGER },
  });
  if (outcome.kind !== "ack") throw new Error(JSON.stringify(outcome));
}

describeStreams(startBinanceWorld());
describeStreams(startBybitWorld());
describeStreams(startOkxWorld());
describeStreams(startHyperliquidWorld());

function describeStreams(world: StreamWorld): void {
  const { server, symbol, push, pushMarks } = world;
  type Followed = Awaited<ReturnType<typeof followOverRelay>>;
  const open: Followed[] = [];

  /** At 20 times the pace: a ping every half second, back-offs of 50 ms and more. */
  async function follow(
    held: readonly string[] = [],
    over: { secret?: string; pace?: number } = {},
  ) {
    const clock = createHurriedClock(over.pace ?? 20);
    const credentials = { ...world.credentials, ...(over.secret && { secret: over.secret }) };
    const followed = await followOverRelay(
      server,
      (loopback) => world.connect(loopback, { clock, credentials }),
      held,
    );
    open.push(followed);
    return followed;
  }

  /** Following, and what came with the subscriptions is over. */
  async function settled(held: readonly string[] = []) {
    const followed = await follow(held);
    await until("following", () => followed.count("connected") === 1);
    await Bun.sleep(100);
    return followed;
  }

  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
    expect(unhandled.splice(0)).toEqual([]);
  });

  describe(`${world.name}'s streams`, () => {
    afterAll(() => server.stop());

    test("ring when they are there, and then for an order and its fill", async () => {
      const followed = await settled();
      const before = followed.count("own");
      fill(world);
      push();
      await until("a ring", () => followed.count("own") > before);
    });

    test("do not ring by themselves: pings and their answers are no news", async () => {
      const followed = await settled();
      const before = [...followed.rings];
      await Bun.sleep(1_300);
      expect(followed.rings).toEqual(before);
      expect(followed.lines).toEqual([]);
    });

    test("that fell silent while open are noticed, opened again, and ring", async () => {
      const followed = await settled();
      expect(followed.relay.freeze()).toBe(1);
      await until("reconnected", () => followed.count("connected") === 2);
      expect(followed.lines[0]).toContain('"why":"silent"');
      const before = followed.count("own");
      fill(world);
      push();
      await until("a ring on the new socket", () => followed.count("own") > before);
    });

    test("that are never answered are given up, and tried again", async () => {
      const followed = await settled();
      followed.relay.hangs = true;
      followed.relay.cut();
      await until("given up", () => followed.lines.length >= 2);
      expect(followed.lines[1]).toContain('"why":"silent"');
      followed.relay.hangs = false;
      await until("reconnected", () => followed.count("connected") === 2);
    });

    test("a fill while they were cut is there to be read when they ring again", async () => {
      const followed = await settled();
      const before = await followed.venue.account.fills(0);
      followed.relay.accepts = false;
      followed.relay.cut();
      fill(world);
      push();
      await Bun.sleep(100);
      expect(followed.count("connected")).toBe(1);
      followed.relay.accepts = true;
      await until("reconnected", () => followed.count("connected") === 2);
      const after = await followed.venue.account.fills(0);
      expect(after.length).toBe(before.length + 1);
    });

    test("garbage and forgeries ring at most: no figure comes of them, no socket is lost", async () => {
      const followed = await settled([symbol]);
      await until("prices are followed", () => server.sockets.size === 2);
      const sizes = async () =>
        (await followed.venue.account.positions()).map(({ sizeBase }) => sizeBase.toFixed());
      const [held, { opened }] = [await sizes(), followed.relay];
      const printed: unknown[] = [];
      const { log } = console;
      console.log = (...what: unknown[]) => void printed.push(what);
      for (const forged of FORGERIES) for (const socket of server.sockets) socket.say(forged);
      await Bun.sleep(200);
      console.log = log;

      expect(printed).toEqual([]);
      expect(await sizes()).toEqual(held);
      const before = followed.count("own");
      fill(world);
      push();
      await until("a ring", () => followed.count("own") > before);
      expect(followed.relay.opened).toBe(opened);
    });

    test("close at once when nobody wants them, whatever state they are in", async () => {
      const states: readonly ((followed: Followed) => Promise<unknown>)[] = [
        async () => undefined,
        async (followed) => until("open", () => followed.count("connected") === 1),
        async (followed) => {
          await until("open", () => followed.count("connected") === 1);
          followed.relay.freeze();
        },
        async (followed) => {
          followed.relay.hangs = true;
          followed.relay.cut();
          await until("connecting", () => followed.relay.streams === 2);
        },
        async (followed) => {
          followed.relay.accepts = false;
          followed.relay.cut();
          await Bun.sleep(60);
        },
      ];
      for (const reach of states) {
        const timers = countTimers();
        // Whatever it might wait for takes ten seconds and more at this pace.
        const followed = await follow([symbol], { pace: 0.1 });
        await reach(followed);
        const from = performance.now();
        followed.stop();
        await followed.following;
        expect(performance.now() - from).toBeLessThan(5_000);
        await until("all closed", () => followed.relay.streams === 0 && server.sockets.size === 0);
        // Those of requests that were on their way end with them.
        await until("no timers", () => timers.left().length === 0);
        timers.stop();
      }
    });

    // Hyperliquid's are public: nothing is signed there.
    if (world.name !== "Hyperliquid")
      test("of a key that the venue refuses ring nothing, say so once a try, and disturb nobody", async () => {
        const followed = await follow([], { secret: "canary-wrong-secret-0001" });
        await until("three tries", () => followed.lines.length >= 3);
        expect(followed.lines.every((line) => /^streamLost .*"line":"own"/.test(line))).toBe(true);
        expect(followed.lines.join()).not.toMatch(/canary|ws:|http|sign|[Ll]istenKey=/);
        expect(followed.count("own") + followed.count("price")).toBeLessThan(12);
        expect(await followed.venue.data.time()).toBeGreaterThan(0);
      });

    test("say nothing but subscriptions and pings, and ask for nothing but a listen key", async () => {
      const asked = server.seen.length;
      const followed = await settled([symbol]);
      await Bun.sleep(700);
      await followed.close();
      const words = server.said.map((text) => {
        if (text === "ping") return text;
        const { op, method } = JSON.parse(text);
        return String(op ?? method).toLowerCase();
      });
      expect([...new Set(words)].every((word) => /^(auth|login|subscribe|ping)$/.test(word))).toBe(
        true,
      );
      const changes = server.seen
        .slice(asked)
        .filter(({ method, url }) => method !== "GET" && url.pathname !== "/info");
      expect([...new Set(changes.map(({ url }) => url.pathname))]).toEqual(
        world.name === "Binance" ? ["/fapi/v1/listenKey"] : [],
      );
    });

    test("ring for a mark of what is held that moved, and follow what is held then", async () => {
      const followed = await settled();
      expect(server.sockets.size).toBe(1);
      followed.symbols.push(symbol);
      await until("prices are followed", () => server.sockets.size === 2);
      await Bun.sleep(100);
      pushMarks();
      await Bun.sleep(50);
      pushMarks();
      await Bun.sleep(50);
      expect(followed.count("price")).toBe(0);
      const marks = [...server.sockets].find(({ url, notes }) => !world.isOwn(url, notes));
      marks?.say(markMessage(world, "1.01"));
      await until("a ring", () => followed.count("price") > 0);
      followed.symbols.length = 0;
      await until("prices are let go", () => server.sockets.size === 1);
      expect(followed.lines).toEqual([]);
    });

    test("a hundred losses later there is one socket, and after them nothing", async () => {
      const timers = countTimers();
      const followed = await follow([], { pace: 2_000 });
      for (let loss = 1; loss <= 100; loss += 1) {
        await until(`connected ${loss}`, () => followed.count("connected") >= loss);
        followed.relay.cut();
      }
      await until("connected again", () => followed.count("connected") >= 101);
      await until("one socket", () => server.sockets.size === 1 && followed.relay.streams === 1);
      await followed.close();
      await until("none", () => server.sockets.size === 0);
      expect(timers.left()).toEqual([]);
      timers.stop();
    }, 120_000);
  });
}

const FORGERIES: readonly unknown[] = [
  "garbage {",
  "{",
  "[]",
  "null",
  '"text"',
  "{}",
  { e: "ORDER_TRADE_UPDATE", o: 5 },
  { e: "ORDER_TRADE_UPDATE", o: { s: "BTCUSDT", X: "FILLED", z: "1000", l: "1000", S: "SELL" } },
  { e: "ACCOUNT_UPDATE", a: { P: [{ s: "BTCUSDT", pa: "-1000", ep: "1" }], B: null } },
  { topic: "order", data: null },
  { topic: "order", data: [{ symbol: "BTCUSDT", cumExecQty: "1000", orderStatus: "Filled" }] },
  { topic: "execution", data: [{ execQty: "NaN", execPrice: {} }] },
  { topic: "position", data: [{ symbol: "BTCUSDT", size: "1000", side: "Sell" }] },
  { e: "markPriceUpdate", s: "BTCUSDT", p: "-1" },
  { e: "markPriceUpdate", s: null, p: [] },
  { topic: "tickers.BTCUSDT", type: "delta", data: { symbol: "BTCUSDT", markPrice: "x" } },
  { op: "auth", success: true },
  { arg: { channel: "orders" }, data: [{ instId: "BTC-USDT-SWAP", accFillSz: "9", state: 1 }] },
  { arg: { channel: "mark-price", instId: "BTC-USDT-SWAP" }, data: [{ markPx: "x" }, null] },
  { event: "login", code: "0" },
  { channel: "orderUpdates", data: [{ order: null }] },
  { channel: "userFills", data: { fills: [{ coin: "BTC", px: "1", sz: "1000", side: "A" }] } },
  { channel: "activeAssetCtx", data: { coin: "BTC", ctx: null } },
];

function markMessage({ name, engine, symbol }: StreamWorld, times: string): unknown {
  const mark = engine.market.mark(symbol, Date.now()).times(times).toFixed();
  const arg = { channel: "mark-price", instId: symbol };
  const messages: Readonly<Record<string, unknown>> = {
    Binance: { e: "markPriceUpdate", E: Date.now(), s: symbol, p: mark, i: mark, P: mark, r: "0" },
    Bybit: { topic: `tickers.${symbol}`, type: "delta", ts: 1, data: { symbol, markPrice: mark } },
    OKX: { arg, data: [{ instType: "SWAP", instId: symbol, markPx: mark, ts: "1" }] },
    Hyperliquid: {
      channel: "activeAssetCtx",
      data: { coin: symbol, ctx: { markPx: mark, midPx: mark } },
    },
  };
  return messages[name];
}

/** Timers that ccxt or we set and nobody took back, by how long they would still wait. */
function countTimers(): { left(): readonly number[]; stop(): void } {
  const own = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  const waiting = new Map<unknown, number>();
  globalThis.setTimeout = Object.assign((work: () => void, ms = 0) => {
    const timer = own.setTimeout(() => {
      waiting.delete(timer);
      work();
    }, ms);
    // Other tests of the same process may have something waiting of their own.
    if (new Error().stack?.includes("/ccxt/")) waiting.set(timer, ms);
    return timer;
  }, own.setTimeout);
  const clearTimeout = (timer: unknown) => {
    waiting.delete(timer);
    Reflect.apply(own.clearTimeout, globalThis, [timer]);
  };
  Object.assign(globalThis, { clearTimeout });
  return {
    left: () => [...waiting.values()],
    stop: () => void Object.assign(globalThis, own),
  };
}
