/** Why the guard said no: CATEGORY_CONDITION. Closed; every rule has exactly one. */
export type DenialCode =
  | "LEG_COUNT"
  | "ASSET_MISMATCH"
  | "SAME_DIRECTION"
  | "UNEQUAL_BASE"
  | "SIZE_ZERO"
  | "SIZE_OFF_LOT"
  | "SIZE_BELOW_MINIMUM"
  | "NOTIONAL_EXCEEDS_EQUITY_SHARE"
  | "NOTIONAL_EXCEEDS_HARD_CAP"
  | "MARGIN_INSUFFICIENT"
  | "LEVERAGE_EXCEEDS_LIMIT"
  | "LIQUIDATION_TOO_NEAR"
  | "RATE_STALE"
  | "RATE_IMPLAUSIBLE"
  | "BOOK_STALE"
  | "EQUITY_STALE"
  | "PRICE_MISMATCH"
  | "PRICE_MOVED"
  | "ASSET_ALREADY_HEDGED"
  | "POSITION_UNEXPECTED"
  | "INSTRUMENT_NOT_LINEAR"
  | "SNAPSHOT_MISMATCH"
  | "VENUE_PAIR_INVALID"
  | "TRADING_REDUCING"
  | "TRADING_HALTED"
  | "PROPOSAL_EXPIRED"
  | "AUTHORITY_MISSING"
  | "AUTHORITY_MISMATCH"
  | "MANDATE_NOT_ARMED"
  | "MANDATE_ENDED"
  | "MANDATE_PER_HEDGE_EXCEEDED"
  | "MANDATE_TOTAL_EXCEEDED"
  | "MANDATE_OPENS_EXCEEDED"
  | "MANDATE_LOSS_EXCEEDED"
  | "MANDATE_ASSET_NOT_ALLOWED"
  | "MANDATE_VENUE_NOT_ALLOWED"
  | "MANDATE_NOT_WORTHWHILE"
  | "MANDATE_VENUE_NOT_PROVABLE"
  | "REDUCE_WITHOUT_POSITION"
  | "REDUCE_WOULD_INCREASE"
  | "REDUCE_EXCEEDS_POSITION"
  | "TICKET_EXPIRED"
  | "TICKET_ORDER_NOT_COVERED"
  | "TICKET_SIZE_EXCEEDED"
  | "TICKET_NOT_REDUCE_ONLY"
  | "TICKET_PRICE_BEYOND_COLLAR";

/** A denial with the figures that decided it, as text, for the card, the log and the model. */
export interface Denial {
  readonly code: DenialCode;
  readonly context: Readonly<Record<string, string>>;
}

export function denial(code: DenialCode, context: Record<string, string> = {}): Denial {
  return { code, context };
}
