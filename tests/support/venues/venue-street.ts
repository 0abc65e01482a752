import { Wallet } from "ethers";
import type { Clock } from "#src/ports/clock.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { BINANCE_KEY } from "./binance-rig.ts";
import { startBinanceServer } from "./binance-server.ts";
import { BYBIT_KEY, startBybitServer } from "./bybit-server.ts";
import { AGENT_KEY, OWNER } from "./hyperliquid-rig.ts";
import { startHyperliquid } from "./hyperliquid-server.ts";
import { htmlReply, type LoopbackRequest, startLoopback } from "./loopback.ts";
import { OKX_KEY, startOkxServer } from "./okx-server.ts";
import { passOn, passStreamsOn } from "./one-door.ts";

export type StreetVenue = "binance" | "bybit" | "okx" | "hyperliquid";

const HOSTS: readonly (readonly [string, StreetVenue])[] = [
  ["binance.com", "binance"],
  ["binancefuture.com", "binance"],
  ["bybit.com", "bybit"],
  ["okx.com", "okx"],
  ["hyperliquid.xyz", "hyperliquid"],
  ["hyperliquid-testnet.xyz", "hyperliquid"],
];

/** The keys of the one account on each venue, as their key files hold them. */
export const STREET_KEYS = {
  binance: BINANCE_KEY,
  bybit: BYBIT_KEY,
  okx: OKX_KEY,
  hyperliquid: { walletAddress: OWNER, privateKey: AGENT_KEY },
} as const;

/** Four venues behind one address: each request goes to the venue whose host it names. */
export function startVenueStreet(options: {
  readonly feed: MarketFeed;
  /** Which of the feed's venues each one stands for. */
  readonly feedVenues: Readonly<Record<StreetVenue, string>>;
  /** A question that was asked before is answered from memory: for measuring the asking side. */
  readonly remember?: boolean;
  /** OKX tells its test accounts apart by a header. */
  readonly demo?: boolean;
  readonly clock?: Clock;
}) {
  const { feed, feedVenues: stands, remember = false, demo = false } = options;
  const { clock = createSystemClock() } = options;
  const binance = startBinanceServer({
    ...{ feed, clock, ...BINANCE_KEY },
    feedVenue: stands.binance,
  });
  const bybit = startBybitServer({ feed, clock, venue: stands.bybit });
  const okx = startOkxServer({ feed, clock, demo, venue: stands.okx, cash: "100000" });
  const hyperliquid = startHyperliquid({
    ...{ feed, clock, feedVenue: stands.hyperliquid, user: OWNER },
    agents: [new Wallet(AGENT_KEY).address],
  });
  const servers = { binance, bybit, okx, hyperliquid };
  const shut = new Set<StreetVenue>();
  const known = new Map<string, string>();

  async function handle(request: LoopbackRequest): Promise<Response> {
    const { method, url, body } = request;
    const venue = venueAt(url.hostname);
    if (!venue || shut.has(venue)) return htmlReply(503);
    if (!remember) return passOn(request, servers[venue]);
    const key = `${method} ${url.href} ${body}`;
    const text = known.get(key) ?? (await (await passOn(request, servers[venue])).text());
    known.set(key, text);
    return new Response(text, { headers: { "content-type": "application/json" } });
  }

  const streams = passStreamsOn((hostname) => {
    const venue = venueAt(hostname);
    return venue && !shut.has(venue) ? servers[venue] : null;
  });
  const door = startLoopback({ handle, streams });
  return {
    ...{ proxyUrl: door.proxyUrl, faults: door.faults, seen: door.seen },
    servers,
    engines: {
      ...{ binance: binance.desk.engine, bybit: bybit.engine },
      ...{ okx: okx.engine, hyperliquid: hyperliquid.engine },
    },
    /** From now on it answers nothing but 503. */
    shut: (venue: StreetVenue) => void shut.add(venue),
    reopen: (venue: StreetVenue) => void shut.delete(venue),
    async stop() {
      await Promise.all([door, ...Object.values(servers)].map((server) => server.stop()));
    },
  };
}

function venueAt(hostname: string): StreetVenue | undefined {
  return HOSTS.find(([suffix]) => hostname.endsWith(suffix))?.[1];
}
