import type { binanceusdm, Market } from "ccxt";
import { dec } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { canonicalAsset, type Instrument } from "#src/core/instrument.ts";
import { baseSize, notionalUsd, price, rate } from "#src/core/units.ts";
import type { Listed } from "#src/venues/ccxt/driver.ts";
import {
  decimal,
  decimalOrNull,
  millis,
  type Row,
  row,
  rows,
  text,
  textOrNull,
} from "#src/venues/ccxt/row.ts";
import { progressiveTiers } from "#src/venues/quirks/shared/progressive-tiers.ts";

const USD_LIKE = new Set(["USDT", "USDC", "FDUSD", "USD1"]);
/** A position of this size must be within the leverage and the maintenance that we count with. */
const COUNTED_NOTIONAL = dec("250000");
const PERCENT = dec("100");
/** When perpetuals end, in Binance's words. */
const NEVER = dec("4133404800000");

/** A linear perpetual that trades now; each quote currency of a coin is an instrument of its own. */
export function listBinance(
  market: Market,
  venue: string,
  fees: { readonly taker: string; readonly maker: string },
): Listed | null {
  const info = row(market?.info, "market");
  if (!market || !isTradedPerpetual(info)) return null;
  const { asset, unitMultiplier } = canonicalAsset(text(info, "baseAsset"));
  const lot = filterOf(info, "LOT_SIZE");
  return {
    instrument: {
      venue,
      symbol: text(info, "symbol"),
      asset,
      kind: "perp",
      linear: true,
      settleCurrency: text(info, "marginAsset"),
      contractSizeBase: baseSize(unitMultiplier),
      lotStepBase: baseSize(decimal(lot, "stepSize").times(unitMultiplier)),
      minSizeBase: baseSize(decimal(lot, "minQty").times(unitMultiplier)),
      minNotionalUsd: notionalUsd(decimal(filterOf(info, "MIN_NOTIONAL"), "notional")),
      priceTick: price(decimal(filterOf(info, "PRICE_FILTER"), "tickSize").div(unitMultiplier)),
      ...leverageOf(info),
      takerFeeRate: rate(fees.taker),
      makerFeeRate: rate(fees.maker),
      ...(endsSomeday(info) ? { endsAt: millis(info, "deliveryDate") } : {}),
    },
    ccxtSymbol: market.symbol,
    priceUnit: unitMultiplier,
    info,
  };
}

/**
 * With a key the account's own leverage brackets come along with the markets: the figures that the public
 * list shows instead are the same for all instruments.
 */
export function loadBracketsWithMarkets(api: binanceusdm): void {
  const fetchMarkets = api.fetchMarkets.bind(api);
  api.fetchMarkets = async (params) => {
    if (!api.checkRequiredCredentials(false)) return await fetchMarkets(params);
    const [markets, answer] = await Promise.all([
      fetchMarkets(params),
      api.fapiPrivateGetLeverageBracket(),
    ]);
    const brackets = new Map(
      rows(answer, "leverageBracket").map((one) => [text(one, "symbol"), one["brackets"]]),
    );
    for (const market of markets) {
      if (market) market.info = { ...market.info, brackets: brackets.get(String(market.id)) ?? [] };
    }
    return markets;
  };
}

/** A perpetual has another end only once its delisting has been announced. */
export function endsSomeday(info: Row): boolean {
  return decimalOrNull(info, "deliveryDate")?.lt(NEVER) ?? false;
}

export function isUsdLike(currency: string): boolean {
  return USD_LIKE.has(currency);
}

function isTradedPerpetual(info: Row): boolean {
  const settle = textOrNull(info, "marginAsset") ?? "";
  return (
    textOrNull(info, "contractType") === "PERPETUAL" &&
    textOrNull(info, "status") === "TRADING" &&
    // Not the coin: it has no spot price to be tied to, and its funding follows other rules.
    textOrNull(info, "underlyingType") !== "PREMARKET" &&
    textOrNull(info, "quoteAsset") === settle &&
    isUsdLike(settle) &&
    // An account with brackets for others but not for this one may not trade it.
    !(Array.isArray(info["brackets"]) && info["brackets"].length === 0)
  );
}

function leverageOf(
  info: Row,
): Pick<Instrument, "maxLeverage" | "maintenanceRate" | "maintenanceTiers"> {
  if (info["brackets"] === undefined) {
    return {
      maxLeverage: PERCENT.div(decimal(info, "requiredMarginPercent")).round(0, 0),
      maintenanceRate: rate(decimal(info, "maintMarginPercent").div(PERCENT)),
    };
  }
  const brackets = rows(info["brackets"], "brackets");
  const counted =
    brackets.find((one) => decimal(one, "notionalCap").gte(COUNTED_NOTIONAL)) ?? brackets.at(-1);
  if (!counted) throw new RetryableError(`no leverage bracket for ${text(info, "symbol")}`);
  const tiers = progressiveTiers(
    brackets.map((one) => ({
      lowerUsd: decimalOrNull(one, "notionalFloor"),
      rate: decimalOrNull(one, "maintMarginRatio"),
      deductionUsd: decimalOrNull(one, "cum"),
    })),
  );
  return {
    maxLeverage: decimal(counted, "initialLeverage"),
    maintenanceRate: rate(decimal(counted, "maintMarginRatio")),
    ...(tiers ? { maintenanceTiers: tiers } : {}),
  };
}

function filterOf(info: Row, type: string): Row {
  const found = rows(info["filters"], "filters").find((one) => one["filterType"] === type);
  if (!found) throw new RetryableError(`${text(info, "symbol")} has no ${type}`);
  return found;
}
