import type { binanceusdm } from "ccxt";
import { ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { Position } from "#src/core/order.ts";
import { rate, signedBase, usd } from "#src/core/units.ts";
import type { TradingSetup } from "#src/ports/venue.ts";
import type { KeyFacts, Listings, VenueDriver } from "#src/venues/ccxt/driver.ts";
import {
  decimal,
  decimalOrNull,
  type Row,
  row,
  rows,
  text,
  textOrNull,
} from "#src/venues/ccxt/row.ts";
import { adlRank } from "#src/venues/quirks/shared/adl-rank.ts";
import { endsSomeday } from "./binance-listing.ts";
import { priceIn, unitOf } from "./binance-units.ts";

/** How old the list of what trades may be when somebody asks whether an instrument does. */
const STATUS_FRESH_MS = 60_000;
/** Single-asset mode: the account's totals are in this currency alone, and so is what it may open. */
const TOTALS_CURRENCY = "USDT";

type Account = Pick<VenueDriver, "account" | "setup" | "feeRates" | "positions" | "keyFacts">;

/** What the account holds, and how it would trade. */
export function createBinanceAccount(
  api: binanceusdm,
  venue: string,
  isRehearsal: boolean,
): Account {
  const listedOf = readListed(api);
  return {
    async account() {
      const account = row(await api.fapiPrivateV3GetAccount(), "account");
      return {
        equityUsd: usd(decimal(account, "totalMarginBalance")),
        freeCollateralUsd: usd(decimal(account, "availableBalance")),
        maintenanceUsd: usd(decimal(account, "totalMaintMargin")),
      };
    },
    async setup({ instrument: { symbol, settleCurrency } }) {
      const [configs, account, listed] = await Promise.all([
        api.fapiPrivateGetSymbolConfig({ symbol }),
        api.fapiPrivateGetAccountConfig(),
        listedOf(symbol),
      ]);
      const config = rows(configs, "symbolConfig").find((one) => text(one, "symbol") === symbol);
      if (!config) throw new RetryableError(`no configuration of ${symbol}`);
      return {
        leverage: decimal(config, "leverage"),
        positionMode: flag(row(account, "accountConfig"), "dualSidePosition") ? "hedge" : "oneWay",
        marginMode: text(config, "marginType") === "ISOLATED" ? "isolated" : "cross",
        status: tradable(row(account, "accountConfig"), settleCurrency, listed),
      };
    },
    async feeRates({ instrument: { symbol } }) {
      const fees = row(await api.fapiPrivateGetCommissionRate({ symbol }), "commissionRate");
      return {
        takerFeeRate: rate(decimal(fees, "takerCommissionRate")),
        makerFeeRate: rate(decimal(fees, "makerCommissionRate")),
      };
    },
    async positions(listings) {
      const held = rows(await api.fapiPrivateV3GetPositionRisk(), "positionRisk");
      return held
        .filter((one) => !decimal(one, "positionAmt").eq(ZERO))
        .map((one) => positionOf(one, venue, listings));
    },
    keyFacts: () => readKeyFacts(api, isRehearsal),
  };
}

function positionOf(held: Row, venue: string, listings: Listings): Position {
  const symbol = text(held, "symbol");
  const unit = unitOf(symbol, listings);
  const entry = decimalOrNull(held, "entryPrice");
  const liquidation = decimalOrNull(held, "liquidationPrice");
  return {
    ...{ venue, symbol },
    // Negative for a short, also where the account is in hedge mode.
    sizeBase: signedBase(decimal(held, "positionAmt").times(unit)),
    entryPrice: entry?.gt(ZERO) ? priceIn(unit, entry) : null,
    markPrice: priceIn(unit, decimal(held, "markPrice")),
    liquidationPrice: liquidation?.gt(ZERO) ? priceIn(unit, liquidation) : null,
    ...adlRank(decimalOrNull(held, "adl"), 4),
  };
}

/** The demo venue has no endpoint that tells a key's permissions. */
async function readKeyFacts(api: binanceusdm, isRehearsal: boolean): Promise<KeyFacts> {
  const [balances, account, restrictions] = await Promise.all([
    api.fapiPrivateV3GetBalance(),
    api.fapiPrivateGetAccountConfig(),
    isRehearsal ? null : api.sapiGetAccountApiRestrictions(),
  ]);
  const [first] = rows(balances, "balance");
  const mayTrade = flag(row(account, "accountConfig"), "canTrade");
  const key = restrictions && row(restrictions, "apiRestrictions");
  return {
    canTrade: mayTrade && (key === null || flag(key, "enableFutures")),
    canWithdraw: key && flag(key, "enableWithdrawals"),
    accountId: first ? textOrNull(first, "accountAlias") : null,
  };
}

function tradable(account: Row, currency: string, listed: Row | null): TradingSetup["status"] {
  if (!listed || text(listed, "status") !== "TRADING" || !flag(account, "canTrade"))
    return "halted";
  if (endsSomeday(listed)) return "reduceOnly";
  const backsAll = flag(account, "multiAssetsMargin") || currency === TOTALS_CURRENCY;
  return backsAll ? "trading" : "reduceOnly";
}

/** What each symbol is listed as now; exchangeInfo takes no symbol, so one answer serves all for a while. */
function readListed(api: binanceusdm): (symbol: string) => Promise<Row | null> {
  let known: ReadonlyMap<string, Row> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  return async (symbol) => {
    if (api.milliseconds() - readAt >= STATUS_FRESH_MS) {
      const info = row(await api.fapiPublicGetExchangeInfo(), "exchangeInfo");
      known = new Map(rows(info["symbols"], "symbols").map((one) => [text(one, "symbol"), one]));
      readAt = api.milliseconds();
    }
    return known.get(symbol) ?? null;
  };
}

function flag(from: Row, key: string): boolean {
  return text(from, key) === "true";
}
