import { type Decimal, dec, sum, ZERO } from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import { liquidationPrice } from "#src/core/margin.ts";
import type { Fill, OrderSide } from "#src/core/order.ts";
import { baseSize, type Price, type Usd, usd } from "#src/core/units.ts";

/** A position as this venue counts it: signed contracts, and what they were bought for. */
export interface PaperPosition {
  readonly contracts: Decimal;
  /** Average entry, USD per base unit; for display only, never for equity. */
  readonly entryPrice: Decimal;
}

/**
 * One cross-margin account. Equity is cash + position × mark, where cash holds the exact flow of every
 * fill, fee and payment: no average enters, so nothing is ever rounded.
 */
export interface PaperAccount {
  cashUsd: Decimal;
  readonly positions: Map<string, PaperPosition>;
}

export interface Valued {
  readonly instrument: Instrument;
  readonly sizeBase: Decimal;
  readonly mark: Price;
}

export function equityOf(account: PaperAccount, valued: readonly Valued[]): Usd {
  return usd(account.cashUsd.plus(sum(valued.map((one) => one.sizeBase.times(one.mark)))));
}

export function maintenanceOf(valued: readonly Valued[]): Usd {
  return usd(sum(valued.map(maintenanceOfOne)));
}

/** Initial margin of everything held, at the account's leverage. */
export function usedMarginOf(valued: readonly Valued[], leverage: Decimal): Usd {
  return usd(sum(valued.map((one) => one.sizeBase.abs().times(one.mark).div(leverage))));
}

export function liquidationOf(
  account: PaperAccount,
  valued: readonly Valued[],
  one: Valued,
): Price | null {
  return liquidationPrice({
    side: one.sizeBase.gt(ZERO) ? "long" : "short",
    sizeBase: baseSize(one.sizeBase.abs()),
    markPrice: one.mark,
    equityUsd: equityOf(account, valued),
    otherMaintenanceUsd: maintenanceOf(valued).minus(maintenanceOfOne(one)),
    maintenanceRate: one.instrument.maintenanceRate,
  });
}

/** Books a fill: exact cash, and the position in contracts. */
export function applyFill(account: PaperAccount, instrument: Instrument, fill: Fill): void {
  const sign = signOf(fill.side);
  const contracts = toContracts(instrument, fill.sizeBase).times(sign);
  const before = account.positions.get(fill.symbol);
  const after = (before?.contracts ?? ZERO).plus(contracts);
  account.cashUsd = account.cashUsd
    .minus(fill.sizeBase.times(sign).times(fill.price))
    .minus(fill.feeUsd);
  if (after.eq(ZERO)) account.positions.delete(fill.symbol);
  else {
    const entryPrice = nextEntry(before, contracts, after, fill.price);
    account.positions.set(fill.symbol, { contracts: after, entryPrice });
  }
}

export function toContracts(instrument: Instrument, sizeBase: Decimal): Decimal {
  return sizeBase.div(instrument.contractSizeBase);
}

export function toBase(instrument: Instrument, contracts: Decimal): Decimal {
  return contracts.times(instrument.contractSizeBase);
}

function nextEntry(
  before: PaperPosition | undefined,
  change: Decimal,
  after: Decimal,
  price: Decimal,
): Decimal {
  if (!before || before.contracts.times(after).lt(ZERO)) return price;
  const reduces = before.contracts.times(change).lt(ZERO);
  if (reduces) return before.entryPrice;
  return before.entryPrice.times(before.contracts).plus(price.times(change)).div(after);
}

function maintenanceOfOne({ instrument, sizeBase, mark }: Valued): Decimal {
  return sizeBase.abs().times(mark).times(instrument.maintenanceRate);
}

function signOf(side: OrderSide): Decimal {
  return dec(side === "buy" ? "1" : "-1");
}
