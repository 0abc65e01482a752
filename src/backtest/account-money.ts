import { type Decimal, decFromInteger, sum, ZERO } from "#src/core/decimal.ts";
import { fundingSeries, type HedgePnl, hedgePnl } from "#src/core/figures/pnl.ts";
import { baseSize, price } from "#src/core/units.ts";
import type { CarrySeries, StepPrices } from "./carry-series.ts";
import { fromUnits } from "./trade-costs.ts";

/** Fees of one fill on each leg; in rates both are paid on one notional, in money each on its own. */
export interface MoneyTerms {
  readonly feeFirst: Decimal;
  readonly feeSecond: Decimal;
  /** Slippage of one fill. */
  readonly slippage: Decimal;
  readonly borrowPerHour: Decimal | null;
  /** Base units of each leg, bought and sold alike; or the USD that each opening is worth. */
  readonly size: { readonly base: Decimal } | { readonly usd: Decimal };
}

export interface MoneyPosition extends HedgePnl {
  readonly direction: number;
  readonly opened: number;
  readonly closed: number;
  readonly sizeBase: Decimal;
  /** Rates received, summed. */
  readonly sumRates: Decimal;
  readonly slippage: Decimal;
  /** `total` of the hedge less its slippage. */
  readonly net: Decimal;
}

/** USD of all positions; funding + basis + fees + slippage + borrow = net, to the last digit. */
export interface MoneyAccount {
  readonly funding: Decimal;
  readonly basis: Decimal;
  readonly fees: Decimal;
  readonly slippage: Decimal;
  readonly borrow: Decimal;
  readonly net: Decimal;
  /** Rates received, summed; times any one price it is not the funding (domain 2.10). */
  readonly sumRates: Decimal;
  /** Size × price, averaged over the steps with a position: what shares stand on; null when there is none. */
  readonly notionalUsd: Decimal | null;
  readonly positions: readonly MoneyPosition[];
}

/**
 * The same positions in USD, with constant base size from opening to closing (domain 2.10): funding on
 * size × price of each settlement, basis from the legs' own prices, each fee on its own fill.
 */
export function accountMoney(
  series: CarrySeries,
  prices: StepPrices,
  positions: Int8Array,
  terms: MoneyTerms,
): MoneyAccount {
  const closed: MoneyPosition[] = [];
  let opened = 0;
  let held = 0;
  for (let step = 0; step < positions.length; step += 1) {
    const next = positions[step] ?? 0;
    if (next === held) continue;
    if (held !== 0) closed.push(closePosition({ series, prices, terms, opened, held }, step));
    [held, opened] = [next, step];
  }
  const total = (name: "funding" | "basis" | "fees" | "slippage" | "borrow" | "net" | "sumRates") =>
    sum(closed.map((position) => position[name]));
  return {
    ...{ funding: total("funding"), basis: total("basis"), fees: total("fees") },
    ...{ slippage: total("slippage"), borrow: total("borrow"), net: total("net") },
    sumRates: total("sumRates"),
    notionalUsd: meanNotional(prices, closed),
    positions: closed,
  };
}

function meanNotional({ reference }: StepPrices, positions: readonly MoneyPosition[]) {
  let steps = 0;
  let total = ZERO;
  for (const { opened, closed, sizeBase } of positions) {
    for (let step = opened + 1; step <= closed; step += 1) {
      total = total.plus(sizeBase.times(priceAt(reference, step)));
      steps += 1;
    }
  }
  return steps === 0 ? null : total.div(decFromInteger(steps)).round(8);
}

interface Open {
  readonly series: CarrySeries;
  readonly prices: StepPrices;
  readonly terms: MoneyTerms;
  readonly opened: number;
  readonly held: number;
}

function closePosition(
  { series, prices, terms, opened, held }: Open,
  closed: number,
): MoneyPosition {
  const { first, second } = prices;
  const [short, long] = held === 1 ? [first, second] : [second, first];
  const size = sizeAt(terms, priceAt(first, opened));
  const steps = Array.from({ length: closed - opened }, (_, index) => opened + 1 + index);
  // Who is short the first leg receives its rate less the second's; the other way round it is turned over.
  const funding = fundingSeries(
    "short",
    steps.map((step) => ({
      ...{ sizeBase: baseSize(size), refPrice: price(priceAt(prices.reference, step)) },
      rate: rateOf(series, step).times(String(held)),
    })),
  );
  const isBorrowed = held === -1 && series.second.kind === "spot";
  const perStep = (terms.borrowPerHour ?? ZERO).times(String(series.stepHours));
  const interest = (isBorrowed ? steps : []).map((step) =>
    size.times(priceAt(prices.reference, step)).times(perStep),
  );
  const fills = (prices: readonly Decimal[]) =>
    priceAt(prices, opened).plus(priceAt(prices, closed)).times(size);
  const pnl = hedgePnl({
    ...{ qtyShort: size, qtyLong: size, funding: [funding.total], borrow: sum(interest) },
    ...{ shortEntry: priceAt(short, opened), shortExit: priceAt(short, closed) },
    ...{ longEntry: priceAt(long, opened), longExit: priceAt(long, closed) },
    fees: [fills(first).times(terms.feeFirst), fills(second).times(terms.feeSecond)],
  });
  const slippage = fills(first).plus(fills(second)).times(terms.slippage).neg();
  return {
    ...pnl,
    direction: held,
    opened,
    closed,
    sizeBase: size,
    sumRates: funding.sumRates,
    slippage,
    net: pnl.total.plus(slippage),
  };
}

/** Down to 8 decimals: no order is bigger than what was asked for. */
function sizeAt({ size }: MoneyTerms, price: Decimal): Decimal {
  return "base" in size ? size.base : size.usd.div(price).round(8, 0);
}

function rateOf({ carry, places }: CarrySeries, step: number): Decimal {
  return fromUnits(carry[step] ?? 0, places);
}

function priceAt(prices: readonly Decimal[], step: number): Decimal {
  const price = prices[step];
  if (!price) throw new RangeError(`no price of step ${step}`);
  return price;
}
