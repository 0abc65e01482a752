import {
  type Decimal,
  decFromInteger,
  maxOf,
  ONE,
  powInteger,
  squareRoot,
  sum,
  ZERO,
} from "#src/core/decimal.ts";

/** Mean and sample standard deviation (n − 1) of returns; sd null below two of them. */
function meanAndSd(values: readonly Decimal[]): { mean: Decimal | null; sd: Decimal | null } {
  if (values.length === 0) return { mean: null, sd: null };
  const mean = sum(values).div(decFromInteger(values.length));
  if (values.length < 2) return { mean, sd: null };
  const squares = sum(values.map((value) => value.minus(mean).times(value.minus(mean))));
  return { mean, sd: squareRoot(squares.div(decFromInteger(values.length - 1))) };
}

/**
 * Annualised Sharpe ratio (domain 2.12): (mean − rf / n) / sd × √n. Null without variance, never infinite.
 * Returns are fractions a period; `riskFree` a year.
 */
export function sharpe(
  returns: readonly Decimal[],
  periodsPerYear: Decimal,
  riskFree: Decimal,
): {
  readonly mean: Decimal | null;
  readonly sd: Decimal | null;
  readonly sharpe: Decimal | null;
} {
  const { mean, sd } = meanAndSd(returns);
  if (!mean || !sd || sd.eq(ZERO)) return { mean, sd, sharpe: null };
  const excess = mean.minus(riskFree.div(periodsPerYear));
  return { mean, sd, sharpe: excess.div(sd).times(squareRoot(periodsPerYear)) };
}

/**
 * What annualises a Sharpe ratio of autocorrelated returns (Lo 2002): n / √(n + 2 Σ (n − k) ρᵏ), beside the
 * naive √n. Null where the sum leaves no variance. `ar1` is the lag-1 autocorrelation of an AR(1).
 */
export function loAnnualisation(
  periods: number,
  ar1: Decimal,
): { readonly factor: Decimal | null; readonly naive: Decimal } {
  const n = decFromInteger(periods);
  const variance = n.plus(weightedPowers(periods, ar1).times("2"));
  const naive = squareRoot(n);
  return { factor: variance.gt(ZERO) ? n.div(squareRoot(variance)) : null, naive };
}

/** Σ (n − k) ρᵏ for k from 1 to n − 1, in closed form: hourly years have 8760 terms. */
function weightedPowers(periods: number, rho: Decimal): Decimal {
  const n = decFromInteger(periods);
  const left = ONE.minus(rho);
  if (left.eq(ZERO)) return n.times(n.minus(ONE)).div("2");
  const faded = ONE.minus(powInteger(rho, periods));
  return rho.times(n.times(left).minus(faded)).div(left.times(left));
}

/** Lag-1 autocorrelation of returns; null where they have no variance. */
export function autocorrelation(returns: readonly Decimal[]): Decimal | null {
  const { mean } = meanAndSd(returns);
  if (!mean) return null;
  const apart = returns.map((value) => value.minus(mean));
  const whole = sum(apart.map((value) => value.times(value)));
  if (whole.eq(ZERO)) return null;
  return sum(apart.slice(1).map((value, index) => value.times(apart[index] ?? ZERO))).div(whole);
}

/** The deepest fall from a peak, as a fraction of that peak; 0 for a series that never falls. */
export function maxDrawdown(equity: readonly Decimal[]): Decimal {
  let peak = ZERO;
  let deepest = ZERO;
  for (const value of equity) {
    peak = maxOf(peak, value);
    if (peak.gt(ZERO)) deepest = maxOf(deepest, peak.minus(value).div(peak));
  }
  return deepest;
}

export interface EquityPoint {
  readonly equity: Decimal;
  /** What came in (positive) or left just before this reading: neither gain nor loss. */
  readonly flow: Decimal;
}

/** Time-weighted return and its drawdown: deposits and withdrawals are taken out (domain 2.12). */
export function twrDrawdown(points: readonly EquityPoint[]): {
  readonly mdd: Decimal;
  readonly twr: Decimal;
} {
  let index = ONE;
  const indices = [index];
  for (const [place, point] of points.entries()) {
    const before = points[place - 1]?.equity;
    // An empty account earns nothing: what is paid into it begins a new stretch.
    if (before?.gt(ZERO)) index = index.times(point.equity.minus(point.flow).div(before)).round(40);
    indices.push(index);
  }
  return { mdd: maxDrawdown(indices), twr: index.minus(ONE) };
}

/** Share of results above zero, by settlement period and by position; zero is no win; null without any. */
export function winRates(
  periodsNet: readonly Decimal[],
  positionsNet: readonly Decimal[],
): { readonly perFundingPeriod: Decimal | null; readonly perPosition: Decimal | null } {
  return { perFundingPeriod: shareOfWins(periodsNet), perPosition: shareOfWins(positionsNet) };
}

function shareOfWins(results: readonly Decimal[]): Decimal | null {
  if (results.length === 0) return null;
  const wins = results.filter((result) => result.gt(ZERO)).length;
  return decFromInteger(wins).div(decFromInteger(results.length));
}

/**
 * How much of the equity works, as three figures that are never mixed (domain 2.12): hedges (half of both
 * legs), all legs, and posted margin. Null without equity.
 */
export function utilisation(
  equityUsd: Decimal,
  legs: readonly { readonly notionalUsd: Decimal; readonly marginUsd: Decimal }[],
): {
  readonly hedgeNotionalOverEquity: Decimal | null;
  readonly grossOverEquity: Decimal | null;
  readonly marginOverEquity: Decimal | null;
} {
  const gross = sum(legs.map((leg) => leg.notionalUsd));
  const over = (value: Decimal) => (equityUsd.gt(ZERO) ? value.div(equityUsd) : null);
  return {
    hedgeNotionalOverEquity: over(gross.div("2")),
    grossOverEquity: over(gross),
    marginOverEquity: over(sum(legs.map((leg) => leg.marginUsd))),
  };
}
