import { ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { SPOT_SUFFIX } from "#src/core/instrument.ts";
import type { OrderReport } from "#src/core/order.ts";
import { rate } from "#src/core/units.ts";
import type { TradingSetup } from "#src/ports/venue.ts";
import type { Listed, Listings, WireOrder } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice, toBase } from "#src/venues/ccxt/listed.ts";
import {
  decimal,
  decimalOrNull,
  millis,
  type Row,
  row,
  rows,
  text,
  textOrNull,
} from "#src/venues/ccxt/row.ts";
import type { SpotDriver, SpotTrade } from "#src/venues/spot/spot-driver.ts";
import { coinOf, wireSymbolOf } from "#src/venues/spot/spot-symbols.ts";
import { bybitStatusOf, wireNameOf } from "./bybit-orders.ts";
import { haveItRepay } from "./bybit-repayment.ts";
import { allPages, allWindows, type Bybit, listOf, onlyRowOf, resultOf } from "./bybit-replies.ts";
import { mayBorrow } from "./bybit-spot-market.ts";

const CATEGORY = { category: "spot" };
const FEE_COIN = "MNT";
const FORCES = { ioc: "IOC", gtc: "GTC", postOnly: "PostOnly" } as const;

type Account = Omit<
  SpotDriver,
  "venue" | "list" | "orderBook" | "marketStats" | "marks" | "borrowRates" | "priceAt"
>;

/** Spot of a unified account: the same pool as its perps, and borrowed coins are its negative balances. */
export function bybitSpotAccount(exchange: Bybit): Account {
  const executions = (params: object) => exchange.privateGetV5ExecutionList(params);
  const balances = async () => {
    const params = { accountType: "UNIFIED" };
    const wallet = onlyRowOf(await exchange.privateGetV5AccountWalletBalance(params));
    return new Map(rows(wallet["coin"], "coins").map((one) => [text(one, "coin"), netOf(one)]));
  };
  return {
    account: null,
    async unfit() {
      const key = resultOf(await exchange.privateGetV5UserQueryApi());
      const { Spot: rights } = row(key["permissions"], "permissions");
      const may = Array.isArray(rights) && rights.includes("SpotTrade");
      if (!may || text(key, "readOnly") !== "0") {
        return "the key may not trade spot there: give it the right SpotTrade";
      }
      const account = resultOf(await exchange.privateGetV5AccountInfo());
      if (text(account, "marginMode") === "REGULAR_MARGIN") return null;
      return "spot is hedged there only in cross margin mode, where coins back the perps: choose that margin mode";
    },
    async noLoans() {
      return (await mayBorrow(exchange)) ? null : "switch spot margin trading on there";
    },
    balances,
    async setup(of) {
      const params = { ...CATEGORY, symbol: wireSymbolOf(of) };
      const [listed] = listOf(await exchange.publicGetV5MarketInstrumentsInfo(params));
      return setupOf(listed ?? null);
    },
    feeRates: (of) => readFees(exchange, of, balances),
    async openOrders(listings) {
      const resting = await allPages((params) => exchange.privateGetV5OrderRealtime(params), {
        ...{ ...CATEGORY, openOnly: 0, limit: 50 },
      });
      return resting.flatMap((one) => {
        const of = listings.get(`${text(one, "symbol")}${SPOT_SUFFIX}`);
        return of ? [reportOf(one, of)] : [];
      });
    },
    async lookupOrder(of, name) {
      const params = { ...CATEGORY, symbol: wireSymbolOf(of), ...wireNameOf(name) };
      const [now] = listOf(await exchange.privateGetV5OrderRealtime(params));
      const [past] = now ? [now] : listOf(await exchange.privateGetV5OrderHistory(params));
      return past ? reportOf(past, of) : null;
    },
    async tradesOf(of, { venueOrderId: orderId }) {
      const which = { ...CATEGORY, symbol: wireSymbolOf(of), orderId, limit: 100 };
      return (await allPages(executions, which)).map((one) => tradeOf(one, of));
    },
    async trades(listings, since) {
      const span = { since, now: exchange.nonce() };
      const found = await allWindows(executions, { ...CATEGORY, limit: 100 }, span);
      return tradesIn(found, listings);
    },
    place: (of, order) => place(exchange, of, order),
    async cancel(of, name) {
      const which = { ...CATEGORY, symbol: wireSymbolOf(of), ...wireNameOf(name) };
      await exchange.privatePostV5OrderCancel(which);
    },
    async cancelAll(of) {
      await exchange.privatePostV5OrderCancelAll({ ...CATEGORY, symbol: wireSymbolOf(of) });
    },
    async interest(since) {
      const log = (params: object) => exchange.privateGetV5AccountBorrowHistory(params);
      const found = await allWindows(log, { limit: 50 }, { since, now: exchange.nonce() });
      return found.flatMap((one) => {
        const [coin, at] = [text(one, "currency"), millis(one, "createdTime")];
        const amount = decimal(one, "borrowCost").neg();
        return amount.eq(ZERO) ? [] : { id: `interest:${coin}:${at}`, coin, amount, at };
      });
    },
  };
}

