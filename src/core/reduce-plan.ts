import type { VenueId } from "./instrument.ts";
import type { OrderSide } from "./order.ts";
import type { BaseSize, SignedBase } from "./units.ts";

export type ReducePurpose = "close" | "unwind" | "rebalance" | "kill";

export interface ReduceLeg {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly sizeBase: BaseSize;
  /** Fresh, from the venue. */
  readonly positionBase: SignedBase;
}

/** Orders that can only shrink positions. */
export interface ReducePlan {
  readonly purpose: ReducePurpose;
  readonly legs: readonly ReduceLeg[];
}
