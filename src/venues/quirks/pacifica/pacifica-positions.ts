import { type Decimal, ONE, sum, ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { liquidationLevel, maintenanceUsd } from "#src/core/figures/maintenance.ts";
import type { Side } from "#src/core/hedge.ts";
import type { Position } from "#src/core/order.ts";
import { type Price, signedBase } from "#src/core/units.ts";
import type { Listings } from "#src/venues/ccxt/driver.ts";
import { decimal, decimalOrNull, type Row, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { unitsOf } from "#src/venues/quirks/shared/units-of.ts";
import { accountOf, dataOf, listOf, type Pacifica } from "./pacifica-api.ts";
import { pricesOf } from "./pacifica-market.ts";

/** Positions with marks and liquidation prices, which the venue leaves to its reader. */
export async function pacificaPositions(
  exchange: Pacifica,
  listings: Listings,
): Promise<readonly Position[]> {
  const rows = listOf(await exchange.publicGetPositions(accountOf(exchange)));
  if (rows.length === 0) return [];
  const prices = listOf(await exchange.publicGetInfoPrices());
  const account = dataOf(await exchange.publicGetAccount(accountOf(exchange)));
  const held = rows.map((one) => holdingOf(listings, prices, one));
  // Spot coins count for less than their value here, and isolated positions not at all.
  const equityUsd =
    decimalOrNull(account, "cross_account_equity") ?? decimal(account, "account_equity");
  return held.map((one) => ({
    venue: "pacifica",
    symbol: one.symbol,
    sizeBase: signedBase(one.side === "long" ? one.sizeBase : one.sizeBase.neg()),
    entryPrice: one.entryPrice,
    markPrice: one.markPrice,
    liquidationPrice: liquidationOf(one, { held, equityUsd }),
  }));
}

type Holding = ReturnType<typeof holdingOf>;

function holdingOf(listings: Listings, prices: readonly Row[], one: Row) {
  const symbol = text(one, "symbol");
  const listed = listings.get(symbol);
  if (!listed) throw new RetryableError(`${symbol} is held but not listed`);
  const units = unitsOf(listings, symbol, symbol);
  const sizeBase = units.size(decimal(one, "amount"));
  const markPrice = units.price(decimal(pricesOf(prices, symbol), "mark"));
  const maintenance = listed.instrument;
  const entry = decimal(one, "entry_price");
  return {
    symbol,
    side: sideOf(one),
    sizeBase,
    markPrice,
    entryPrice: entry.gt(ZERO) ? units.price(entry) : null,
    isolated: textOrNull(one, "isolated") === "true",
    marginUsd: decimalOrNull(one, "margin"),
    maintenance,
    maintenanceUsd: maintenanceUsd(maintenance, sizeBase, markPrice),
  };
}

/** Its documented formula, with what the account's other positions need added. */
function liquidationOf(
  one: Holding,
  { held, equityUsd }: { readonly held: readonly Holding[]; readonly equityUsd: Decimal },
): Price | null {
  if (one.isolated) {
    if (!one.marginUsd || !one.entryPrice) throw new RetryableError("a margin is missing");
    const sigma = one.side === "long" ? ONE : ONE.neg();
    const gained = sigma.times(one.sizeBase).times(one.markPrice.minus(one.entryPrice));
    return liquidationLevel({
      ...one,
      equityUsd: one.marginUsd.plus(gained),
      otherMaintenanceUsd: ZERO,
    });
  }
  const others = held.filter((other) => other !== one && !other.isolated);
  const otherMaintenanceUsd = sum(others.map((other) => other.maintenanceUsd));
  return liquidationLevel({ ...one, equityUsd, otherMaintenanceUsd });
}

function sideOf(one: Row): Side {
  const side = text(one, "side");
  if (side === "bid") return "long";
  if (side === "ask") return "short";
  throw new RetryableError(`a position is ${side}`);
}
