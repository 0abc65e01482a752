import { type Decimal, maxOf, ZERO } from "#src/core/decimal.ts";
import type { MarginBand } from "./margin-bands.ts";

/** Net size and its share of the larger leg; signed sizes. 1 is one leg gone, 2 is both on one side. */
export function deltaDrift(a: Decimal, b: Decimal): { net: Decimal; drift: Decimal } {
  const net = a.plus(b);
  const larger = maxOf(a.abs(), b.abs());
  return { net, drift: larger.eq(ZERO) ? ZERO : net.abs().div(larger) };
}

export interface DriftLimits {
  /** More than this share of the larger leg acts. */
  readonly maxDrift: Decimal;
  /** More than this acts at once. */
  readonly emergencyDrift: Decimal;
  /** A gap worth less is left alone, and counted on. */
  readonly minUsd: Decimal;
}

/** `leg` is the one to order on, by its place; `qty` what to order, in base units. */
export type RebalanceAction =
  | {
      readonly action: "none";
      readonly reason: "withinLimit" | "dust";
      readonly usd: Decimal;
    }
  | {
      readonly action: "increase" | "reduce";
      readonly leg: 0 | 1;
      readonly qty: Decimal;
      readonly priority: "normal" | "critical";
      readonly usd: Decimal;
    }
  | { readonly action: "closeAll"; readonly reason: "sameSide" };

/**
 * What drifted legs ask for (domain 2.9): cut the larger one. The smaller is grown only when the gap is a
 * fill that is still missing (`fillMissing`), both margins are green and both legs exist, since growing adds
 * risk. Legs on one side are a breach, not a drift: everything closes. Signed sizes, price in USD.
 */
export function rebalanceAction(input: {
  readonly legs: readonly [Decimal, Decimal];
  readonly price: Decimal;
  /** The worse of both accounts. */
  readonly margin: MarginBand;
  readonly fillMissing: boolean;
  readonly limits: DriftLimits;
}): RebalanceAction {
  const [a, b] = input.legs;
  const { limits } = input;
  if (a.times(b).gt(ZERO)) return { action: "closeAll", reason: "sameSide" };
  const { net, drift } = deltaDrift(a, b);
  const usd = net.abs().times(input.price);
  if (drift.lte(limits.maxDrift)) return { action: "none", reason: "withinLimit", usd };
  if (usd.lt(limits.minUsd)) return { action: "none", reason: "dust", usd };
  const larger = a.abs().gte(b.abs()) ? 0 : 1;
  const grows = input.fillMissing && input.margin === "green" && !a.eq(ZERO) && !b.eq(ZERO);
  return {
    action: grows ? "increase" : "reduce",
    leg: grows === (larger === 0) ? 1 : 0,
    qty: net.abs(),
    priority: drift.gt(limits.emergencyDrift) ? "critical" : "normal",
    usd,
  };
}
