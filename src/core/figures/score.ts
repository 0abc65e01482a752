import { type Decimal, dec, log10, maxOf, minOf, ONE, sum, ZERO } from "#src/core/decimal.ts";

export interface ScoreInput {
  readonly funding8h: Decimal;
  readonly volume24hUsd: Decimal;
  /** Mean and standard deviation of the funding per 8 h over the lookback. */
  readonly meanFunding8h: Decimal;
  readonly sdFunding8h: Decimal;
  /** As a fraction of the price. */
  readonly bidAskSpread: Decimal;
}

export interface Score {
  readonly funding: Decimal;
  readonly volume: Decimal;
  readonly stability: Decimal;
  readonly spread: Decimal;
  readonly score: Decimal;
}

/**
 * How good a market looks, each part and the whole in [0, 1] (domain 2.12). Advisory: it breaks ties
 * between candidates that are expected to earn the same; it never lets one in.
 */
export function score(input: ScoreInput, weights = DEFAULT_WEIGHTS): Score {
  const steady = input.meanFunding8h.abs();
  const swing = steady.plus(input.sdFunding8h);
  const parts = {
    funding: clamp(input.funding8h.abs().div(FULL_FUNDING)),
    volume: input.volume24hUsd.gt(ZERO)
      ? clamp(log10(input.volume24hUsd).minus("8").div("2"))
      : ZERO,
    stability: swing.eq(ZERO) ? ZERO : steady.div(swing),
    spread: clamp(ONE.minus(input.bidAskSpread.div(WIDEST_SPREAD))),
  };
  const [funding, volume, stability, spread] = weights;
  const whole = sum([
    parts.funding.times(funding),
    parts.volume.times(volume),
    parts.stability.times(stability),
    parts.spread.times(spread),
  ]);
  return { ...parts, score: whole };
}

/** Of funding, volume, stability and spread. */
const DEFAULT_WEIGHTS: readonly [Decimal, Decimal, Decimal, Decimal] = [
  dec("0.4"),
  dec("0.3"),
  dec("0.2"),
  dec("0.1"),
];
const FULL_FUNDING = dec("0.001");
const WIDEST_SPREAD = dec("0.0002");

function clamp(value: Decimal): Decimal {
  return minOf(maxOf(value, ZERO), ONE);
}
