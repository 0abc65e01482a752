import { ZERO } from "#src/core/decimal.ts";
import { OperatorError, RetryableError } from "#src/core/errors.ts";
import type { Position } from "#src/core/order.ts";
import { marginRatioFromCcxt } from "#src/core/rules/margin-bands.ts";
import { rate, signedBase, usd } from "#src/core/units.ts";
import type { TradingSetup } from "#src/ports/venue.ts";
import { currentCall } from "#src/venues/ccxt/call-context.ts";
import type { Listings, VenueDriver } from "#src/venues/ccxt/driver.ts";
import { decimal, decimalOrNull, type Row, row, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { adlRank } from "#src/venues/quirks/shared/adl-rank.ts";
import type { Units } from "#src/venues/quirks/shared/units-of.ts";
import { bybitUnits, endsSomeday, isPerpetual } from "./bybit-listing.ts";
import {
  allPages,
  type Bybit,
  listOf,
  onlyRowOf,
  resultOf,
  SETTLE_COINS,
} from "./bybit-replies.ts";

const CATEGORY = { category: "linear" };

type Account = Pick<
  VenueDriver,
  "account" | "setup" | "setLeverage" | "feeRates" | "positions" | "keyFacts"
>;

export function bybitAccount(exchange: Bybit): Account {
  return {
    async account() {
      const params = { accountType: "UNIFIED" };
      const wallet = onlyRowOf(await exchange.privateGetV5AccountWalletBalance(params));
      if (textOrNull(wallet, "totalAvailableBalance") === null) {
        throw new RetryableError(
          "no free collateral is given: the account must be a unified one in cross margin mode",
        );
      }
      return {
        // Includes unrealised P&L, where ccxt's own total does not.
        equityUsd: usd(decimal(wallet, "totalEquity")),
        freeCollateralUsd: usd(decimal(wallet, "totalAvailableBalance")),
        maintenanceUsd: usd(decimal(wallet, "totalMaintenanceMargin")),
        ...ownRatio(wallet),
      };
    },
    async setup(of) {
      const params = { ...CATEGORY, symbol: of.instrument.symbol };
      const [position, account, instrument] = await Promise.all([
        exchange.privateGetV5PositionList(params),
        exchange.privateGetV5AccountInfo(),
        exchange.publicGetV5MarketInstrumentsInfo(params),
      ]);
      return setupOf(listOf(position), resultOf(account), listOf(instrument)[0] ?? null);
    },
    async setLeverage(of, leverage) {
      const [symbol, wanted] = [of.instrument.symbol, leverage.toFixed()];
      const change = { ...CATEGORY, symbol, buyLeverage: wanted, sellLeverage: wanted };
      try {
        await exchange.privatePostV5PositionSetLeverage(change);
      } catch (error) {
        if (!isUnchanged(currentCall()?.reply?.body ?? "")) throw error;
      }
    },
    async feeRates(of) {
      const params = { ...CATEGORY, symbol: of.instrument.symbol };
      const fees = onlyRowOf(await exchange.privateGetV5AccountFeeRate(params));
      return {
        takerFeeRate: rate(decimal(fees, "takerFeeRate")),
        makerFeeRate: rate(decimal(fees, "makerFeeRate")),
      };
    },
    async positions(listings) {
      const coins = SETTLE_COINS.map((settleCoin) =>
        allPages((params) => exchange.privateGetV5PositionList(params), {
          ...{ ...CATEGORY, settleCoin, limit: 200 },
        }),
      );
      return (await Promise.all(coins)).flat().flatMap((one) => positionOf(one, listings));
    },
    async keyFacts() {
      return keyFactsOf(resultOf(await exchange.privateGetV5UserQueryApi()));
    },
  };
}

/** Maintenance over what it counts as margin: coins count for less there than in the equity. */
function ownRatio(wallet: Row) {
  const rate = decimalOrNull(wallet, "accountMMRate");
  const ratio = rate && marginRatioFromCcxt(rate);
  return ratio ? { marginRatio: ratio } : {};
}

function setupOf(sides: readonly Row[], account: Row, instrument: Row | null): TradingSetup {
  const [side] = sides;
  const mode = text(account, "marginMode");
  if (mode === "PORTFOLIO_MARGIN" || !side) {
    throw new RetryableError("the account is in portfolio margin mode: choose cross margin");
  }
  const oneWay = sides.length === 1 && text(side, "positionIdx") === "0";
  return {
    leverage: decimal(side, "leverage"),
    positionMode: oneWay ? "oneWay" : "hedge",
    marginMode: mode === "ISOLATED_MARGIN" ? "isolated" : "cross",
    status: statusOf(side, instrument),
  };
}

function statusOf(side: Row, instrument: Row | null): TradingSetup["status"] {
  if (instrument === null || textOrNull(instrument, "status") !== "Trading") return "halted";
  return endsSomeday(instrument) || textOrNull(side, "isReduceOnly") === "true"
    ? "reduceOnly"
    : "trading";
}

/** Nothing for what is flat, and for dated futures, which are not traded here. */
function positionOf(from: Row, listings: Listings): readonly Position[] {
  const symbol = text(from, "symbol");
  const size = decimal(from, "size");
  if (!isPerpetual(symbol) || size.eq(ZERO)) return [];
  const units = bybitUnits(listings, symbol);
  const held = units.size(size);
  return [
    {
      ...{ venue: "bybit", symbol },
      sizeBase: signedBase(text(from, "side") === "Buy" ? held : held.neg()),
      entryPrice: priceOrNull(from, "avgPrice", units),
      markPrice: units.price(decimal(from, "markPrice")),
      liquidationPrice: priceOrNull(from, "liqPrice", units),
      ...adlRank(decimalOrNull(from, "adlRankIndicator"), 5),
    },
  ];
}

function priceOrNull(from: Row, key: string, units: Units) {
  const value = decimalOrNull(from, key);
  return value?.gt(ZERO) ? units.price(value) : null;
}

function keyFactsOf(key: Row) {
  if (textOrNull(key, "uta") === "0") {
    throw new OperatorError("bybit's account is not a unified trading account: upgrade it there");
  }
  const permissions = row(key["permissions"], "permissions");
  const has = (group: string, permission: string) => {
    const list = permissions[group];
    return Array.isArray(list) && list.includes(permission);
  };
  const mayOrder = has("ContractTrade", "Order") || has("Derivatives", "DerivativesTrade");
  return {
    canTrade: text(key, "readOnly") === "0" && mayOrder,
    canWithdraw: has("Wallet", "Withdraw"),
    accountId: text(key, "userID"),
  };
}

/** The venue calls it an error to ask for what is set already. */
function isUnchanged(body: string): boolean {
  return /"retCode"\s*:\s*110043\b/.test(body);
}
