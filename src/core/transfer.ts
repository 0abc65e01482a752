import type { VenueId } from "./instrument.ts";
import type { EpochMs, Usd } from "./units.ts";

/** Money that came into, or left, a venue's account and that no trade explains. */
export interface Transfer {
  readonly venue: VenueId;
  readonly transferId: string;
  /** Positive: it came in. In USD at the moment of the transfer. */
  readonly amountUsd: Usd;
  /** Market time. */
  readonly transferredAt: EpochMs;
}
