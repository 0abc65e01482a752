import { createHmac } from "node:crypto";
import type { VenueId } from "#src/core/instrument.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import { PaperEngine } from "#src/venues/paper/paper-engine.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { jsonReply, type Loopback, type LoopbackRequest, startLoopback } from "./loopback.ts";
import { okxAccountRoutes } from "./okx-account-routes.ts";
import { okxOrderRoutes } from "./okx-order-routes.ts";
import { OkxOrders } from "./okx-orders.ts";
import { okxPublicRoutes } from "./okx-public-routes.ts";
import { createOkxStreams, type OkxStreams } from "./okx-streams.ts";
import { type OkxAsk, OkxRefusal, type OkxSettings, type OkxWorld } from "./okx-world.ts";
import { perpsOnly } from "./perps-only.ts";

export const OKX_KEY = { apiKey: "okx-key", secret: "okx-secret", password: "okx-pass" };

export interface OkxServer extends Loopback {
  readonly engine: PaperEngine;
  readonly settings: OkxSettings;
  readonly streams: OkxStreams;
}

/** OKX v5 over HTTP: signatures, deadlines and contracts as there, the paper engine's matching inside. */
export function startOkxServer(options: {
  readonly feed: MarketFeed;
  /** Which of the feed's venues stands behind it. */
  readonly venue: VenueId;
  readonly clock: Clock;
  readonly cash?: string;
  /** Takes only requests with the demo header; without it only those that have none. */
  readonly demo?: boolean;
}): OkxServer {
  const feed = perpsOnly(options.feed);
  const { venue, clock } = options;
  const engine = new PaperEngine({
    ...{ id: venue, feed, clock, records: createMemoryRecords() },
    startingCashUsd: options.cash ?? "10000",
  });
  const settings: OkxSettings = {
    ...{ acctLv: "2", posMode: "net_mode", perm: "read_only,trade", lever: "3" },
    instrumentState: "live",
  };
  const orders = new OkxOrders(engine, venue);
  const world: OkxWorld = { venue, feed, clock, engine, settings, orders };
  const open = okxPublicRoutes(world);
  const signed = { ...okxAccountRoutes(world), ...okxOrderRoutes(world) };
  const answer = (request: LoopbackRequest): Response => {
    const route = `${request.method} ${request.url.pathname.replace("/api/v5/", "")}`;
    const environment = refuseEnvironment(request, options.demo ?? false);
    if (environment) return replyOf(environment);
    const publicRoute = open[route];
    if (publicRoute) return replyOf(publicRoute(askOf(request)));
    const privateRoute = signed[route];
    if (!privateRoute) return jsonReply({ code: "404", data: [], msg: "Not Found" }, 404);
    return replyOf(refuseKey(request, clock.wallNow()) ?? privateRoute(askOf(request)));
  };
  const streams = createOkxStreams(world, OKX_KEY, () => loopback.sockets);
  const loopback: Loopback = startLoopback({
    streams,
    handle(request) {
      const said = answer(request);
      streams.push();
      return said;
    },
  });
  return Object.assign(loopback, { engine, settings, streams });
}

function refuseEnvironment({ headers }: LoopbackRequest, demo: boolean): OkxRefusal | null {
  const asked = headers.get("x-simulated-trading") === "1";
  return asked === demo ? null : new OkxRefusal("50101", [], 401);
}

/** The checks of a signed request, in the venue's order; null when it may pass. */
function refuseKey(
  { method, url, headers, body }: LoopbackRequest,
  now: EpochMs,
): OkxRefusal | null {
  const refused = (code: string) => new OkxRefusal(code, [], 401);
  const [key, passphrase, stamp, sign] = ["KEY", "PASSPHRASE", "TIMESTAMP", "SIGN"].map((name) =>
    headers.get(`OK-ACCESS-${name}`),
  );
  if (!key) return refused("50103");
  if (!passphrase) return refused("50104");
  if (!sign) return refused("50106");
  if (!stamp) return refused("50107");
  if (key !== OKX_KEY.apiKey) return refused("50111");
  const at = Date.parse(stamp);
  if (!/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/.test(stamp) || Number.isNaN(at))
    return refused("50112");
  if (Math.abs(now - at) > 30_000) return refused("50102");
  if (passphrase !== OKX_KEY.password) return refused("50105");
  const signed = stamp + method + url.pathname + url.search + body;
  const right = createHmac("sha256", OKX_KEY.secret).update(signed).digest("base64");
  return sign === right ? null : refused("50113");
}

function askOf({ url, body, headers }: LoopbackRequest): OkxAsk {
  const parsed: unknown = body === "" ? null : JSON.parse(body);
  return { query: Object.fromEntries(url.searchParams), body: parsed, headers };
}

function replyOf(answer: readonly unknown[] | OkxRefusal): Response {
  if (answer instanceof OkxRefusal) {
    const { code, data, status } = answer;
    return jsonReply({ code, data, msg: code === "1" ? "All operations failed" : code }, status);
  }
  return jsonReply({ code: "0", data: answer, msg: "" });
}
