import { sum } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { Fill, FillCause } from "#src/core/order.ts";
import { usd } from "#src/core/units.ts";
import type { Listings, VenueDriver, VenueProfile } from "#src/venues/ccxt/driver.ts";
import { decimal, decimalOrNull, type Row, rows, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { type Dydx, dydxUnits, isoMillis, ofAccount } from "./dydx-client.ts";
import type { ClientIds } from "./dydx-client-ids.ts";

const PAGE = 100;
/** An order whose fills are further back than this is none that is waited for. */
const MOST_PAGES = 20;

/** The account's fills. They name the indexer's order id only; `ClientIds` says whose that is. */
export function dydxFills(
  exchange: Dydx,
  { id }: VenueProfile,
  clientIds: ClientIds,
): Pick<VenueDriver, "fills" | "fillsOf"> {
  return {
    async fills(listings, since) {
      const found: Row[] = [];
      for await (const page of pages(exchange, {})) {
        const recent = page.filter((one) => isoMillis(one, "createdAt") >= since);
        found.push(...recent);
        if (recent.length < page.length) break;
      }
      const names = await clientIds.of(found.flatMap((one) => textOrNull(one, "orderId") ?? []));
      return found.map((one) => fillOf(id, listings, one, nameIn(names, one)));
    },
    async fillsOf(of, order) {
      const found: Fill[] = [];
      const { symbol } = of.instrument;
      const listings = new Map([[symbol, of]]);
      const isWhole = () => sum(found.map((fill) => fill.sizeBase)).gte(order.filledBase);
      if (order.filledBase.eq("0")) return [];
      let looks = 0;
      for await (const page of pages(exchange, { market: symbol })) {
        looks += 1;
        const own = page.filter((one) => textOrNull(one, "orderId") === order.venueOrderId);
        found.push(...own.map((one) => fillOf(id, listings, one, order.clientOrderId)));
        if (isWhole()) return found;
        if (looks === MOST_PAGES) break;
      }
      throw new RetryableError(`not all fills of order ${order.clientOrderId} are indexed yet`);
    },
  };
}

/** The newest page of them. */
export async function newestFills(exchange: Dydx, market: string): Promise<readonly Row[]> {
  const answer = await exchange.indexerGetFills({ ...ofAccount(exchange), market, limit: PAGE });
  return rows(answer["fills"], "fills");
}

/** Newest first. A cursor by time, and pages within one moment that fills more than one page. */
async function* pages(
  exchange: Dydx,
  filter: { readonly market?: string },
): AsyncGenerator<readonly Row[]> {
  const seen = new Set<string>();
  let before: number | null = null;
  for (let page = 1; ; ) {
    const answer = await exchange.indexerGetFills({
      ...{ ...ofAccount(exchange), ...filter, limit: PAGE },
      ...(before === null ? {} : { createdBeforeOrAt: exchange.iso8601(before) }),
      ...(page === 1 ? {} : { page }),
    });
    const all = rows(answer["fills"], "fills");
    const fresh = all.filter((one) => !seen.has(text(one, "id")));
    for (const one of fresh) seen.add(text(one, "id"));
    yield fresh;
    if (all.length < PAGE) return;
    const oldest = Math.min(...all.map((one) => isoMillis(one, "createdAt")));
    page = oldest === before ? page + 1 : 1;
    before = oldest;
  }
}

function fillOf(venue: string, listings: Listings, one: Row, clientOrderId: string): Fill {
  const symbol = text(one, "market");
  const units = dydxUnits(listings, symbol);
  return {
    ...{ venue, clientOrderId, symbol },
    tradeId: text(one, "id"),
    side: text(one, "side") === "BUY" ? "buy" : "sell",
    sizeBase: units.size(decimal(one, "size")),
    price: units.price(decimal(one, "price")),
    // In USDC. A builder's fee, on orders that another front end placed, comes on top of it.
    feeUsd: usd(decimal(one, "fee").plus(decimalOrNull(one, "builderFee") ?? "0")),
    liquidity: text(one, "liquidity") === "MAKER" ? "maker" : "taker",
    cause: causeOf(text(one, "type")),
    filledAt: isoMillis(one, "createdAt"),
  };
}

/** LIQUIDATION is the other side's: an order of ours that filled against somebody's liquidation. */
const CAUSES: Readonly<Record<string, FillCause>> = {
  LIMIT: "order",
  LIQUIDATION: "order",
  TWAP_SUBORDER: "order",
  LIQUIDATED: "liquidation",
  DELEVERAGED: "deleveraging",
  OFFSETTING: "deleveraging",
};

function causeOf(type: string): FillCause {
  const cause = CAUSES[type];
  if (!cause) throw new RetryableError(`a fill of an unknown type: ${type}`);
  return cause;
}

function nameIn(names: ReadonlyMap<string, string>, one: Row): string {
  return names.get(textOrNull(one, "orderId") ?? "") ?? "";
}
