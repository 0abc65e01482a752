import type { okx as OkxExchange } from "ccxt";
import { sum } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { DAY_MS, type FundingPayment, HOUR_MS } from "#src/core/funding.ts";
import type { Fill, FillCause, OrderReport } from "#src/core/order.ts";
import { type EpochMs, type Rate, usd } from "#src/core/units.ts";
import type { Listed, VenueDriver } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice, toBase } from "#src/venues/ccxt/listed.ts";
import { decimal, millis, type Row, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { hourOf } from "#src/venues/quirks/shared/hour-of.ts";
import { refPriceIn } from "#src/venues/quirks/shared/units-of.ts";
import { okxSettlements } from "./okx-public.ts";
import { okxPages, okxSide } from "./okx-reply.ts";

type History = Pick<VenueDriver, "fills" | "fillsOf" | "fundingPayments">;

type List = (page: Readonly<Record<string, string>>) => Promise<unknown>;

/** What the quick lists reach back, less an hour; older rows are in the slow ones, up to three months. */
const RECENT_FILLS_MS = 3 * DAY_MS - HOUR_MS;
const RECENT_BILLS_MS = 7 * DAY_MS - HOUR_MS;
const FUNDING_FEE = "8";

export function historyOfOkx(exchange: OkxExchange): History {
  /** Rows of the quick list, and of the slow one when the first does not reach back far enough. */
  async function rowsSince(
    since: EpochMs,
    reachMs: number,
    lists: readonly List[],
  ): Promise<readonly Row[]> {
    const enough = since >= exchange.nonce() - reachMs;
    const asked = enough ? lists.slice(0, 1) : lists;
    const pages = await Promise.all(
      asked.map((list) =>
        okxPages(
          (page) => list({ instType: "SWAP", begin: String(since), ...page }),
          (last) => text(last, "billId"),
          "history",
        ),
      ),
    );
    return oldestFirst(pages.flat());
  }

  return {
    async fills(listings, since) {
      const found = await rowsSince(since, RECENT_FILLS_MS, [
        (page) => exchange.privateGetTradeFills(page),
        (page) => exchange.privateGetTradeFillsHistory(page),
      ]);
      return found
        .flatMap((one) => {
          const of = listings.get(text(one, "instId"));
          return of ? [fillOf(of, one)] : [];
        })
        .filter((fill) => fill.filledAt >= since);
    },

    fillsOf: (of, order) => fillsOf(exchange, of, order),

    async fundingPayments(listings, since) {
      const found = await rowsSince(since, RECENT_BILLS_MS, [
        (page) => exchange.privateGetAccountBills({ type: FUNDING_FEE, ...page }),
        (page) => exchange.privateGetAccountBillsArchive({ type: FUNDING_FEE, ...page }),
      ]);
      const ours = found.filter((one) => listings.has(text(one, "instId")));
      const bySymbol = Map.groupBy(ours, (one) => text(one, "instId"));
      const payments = await Promise.all(
        [...bySymbol].map(async ([symbol, bills]) => {
          const of = listings.get(symbol);
          return of ? paymentsOf(of, bills, await ratesFor(of, bills)) : [];
        }),
      );
      return payments.flat().filter((payment) => payment.fundingAt >= since);
    },
  };

  /** The bill does not say the rate: the settled rates do. */
  async function ratesFor(of: Listed, bills: readonly Row[]): Promise<ReadonlyMap<EpochMs, Rate>> {
    const first = Math.min(...bills.map(settlementOf));
    const settled = await okxSettlements(exchange, of.instrument.symbol, first);
    return new Map(settled.map((one) => [one.fundingAt, one.rate]));
  }
}

/**
 * First the quick list; the slow one when that has not all of what the order says is filled. Less than that
 * is no answer: the lists are a moment behind the order.
 */
async function fillsOf(
  exchange: OkxExchange,
  of: Listed,
  order: OrderReport,
): Promise<readonly Fill[]> {
  const which = { instType: "SWAP", instId: of.instrument.symbol, ordId: order.venueOrderId };
  const lists: readonly List[] = [
    (page) => exchange.privateGetTradeFills({ ...which, ...page }),
    (page) => exchange.privateGetTradeFillsHistory({ ...which, ...page }),
  ];
  for (const list of lists) {
    const found = await okxPages(list, (last) => text(last, "billId"), "fills");
    const fills = oldestFirst(found).map((one) => fillOf(of, one));
    if (sum(fills.map((fill) => fill.sizeBase)).gte(order.filledBase)) return fills;
  }
  throw new RetryableError("its fills are not listed yet");
}

/** Each bill once; bills of one millisecond are told apart by their rising numbers. */
function oldestFirst(found: readonly Row[]): readonly Row[] {
  const byNumber = new Map(found.map((one) => [BigInt(text(one, "billId")), one]));
  return [...byNumber].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

function fillOf(of: Listed, one: Row): Fill {
  return {
    ...{ venue: "okx", symbol: of.instrument.symbol, tradeId: tradeIdOf(one) },
    clientOrderId: textOrNull(one, "clOrdId") ?? "",
    side: okxSide(one),
    sizeBase: toBase(of, decimal(one, "fillSz")),
    price: fromWirePrice(of, decimal(one, "fillPx")),
    feeUsd: usd(paidInUsdt(one).neg()),
    liquidity: liquidityOf(one),
    cause: causeOf(one),
    filledAt: millis(one, "fillTime"),
  };
}

/** Blank for what the venue itself forced, which takes. */
function liquidityOf(one: Row): Fill["liquidity"] {
  const type = textOrNull(one, "execType");
  if (type === "T" || (type === null && causeOf(one) !== "order")) return "taker";
  return type === "M" ? "maker" : unknown("execType", one);
}

/** Trades are numbered anew with each instrument; a block trade belongs to no order. */
function tradeIdOf(one: Row): string {
  const [order, trade] = [textOrNull(one, "ordId"), textOrNull(one, "tradeId")];
  return order === null || trade === null ? `bill:${text(one, "billId")}` : `${order}:${trade}`;
}

/** Negative is charged. */
function paidInUsdt(one: Row) {
  if (text(one, "feeCcy") !== "USDT") return unknown("feeCcy", one);
  return decimal(one, "fee");
}

/** 100 to 107: liquidated, in part or whole. 125 to 128: reduced to settle somebody else's bankruptcy. */
function causeOf(one: Row): FillCause {
  const kind = Number(text(one, "subType"));
  if (kind >= 100 && kind <= 107) return "liquidation";
  return kind >= 125 && kind <= 128 ? "deleveraging" : "order";
}

/** Bills are written some seconds after the settlement, and settlements are on the hour. */
function settlementOf(bill: Row): EpochMs {
  return hourOf(millis(bill, "ts"));
}

function paymentsOf(
  of: Listed,
  bills: readonly Row[],
  rates: ReadonlyMap<EpochMs, Rate>,
): readonly FundingPayment[] {
  return bills.map((bill) => {
    if (text(bill, "ccy") !== "USDT") return unknown("ccy", bill);
    const fundingAt = settlementOf(bill);
    const rate = rates.get(fundingAt);
    if (!rate) throw new RetryableError(`no settled rate yet of ${of.instrument.symbol}`);
    // Of a cross position it changes the account's balance, of an isolated one the position's.
    const amountUsd = usd(decimal(bill, "balChg").plus(decimal(bill, "posBalChg")));
    const { symbol } = of.instrument;
    // Of bills of funding it is the mark.
    const refPrice = refPriceIn(bill, "px", { price: (told) => fromWirePrice(of, told) });
    const paymentId = text(bill, "billId");
    return { venue: "okx", symbol, paymentId, fundingAt, amountUsd, rate, refPrice };
  });
}

function unknown(key: string, one: Row): never {
  throw new RetryableError(`${key}: ${textOrNull(one, key) ?? "nothing"} is not understood`);
}
