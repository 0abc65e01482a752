/** Why there is nothing to propose. */
export type UnavailableReason =
  | "ASSET_UNKNOWN"
  | "CANDIDATE_EXPIRED"
  | "NO_PAIR"
  | "NO_HEDGE"
  | "VENUE_DOWN"
  | "BELOW_MINIMUM"
  /** Other hedges have used up what would make it worth an opening that nobody asked for. */
  | "REMAINDER_TOO_SMALL"
  | "EQUITY_UNKNOWN"
  | "DEPTH_TOO_THIN"
  | "NOT_OWNER"
  | "NOTHING_NAMED"
  /** A model asked for more cards than a person reads. */
  | "TOO_MANY_CARDS"
  | "DECLINED_LATELY";
