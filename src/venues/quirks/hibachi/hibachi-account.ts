import { sum } from "#src/core/decimal.ts";
import type { Position } from "#src/core/order.ts";
import { rate, signedBase, usd } from "#src/core/units.ts";
import type { Listings, VenueDriver, VenueProfile } from "#src/venues/ccxt/driver.ts";
import { decimal, decimalOrNull, type Row, rows, text, textOrNull } from "#src/venues/ccxt/row.ts";
import {
  accountRow,
  contractRow,
  exchangeInfo,
  type Hibachi,
  hibachiUnits,
} from "./hibachi-client.ts";

type AccountSide = Pick<VenueDriver, "account" | "setup" | "feeRates" | "positions" | "keyFacts">;

export function hibachiAccount(exchange: Hibachi, { id }: VenueProfile): AccountSide {
  return {
    async account() {
      const [account, { contracts }] = await Promise.all([
        accountRow(exchange),
        exchangeInfo(exchange),
      ]);
      const needs = rows(account["positions"], "positions").map((held) => {
        const contract = contractRow(contracts, text(held, "symbol"));
        const notional = decimal(held, "notionalValue").abs();
        return notional.times(decimal(contract, "maintenanceMarginRate"));
      });
      return {
        equityUsd: equityOf(account),
        freeCollateralUsd: usd(decimal(account, "maximalWithdraw")),
        maintenanceUsd: usd(sum(needs)),
      };
    },
    async setup({ instrument: { symbol } }) {
      const { contracts, isNormal } = await exchangeInfo(exchange);
      const contract = contractRow(contracts, symbol);
      const isLive = text(contract, "status") === "LIVE";
      return {
        // One account's collateral backs everything. What its leverage is set to cannot be read.
        ...{ leverage: null, positionMode: "oneWay", marginMode: "cross" },
        status: isNormal && isLive ? "trading" : "halted",
      };
    },
    async feeRates() {
      const account = await accountRow(exchange);
      // Null in the account when it has no rates of its own.
      const general = textOrNull(account, "tradeTakerFeeRate")
        ? account
        : (await exchangeInfo(exchange)).feeConfig;
      return {
        takerFeeRate: rate(decimal(general, "tradeTakerFeeRate")),
        makerFeeRate: rate(decimal(general, "tradeMakerFeeRate")),
      };
    },
    async positions(listings) {
      const account = await accountRow(exchange);
      return rows(account["positions"], "positions").map((one) => positionOf(one, listings, id));
    },
    keyFacts: async () => ({
      // It does not say what a key may do.
      ...{ canTrade: null, canWithdraw: null },
      accountId: String(exchange.accountId),
    }),
  };
}

/**
 * Collateral and unrealised P&L. The answer's `balance` is that sum already (400.566542 + 3.689744 =
 * 404.256286 in the venue's own example), so adding to it would count the P&L twice.
 */
function equityOf(account: Row) {
  const collateral = rows(account["assets"], "assets").map((asset) => {
    if (text(asset, "symbol") !== "USDT") throw new RangeError("collateral that is not USDT");
    return decimal(asset, "quantity");
  });
  return usd(sum(collateral).plus(decimal(account, "totalUnrealizedPnl")));
}

function positionOf(held: Row, listings: Listings, venue: string): Position {
  const symbol = text(held, "symbol");
  const units = hibachiUnits(listings, symbol);
  const quantity = decimal(held, "quantity").abs();
  const size = units.size(quantity);
  const isFlat = quantity.eq("0");
  // ccxt loses both; where the answer lacks them they are the notionals' by definition.
  const per = (key: string) => decimal(held, key).abs().div(quantity);
  const entry = decimalOrNull(held, "openPrice") ?? (isFlat ? null : per("entryNotional"));
  const mark = decimalOrNull(held, "markPrice") ?? per("notionalValue");
  return {
    ...{ venue, symbol },
    sizeBase: signedBase(text(held, "direction") === "Short" ? size.neg() : size),
    entryPrice: entry?.gt("0") ? units.price(entry) : null,
    markPrice: units.price(mark),
    // Not said by the venue: it is computed from the account (Q13).
    liquidationPrice: null,
  };
}
