import type { Exchange, hyperliquid } from "ccxt";
import { type Decimal, dec } from "#src/core/decimal.ts";
import { OperatorError } from "#src/core/errors.ts";
import { canonicalAsset } from "#src/core/instrument.ts";
import { type BaseSize, baseSize, type Price, price } from "#src/core/units.ts";
import { type Row, rows } from "#src/venues/ccxt/row.ts";

/** How every part of this driver asks: all reads are one path with a `type`. */
export interface HyperliquidClient {
  readonly exchange: hyperliquid;
  /** The raw answer of the info path. */
  ask(request: Row): Promise<unknown>;
  askRows(request: Row & { readonly type: string }): Promise<readonly Row[]>;
  /** The main account, in lower case; an agent's own address has no positions. */
  user(): string;
}

export function hyperliquidClient(from: Exchange): HyperliquidClient {
  const exchange = asHyperliquid(from);
  const ask = (request: Row): Promise<unknown> => exchange.publicPostInfo({ ...request });
  return {
    exchange,
    ask,
    askRows: async (request) => rows(await ask(request), request.type),
    user() {
      const { walletAddress } = exchange;
      if (walletAddress) return walletAddress.toLowerCase();
      throw new OperatorError("Hyperliquid needs walletAddress, the address of the main account");
    },
  };
}

/** Perps of the main dex have plain names; "xyz:TSLA", "@107", "PURR/USDC" and "#1" are something else. */
export function isMainPerp(coin: string): boolean {
  return /^[A-Za-z0-9]+$/.test(coin);
}

/** Canonical base units in one unit of a coin: 1000 for kPEPE. Also right for coins that are delisted. */
export function unitOf(coin: string): Decimal {
  return canonicalAsset(coin).unitMultiplier;
}

export function sizeOf(coin: string, amount: Decimal): BaseSize {
  return baseSize(amount.times(unitOf(coin)));
}

export function priceOf(coin: string, value: Decimal): Price {
  return price(value.div(unitOf(coin)));
}

/** The largest time that 11 hex digits hold, in the year 2527: ccxt hashes no other length rightly. */
const LATEST_FENCE = 0xfff_ffff_ffff;
const EARLIEST_FENCE = 0x100_0000_0000;

/** The fence as it can be signed. */
export function signableFence(expiresAt: number): number {
  if (!Number.isSafeInteger(expiresAt) || expiresAt < EARLIEST_FENCE) {
    throw new RangeError(`not a time that can be signed: ${expiresAt}`);
  }
  return Math.min(expiresAt, LATEST_FENCE);
}

/** A builder's fee in tenths of a basis point, as orders carry it; at most 0.1 %. */
export function builderFeeUnits(feeRate: string): number {
  const units = dec(feeRate).times("100000");
  if (units.lte("0") || units.gt("100") || !units.mod("1").eq("0")) {
    throw new OperatorError(
      "Hyperliquid's builder fee must be 0.00001 to 0.001, in steps of 0.00001",
    );
  }
  return Number(units.toFixed(0));
}

/** The adapter loads this class and no other by the name in our profile. */
function asHyperliquid(exchange: Exchange): hyperliquid {
  return exchange as hyperliquid;
}
