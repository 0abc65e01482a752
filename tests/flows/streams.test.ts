import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { loadSettings } from "#config/load.ts";
import { dec } from "#src/core/decimal.ts";
import { baseSize, price } from "#src/core/units.ts";
import { composePipeline } from "#src/main/compose-pipeline.ts";
import { followVenues } from "#src/main/venues/follow-venues.ts";
import type { Clock } from "#src/ports/clock.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { startJobs } from "#src/scheduler/start-jobs.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { awayFromPayments } from "#tests/support/away-from-payments.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { createHurriedClock, until } from "#tests/support/venues/stream-rig.ts";
import { startBinanceWorld, startBybitWorld } from "#tests/support/venues/stream-worlds.ts";
import { startTcpRelay } from "#tests/support/venues/tcp-relay.ts";

const OWNER = 1;

/** The rounds of every five seconds never come: whatever is looked at, somebody rang for. */
function withoutRounds(clock: Clock): Clock {
  return {
    ...clock,
    sleep: (ms, signal) => clock.sleep(ms === 5_000 ? 3_600_000 : ms, signal),
  };
}

async function openBot() {
  const [binance, bybit] = [startBinanceWorld(), startBybitWorld()];
  const relay = startTcpRelay(Number(new URL(binance.server.proxyUrl).port));
  const clock = createSystemClock();
  const hurried = { clock: { ...createHurriedClock(20), wallNow: clock.wallNow } };
  const venues = new Map([
    ["binance", await binance.connect(relay.proxyUrl, hurried)],
    ["bybit", await bybit.connect(bybit.server.proxyUrl, hurried)],
  ]);
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  store.transaction(() => {
    store.setFact("ownerId", String(OWNER));
    store.setFact("chatId", String(OWNER));
  });
  const { settings: standard, secrets } = loadSettings("operator");
  const settings = { ...standard, limits: { ...standard.limits, hardCapUsd: dec("2000") } };
  const log = silentLogger;
  const pipeline = composePipeline({
    ...{ mode: "testnet", settings, secrets, venues, store, clock, log },
    shout: () => undefined,
  });
  await pipeline.recover();
  const jobs = startJobs({
    ...{ pipeline, store, log, schedule: settings.schedule },
    clock: withoutRounds(clock),
  });
  const stopping = new AbortController();
  let rings = 0;
  const following = followVenues({
    ...{ venues, store, log, signal: stopping.signal },
    ring(what) {
      rings += 1;
      jobs.ring(what);
    },
  });
  return {
    ...{ binance, relay, store, pipeline },
    rings: () => rings,
    async stop() {
      stopping.abort();
      await following;
      await jobs.stop();
      relay.stop();
      await Promise.all([binance.server.stop(), bybit.server.stop()]);
    },
  };
}

describe("what happens on a venue is booked because it rang, long before the next round", () => {
  let bot: Awaited<ReturnType<typeof openBot>>;
  beforeAll(async () => {
    bot = await openBot();
    const { pipeline, store } = bot;
    await awayFromPayments();
    const proposed = await pipeline.proposeOpen({ asset: "BTC" }, "owner");
    if (!("proposal" in proposed)) throw new Error(JSON.stringify(proposed));
    const subjectId = proposed.proposal.id;
    const nonce = store.listApprovals({ subjectId, state: "pending" }).at(-1)?.nonce ?? "";
    store.transaction(() => store.bindApprovalMessage(nonce, OWNER, 1));
    const tapped = await pipeline.approve({ nonce, userId: OWNER, chatId: OWNER, messageId: 1 });
    await tapped.done;
    expect(hedge()?.phase).toBe("open");
  }, 240_000);
  afterAll(() => bot.stop());

  const hedge = () => bot.store.listHedges()[0];
  const holdings = () => hedge()?.legs.map((leg) => leg.heldBase.toFixed()) ?? [];

  /** Somebody closes 0.002 of our leg by hand, at the venue itself. */
  function tradeByHand(id: string): void {
    const { engine, symbol, push } = bot.binance;
    const leg = hedge()?.legs.find(({ venue }) => venue === "binance");
    const isLong = leg?.side === "long";
    const outcome = engine.place({
      ...{ venue: engine.market.require(symbol).venue, symbol, clientOrderId: id },
      ...{ side: isLong ? "sell" : "buy", sizeBase: baseSize("0.002"), reduceOnly: true },
      ...{ limitPrice: price(isLong ? "1" : "900000"), timeInForce: "ioc" },
      expiresAt: Number.MAX_SAFE_INTEGER,
    });
    if (outcome.kind !== "ack") throw new Error(JSON.stringify(outcome));
    push();
  }

  const isMatched = (before: readonly string[]) => {
    const [a = "0", b = "0"] = holdings();
    return a === b && a !== before[0] && hedge()?.phase === "open";
  };

  test("a trade by hand is booked and the other leg cut to match", async () => {
    const before = holdings();
    tradeByHand("byhand1");
    await until("matched", () => isMatched(before));
  }, 240_000);

  test("also one that happened while the stream was cut: it rings when it is there again", async () => {
    // What rang for the last test is over.
    await Bun.sleep(1_500);
    const before = holdings();
    bot.relay.accepts = false;
    bot.relay.cut();
    await until("cut", () => bot.relay.streams === 0);
    tradeByHand("byhand2");
    const rings = bot.rings();
    await Bun.sleep(300);
    expect([bot.rings(), holdings()]).toEqual([rings, before]);
    bot.relay.accepts = true;
    await until("matched", () => isMatched(before));
  }, 240_000);

  test("forged fills change no book", async () => {
    await Bun.sleep(1_500);
    const before = holdings();
    const forged = {
      s: "BTCUSDT",
      c: "x",
      S: "SELL",
      X: "FILLED",
      x: "TRADE",
      l: "9",
      z: "9",
      L: "1",
    };
    for (const socket of bot.binance.server.sockets) {
      socket.say({ e: "ORDER_TRADE_UPDATE", E: Date.now(), T: Date.now(), o: forged });
      socket.say({ e: "ACCOUNT_UPDATE", a: { m: "ORDER", B: [], P: [{ s: "BTCUSDT", pa: "9" }] } });
    }
    await Bun.sleep(1_500);
    expect([holdings(), hedge()?.phase]).toEqual([before, "open"]);
  }, 240_000);
});
