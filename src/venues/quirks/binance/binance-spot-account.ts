import type { binanceusdm } from "ccxt";
import { type Decimal, maxOf, ONE, sum, ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { DAY_MS } from "#src/core/funding.ts";
import { rate, usd } from "#src/core/units.ts";
import type { Listings } from "#src/venues/ccxt/driver.ts";
import { decimal, millis, type Row, row, rows, text, textOrNull } from "#src/venues/ccxt/row.ts";
import type { CoinFlow, SpotDriver } from "#src/venues/spot/spot-driver.ts";
import { coinOf, isDollar, wireSymbolOf } from "#src/venues/spot/spot-symbols.ts";
import { binancePrices } from "./binance-spot-market.ts";

type Account = Pick<
  SpotDriver,
  "account" | "unfit" | "noLoans" | "balances" | "setup" | "feeRates" | "interest"
>;

/** Cross margin is liquidated when what is held is worth 1.1 times what is owed. */
const MAINTENANCE_OF_OWED = "0.1";
/** One question about interest may cover this much. */
const STRETCH_MS = 30 * DAY_MS;
const KEPT_MS = 89 * DAY_MS;
const PAGE = 100;
const FEE_COIN = "BNB";
const CLOSED =
  "its cross margin account may not trade now: see there why, and have it opened for trading";

/**
 * Binance's cross margin account, for coins bought and for coins sold short alike: its money is apart from the
 * one of USD-M futures, and so is its liquidation.
 */
export function binanceSpotAccount(api: binanceusdm): Account {
  const read = async () => row(await api.sapiGetMarginAccount(), "margin account");
  const coins = async () => rows((await read())["userAssets"], "assets").map((one) => coinRow(one));
  const may = async (what: "trade" | "borrow") => text(await read(), `${what}Enabled`) === "true";
  return {
    async account() {
      const [held, prices] = await Promise.all([coins(), binancePrices(api)]);
      return stateOf(held.map((one) => ({ ...one, price: priceOf(one, prices) })));
    },
    async unfit() {
      const key = row(await api.sapiGetAccountApiRestrictions(), "apiRestrictions");
      const hasRights = ["enableSpotAndMarginTrading", "enableMargin"].every(
        (right) => text(key, right) === "true",
      );
      if (hasRights) return (await may("trade")) ? null : CLOSED;
      return "the key may not trade spot on cross margin there: open the cross margin account, give the key the rights to spot and margin trading and to margin loans, and move money for spot into that account";
    },
    async noLoans() {
      return (await may("borrow")) ? null : "its cross margin account may not borrow now";
    },
    balances: async () => new Map((await coins()).map((one) => [one.coin, one.net])),
    async setup(of) {
      const symbol = wireSymbolOf(of);
      const info = row(await api.publicGetExchangeInfo({ symbol }), "exchangeInfo");
      const [listed] = rows(info["symbols"], "symbols");
      const isTraded = listed !== undefined && text(listed, "status") === "TRADING";
      const status = isTraded ? "trading" : "halted";
      return { leverage: null, positionMode: "oneWay", marginMode: null, status };
    },
    async feeRates(of) {
      const symbol = wireSymbolOf(of);
      const [answer, burn] = await Promise.all([
        api.sapiGetAssetTradeFee({ symbol }),
        api.sapiGetBnbBurn(),
      ]);
      const fees = rows(answer, "fees").find((one) => text(one, "symbol") === symbol);
      if (!fees) throw new RetryableError(`no fees of ${symbol}`);
      const burns = text(row(burn, "bnbBurn"), "spotBNBBurn") === "true";
      return {
        takerFeeRate: rate(decimal(fees, "takerCommission")),
        makerFeeRate: rate(decimal(fees, "makerCommission")),
        // Without any of it left the venue takes the coins that were bought after all.
        inCoins: !burns || coinOf(of) === FEE_COIN || !(await has(coins, FEE_COIN)),
      };
    },
    interest: (since) => readInterest(api, since),
  };
}

/** Symbols that this account can have traded: held or owed now, or sent orders to. */
export async function spotSymbolsInUse(
  balances: SpotDriver["balances"],
  listings: Listings,
  touched: Iterable<string>,
): Promise<ReadonlySet<string>> {
  const held = await balances();
  const inUse = [...listings.values()].flatMap((of) => {
    const isHeld = of.instrument.kind === "spot" && !(held.get(coinOf(of)) ?? ZERO).eq(ZERO);
    return isHeld ? of.instrument.symbol : [];
  });
  return new Set([...touched, ...inUse]);
}

type CoinRow = ReturnType<typeof coinRow>;

function coinRow(from: Row) {
  const [free, locked, borrowed, interest] = [
    ...([decimal(from, "free"), decimal(from, "locked")] as const),
    ...([decimal(from, "borrowed"), decimal(from, "interest")] as const),
  ];
  const owed = borrowed.plus(interest);
  return { coin: text(from, "asset"), free, owed, net: free.plus(locked).minus(owed) };
}

async function has(coins: () => Promise<readonly CoinRow[]>, coin: string): Promise<boolean> {
  return (await coins()).some((one) => one.coin === coin && one.free.gt(ZERO));
}

/** What has no price counts as nothing, unless it is owed. */
function priceOf({ coin, net, owed }: CoinRow, prices: ReadonlyMap<string, Decimal>): Decimal {
  if (isDollar(coin)) return prices.get(`${coin}USDT`) ?? ONE;
  const price = prices.get(`${coin}USDT`);
  if (!price && (owed.gt(ZERO) || net.lt(ZERO))) throw new RetryableError(`no price of ${coin}`);
  return price ?? ZERO;
}

function stateOf(held: readonly (CoinRow & { readonly price: Decimal })[]) {
  const worth = (of: (one: CoinRow) => Decimal) => sum(held.map((one) => of(one).times(one.price)));
  const owed = worth((one) => one.owed);
  const dollars = worth((one) => (isDollar(one.coin) ? one.free : ZERO));
  return {
    equityUsd: usd(worth((one) => one.net)),
    // What a short brought in is not free, and it is backed by as much again.
    freeCollateralUsd: usd(maxOf(ZERO, dollars.minus(owed.times("2")))),
    maintenanceUsd: usd(owed.times(MAINTENANCE_OF_OWED)),
  };
}

async function readInterest(api: binanceusdm, since: number): Promise<readonly CoinFlow[]> {
  const found = await binanceRowPages(since, api.milliseconds(), (span) =>
    api.sapiGetMarginInterestHistory(span),
  );
  return found.map((one) => {
    const charged = { coin: text(one, "asset"), amount: decimal(one, "interest").neg() };
    const [id, at] = [text(one, "txId"), millis(one, "interestAccuredTime")];
    // What is charged in BNB is told as that, for the coin that is owed.
    const chargedFor = textOrNull(one, "rawAsset") ?? charged.coin;
    return { ...charged, id: `interest:${id}:${at}`, at, chargedFor };
  });
}

type Span = Readonly<Record<"startTime" | "endTime" | "current" | "size", number>>;

/** Rows of a list that is asked for by stretches of time and numbered pages, each once. */
export async function binanceRowPages(
  since: number,
  now: number,
  ask: (span: Span) => Promise<unknown>,
): Promise<readonly Row[]> {
  const found: Row[] = [];
  for (let start = Math.max(since, now - KEPT_MS); start <= now; start += STRETCH_MS) {
    const endTime = Math.min(start + STRETCH_MS - 1, now);
    for (let current = 1; ; current += 1) {
      const answer = row(await ask({ startTime: start, endTime, current, size: PAGE }), "pages");
      const page = rows(answer["rows"], "rows");
      found.push(...page);
      if (page.length < PAGE) break;
    }
  }
  return found;
}
