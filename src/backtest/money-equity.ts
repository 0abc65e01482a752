import { type Decimal, decFromInteger, sum, ZERO } from "#src/core/decimal.ts";
import type { MoneyAccount, MoneyPosition, MoneyTerms } from "./account-money.ts";
import type { CarrySeries, StepPrices } from "./carry-series.ts";
import { fromUnits } from "./trade-costs.ts";

/** USD after a step: what all positions were worth, and what their funding had brought. */
export interface MoneyPoint {
  readonly equity: Decimal;
  readonly funding: Decimal;
}

const NOTHING: MoneyPoint = { equity: ZERO, funding: ZERO };

/**
 * What the positions were worth after every step, open ones at the legs' own prices; ends at the account's
 * net and funding.
 */
export function moneyEquity(
  series: CarrySeries,
  prices: StepPrices,
  account: MoneyAccount,
  terms: MoneyTerms,
): readonly MoneyPoint[] {
  const points: MoneyPoint[] = [];
  let realised = NOTHING;
  for (const position of account.positions) {
    while (points.length < position.opened) points.push(realised);
    // A turn-round closes and opens in one step: the step then holds both.
    if (points.length > position.opened) points.pop();
    for (const open of openPoints(series, prices, position, terms)) {
      points.push(plus(realised, open.equity, open.funding));
    }
    realised = plus(realised, position.net, position.funding);
    points.push(realised);
  }
  while (points.length < series.carry.length) points.push(realised);
  return points;
}

function plus(point: MoneyPoint, equity: Decimal, funding: Decimal): MoneyPoint {
  return { equity: point.equity.plus(equity), funding: point.funding.plus(funding) };
}

/** One open position after each step from its opening to the one before its closing. */
function openPoints(
  series: CarrySeries,
  { first, second, reference }: StepPrices,
  { opened, closed, sizeBase, direction }: MoneyPosition,
  terms: MoneyTerms,
): readonly MoneyPoint[] {
  const directed = sizeBase.times(decFromInteger(direction));
  const gapAt = (step: number) => (first[step] ?? ZERO).minus(second[step] ?? ZERO);
  const entry = sum([
    (first[opened] ?? ZERO).times(terms.feeFirst.plus(terms.slippage)),
    (second[opened] ?? ZERO).times(terms.feeSecond.plus(terms.slippage)),
  ]).times(sizeBase);
  const borrows = direction === -1 && series.second.kind === "spot";
  const perHour = borrows ? (terms.borrowPerHour ?? ZERO) : ZERO;
  const perStep = perHour.times(decFromInteger(series.stepHours));
  const points: MoneyPoint[] = [];
  let [funding, interest] = [ZERO, ZERO];
  for (let step = opened; step < closed; step += 1) {
    if (step > opened) {
      const price = reference[step] ?? ZERO;
      const rate = fromUnits(series.carry[step] ?? 0, series.places);
      funding = funding.plus(directed.times(price).times(rate));
      interest = interest.plus(sizeBase.times(price).times(perStep));
    }
    const basis = gapAt(opened).minus(gapAt(step)).times(directed);
    points.push({ equity: basis.plus(funding).minus(interest).minus(entry), funding });
  }
  return points;
}
