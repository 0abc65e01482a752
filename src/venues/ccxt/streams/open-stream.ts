import type { Exchange } from "ccxt";
import { OperatorError } from "#src/core/errors.ts";
import type { DriverParts } from "#src/venues/ccxt/driver.ts";
import { openExchange } from "#src/venues/ccxt/open-exchange.ts";
import { realUrl } from "#src/venues/ccxt/venue-fetch.ts";

type Opening = Parameters<typeof openExchange>[0];

/** Snapshots would be read and believed by ccxt; here whoever is rung reads, and nobody else. */
const NO_SNAPSHOTS = { fetchPositionsSnapshot: false, awaitPositionsSnapshot: false };

/**
 * ccxt's class with streams, set up like the one that asks: same keys, same gate, same hosts, the same things
 * switched off. It can subscribe and renew its listen key; whatever could change the account is refused.
 */
export async function openStream(
  options: Omit<Opening, "pro"> & {
    /** The one that asks; its markets are shared. */
    readonly asking: Exchange;
    readonly builderFeeRate: DriverParts["builderFeeRate"];
  },
): Promise<Exchange> {
  const { quirks, mode, asking, builderFeeRate, wire } = options;
  const exchange = await openExchange({ ...options, pro: true });
  quirks.create({ exchange, mode, builderFeeRate });
  Object.assign(exchange.options, { watchPositions: NO_SNAPSHOTS });
  refuseMutations(exchange, quirks.profile.name, wire.loopback);
  if (wire.loopback !== "") {
    await exchange.loadHttpProxyAgent();
    const { api, test } = exchange.urls;
    Object.assign(exchange.urls, onLoopback({ api, test }, wire.loopback));
  }
  return exchange.setMarketsFromExchange(asking);
}

/** The host of a stream's URL, also when a simulator stands in for it; null when it is no stream's. */
export function streamHost(url: string, loopback: string): string | null {
  const root = streamRoot(loopback);
  const own = loopback !== "" && url.startsWith(root) ? `wss://${url.slice(root.length)}` : url;
  const parsed = URL.parse(own);
  return parsed?.protocol === "wss:" ? parsed.hostname : null;
}

function refuseMutations(exchange: Exchange, name: string, loopback: string): void {
  const { fetchImplementation } = exchange;
  exchange.fetchImplementation = async (url: string, init: RequestInit) => {
    const isRead = (init.method ?? "GET") === "GET";
    const { pathname } = new URL(realUrl(url, loopback));
    if (isRead || pathname.endsWith("/listenKey")) return fetchImplementation(url, init);
    throw new OperatorError(`${name}: its streams are not for orders`);
  };
}

/** "wss://host/path" to "ws://127.0.0.1:port/host/path", in every string of ccxt's list of addresses. */
function onLoopback(urls: unknown, loopback: string): unknown {
  if (typeof urls === "string") return urls.replace(/^wss:\/\//, streamRoot(loopback));
  if (typeof urls !== "object" || urls === null) return urls;
  return Object.fromEntries(
    Object.entries(urls).map(([key, value]) => [key, onLoopback(value, loopback)]),
  );
}

function streamRoot(loopback: string): string {
  return `${loopback.replace(/^http/, "ws")}wss/`;
}
