import type { BookLevel } from "#src/core/book.ts";
import { type Decimal, dec, roundToStep } from "#src/core/decimal.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import { baseSize, type EpochMs, price } from "#src/core/units.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";

/** The name under which the matching core behind the server trades. */
export const HYPERLIQUID = "hyperliquid";

/**
 * One venue of any market as Hyperliquid would show it: prices at five digits, at most 6 − szDecimals of
 * them behind the point, in thousands where the coin is one of those.
 */
export function onHyperliquidGrid(feed: MarketFeed, from: VenueId): MarketFeed {
  const instruments = new Map(feed.instruments(from).map((one) => [one.symbol, one]));
  const find = (symbol: string): Instrument => {
    const found = instruments.get(symbol);
    if (!found) throw new Error(`no ${symbol} in the market behind`);
    return found;
  };
  const tickOf = (symbol: string, at: EpochMs) => gridAt(feed.mark(from, symbol, at), find(symbol));
  return {
    venues: [HYPERLIQUID],
    // Any price that the wire may carry must pass; the server itself refuses those that are off the grid.
    instruments: () =>
      [...instruments.values()].map((one) => ({
        ...{ ...one, venue: HYPERLIQUID, priceTick: price(finestTick(one)) },
      })),
    mark: (_venue, symbol, at) =>
      price(roundToStep(feed.mark(from, symbol, at), tickOf(symbol, at), "down")),
    book(_venue, symbol, at) {
      const { bids, asks } = feed.book(from, symbol, at);
      const tick = tickOf(symbol, at);
      return { bids: merged(bids, tick, "down"), asks: merged(asks, tick, "up") };
    },
    upcomingRate: (_venue, symbol, at) => feed.upcomingRate(from, symbol, at),
    settlements: (_venue, since, to, symbol) => feed.settlements(from, since, to, symbol),
  };
}

/** How many decimals of a coin's own unit an amount may have. */
export function szDecimalsOf({ lotStepBase, contractSizeBase }: Instrument): number {
  return lotStepBase.div(contractSizeBase).toFixed().split(".")[1]?.length ?? 0;
}

/** Is it a price that the venue takes: whole, or five digits of which so many behind the point? */
export function isHyperliquidPrice(text: string, szDecimals: number): boolean {
  if (!/^\d+(\.\d+)?$/.test(text)) return false;
  const [whole = "", decimals = ""] = text.split(".");
  if (decimals === "") return true;
  const digits = `${whole}${decimals}`.replace(/^0+/, "");
  return digits.length <= 5 && decimals.length <= 6 - szDecimals;
}

function finestTick(one: Instrument): Decimal {
  return dec("10")
    .pow(-(6 - szDecimalsOf(one)))
    .div(one.contractSizeBase);
}

/** The grid around a price, per canonical base unit. */
function gridAt(mark: Decimal, instrument: Instrument): Decimal {
  const unit = instrument.contractSizeBase;
  const wholeDigits = mark.times(unit).e + 1;
  const decimals = Math.max(0, Math.min(5 - wholeDigits, 6 - szDecimalsOf(instrument)));
  return dec("10").pow(-decimals).div(unit);
}

function merged(
  levels: readonly BookLevel[],
  tick: Decimal,
  towards: "down" | "up",
): readonly BookLevel[] {
  const sizes = new Map<string, Decimal>();
  for (const level of levels) {
    const key = roundToStep(level.price, tick, towards).toFixed();
    sizes.set(key, level.sizeBase.plus(sizes.get(key) ?? "0"));
  }
  return [...sizes].map(([key, size]) => ({ price: price(key), sizeBase: baseSize(size) }));
}
