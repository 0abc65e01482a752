import type { VenueId } from "./instrument.ts";
import type { EpochMs, Usd } from "./units.ts";

/**
 * One booked cash effect, positive when it adds to equity. `trade` is the signed cash of a fill
 * (sell positive, buy negative); with the position at mark it makes price P&L without any rounding.
 */
export type LedgerKind = "trade" | "fee" | "funding" | "interest" | "transfer";

export interface LedgerEntry {
  /** Unique by source: `fill:<venue>:<tradeId>`, `fee:…`, `funding:<venue>:<paymentId>`. */
  readonly id: string;
  readonly kind: LedgerKind;
  /** Null when it belongs to no hedge of ours (a manual trade, a deposit). */
  readonly hedgeId: string | null;
  readonly venue: VenueId;
  readonly symbol: string | null;
  readonly amountUsd: Usd;
  /** Market time. */
  readonly bookedFor: EpochMs;
}
