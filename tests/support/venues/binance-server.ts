import { createHmac } from "node:crypto";
import type { Decimal } from "#src/core/decimal.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import { PaperEngine } from "#src/venues/paper/paper-engine.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { type BinanceAnswer, type BinanceDesk, refusal } from "./binance-desk.ts";
import { BINANCE_PRIVATE_ROUTES } from "./binance-private-routes.ts";
import { BINANCE_PUBLIC_ROUTES } from "./binance-public-routes.ts";
import { type BinanceStreams, createBinanceStreams } from "./binance-streams.ts";
import { type Loopback, type LoopbackRequest, startLoopback } from "./loopback.ts";
import { perpsOnly } from "./perps-only.ts";

const FUTURE_LEEWAY_MS = 1000;
const LONGEST_WINDOW_MS = 60_000;

/** Binance USD-M as its clients see it: real signatures, real codes, our paper engine behind it. */
export function startBinanceServer(options: {
  readonly feed: MarketFeed;
  /** Which of the feed's venues this is. */
  readonly feedVenue: VenueId;
  /** The venue's own clock. */
  readonly clock: Clock;
  readonly apiKey: string;
  readonly secret: string;
  readonly cashUsd?: string;
  readonly leverage?: Decimal;
}): Loopback & { readonly desk: BinanceDesk; readonly streams: BinanceStreams } {
  const feed = perpsOnly(options.feed);
  const { feedVenue, clock } = options;
  const desk: BinanceDesk = {
    ...{ feed, venue: feedVenue, clock },
    engine: new PaperEngine({
      ...{ id: feedVenue, feed, clock, records: createMemoryRecords() },
      startingCashUsd: options.cashUsd ?? "100000",
      ...(options.leverage && { leverage: options.leverage }),
    }),
    settings: {
      ...{ dualSidePosition: false, multiAssetsMargin: true, canTrade: true, isolated: false },
      ...{ enableWithdrawals: false, enableFutures: true, feeAsset: null, feePrice: "600" },
      ...{ statuses: new Map(), ends: new Map(), leverages: new Map() },
    },
    ...{ placedAt: new Map(), tails: new Map() },
  };
  const streams = createBinanceStreams(desk, () => loopback.sockets);
  const loopback: Loopback = startLoopback({
    streams,
    handle(request) {
      const { pathname } = request.url;
      const said =
        pathname === "/fapi/v1/listenKey"
          ? streams.listenKey(request, options.apiKey)
          : answer(desk, request, options);
      streams.push();
      return asResponse(said);
    },
  });
  return { ...loopback, desk, streams };
}

function answer(
  desk: BinanceDesk,
  request: LoopbackRequest,
  keys: { readonly apiKey: string; readonly secret: string },
): BinanceAnswer {
  const route = `${request.method} ${request.url.pathname}`;
  const params = new URLSearchParams(request.url.search.slice(1));
  for (const [key, value] of new URLSearchParams(request.body)) params.append(key, value);
  const open = BINANCE_PUBLIC_ROUTES[route];
  if (open) return open(desk, params);
  const signed = BINANCE_PRIVATE_ROUTES[route];
  if (!signed) return { status: 404, body: { code: -5000, msg: `Path ${route} is invalid` } };
  return checkSignature(desk, request, params, keys) ?? signed(desk, params);
}

/** Null when the request is who it says, and in time. */
function checkSignature(
  desk: BinanceDesk,
  { url, headers, body }: LoopbackRequest,
  params: URLSearchParams,
  keys: { readonly apiKey: string; readonly secret: string },
): BinanceAnswer | null {
  if (headers.get("x-mbx-apikey") !== keys.apiKey) {
    return refusal(-2015, "Invalid API-key, IP, or permissions for action.", 401);
  }
  // What was signed is the text as it was sent, not what it means.
  const [signed, signature] = (url.search.slice(1) + body).split(/&signature=/);
  const expected = createHmac("sha256", keys.secret)
    .update(signed ?? "")
    .digest("hex");
  if (signature !== expected) return refusal(-1022, "Signature for this request is not valid.");
  const timestamp = Number(params.get("timestamp") ?? Number.NaN);
  const recvWindow = Number(params.get("recvWindow") ?? "5000");
  if (!Number.isSafeInteger(timestamp)) {
    return refusal(-1102, "Mandatory parameter 'timestamp' was not sent.");
  }
  if (!(recvWindow <= LONGEST_WINDOW_MS))
    return refusal(-1131, "recvWindow must be less than 60000");
  const age = desk.clock.wallNow() - timestamp;
  return age > recvWindow || age < -FUTURE_LEEWAY_MS
    ? refusal(-1021, "Timestamp for this request is outside of the recvWindow.")
    : null;
}

/** Order numbers are JSON numbers beyond 2^53, as Binance sends them. */
function asResponse({ status, body }: BinanceAnswer): Response {
  const json = JSON.stringify(body).replace(/"orderId":"(\d+)"/g, '"orderId":$1');
  return new Response(json, { status, headers: { "content-type": "application/json" } });
}
