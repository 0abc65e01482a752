import { Wallet } from "ethers";
import type { Clock } from "#src/ports/clock.ts";
import type { Venue } from "#src/ports/venue.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { createCcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import type { Quirks } from "#src/venues/ccxt/driver.ts";
import type { PaperEngine } from "#src/venues/paper/paper-engine.ts";
import { binance } from "#src/venues/quirks/binance.ts";
import { bybit } from "#src/venues/quirks/bybit.ts";
import { hyperliquid } from "#src/venues/quirks/hyperliquid.ts";
import { okx } from "#src/venues/quirks/okx.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { BINANCE_KEY } from "./binance-rig.ts";
import { startBinanceServer } from "./binance-server.ts";
import { BYBIT_KEY, startBybitServer } from "./bybit-server.ts";
import { AGENT_KEY, OWNER } from "./hyperliquid-rig.ts";
import { startHyperliquid } from "./hyperliquid-server.ts";
import type { Loopback } from "./loopback.ts";
import { OKX_KEY, startOkxServer } from "./okx-server.ts";

type Credentials = Readonly<Record<string, string>>;

/** A venue with streams on this machine, and how to connect to it. */
export interface StreamWorld {
  readonly name: string;
  readonly symbol: string;
  readonly server: Loopback;
  readonly engine: PaperEngine;
  /** Tells on the streams what happened in the engine. */
  readonly push: () => void;
  readonly pushMarks: () => void;
  readonly credentials: Credentials;
  /** Which sockets are for orders and fills. */
  readonly isOwn: (url: URL, notes: ReadonlySet<string>) => boolean;
  connect(
    loopback: string,
    over?: {
      readonly clock?: Clock;
      readonly credentials?: Credentials;
      /** Hosts of streams; the venue's own unless said. */
      readonly hosts?: readonly string[];
    },
  ): Promise<Venue>;
}

export function startBinanceWorld(): StreamWorld & { readonly expire: () => void } {
  const feed = createSyntheticMarket({ seed: 7 });
  const clock = createSystemClock();
  const server = startBinanceServer({ feed, feedVenue: "binance-sim", clock, ...BINANCE_KEY });
  return {
    ...{ name: "Binance", symbol: "BTCUSDT", server, credentials: BINANCE_KEY },
    engine: server.desk.engine,
    ...server.streams,
    isOwn: (url) => url.pathname.startsWith("/private/"),
    connect: connectTo(binance, BINANCE_KEY),
  };
}

export function startBybitWorld(): StreamWorld {
  const feed = createSyntheticMarket({ seed: 7 });
  const server = startBybitServer({ feed, venue: "bybit-sim" });
  return {
    ...{ name: "Bybit", symbol: "BTCUSDT", server, credentials: BYBIT_KEY },
    engine: server.engine,
    ...server.streams,
    isOwn: (url) => url.pathname.endsWith("/private"),
    connect: connectTo(bybit, BYBIT_KEY),
  };
}

export function startOkxWorld(): StreamWorld {
  const clock = createSystemClock();
  const feed = createSyntheticMarket({ seed: 7 });
  const server = startOkxServer({ feed, venue: "okx-sim", clock, cash: "100000" });
  return {
    ...{ name: "OKX", symbol: "BTC-USDT-SWAP", server, credentials: OKX_KEY },
    engine: server.engine,
    ...server.streams,
    isOwn: (url) => url.pathname.endsWith("/private"),
    connect: connectTo(okx, OKX_KEY),
  };
}

export function startHyperliquidWorld(): StreamWorld {
  const clock = createSystemClock();
  const feed = createSyntheticMarket({ seed: 7 });
  const server = startHyperliquid({
    ...{ feed, feedVenue: "hyperliquid-sim", clock, user: OWNER },
    agents: [new Wallet(AGENT_KEY).address],
  });
  const credentials = { walletAddress: OWNER, privateKey: AGENT_KEY };
  return {
    ...{ name: "Hyperliquid", symbol: "BTC", server, credentials },
    engine: server.engine,
    ...server.streams,
    // One address for everything; the socket for marks subscribes to them.
    isOwn: (_url, notes) => ![...notes].some((note) => note.startsWith("activeAssetCtx")),
    connect: connectTo(hyperliquid, credentials),
  };
}

/** On this machine nobody has to be spared. */
const budget = { perSecond: 100_000, burst: 100_000 };

function connectTo(quirks: Quirks, key: Credentials): StreamWorld["connect"] {
  const { profile } = quirks;
  return (loopback, { clock = createSystemClock(), credentials = key, hosts } = {}) => {
    const streams = profile.streams && { ...profile.streams, ...(hosts && { hosts }) };
    return createCcxtVenue({
      quirks: { ...quirks, profile: { ...profile, budget, streams } },
      ...{ mode: "live", builderFeeRate: null, saved: createMemoryRecords(), clock },
      ...{ credentials, loopback, ourOrders: () => [] },
    });
  };
}
