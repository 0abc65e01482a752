import { Wallet } from "ethers";
import type { VenueId } from "#src/core/instrument.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createCcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import type { Quirks } from "#src/venues/ccxt/driver.ts";
import { hyperliquid } from "#src/venues/quirks/hyperliquid.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { createSteadyMarket } from "#tests/support/steady-market.ts";
import { type HyperliquidServer, startHyperliquid } from "./hyperliquid-server.ts";

/** Keys of nobody. */
export const OWNER_KEY = `0x${"1".repeat(64)}`;
export const AGENT_KEY = `0x${"2".repeat(64)}`;
export const STRANGER_KEY = `0x${"3".repeat(64)}`;
export const OWNER = new Wallet(OWNER_KEY).address;
const AGENT = new Wallet(AGENT_KEY).address;

export interface HyperliquidRigOptions {
  readonly feed?: MarketFeed;
  readonly feedVenue?: VenueId;
  readonly clock?: Clock;
  readonly startingCashUsd?: string;
  readonly privateKey?: string;
  readonly walletAddress?: string;
  readonly mode?: "testnet" | "live";
  readonly builderFeeRate?: string | null;
  readonly ourOrders?: readonly string[];
  /** Without the wait that a budget of requests would mean. */
  readonly unhurried?: boolean;
}

const UNHURRIED: Quirks = {
  ...hyperliquid,
  profile: { ...hyperliquid.profile, budget: { perSecond: 1_000_000, burst: 1_000_000 } },
};

/** The real adapter and the real ccxt class, with an agent's key, before a server that checks it. */
export async function createHyperliquidRig(options: HyperliquidRigOptions = {}) {
  const clock = options.clock ?? createSystemClock();
  const server = startHyperliquid({
    feed:
      options.feed ??
      createSteadyMarket({ steady: { price: "60000", instrument: { symbol: "BTC" } } }),
    feedVenue: options.feedVenue ?? "steady",
    ...{ clock, user: OWNER, agents: [AGENT] },
    startingCashUsd: options.startingCashUsd ?? "100000",
  });
  const connect = () =>
    createCcxtVenue({
      ...{
        quirks: options.unhurried ? UNHURRIED : hyperliquid,
        mode: options.mode ?? "live",
        clock,
      },
      credentials: {
        walletAddress: options.walletAddress ?? OWNER,
        privateKey: options.privateKey ?? AGENT_KEY,
      },
      builderFeeRate: options.builderFeeRate ?? null,
      loopback: server.proxyUrl,
      saved: createMemoryRecords(),
      ourOrders: () => options.ourOrders ?? [],
    });
  return { server, clock, connect, venue: await connect() };
}

/** The signed requests that reached the server, as they were sent. */
export function signedRequests({ seen }: HyperliquidServer): readonly Record<string, unknown>[] {
  return seen
    .filter((one) => one.url.pathname === "/exchange")
    .map((one): Record<string, unknown> => JSON.parse(one.body));
}
