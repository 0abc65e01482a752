import type { okx as OkxExchange } from "ccxt";
import { dec, sum, ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { DAY_MS, HOUR_MS } from "#src/core/funding.ts";
import { SPOT_SUFFIX } from "#src/core/instrument.ts";
import type { Listed, Listings, Placed, WireOrder } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice, toBase } from "#src/venues/ccxt/listed.ts";
import { NotSentError } from "#src/venues/ccxt/not-sent.ts";
import {
  decimal,
  decimalOrNull,
  millis,
  type Row,
  rows,
  text,
  textOrNull,
} from "#src/venues/ccxt/row.ts";
import { askApart } from "#src/venues/quirks/ask-apart.ts";
import type { SpotDriver, SpotTrade } from "#src/venues/spot/spot-driver.ts";
import { wireSymbolOf } from "#src/venues/spot/spot-symbols.ts";
import { okxFeesOf } from "./okx-account.ts";
import { naming, OKX_ORDER_TYPES, okxReportOf, takenOn, unlessGone } from "./okx-orders.ts";
import { okxPages, okxRow, okxSide } from "./okx-reply.ts";

type Account = Omit<
  SpotDriver,
  "venue" | "list" | "orderBook" | "marketStats" | "marks" | "borrowRates" | "priceAt"
>;
type List = (page: Readonly<Record<string, string>>) => Promise<unknown>;

/** What crosses a coin's market is told as a margin order, whether or not anything was borrowed. */
const TYPES = ["SPOT", "MARGIN"];
const RECENT_FILLS_MS = 3 * DAY_MS - HOUR_MS;
const MARKET_LOANS = "2";

/** Spot of an account in multi-currency margin mode: one pool, and borrowed coins are negative balances. */
export function okxSpotAccount(exchange: OkxExchange): Account {
  const pending = (which: Readonly<Record<string, string>>) =>
    okxPages(
      (page) => exchange.privateGetTradeOrdersPending({ ...which, ...page }),
      (last) => text(last, "ordId"),
      "open orders",
    );
  const balances = async () => {
    const balance = okxRow(await exchange.privateGetAccountBalance(), "balance");
    const details = rows(balance["details"], "balance details");
    return new Map(details.map((one) => [text(one, "ccy"), netOf(one)]));
  };
  return {
    account: null,
    unfit: async () => unfitness(okxRow(await exchange.privateGetAccountConfig(), "config")),
    balances,

    async setup(of) {
      const params = { instType: "SPOT", instId: wireSymbolOf(of) };
      const listed = okxRow(await exchange.publicGetPublicInstruments(params), "instrument");
      const status = text(listed, "state") === "live" ? "trading" : "halted";
      return { leverage: null, positionMode: "oneWay", marginMode: null, status };
    },

    async feeRates(of) {
      const [fees, config] = await Promise.all([
        exchange.privateGetAccountTradeFee({ instType: "SPOT", instId: wireSymbolOf(of) }),
        exchange.privateGetAccountConfig(),
      ]);
      // "1": the owner chose to pay all fees in the quote currency.
      const inCoins = textOrNull(okxRow(config, "account config"), "feeType") !== "1";
      return { ...okxFeesOf(okxRow(fees, "fees"), of, ["taker", "maker"]), inCoins };
    },

    async openOrders(listings) {
      return (await pending({})).flatMap((one) => {
        const of = listings.get(`${text(one, "instId")}${SPOT_SUFFIX}`);
        return of ? [okxReportOf(of, one)] : [];
      });
    },

    async lookupOrder(of, name) {
      const which = { instId: wireSymbolOf(of), ...naming(name) };
      return okxReportOf(of, okxRow(await exchange.privateGetTradeOrder(which), "order"));
    },

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

    async place(of, order) {
      // Whatever it crosses, the account borrows by itself what it lacks: dollars are never borrowed here.
      if (order.request.side === "buy") await requireDollars(of, order, () => askApart(balances));
      return place(exchange, of, order);
    },

    async cancel(of, name) {
      const which = { instId: wireSymbolOf(of), ...naming(name) };
      takenOn(okxRow(await exchange.privatePostTradeCancelOrder(which), "cancel"));
    },

    async cancelAll(of) {
      const instId = wireSymbolOf(of);
      const resting = await pending({ instId });
      for (const one of resting) {
        const ordId = text(one, "ordId");
        await exchange.privatePostTradeCancelOrder({ instId, ordId }).catch(unlessGone);
      }
      if (resting.length > 0 && (await pending({ instId })).length > 0) {
        throw new RetryableError("orders still rest after the cancel");
      }
    },

    async interest(since) {
      const found = await okxPages(
        (page) => exchange.privateGetAccountInterestAccrued({ type: MARKET_LOANS, ...page }),
        // Several currencies are charged in one moment, so that moment is asked for again.
        (last) => (millis(last, "ts") < since ? null : String(millis(last, "ts") + 1)),
        "interest",
      );
      const each = new Map(found.map((one) => [interestId(one), one]));
      return [...each].map(([id, one]) => ({
        ...{ id, coin: text(one, "ccy"), at: millis(one, "ts") },
        amount: decimal(one, "interest").neg(),
      }));
    },
  };
}

function unfitness(config: Row): string | null {
  const mayTrade = textOrNull(config, "perm")?.split(",").includes("trade") ?? true;
  if (!mayTrade) return "the key may not trade spot there: give it the right to trade";
  if (["3", "4"].includes(text(config, "acctLv"))) return null;
  return "spot is hedged there only in multi-currency margin mode, where coins back the perps: set that account mode";
}

/** Without the unrealised P&L of contracts that are settled in the coin. */
function netOf(coin: Row) {
  return decimal(coin, "eq").minus(decimalOrNull(coin, "upl") ?? ZERO);
}

async function requireDollars(
  { instrument }: Listed,
  { amount, price }: WireOrder,
  balances: () => Promise<ReadonlyMap<string, ReturnType<typeof netOf>>>,
): Promise<void> {
  const quote = instrument.settleCurrency;
  const held = (await balances()).get(quote) ?? ZERO;
  if (held.gte(dec(amount).times(price))) return;
  throw new NotSentError(`the account does not hold enough ${quote} to buy without borrowing it`);
}

/** This account mode knows spot as cross margin only; what may not borrow was cut to what is held before. */
async function place(exchange: OkxExchange, of: Listed, order: WireOrder): Promise<Placed> {
  const { side, timeInForce } = order.request;
  const answer = await exchange.privatePostTradeOrder({
    ...{ instId: wireSymbolOf(of), tdMode: "cross", side, clOrdId: order.wireId },
    ...{ ordType: OKX_ORDER_TYPES[timeInForce], sz: order.amount, px: order.price },
  });
  const taken = takenOn(okxRow(answer, "new order"));
  return { venueOrderId: text(taken, "ordId"), status: null, filledBase: null };
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

function interestId(one: Row): string {
  const parts = ["ccy", "mgnMode", "instId", "ts"].map((key) => textOrNull(one, key) ?? "");
  return `interest:${parts.join(":")}`;
}
