import type { okx as OkxExchange } from "ccxt";
import { sum } from "#src/core/decimal.ts";
import { DAY_MS, HOUR_MS } from "#src/core/funding.ts";
import { SPOT_SUFFIX } from "#src/core/instrument.ts";
import type { Listed, Listings } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice, toBase } from "#src/venues/ccxt/listed.ts";
import { decimal, millis, type Row, text, textOrNull } from "#src/venues/ccxt/row.ts";
import type { SpotDriver, SpotTrade } from "#src/venues/spot/spot-driver.ts";
import { wireSymbolOf } from "#src/venues/spot/spot-symbols.ts";
import { okxPages, okxSide } from "./okx-reply.ts";

type List = (page: Readonly<Record<string, string>>) => Promise<unknown>;

/** What crosses a coin's market is told as a margin order, whether or not anything was borrowed. */
const TYPES = ["SPOT", "MARGIN"];
const RECENT_FILLS_MS = 3 * DAY_MS - HOUR_MS;

/** Gross trades on spot, of one order or of all. */
export function okxSpotTrades(exchange: OkxExchange): Pick<SpotDriver, "tradesOf" | "trades"> {
  return {
    async tradesOf(of, { venueOrderId: ordId, filledBase }) {
      const which = { instId: wireSymbolOf(of), ordId };
      const read = async (alsoOld: boolean) =>
        (await readFills(exchange, which, alsoOld)).map((one) => tradeOf(of, one));
      const recent = await read(false);
      return sum(recent.map((one) => one.size)).gte(filledBase) ? recent : read(true);
    },

    async trades(listings, since) {
      const isOld = since < exchange.nonce() - RECENT_FILLS_MS;
      const found = await readFills(exchange, { begin: String(since) }, isOld);
      return tradesIn(found, listings);
    },
  };
}

/** The quick list, and the slow one when asked for, of both names that spot trades go by. */
async function readFills(
  exchange: OkxExchange,
  which: Readonly<Record<string, string>>,
  alsoOld: boolean,
): Promise<readonly Row[]> {
  const lists: readonly List[] = [
    (page) => exchange.privateGetTradeFills(page),
    ...(alsoOld ? [(page: Parameters<List>[0]) => exchange.privateGetTradeFillsHistory(page)] : []),
  ];
  const pages = await Promise.all(
    lists.flatMap((list) =>
      TYPES.map((instType) =>
        okxPages(
          (page) => list({ instType, ...which, ...page }),
          (last) => text(last, "billId"),
          "fills",
        ),
      ),
    ),
  );
  return [...new Map(pages.flat().map((one) => [text(one, "billId"), one])).values()];
}

function tradesIn(found: readonly Row[], listings: Listings) {
  const byMarket = new Map<Listed, SpotTrade[]>();
  for (const one of found) {
    const of = listings.get(`${text(one, "instId")}${SPOT_SUFFIX}`);
    if (of) byMarket.set(of, [...(byMarket.get(of) ?? []), tradeOf(of, one)]);
  }
  return byMarket;
}

function tradeOf(of: Listed, one: Row): SpotTrade {
  return {
    tradeId: `${text(one, "ordId")}:${text(one, "tradeId")}`,
    venueOrderId: text(one, "ordId"),
    clientOrderId: textOrNull(one, "clOrdId") ?? "",
    side: okxSide(one),
    size: toBase(of, decimal(one, "fillSz")),
    price: fromWirePrice(of, decimal(one, "fillPx")),
    // Negative is charged.
    fee: decimal(one, "fee").neg(),
    feeCoin: text(one, "feeCcy"),
    liquidity: text(one, "execType") === "M" ? "maker" : "taker",
    filledAt: millis(one, "fillTime"),
  };
}
