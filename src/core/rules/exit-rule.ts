import { type Decimal, ZERO } from "#src/core/decimal.ts";
import { type Rate, rate } from "#src/core/units.ts";

export type SpreadAction = "hold" | "watch" | "exit";

/**
 * What a turned spread asks for (domain 3.5). Within the tolerance: hold. Beyond it: exit only when the
 * trailing mean is against us too, else watch, because leaving and coming back costs a round trip. All
 * per 8 h in the hedge's direction; without history we watch.
 */
export function exitOnSpread(
  spread8h: Decimal,
  tolerance8h: Decimal,
  trailingMean8h: Decimal | null,
): SpreadAction {
  if (spread8h.gte(tolerance8h)) return "hold";
  return trailingMean8h?.lt(ZERO) ? "exit" : "watch";
}

/**
 * Is another pair worth the change (domain 3.6)? Its gain over the horizon must be more than the cost of
 * closing one and opening the other, `multiple` times. Spreads per 8 h, each in its own direction.
 */
export function rotateGate(input: {
  readonly current8h: Decimal;
  readonly candidate8h: Decimal;
  readonly horizonHours: Decimal;
  /** Closing this one and opening that one, as a fraction of one leg's notional. */
  readonly switchCost: Decimal;
  readonly multiple: Decimal;
}): { readonly gain: Rate; readonly need: Rate; readonly rotate: boolean } {
  const gain = input.candidate8h.minus(input.current8h).times(input.horizonHours).div("8");
  const need = input.switchCost.times(input.multiple);
  return { gain: rate(gain), need: rate(need), rotate: gain.gt(need) };
}
