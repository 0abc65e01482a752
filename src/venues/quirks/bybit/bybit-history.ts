import { sum } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { FundingPayment } from "#src/core/funding.ts";
import type { Fill, FillCause } from "#src/core/order.ts";
import { rate, type Usd, usd } from "#src/core/units.ts";
import type { Listings, VenueDriver } from "#src/venues/ccxt/driver.ts";
import {
  decimal,
  decimalOrNull,
  millis,
  type Row,
  text,
  textOrNull,
} from "#src/venues/ccxt/row.ts";
import { refPriceIn } from "#src/venues/quirks/shared/units-of.ts";
import { bybitUnits, isPerpetual } from "./bybit-listing.ts";
import { allPages, allWindows, type Bybit, SETTLE_COINS } from "./bybit-replies.ts";

const CATEGORY = { category: "linear" };

/** By execType. Null is no fill; a type that is not here is refused. */
const CAUSES: ReadonlyMap<string, FillCause | null> = new Map([
  ["Trade", "order"],
  ["BlockTrade", "order"],
  ["MovePosition", "order"],
  ["FutureSpread", "order"],
  ["BustTrade", "liquidation"],
  ["AdlTrade", "deleveraging"],
  // The venue takes the position away without an order of ours: a delisting.
  ["Settle", "deleveraging"],
  ["Delivery", "deleveraging"],
  ["Funding", null],
]);

/** A liquidation in steps trades like anybody: only the order's maker tells. */
const CAUSES_BY_MAKER: ReadonlyMap<string, FillCause> = new Map([
  ["CreateByLiq", "liquidation"],
  ["CreateByTakeOver_PassThrough", "liquidation"],
  ["CreateByAdl_PassThrough", "deleveraging"],
]);

type History = Pick<VenueDriver, "fillsOf" | "fills" | "fundingPayments">;

export function bybitHistory(exchange: Bybit): History {
  const executions = (params: object) => exchange.privateGetV5ExecutionList(params);
  return {
    async fillsOf(of, order) {
      const { symbol } = of.instrument;
      const name = { symbol, orderId: order.venueOrderId, limit: 100 };
      const found = await allPages(executions, { ...CATEGORY, ...name });
      const fills = fillsIn(found, new Map([[symbol, of]]));
      if (sum(fills.map((fill) => fill.sizeBase)).lt(order.filledBase)) {
        throw new RetryableError(`not all fills of ${order.venueOrderId} are told yet`);
      }
      return fills;
    },
    async fills(listings, since) {
      const span = { since, now: exchange.nonce() };
      const found = await allWindows(executions, { ...CATEGORY, limit: 100 }, span);
      return fillsIn(found, listings);
    },
    async fundingPayments(listings, since) {
      const log = (params: object) => exchange.privateGetV5AccountTransactionLog(params);
      const kind = { accountType: "UNIFIED", type: "SETTLEMENT", limit: 50 };
      const span = { since, now: exchange.nonce() };
      const found = await allWindows(log, { ...CATEGORY, ...kind }, span);
      const paid = found.flatMap((one) => paymentOf(one, listings));
      return uniqueBy(paid, (one) => one.paymentId);
    },
  };
}

function fillsIn(found: readonly Row[], listings: Listings): readonly Fill[] {
  const fills = found.flatMap((one) => {
    const cause = causeOf(one);
    return cause && isPerpetual(text(one, "symbol")) ? [fillOf(one, listings, cause)] : [];
  });
  return uniqueBy(fills, (fill) => fill.tradeId).toSorted((a, b) => a.filledAt - b.filledAt);
}

function causeOf(from: Row): FillCause | null {
  const kind = text(from, "execType");
  const cause = CAUSES.get(kind);
  if (cause === undefined) throw new RetryableError(`execType ${kind} is not known`);
  return cause === "order"
    ? (CAUSES_BY_MAKER.get(textOrNull(from, "createType") ?? "") ?? cause)
    : cause;
}

function fillOf(from: Row, listings: Listings, cause: FillCause): Fill {
  const symbol = text(from, "symbol");
  const units = bybitUnits(listings, symbol);
  return {
    ...{ venue: "bybit", symbol },
    tradeId: text(from, "execId"),
    clientOrderId: textOrNull(from, "orderLinkId") ?? "",
    side: text(from, "side") === "Buy" ? "buy" : "sell",
    sizeBase: units.size(decimal(from, "execQty")),
    price: units.price(decimal(from, "execPrice")),
    feeUsd: feeOf(from),
    liquidity: text(from, "isMaker") === "true" ? "maker" : "taker",
    cause,
    filledAt: millis(from, "execTime"),
  };
}

/** In the settle currency, unless the owner lets it be paid in the venue's own coin. */
function feeOf(from: Row): Usd {
  const currency = textOrNull(from, "feeCurrency");
  if (currency !== null && !SETTLE_COINS.some((coin) => coin === currency)) {
    throw new RetryableError(`fees are taken in ${currency}: switch that off at the venue`);
  }
  return usd(decimal(from, "execFee"));
}

/** `funding` is positive when received, unlike an execution's fee and ccxt's income. */
function paymentOf(from: Row, listings: Listings): readonly FundingPayment[] {
  const symbol = text(from, "symbol");
  const funding = decimalOrNull(from, "funding");
  // In USDC the same type also settles the session's P&L, which is not funding.
  const sessionOnly = funding === null && text(from, "currency") === "USDC";
  if (!isPerpetual(symbol) || sessionOnly || textOrNull(from, "type") !== "SETTLEMENT") return [];
  const [side, at] = [text(from, "side"), millis(from, "transactionTime")];
  const signed = decimal(from, "feeRate");
  return [
    {
      ...{ venue: "bybit", symbol, fundingAt: at },
      // The log's own `id` repeats itself.
      paymentId: textOrNull(from, "tradeId") ?? `${symbol}:${at}:${side}`,
      amountUsd: usd(decimal(from, "funding")),
      // For a short the venue turns the market's rate round.
      rate: rate(side === "Sell" ? signed.neg() : signed),
      refPrice: refPriceIn(from, "tradePrice", bybitUnits(listings, symbol)),
    },
  ];
}

function uniqueBy<T>(all: readonly T[], key: (one: T) => string): readonly T[] {
  return [...new Map(all.map((one) => [key(one), one])).values()];
}