async function readFees(exchange: Bybit, of: Listed, balances: SpotDriver["balances"]) {
  const params = { ...CATEGORY, symbol: wireSymbolOf(of) };
  const [answer, settings] = await Promise.all([
    exchange.privateGetV5AccountFeeRate(params),
    exchange.privateGetV5AccountUserSettingConfig(),
  ]);
  const fees = onlyRowOf(answer);
  // The owner may have chosen to pay with the venue's own coin; absent where there is no choice.
  const inOwnCoin = textOrNull(resultOf(settings), "smsef") === "true";
  return {
    takerFeeRate: rate(decimal(fees, "takerFeeRate")),
    makerFeeRate: rate(decimal(fees, "makerFeeRate")),
    // Without any of it left the venue takes the coins that were bought after all.
    inCoins: !inOwnCoin || !(await balances()).get(FEE_COIN)?.gt(ZERO),
  };
}

/** Not through ccxt's createOrder, which rounds in floats: this body is signed just as it stands. */
async function place(exchange: Bybit, of: Listed, { request, wireId, amount, price }: WireOrder) {
  const borrows = request.side === "sell" && !request.reduceOnly;
  if (borrows) await haveItRepay(exchange, coinOf(of));
  const answer = resultOf(
    await exchange.privatePostV5OrderCreate({
      ...{ ...CATEGORY, symbol: wireSymbolOf(of), orderType: "Limit", qty: amount, price },
      side: request.side === "buy" ? "Buy" : "Sell",
      timeInForce: FORCES[request.timeInForce],
      orderLinkId: wireId,
      isLeverage: borrows ? 1 : 0,
    }),
  );
  if ((textOrNull(answer, "orderLinkId") ?? wireId) !== wireId) {
    throw new RetryableError("the answer is about another order");
  }
  return { venueOrderId: text(answer, "orderId"), status: null, filledBase: null };
}

/** Equity is the balance, negative for what is owed, and the unrealised P&L of contracts settled in the coin. */
function netOf(coin: Row) {
  return decimal(coin, "equity").minus(decimalOrNull(coin, "unrealisedPnl") ?? ZERO);
}

function setupOf(listed: Row | null): TradingSetup {
  const isTraded = listed !== null && textOrNull(listed, "status") === "Trading";
  const status = isTraded ? "trading" : "halted";
  return { leverage: null, positionMode: "oneWay", marginMode: null, status };
}

function tradesIn(found: readonly Row[], listings: Listings) {
  const byMarket = new Map<Listed, SpotTrade[]>();
  for (const one of found) {
    const of = listings.get(`${text(one, "symbol")}${SPOT_SUFFIX}`);
    if (!of) continue;
    byMarket.set(of, [...(byMarket.get(of) ?? []), tradeOf(one, of)]);
  }
  return byMarket;
}

function tradeOf(from: Row, of: Listed): SpotTrade {
  const fee = decimal(from, "execFee");
  const feeCoin = textOrNull(from, "feeCurrency");
  if (feeCoin === null && !fee.eq(ZERO)) throw new RetryableError("feeCurrency is missing");
  return {
    tradeId: text(from, "execId"),
    venueOrderId: text(from, "orderId"),
    clientOrderId: textOrNull(from, "orderLinkId") ?? "",
    side: text(from, "side") === "Buy" ? "buy" : "sell",
    size: toBase(of, decimal(from, "execQty")),
    price: fromWirePrice(of, decimal(from, "execPrice")),
    ...{ fee, feeCoin: feeCoin ?? of.instrument.settleCurrency },
    liquidity: text(from, "isMaker") === "true" ? "maker" : "taker",
    filledAt: millis(from, "execTime"),
  };
}

function reportOf(from: Row, of: Listed): OrderReport {
  const side = text(from, "side") === "Buy" ? "buy" : "sell";
  return {
    clientOrderId: textOrNull(from, "orderLinkId") ?? "",
    venueOrderId: text(from, "orderId"),
    ...{ symbol: of.instrument.symbol, side },
    status: bybitStatusOf(text(from, "orderStatus")),
    sizeBase: toBase(of, decimal(from, "qty")),
    filledBase: toBase(of, decimal(from, "cumExecQty")),
    // What may not borrow can only sell what is held.
    reduceOnly: side === "sell" && textOrNull(from, "isLeverage") === "0",
  };
}
