import type { VenueId } from "#src/core/instrument.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import { PaperEngine } from "#src/venues/paper/paper-engine.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { HyperliquidExchange } from "./hyperliquid-exchange.ts";
import { HYPERLIQUID, onHyperliquidGrid } from "./hyperliquid-feed.ts";
import { hyperliquidInfo } from "./hyperliquid-info.ts";
import { createHyperliquidStreams, type HyperliquidStreams } from "./hyperliquid-streams.ts";
import { jsonReply, type Loopback, type LoopbackRequest, startLoopback } from "./loopback.ts";

export interface HyperliquidServer extends Loopback {
  /** The matching core: what the account holds, and what was done to it. */
  readonly engine: PaperEngine;
  readonly exchange: HyperliquidExchange;
  readonly streams: HyperliquidStreams;
}

/** Hyperliquid's two paths, for one account, on the market of `feedVenue`. */
export function startHyperliquid(options: {
  readonly feed: MarketFeed;
  readonly feedVenue: VenueId;
  readonly clock: Clock;
  /** The main account's address, and those of its API wallets. */
  readonly user: string;
  readonly agents?: readonly string[];
  readonly startingCashUsd?: string;
}): HyperliquidServer {
  const { clock, user, agents = [] } = options;
  const feed = onHyperliquidGrid(options.feed, options.feedVenue);
  const engine = new PaperEngine({
    ...{ id: HYPERLIQUID, feed, clock, records: createMemoryRecords() },
    startingCashUsd: options.startingCashUsd ?? "100000",
  });
  const account = { user: user.toLowerCase(), agents: agents.map((one) => one.toLowerCase()) };
  const exchange = new HyperliquidExchange({ engine, clock, ...account });
  const info = hyperliquidInfo({ engine, feed, clock, leverages: exchange.leverages, ...account });
  const answer = (request: LoopbackRequest): Response => {
    const isTestnet = request.url.hostname === "api.hyperliquid-testnet.xyz";
    const body = objectIn(request.body);
    if (!body || request.method !== "POST") return unreadable();
    if (request.url.pathname === "/exchange") return exchange.answer(body, isTestnet);
    const found = request.url.pathname === "/info" ? info(body) : undefined;
    return found === undefined ? unreadable() : jsonReply(found);
  };
  const streams = createHyperliquidStreams(
    { engine, clock, user: account.user },
    () => loopback.sockets,
  );
  const loopback: Loopback = startLoopback({
    streams,
    handle(request) {
      const said = answer(request);
      streams.push();
      return said;
    },
  });
  return { ...loopback, engine, exchange, streams };
}

/** What the venue says to a body that is none of its types. */
export function unreadable(): Response {
  return new Response("Failed to deserialize the JSON body into the target type", { status: 422 });
}

function objectIn(body: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : null;
  } catch {
    return null;
  }
}
