import type { okx as OkxExchange } from "ccxt";
import { dec, minOf, ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { SPOT_SUFFIX } from "#src/core/instrument.ts";
import type { Listed, Placed, WireOrder } from "#src/venues/ccxt/driver.ts";
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
import { askApart } from "#src/venues/quirks/shared/ask-apart.ts";
import type { SpotDriver } from "#src/venues/spot/spot-driver.ts";
import { wireSymbolOf } from "#src/venues/spot/spot-symbols.ts";
import { okxFeesOf } from "./okx-account.ts";
import { naming, OKX_ORDER_TYPES, okxReportOf, takenOn, unlessGone } from "./okx-orders.ts";
import { okxPages, okxRow } from "./okx-reply.ts";
import { okxSpotTrades } from "./okx-spot-trades.ts";

type Account = Omit<
  SpotDriver,
  "venue" | "list" | "orderBook" | "marketStats" | "marks" | "borrowRates" | "priceAt"
>;

const MARKET_LOANS = "2";

/** Spot of an account in multi-currency margin mode: one pool, and borrowed coins are negative balances. */
export function okxSpotAccount(exchange: OkxExchange): Account {
  const pending = (which: Readonly<Record<string, string>>) =>
    okxPages(
      (page) => exchange.privateGetTradeOrdersPending({ ...which, ...page }),
      (last) => text(last, "ordId"),
      "open orders",
    );
  const config = async () => okxRow(await exchange.privateGetAccountConfig(), "account config");
  const details = async () => {
    const balance = okxRow(await exchange.privateGetAccountBalance(), "balance");
    return rows(balance["details"], "balance details");
  };
  const balances = async () =>
    new Map((await details()).map((one) => [text(one, "ccy"), netOf(one)]));
  return {
    account: null,
    unfit: async () => unfitness(await config()),
    noLoans: async () =>
      text(await config(), "autoLoan") === "true" ? null : "switch auto-borrow on there",
    balances,

    async setup(of) {
      const params = { instType: "SPOT", instId: wireSymbolOf(of) };
      const listed = okxRow(await exchange.publicGetPublicInstruments(params), "instrument");
      const status = text(listed, "state") === "live" ? "trading" : "halted";
      return { leverage: null, positionMode: "oneWay", marginMode: null, status };
    },

    async feeRates(of) {
      const [fees, settings] = await Promise.all([
        exchange.privateGetAccountTradeFee({ instType: "SPOT", instId: wireSymbolOf(of) }),
        config(),
      ]);
      // "1": the owner chose to pay all fees in the quote currency.
      const inCoins = textOrNull(settings, "feeType") !== "1";
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

    ...okxSpotTrades(exchange),

    async place(of, order) {
      // Whatever it crosses, the account borrows by itself what it lacks: dollars are never borrowed here.
      if (order.request.side === "buy") await requireDollars(of, order, () => askApart(details));
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
  { amount, price, request: { reduceOnly } }: WireOrder,
  details: () => Promise<readonly Row[]>,
): Promise<void> {
  const quote = instrument.settleCurrency;
  const own = (await details()).find((one) => text(one, "ccy") === quote);
  const cash = own ? netOf(own) : ZERO;
  // What the perps have lost and not realised is borrowed too, once the rest of the dollars is spent: a purchase
  // that closes may do that, because it ends a loan.
  const held = own && !reduceOnly ? minOf(cash, decimal(own, "eq")) : cash;
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

function interestId(one: Row): string {
  const parts = ["ccy", "mgnMode", "instId", "ts"].map((key) => textOrNull(one, key) ?? "");
  return `interest:${parts.join(":")}`;
}
