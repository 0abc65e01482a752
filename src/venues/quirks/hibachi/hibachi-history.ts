import { sum } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { FundingPayment } from "#src/core/funding.ts";
import type { Fill, FillCause } from "#src/core/order.ts";
import { rate, usd } from "#src/core/units.ts";
import type { Listings, VenueDriver, VenueProfile } from "#src/venues/ccxt/driver.ts";
import { decimal, type Row, rows, text } from "#src/venues/ccxt/row.ts";
import { hourOf } from "#src/venues/quirks/shared/hour-of.ts";
import { refPriceIn } from "#src/venues/quirks/shared/units-of.ts";
import { type Hibachi, hibachiUnits, orderIdIn, secondsAsMillis } from "./hibachi-client.ts";
import type { HibachiMemory } from "./hibachi-memory.ts";
import { TradeArchive } from "./hibachi-trades.ts";

type History = Pick<VenueDriver, "fills" | "fillsOf" | "fundingPayments">;

const SETTLEMENTS_PAGE = 100;

export function hibachiHistory(
  exchange: Hibachi,
  { id }: VenueProfile,
  memory: HibachiMemory,
): History {
  const trades = new TradeArchive(async () => {
    const { accountId } = exchange;
    const answer = await exchange.privateGetTradeAccountTrades({ accountId });
    return rows(answer["trades"], "trades");
  });
  const fillOf = (listings: Listings, one: Row): Fill => ({
    ...wordsOf(listings, one),
    venue: id,
    clientOrderId: memory.ofOrderId(ownOrderId(one))?.wireId ?? "",
  });
  return {
    async fills(listings, since) {
      return (await trades.since(since)).map((one) => fillOf(listings, one));
    },
    async fillsOf(of, order) {
      if (order.filledBase.eq("0")) return [];
      const found = (await trades.known()).filter((one) => ownOrderId(one) === order.venueOrderId);
      const fills = found.map((one) => ({
        ...fillOf(new Map([[of.instrument.symbol, of]]), one),
        clientOrderId: order.clientOrderId,
      }));
      if (sum(fills.map((fill) => fill.sizeBase)).gte(order.filledBase)) return fills;
      throw new RetryableError("not all fills of the order are listed yet, or any more");
    },
    fundingPayments: (listings, since) => fundingPayments(exchange, listings, { venue: id, since }),
  };
}

function wordsOf(listings: Listings, one: Row): Omit<Fill, "venue" | "clientOrderId"> {
  const symbol = text(one, "symbol");
  const units = hibachiUnits(listings, symbol);
  return {
    symbol,
    tradeId: text(one, "id"),
    side: isBuy(one) ? "buy" : "sell",
    sizeBase: units.size(decimal(one, "quantity")),
    price: units.price(decimal(one, "price")),
    // In USDT.
    feeUsd: usd(decimal(one, "fee")),
    liquidity: isTaker(one) ? "taker" : "maker",
    cause: causeOf(text(one, "orderType")),
    filledAt: secondsAsMillis(one, "timestamp"),
  };
}

function isBuy(one: Row): boolean {
  return text(one, "side").toLowerCase() === "buy";
}

function ownOrderId(one: Row): string {
  return orderIdIn(one, isBuy(one) ? "bidOrderId" : "askOrderId");
}

/** It is not said. Order ids count up, so of two orders that met, the one with the higher id came second. */
function isTaker(one: Row): boolean {
  const [bid, ask] = [orderIdIn(one, "bidOrderId"), orderIdIn(one, "askOrderId")];
  return BigInt(bid) > BigInt(ask) === isBuy(one);
}

function causeOf(orderType: string): FillCause {
  if (/liquidat/i.test(orderType)) return "liquidation";
  return /deleverag|^adl/i.test(orderType) ? "deleveraging" : "order";
}

/** What was settled; its amount is signed: positive is received. */
async function fundingPayments(
  exchange: Hibachi,
  listings: Listings,
  { venue, since }: { readonly venue: string; readonly since: number },
): Promise<readonly FundingPayment[]> {
  const found = new Map<string, FundingPayment>();
  const { accountId } = exchange;
  let endTime: number | null = null;
  for (;;) {
    const answer = await exchange.privateGetTradeAccountSettlementsHistory({
      ...{ accountId, startTime: Math.floor(since / 1_000), limit: SETTLEMENTS_PAGE },
      ...(endTime === null ? {} : { endTime }),
    });
    const page = rows(answer["settlements"], "settlements");
    const before = found.size;
    for (const one of page) {
      const payment = paymentOf(one, venue, String(accountId), listings);
      found.set(payment.paymentId, payment);
    }
    if (page.length < SETTLEMENTS_PAGE) return [...found.values()];
    if (found.size === before) throw new RetryableError("its list of settlements does not go on");
    // Inclusive: what shares its second with the page's last one must not fall between two pages.
    endTime = Math.min(...page.map((one) => Math.ceil(secondsAsMillis(one, "timestamp") / 1_000)));
  }
}

function paymentOf(one: Row, venue: string, accountId: string, listings: Listings): FundingPayment {
  const symbol = text(one, "symbol");
  const fundingAt = hourOf(secondsAsMillis(one, "timestamp"));
  const amount = decimal(one, "settledAmount");
  const notional = decimal(one, "quantity").abs().times(decimal(one, "indexPrice"));
  const owedByLongs = text(one, "direction") === "Short" ? amount : amount.neg();
  return {
    ...{ venue, symbol, fundingAt, amountUsd: usd(amount) },
    // They have no id.
    paymentId: `${accountId}:${symbol}:${fundingAt}`,
    // Not said: what the payment is of the notional, to twelve places.
    rate: rate(owedByLongs.div(notional).round(12)),
    refPrice: refPriceIn(one, "indexPrice", hibachiUnits(listings, symbol)),
  };
}
