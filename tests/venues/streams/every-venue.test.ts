import { afterAll, describe, expect, test } from "bun:test";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { openExchange } from "#src/venues/ccxt/open-exchange.ts";
import { runSession } from "#src/venues/ccxt/run-session.ts";
import { ownWatches } from "#src/venues/ccxt/streams/follow-venue.ts";
import { openStream, streamHost } from "#src/venues/ccxt/streams/open-stream.ts";
import { RequestGate } from "#src/venues/gate/request-gate.ts";
import { binance } from "#src/venues/quirks/binance.ts";
import { bybit } from "#src/venues/quirks/bybit.ts";
import { dydx } from "#src/venues/quirks/dydx.ts";
import { extended } from "#src/venues/quirks/extended.ts";
import { hyperliquid } from "#src/venues/quirks/hyperliquid.ts";
import { okx } from "#src/venues/quirks/okx.ts";
import { pacifica } from "#src/venues/quirks/pacifica.ts";
import { jsonReply, startLoopback } from "#tests/support/venues/loopback.ts";
import { PACIFICA_AGENT_KEY, PACIFICA_WALLET } from "#tests/support/venues/pacifica-documents.ts";
import { until } from "#tests/support/venues/stream-rig.ts";

/** Takes every stream and every word, and hands out listen keys. */
const server = startLoopback({
  handle: () => jsonReply({ listenKey: "listen-key-0001" }),
  streams: { heard: () => undefined },
});
afterAll(() => server.stop());

const clock = createSystemClock();
const KEYS = {
  ...{ apiKey: "key-0001", secret: "secret-0001", password: "pass-0001" },
  walletAddress: `0x${"1".repeat(40)}`,
  privateKey: `0x${"2".repeat(64)}`,
};
const OTHER_KEYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  pacifica: { walletAddress: PACIFICA_WALLET, privateKey: PACIFICA_AGENT_KEY },
};

for (const quirks of [binance, bybit, okx, hyperliquid, dydx, extended, pacifica]) {
  const { profile } = quirks;
  for (const mode of ["live", "testnet"] as const) {
    test(`${profile.name}, ${mode}: hears of its own on a host of its list, in ccxt's own words`, async () => {
      const gate = new RequestGate({ name: "test", clock, perSecond: 1_000, burst: 1_000 });
      const credentials = { ...KEYS, ...OTHER_KEYS[profile.id] };
      const wire = { clock, aheadMs: () => 0, loopback: server.proxyUrl };
      const opening = { quirks, mode, credentials, gate, wire };
      const asking = await openExchange(opening);
      asking.markets = {};
      const exchange = await openStream({ ...opening, asking, builderFeeRate: null });
      const hosts = new Set<string>();
      const stopping = new AbortController();
      let connected = 0;
      const session = runSession({
        ...{ exchange, clock, lastWords: [], pingMs: 10_000, signal: stopping.signal },
        watches: profile.streams ? ownWatches(profile.streams, exchange) : [],
        isAllowed(url) {
          const host = streamHost(url, server.proxyUrl) ?? "none";
          hosts.add(host);
          return profile.streams?.hosts.includes(host) ?? false;
        },
        connected() {
          connected += 1;
        },
        message: () => undefined,
      });
      const ended = session.then((why) => why);
      await Promise.race([
        until("connected", () => connected === 1),
        ended.then((why) => Promise.reject(new Error(why))),
      ]);
      await Bun.sleep(50);
      stopping.abort();
      expect(await ended).toBe("stopped");
      expect(hosts.size).toBe(1);
      expect(profile.streams?.hosts).toContain([...hosts][0]);
      await until("closed", () => server.sockets.size === 0);
    });
  }
}

describe("a private stream", () => {
  test("is asked for by a signature or a subscription, never by an order", () => {
    const words = server.said.map((text) => {
      const { op, method, type } = JSON.parse(text);
      return String(op ?? method ?? type);
    });
    expect([...new Set(words)].toSorted()).toEqual(["auth", "login", "subscribe"]);
  });
});
