import type { Decimal } from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import type { PaperEngine } from "#src/venues/paper/paper-engine.ts";
import { jsonReply } from "./loopback.ts";

/** What the simulated Bybit is made of. */
export interface BybitWorld {
  readonly engine: PaperEngine;
  readonly feed: MarketFeed;
  /** What the feed and the engine call this venue. */
  readonly venue: string;
  readonly clock: Clock;
  /** Orders that were accepted and then cancelled by the matching engine: post-only that would take. */
  readonly bounced: Map<string, BybitRow>;
  /** What was set, by symbol; else the engine's. It is only shown: the engine keeps its own. */
  readonly leverages: Map<string, string>;
  /** For query-api. */
  readonly permissions: Readonly<Record<string, readonly string[]>>;
}

export type BybitRow = Readonly<Record<string, unknown>>;
export type BybitQuery = Readonly<Record<string, string>>;

/** The venue's envelope: HTTP is 200 whatever the code says. */
export function bybitReply({ clock }: BybitWorld, result: BybitRow, code = 0, message = "OK") {
  const body = { retCode: code, retMsg: message, result, retExtInfo: {}, time: clock.wallNow() };
  return jsonReply(body);
}

export function bybitError(world: BybitWorld, code: number, message: string): Response {
  return bybitReply(world, {}, code, message);
}

/** One page; the cursor of a full page leads on, also when what follows is empty, as the real one does. */
export function bybitPage(
  world: BybitWorld,
  all: readonly BybitRow[],
  query: BybitQuery,
  standard = 20,
): Response {
  const limit = Number(query["limit"] ?? standard);
  const start = Number(decodeURIComponent(query["cursor"] ?? "0:0").split(":")[0]);
  const list = all.slice(start, start + limit);
  const nextPageCursor = list.length === limit ? encodeURIComponent(`${start + limit}:2`) : "";
  return bybitReply(world, { category: "linear", list, nextPageCursor });
}

/** A canonical base size in the venue's units. */
export function toQty({ contractSizeBase }: Instrument, size: Decimal): string {
  return size.div(contractSizeBase).toFixed();
}

/** A price per canonical base unit as the venue quotes it. */
export function toQuote({ contractSizeBase }: Instrument, price: Decimal): string {
  return price.times(contractSizeBase).toFixed();
}
