import type { Market } from "ccxt";
import { type Decimal, ONE, ZERO } from "#src/core/decimal.ts";
import { canonicalAsset, stepInCanonicalBase } from "#src/core/instrument.ts";
import { baseSize, notionalUsd, price, rate } from "#src/core/units.ts";
import type { Listed, Listings, VenueProfile } from "#src/venues/ccxt/driver.ts";
import { decimalOrNull, millis, type Row, row, textOrNull } from "#src/venues/ccxt/row.ts";
import { type Units, unitsOf } from "#src/venues/quirks/shared/units-of.ts";
import { SETTLE_COINS } from "./bybit-replies.ts";

/** Base coins with the multiplier behind the name. */
const SUFFIXED: ReadonlyMap<string, string> = new Map([["SHIB1000", "1000SHIB"]]);

type Steps = ReturnType<typeof stepsOf> & {};

/** Null for anything but a traded perpetual in dollars whose every grid is known. */
export function bybitListing(market: NonNullable<Market>, profile: VenueProfile): Listed | null {
  const info = row(market.info, "instrument");
  const symbol = textOrNull(info, "symbol");
  const base = textOrNull(info, "baseCoin");
  const settle = textOrNull(info, "settleCoin");
  const steps = stepsOf(info);
  if (!symbol || !base || !settle || !steps || !isTradedPerpetual(info, settle)) return null;
  const { asset, unitMultiplier } = canonicalAsset(prefixed(base));
  return {
    ccxtSymbol: market.symbol,
    priceUnit: unitMultiplier,
    info,
    instrument: {
      ...{ venue: profile.id, symbol, asset, kind: "perp", linear: true, settleCurrency: settle },
      ...gridsOf(steps, unitMultiplier),
      takerFeeRate: rate(profile.listFees.taker),
      makerFeeRate: rate(profile.listFees.maker),
      ...(endsSomeday(info) ? { endsAt: millis(info, "deliveryTime") } : {}),
    },
  };
}

/** Also of a market that was suspended or taken off the list: what is held or was filled there stays visible. */
export function bybitUnits(listings: Listings, symbol: string): Units {
  return unitsOf(listings, symbol, prefixed(symbol.replace(/(USDT|USDC|PERP)$/, "")));
}

/** Dated futures, which share the category, carry their date: "BTCUSDT-26DEC26". */
export function isPerpetual(symbol: string): boolean {
  return !symbol.includes("-");
}

/** A perpetual has a delivery time only once its delisting has been announced. */
export function endsSomeday(info: Row): boolean {
  return (textOrNull(info, "deliveryTime") ?? "0") !== "0";
}

function prefixed(base: string): string {
  return SUFFIXED.get(base) ?? base;
}

function isTradedPerpetual(info: Row, settle: string): boolean {
  return (
    textOrNull(info, "contractType") === "LinearPerpetual" &&
    textOrNull(info, "status") === "Trading" &&
    textOrNull(info, "isPreListing") !== "true" &&
    SETTLE_COINS.some((coin) => coin === settle)
  );
}

function stepsOf(info: Row) {
  const lot = row(info["lotSizeFilter"] ?? {}, "lotSizeFilter");
  const qtyStep = positive(lot, "qtyStep");
  const minQty = positive(lot, "minOrderQty");
  const minNotional = positive(lot, "minNotionalValue");
  const tick = positive(row(info["priceFilter"] ?? {}, "priceFilter"), "tickSize");
  const maxLeverage = positive(row(info["leverageFilter"] ?? {}, "leverageFilter"), "maxLeverage");
  if (!qtyStep || !minQty || !minNotional || !tick || !maxLeverage) return null;
  return { qtyStep, minQty, minNotional, tick, maxLeverage };
}

function gridsOf({ qtyStep, minQty, minNotional, tick, maxLeverage }: Steps, unit: Decimal) {
  return {
    contractSizeBase: baseSize(unit),
    lotStepBase: baseSize(stepInCanonicalBase(qtyStep, ONE, unit)),
    minSizeBase: baseSize(stepInCanonicalBase(minQty, ONE, unit)),
    minNotionalUsd: notionalUsd(minNotional),
    priceTick: price(tick.div(unit)),
    maxLeverage,
    // Not in the list. Until its tiers are read: the initial margin at the highest leverage, which is always
    // above the first tier's maintenance, so that liquidation is never thought further away than it is.
    maintenanceRate: rate(ONE.div(maxLeverage)),
  };
}

function positive(from: Row, key: string): Decimal | null {
  const value = decimalOrNull(from, key);
  return value?.gt(ZERO) ? value : null;
}
