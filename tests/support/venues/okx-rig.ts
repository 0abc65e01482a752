import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createCcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import type { DriverParts } from "#src/venues/ccxt/driver.ts";
import { okx } from "#src/venues/quirks/okx.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { jsonReply, type Loopback, startLoopback } from "./loopback.ts";
import { OKX_KEY } from "./okx-server.ts";

type Answer = unknown | ((query: URLSearchParams) => unknown);

/** The real ccxt class and our driver, against whatever listens at this address. */
export function okxOver(
  { proxyUrl }: Pick<Loopback, "proxyUrl">,
  over: {
    readonly clock?: Parameters<typeof createCcxtVenue>[0]["clock"];
    readonly mode?: DriverParts["mode"];
    readonly credentials?: Readonly<Record<string, string>>;
    readonly spot?: Parameters<typeof createCcxtVenue>[0]["spot"];
    readonly quirks?: typeof okx;
  } = {},
) {
  return createCcxtVenue({
    ...{
      quirks: over.quirks ?? okx,
      mode: over.mode ?? "live",
      credentials: over.credentials ?? OKX_KEY,
    },
    ...{ builderFeeRate: null, loopback: proxyUrl, clock: over.clock ?? createSystemClock() },
    ...{ saved: createMemoryRecords(), ourOrders: () => [] },
    spot: over.spot ?? null,
  });
}

/** OKX as documented answers and nothing else: each is the `data` of a reply, or makes it of the query. */
export async function scriptedOkx(answers: Readonly<Record<string, Answer>>) {
  const all: Readonly<Record<string, Answer>> = {
    "GET public/instruments": [swap(), swap(PEPE)],
    "GET public/time": [{ ts: String(Date.now()) }],
    ...answers,
  };
  const loopback = startLoopback({
    handle({ method, url }) {
      const route = `${method} ${url.pathname.replace("/api/v5/", "")}`;
      if (!(route in all)) return jsonReply({ code: "404", data: [], msg: route }, 404);
      const answer = all[route];
      const data: unknown = typeof answer === "function" ? answer(url.searchParams) : answer;
      return jsonReply({ code: "0", data, msg: "" });
    },
  });
  return { loopback, venue: await okxOver(loopback) };
}

export const BTC = "BTC-USDT-SWAP";

/** As the venue documents a swap; contracts of 0.01 BTC. */
export function swap(
  over: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return {
    ...{ alias: "", auctionEndTime: "", baseCcy: "", category: "1", contTdSwTime: "" },
    ...{ ctMult: "1", ctType: "linear", ctVal: "0.01", ctValCcy: "BTC", expTime: "" },
    ...{ groupId: "2", instFamily: "BTC-USDT", instId: BTC, instType: "SWAP", lever: "100" },
    ...{ listTime: "1606468572000", lotSz: "0.01", maxLmtAmt: "20000000", maxLmtSz: "100000000" },
    ...{ maxMktSz: "85000", minSz: "0.01", openType: "", optType: "", quoteCcy: "" },
    ...{ ruleType: "normal", settleCcy: "USDT", state: "live", stk: "", tickSz: "0.1" },
    ...{ uly: "BTC-USDT" },
    ...over,
  };
}

/** Ten million to a contract. */
export const PEPE: Readonly<Record<string, string>> = {
  ...{ instId: "PEPE-USDT-SWAP", instFamily: "PEPE-USDT", uly: "PEPE-USDT", ctValCcy: "PEPE" },
  ...{ ctVal: "10000000", lotSz: "0.1", minSz: "0.1", tickSz: "0.000000001", lever: "50" },
};

export type Row = Readonly<Record<string, string>>;

/** Answers as the venue pages: newest first, at most a hundred, older than `after`. */
export function okxPagesOf(rows: readonly Row[]) {
  return (query: URLSearchParams) =>
    rows
      .toSorted((a, b) => (BigInt(a["billId"] ?? "0") < BigInt(b["billId"] ?? "0") ? 1 : -1))
      .filter((one) => Number(one["ts"]) >= Number(query.get("begin") ?? "0"))
      .filter((one) => !query.has("ordId") || one["ordId"] === query.get("ordId"))
      .filter((one) => BigInt(one["billId"] ?? "0") < BigInt(query.get("after") ?? "9".repeat(19)))
      .slice(0, Number(query.get("limit") ?? "100"));
}
