import { dec } from "#src/core/decimal.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { PaperEngine } from "#src/venues/paper/paper-engine.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { BYBIT_CHANGES } from "./bybit-matching.ts";
import { BYBIT_PRIVATE } from "./bybit-private.ts";
import { BYBIT_PUBLIC } from "./bybit-public.ts";
import { type BybitStreams, createBybitStreams } from "./bybit-streams.ts";
import { type BybitWorld, bybitError } from "./bybit-world.ts";
import { jsonReply, type Loopback, type LoopbackRequest, startLoopback } from "./loopback.ts";
import { perpsOnly } from "./perps-only.ts";

/** What the server's one account signs with. */
export const BYBIT_KEY = {
  apiKey: "LoopbackKey0000001",
  secret: "loopback-secret-of-bybit",
} as const;

export interface BybitServer extends Loopback {
  /** Inside: the account and the book. */
  readonly engine: PaperEngine;
  readonly streams: BybitStreams;
}

/** A Bybit on this machine: its own protocol and signatures outside, the paper engine inside. */
export function startBybitServer(options: {
  readonly feed: MarketFeed;
  /** What the feed calls this venue; "bybit" unless said. */
  readonly venue?: string;
  readonly clock?: Clock;
  readonly cash?: string;
  readonly permissions?: BybitWorld["permissions"];
}): BybitServer {
  const feed = perpsOnly(options.feed);
  const { venue = "bybit", clock = createSystemClock(), cash = "100000" } = options;
  const records = createMemoryRecords();
  const engine = new PaperEngine({
    ...{ id: venue, feed, records, clock },
    ...{ startingCashUsd: cash, leverage: dec("3") },
  });
  const permissions = options.permissions ?? { ContractTrade: ["Order", "Position"], Wallet: [] };
  const world = {
    engine,
    feed,
    venue,
    clock,
    permissions,
    bounced: new Map(),
    leverages: new Map(),
  };
  const streams = createBybitStreams(world, BYBIT_KEY, () => loopback.sockets);
  const loopback: Loopback = startLoopback({
    streams,
    handle(request) {
      const said = answer(world, request);
      streams.push();
      return said;
    },
  });
  return { ...loopback, engine, streams };
}

function answer(world: BybitWorld, request: LoopbackRequest): Response {
  const { url, method, body } = request;
  world.engine.settle();
  const query = Object.fromEntries(url.searchParams);
  const open = BYBIT_PUBLIC[url.pathname];
  if (open && method === "GET") return open(world, query);
  const [ask, change] = [BYBIT_PRIVATE[url.pathname], BYBIT_CHANGES[url.pathname]];
  if (!(method === "GET" ? ask : change)) return jsonReply({ path: url.pathname }, 404);
  const denied = denial(world, request);
  if (denied) return denied;
  if (ask) return ask(world, query);
  return change?.(world, JSON.parse(body), fenceOf(request)) ?? jsonReply({}, 404);
}

/** The venue's own checks, in its order: key, time window, signature. */
function denial(world: BybitWorld, { headers, method, url, body }: LoopbackRequest) {
  const [key, stamp, window, sign] = ["API-KEY", "TIMESTAMP", "RECV-WINDOW", "SIGN"].map(
    (name) => headers.get(`X-BAPI-${name}`) ?? "",
  );
  if (key !== BYBIT_KEY.apiKey) return bybitError(world, 10003, "API key is invalid.");
  const now = world.clock.wallNow();
  const [at, life] = [Number(stamp), Number(window)];
  if (!(now - life <= at && at < now + 1_000)) {
    const figures = `req_timestamp[${stamp}],server_timestamp[${now}],recv_window[${window}]`;
    return bybitError(
      world,
      10002,
      `invalid request, please check your server timestamp ${figures}`,
    );
  }
  const signed = `${stamp}${key}${window}${method === "GET" ? url.search.slice(1) : body}`;
  const hmac = new Bun.CryptoHasher("sha256", BYBIT_KEY.secret).update(signed).digest("hex");
  return hmac === sign ? null : bybitError(world, 10004, "error sign! origin_string[...]");
}

function fenceOf({ headers }: LoopbackRequest): number {
  return Number(headers.get("X-BAPI-TIMESTAMP")) + Number(headers.get("X-BAPI-RECV-WINDOW"));
}
