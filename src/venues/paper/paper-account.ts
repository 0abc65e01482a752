import { type Decimal, dec, maxOf, minOf, sum, ZERO } from "#src/core/decimal.ts";
import { liquidationLevel, maintenanceUsd } from "#src/core/figures/maintenance.ts";
import type { Instrument } from "#src/core/instrument.ts";
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

/** One instrument's part in the account at a moment. */
export interface Exposure {
  readonly instrument: Instrument;
  /** Signed; zero where only orders rest. */
  readonly sizeBase: Decimal;
  readonly mark: Price;
  /** What resting orders could still add, per side. */
  readonly restingBuys: Decimal;
  readonly restingSells: Decimal;
}

export function equityOf(account: PaperAccount, exposures: readonly Exposure[]): Usd {
  return usd(account.cashUsd.plus(sum(exposures.map((one) => one.sizeBase.times(one.mark)))));
}

export function maintenanceOf(exposures: readonly Exposure[]): Usd {
  return usd(sum(exposures.map(maintenanceOfOne)));
}

/** Initial margin of what is held or could be, once resting orders fill on their worse side. */
export function initialMarginOf(exposures: readonly Exposure[], leverage: Decimal): Usd {
  const margins = exposures.map((one) => {
    const posted = minOf<Decimal>(leverage, one.instrument.maxLeverage);
    return largestSizeOf(one).times(one.mark).div(posted);
  });
  return usd(sum(margins));
}

/** The largest absolute size that this instrument can come to. */
export function largestSizeOf(one: Exposure): Decimal {
  const [most, least] = [one.sizeBase.plus(one.restingBuys), one.sizeBase.minus(one.restingSells)];
  return maxOf<Decimal>(most.abs(), least.abs());
}

export function liquidationOf(
  account: PaperAccount,
  exposures: readonly Exposure[],
  one: Exposure,
): Price | null {
  if (one.instrument.kind === "spot" && one.sizeBase.gt(ZERO)) return null;
  return liquidationLevel({
    side: one.sizeBase.gt(ZERO) ? "long" : "short",
    sizeBase: baseSize(one.sizeBase.abs()),
    markPrice: one.mark,
    equityUsd: equityOf(account, exposures),
    otherMaintenanceUsd: maintenanceOf(exposures).minus(maintenanceOfOne(one)),
    maintenance: one.instrument,
  });
}

/**
 * Books a fill: exact cash, and the position in contracts. `movedBase` is what the balance really changed by:
 * of spot bought for more than was asked, the fill reports only what was asked.
 */
export function applyFill(
  account: PaperAccount,
  instrument: Instrument,
  fill: Fill,
  movedBase: Decimal = fill.sizeBase,
): void {
  const sign = signOf(fill.side);
  // Exact for every size on the lot: a lot is a decimal number of contracts.
  const contracts = movedBase.div(instrument.contractSizeBase).times(sign);
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

/** Coins that are owed more than before, for no money. */
export function owe(
  account: PaperAccount,
  instrument: Instrument,
  { sizeBase, refPrice }: { readonly sizeBase: Decimal; readonly refPrice: Decimal },
): void {
  const before = account.positions.get(instrument.symbol);
  const change = sizeBase.div(instrument.contractSizeBase).neg();
  const contracts = (before?.contracts ?? ZERO).plus(change);
  const entryPrice = nextEntry(before, change, contracts, refPrice);
  account.positions.set(instrument.symbol, { contracts, entryPrice });
}

/** Signed size held, in base units. */
export function heldBase(account: PaperAccount, instrument: Instrument): Decimal {
  const contracts = account.positions.get(instrument.symbol)?.contracts ?? ZERO;
  return contracts.times(instrument.contractSizeBase);
}

export function signOf(side: OrderSide): Decimal {
  return dec(side === "buy" ? "1" : "-1");
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

/** Coins that are owned need no margin; borrowed ones do. */
function maintenanceOfOne({ instrument, sizeBase, mark }: Exposure): Decimal {
  if (instrument.kind === "spot" && sizeBase.gt(ZERO)) return ZERO;
  return maintenanceUsd(instrument, sizeBase.abs(), mark);
}
