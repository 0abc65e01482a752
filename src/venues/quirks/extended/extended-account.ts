import { sum, ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { Position } from "#src/core/order.ts";
import { rate, signedBase, type Usd, usd } from "#src/core/units.ts";
import type { TradingSetup } from "#src/ports/venue.ts";
import type { Listings, VenueDriver } from "#src/venues/ccxt/driver.ts";
import { decimal, decimalOrNull, type Row, row, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { fundingPayment } from "#src/venues/quirks/shared/funding-payment.ts";
import { refPriceIn, unitsOf } from "#src/venues/quirks/shared/units-of.ts";
import {
  baseOf,
  dataOf,
  type Extended,
  listOf,
  marketRowOf,
  pagesSince,
  venueSaysAbsent,
} from "./extended-api.ts";
import { extendedMaintenanceRate } from "./extended-listing.ts";

type Account = Pick<
  VenueDriver,
  "account" | "setup" | "feeRates" | "positions" | "fundingPayments" | "keyFacts"
>;

export function extendedAccount(exchange: Extended): Account {
  return {
    async account() {
      const held = listOf(await exchange.v1PrivateGetUserPositions());
      if (held.length > 0) await exchange.loadMarkets();
      const maintenanceUsd = usd(sum(held.map((one) => maintenanceOf(exchange, one))));
      const balance = await balanceOf(exchange, held.length === 0);
      return { ...balance, maintenanceUsd };
    },
    async setup(of) {
      const market = of.instrument.symbol;
      const leverages = await exchange.v1PrivateGetUserLeverage({ market });
      const listed = await exchange.v1PublicGetInfoMarkets({ market });
      return {
        leverage: decimal(marketRowOf(leverages, market, "market"), "leverage"),
        positionMode: "oneWay",
        // It has but cross margin.
        marginMode: null,
        status: statusOf(marketRowOf(listed, market, "name")),
      };
    },
    async feeRates(of) {
      const market = of.instrument.symbol;
      const fees = marketRowOf(await exchange.v1PrivateGetUserFees({ market }), market, "market");
      return {
        takerFeeRate: rate(decimal(fees, "takerFeeRate")),
        makerFeeRate: rate(decimal(fees, "makerFeeRate")),
      };
    },
    async positions(listings) {
      const held = listOf(await exchange.v1PrivateGetUserPositions());
      return held.map((one) => positionOf(listings, one));
    },
    async fundingPayments(listings, since) {
      const all = await pagesSince(
        (page) => exchange.v1PrivateGetUserFundingHistory({ startTime: since, ...page }),
        since,
        "paidTime",
      );
      return all.map((one) => {
        const symbol = text(one, "market");
        const units = unitsOf(listings, symbol, baseOf(symbol));
        const refPrice = refPriceIn(one, "markPrice", units);
        return { ...fundingPayment("extended", symbol, one), refPrice };
      });
    },
    async keyFacts() {
      // Kept by ccxt: every order is signed with it, so the first one need not wait for it.
      const account = row(await exchange.fetchExtendedAccount(), "account");
      warmSigner(exchange);
      // Its one kind of key signs orders and withdrawals alike, so that says nothing about this one.
      return { canTrade: null, canWithdraw: null, accountId: textOrNull(account, "accountId") };
    },
  };
}

/** ccxt's fetchBalance reads the spot wallet. With no money at all the venue says that there is no balance. */
async function balanceOf(
  exchange: Extended,
  flat: boolean,
): Promise<{ readonly equityUsd: Usd; readonly freeCollateralUsd: Usd }> {
  try {
    const balance = dataOf(await exchange.v1PrivateGetUserBalance());
    return {
      equityUsd: usd(decimal(balance, "equity")),
      freeCollateralUsd: usd(decimal(balance, "availableForTrade")),
    };
  } catch (error) {
    if (flat && venueSaysAbsent()) return { equityUsd: usd(ZERO), freeCollateralUsd: usd(ZERO) };
    throw error;
  }
}

/** The account's ratio does not say whether it is a fraction or percent, so it is added up. */
function maintenanceOf(exchange: Extended, position: Row): Usd {
  const market = text(position, "market");
  const value = decimal(position, "value").abs();
  const [listed] = [exchange.markets_by_id?.[market] ?? []].flat();
  const share = listed
    ? extendedMaintenanceRate(row(listed.info, "market"), value.toFixed())
    : null;
  if (!share) throw new RetryableError(`the margin that ${market} needs is not known`);
  return usd(value.times(share));
}

function positionOf(listings: Listings, one: Row): Position {
  const symbol = text(one, "market");
  const units = unitsOf(listings, symbol, baseOf(symbol));
  const size = units.size(decimal(one, "size"));
  const side = text(one, "side");
  if (side !== "LONG" && side !== "SHORT") throw new RetryableError(`a position is ${side}`);
  const entry = decimalOrNull(one, "openPrice");
  const liquidation = decimal(one, "liquidationPrice");
  return {
    venue: "extended",
    symbol,
    sizeBase: signedBase(side === "LONG" ? size : size.neg()),
    entryPrice: entry?.gt(ZERO) ? units.price(entry) : null,
    markPrice: units.price(decimal(one, "markPrice")),
    liquidationPrice: liquidation.gt(ZERO) ? units.price(liquidation) : null,
  };
}

function statusOf(market: Row): TradingSetup["status"] {
  const status = text(market, "status");
  if (status === "ACTIVE") return "trading";
  return status === "REDUCE_ONLY" ? "reduceOnly" : "halted";
}

/** The first hash and the first signature take 50 ms: better now than with an order. */
function warmSigner(exchange: Extended): void {
  if (!exchange.privateKey) return;
  exchange.getExtendedDomainHash();
  exchange.extendedStarknetSign("0x1", exchange.privateKey);
}
