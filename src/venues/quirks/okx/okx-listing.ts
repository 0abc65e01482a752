import type { Market } from "ccxt";
import { dec, ZERO } from "#src/core/decimal.ts";
import { canonicalAsset, stepInCanonicalBase } from "#src/core/instrument.ts";
import { baseSize, notionalUsd, price, rate } from "#src/core/units.ts";
import type { Listed } from "#src/venues/ccxt/driver.ts";
import { decimalOrNull, millis, type Row, textOrNull } from "#src/venues/ccxt/row.ts";
import { isOkxRow } from "./okx-reply.ts";

/**
 * Amounts are contracts of ctVal coins. Only what is settled in USDT: in the account mode for futures each
 * currency backs its own contracts alone, and one account is one pool here.
 */
export function listOkx(market: Market): Listed | null {
  const info: unknown = market?.info;
  if (!market?.id || !market.symbol || !isOkxRow(info) || !isOurs(info)) return null;
  const figures = figuresOf(info);
  const base = baseOf(info);
  if (!figures || base === null) return null;
  const { asset, unitMultiplier } = canonicalAsset(base);
  const inBase = (contracts: typeof figures.lotSz) =>
    baseSize(stepInCanonicalBase(contracts, figures.ctVal, unitMultiplier));
  return {
    instrument: {
      ...{ venue: "okx", symbol: market.id, asset, kind: "perp", linear: true },
      settleCurrency: "USDT",
      contractSizeBase: inBase(dec("1")),
      lotStepBase: inBase(figures.lotSz),
      minSizeBase: inBase(figures.minSz),
      // The venue has no such rule for swaps.
      minNotionalUsd: notionalUsd(ZERO),
      priceTick: price(figures.tickSz.div(unitMultiplier)),
      maxLeverage: figures.lever,
      // Listings do not say it. Until its tiers are read: what must be posted at most leverage is more than what must be kept.
      maintenanceRate: rate(dec("1").div(figures.lever)),
      takerFeeRate: rate(OKX_LIST_FEES.taker),
      makerFeeRate: rate(OKX_LIST_FEES.maker),
      ...(endsSomeday(info) ? { endsAt: millis(info, "expTime") } : {}),
    },
    ccxtSymbol: market.symbol,
    priceUnit: unitMultiplier,
    info,
  };
}

/** A swap has an end only once its delisting has been announced. */
export function endsSomeday(info: Row): boolean {
  return textOrNull(info, "expTime") !== null;
}

/** What an account of the first level pays. */
export const OKX_LIST_FEES = { taker: "0.0005", maker: "0.0002" };

/** Nothing can be held before the launch; whatever comes after it (suspend, rebase …) may be held. */
const NOT_LAUNCHED: readonly (string | null)[] = ["preopen", "test", null];

function isOurs(info: Row): boolean {
  const multiplier = decimalOrNull(info, "ctMult");
  return (
    info["instType"] === "SWAP" &&
    info["ctType"] === "linear" &&
    info["settleCcy"] === "USDT" &&
    info["ruleType"] !== "pre_market" &&
    !NOT_LAUNCHED.includes(textOrNull(info, "state")) &&
    (multiplier === null || multiplier.eq("1"))
  );
}

/** The coin of BTC-USDT-SWAP; null when a contract is worth something else than coins of its own. */
function baseOf(info: Row): string | null {
  const [base, quote] = (textOrNull(info, "uly") ?? "").split("-");
  return base && quote === "USDT" && info["ctValCcy"] === base ? base : null;
}

function figuresOf(info: Row) {
  const [ctVal, lotSz, minSz, tickSz, lever] = ["ctVal", "lotSz", "minSz", "tickSz", "lever"]
    .map((key) => decimalOrNull(info, key))
    .map((value) => (value?.gt(ZERO) ? value : null));
  if (!ctVal || !lotSz || !minSz || !tickSz || !lever) return null;
  return { ctVal, lotSz, minSz, tickSz, lever };
}
