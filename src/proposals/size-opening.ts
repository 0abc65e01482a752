import { type Decimal, maxOf, minOf } from "#src/core/decimal.ts";
import type { SizeBound } from "#src/core/proposal.ts";
import { isWorthOpening } from "#src/core/rules/worth-opening.ts";
import type { Snapshot } from "#src/core/snapshot.ts";
import type { NotionalUsd } from "#src/core/units.ts";
import { type BoundedLeg, boundSize, type HardLimits, type SizingSettings } from "./bound-size.ts";
import { type SizedHedge, sizeHedge, withHeadroom } from "./size-hedge.ts";

interface SizedLeg extends BoundedLeg {
  readonly mid: Decimal;
}

interface SizeOptions {
  readonly limits: HardLimits;
  readonly sizing: SizingSettings;
  readonly snapshot: Snapshot;
  /** What a mandate leaves; null when none binds. */
  readonly roomUsd: NotionalUsd | null;
}

type SizedOpening =
  | Extract<SizedHedge, { ok: false }>
  | (Extract<SizedHedge, { ok: true }> & {
      /** So little is left of what other hedges use, too, that nobody should be bothered with it. */
      readonly isRemainder: boolean;
    });

/** The size of both legs under every limit of this moment. */
export function sizeOpening(
  short: SizedLeg,
  long: SizedLeg,
  { limits, sizing, snapshot, roomUsd }: SizeOptions,
): SizedOpening {
  const sizeLeg = ({ leg, mid, limitPrice }: SizedLeg) => ({
    equityUsd: leg.account.equityUsd,
    price: limitPrice,
    lotStepBase: leg.instrument.lotStepBase,
    minSizeBase: leg.instrument.minSizeBase,
    minNotionalUsd: maxOf(
      withHeadroom(leg.instrument.minNotionalUsd),
      // What the card calls its value is measured at the mid.
      sizing.minPositionUsd.times(limitPrice).div(mid),
    ),
  });
  const legs = [sizeLeg(short), sizeLeg(long)] as const;
  const bounds = boundSize([short, long], snapshot, limits, sizing, roomUsd);
  const { equityShare, hardCapUsd } = limits;
  const sized = sizeHedge({ legs, equityShare, hardCapUsd, bounds });
  if (!sized.ok) return sized;
  const ofEquity = minOf(legs[0].equityUsd, legs[1].equityUsd).times(equityShare);
  const wholeUsd = minOf(ofEquity, hardCapUsd, bounds.singlePosition ?? hardCapUsd);
  const leftUsd = minOf(...sized.notionalsUsd);
  const isUsedUp = USED_UP.includes(sized.boundBy);
  return { ...sized, isRemainder: isUsedUp && !isWorthOpening(leftUsd, wholeUsd) };
}

/** What other hedges use up, too. What a mandate has left is judged where it is counted. */
const USED_UP: readonly SizeBound[] = [
  "venueRoom",
  "utilisation",
  "reserve",
  "freeMargin",
  "shock",
];
