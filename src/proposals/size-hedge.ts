import { type Decimal, dec, floorToStep, maxOf, minOf, ZERO } from "#src/core/decimal.ts";
import { commonStep } from "#src/core/instrument.ts";
import type { SizeBound } from "#src/core/proposal.ts";
import { type BaseSize, baseSize, type NotionalUsd, notionalUsd } from "#src/core/units.ts";

export interface SizeLeg {
  readonly equityUsd: Decimal;
  /** The price that limits are measured at. */
  readonly price: Decimal;
  readonly lotStepBase: Decimal;
  readonly minSizeBase: Decimal;
  readonly minNotionalUsd: Decimal;
}

export type SizedHedge =
  | {
      readonly ok: true;
      readonly sizeBase: BaseSize;
      readonly boundBy: SizeBound;
      readonly notionalsUsd: readonly [NotionalUsd, NotionalUsd];
    }
  | {
      readonly ok: false;
      readonly reason: "BELOW_MIN_QTY" | "BELOW_MIN_NOTIONAL";
      readonly sizeBase: BaseSize;
      /** What left so little. */
      readonly boundBy: SizeBound;
    };

/**
 * One base size for both legs (domain 2.7): the smallest of the limits over the dearer price, floored to
 * the common lot. Never rounded up: a size that falls below a minimum is refused.
 */
export function sizeHedge(input: {
  readonly legs: readonly [SizeLeg, SizeLeg];
  readonly equityShare: Decimal;
  readonly hardCapUsd: Decimal;
  /** Further limits on one leg's notional in USD. */
  readonly bounds?: Partial<Readonly<Record<SizeBound, Decimal>>>;
}): SizedHedge {
  const [a, b] = input.legs;
  const bounds: Partial<Record<SizeBound, Decimal>> = {
    equityShare: minOf(a.equityUsd, b.equityUsd).times(input.equityShare),
    hardCapUsd: input.hardCapUsd,
    ...input.bounds,
  };
  const { boundBy, limitUsd } = tightest(bounds);
  const step = commonStep(a.lotStepBase, b.lotStepBase);
  const sizeBase = baseSize(floorToStep(maxOf(limitUsd, ZERO).div(maxOf(a.price, b.price)), step));
  if (sizeBase.eq(ZERO) || input.legs.some((leg) => sizeBase.lt(leg.minSizeBase))) {
    return { ok: false, reason: "BELOW_MIN_QTY", sizeBase, boundBy };
  }
  const notionalsUsd = [
    notionalUsd(sizeBase.times(a.price)),
    notionalUsd(sizeBase.times(b.price)),
  ] as const;
  if (notionalsUsd[0].lt(a.minNotionalUsd) || notionalsUsd[1].lt(b.minNotionalUsd)) {
    return { ok: false, reason: "BELOW_MIN_NOTIONAL", sizeBase, boundBy };
  }
  return { ok: true, sizeBase, boundBy, notionalsUsd };
}

/** A venue's minimum with room for the price to fall before the order arrives. */
export function withHeadroom(minNotional: Decimal): Decimal {
  return minNotional.times(dec("1.05"));
}

function tightest(bounds: Partial<Record<SizeBound, Decimal>>): {
  readonly boundBy: SizeBound;
  readonly limitUsd: Decimal;
} {
  let boundBy: SizeBound = "equityShare";
  let limitUsd = bounds.equityShare ?? ZERO;
  for (const [name, limit] of Object.entries(bounds) as [SizeBound, Decimal][]) {
    if (limit.lt(limitUsd)) {
      boundBy = name;
      limitUsd = limit;
    }
  }
  return { boundBy, limitUsd };
}
