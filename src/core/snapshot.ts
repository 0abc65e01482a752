import type { OrderBook } from "./book.ts";
import type { Decimal } from "./decimal.ts";
import type { BorrowRate } from "./figures/borrow.ts";
import type { FundingRate } from "./funding.ts";
import type { Asset, Instrument, VenueId } from "./instrument.ts";
import type { Portfolio } from "./rules/allocation.ts";
import type { EntryStop } from "./rules/entry-stop.ts";
import type { EpochMs, NotionalUsd, Price, SignedBase, Usd } from "./units.ts";

/** An account at one moment. */
export interface AccountState {
  readonly venue: VenueId;
  /**
   * Set where the venue keeps the money for spot and for perps apart; absent where one pool backs both,
   * so that the legs of a spot-perp hedge draw on the same equity.
   */
  readonly wallet?: "spot" | "perp";
  /** Including unrealised P&L at the mark. */
  readonly equityUsd: Usd;
  /** What may still back new positions. */
  readonly freeCollateralUsd: Usd;
  readonly maintenanceUsd: Usd;
  /** Equity over maintenance as the venue itself counts it; absent where it does not say. */
  readonly marginRatio?: Decimal;
  /** Wall time. */
  readonly observedAt: EpochMs;
}

/** Everything the guard may look at for one leg. */
export interface LegSnapshot {
  readonly instrument: Instrument;
  readonly book: OrderBook;
  readonly markPrice: Price;
  /** All that is open in it, at the mark; null when the venue does not tell, or has none (spot). */
  readonly openInterestUsd: NotionalUsd | null;
  readonly funding: FundingRate;
  readonly account: AccountState;
  /** What the venue reports for this instrument now. */
  readonly positionBase: SignedBase;
  readonly leverage: Decimal;
  /** What selling it short costs; only of spot instruments, null where nothing is lent or known. */
  readonly borrow?: BorrowRate | null;
  /** Can the fate of every order there be proven? See ports/venue VenueCapabilities. */
  readonly provable: boolean;
}

/** One moment, both legs in the proposal's order. */
export interface Snapshot {
  /** Wall time at which the last part was read. */
  readonly takenAt: EpochMs;
  readonly marketAt: EpochMs;
  readonly legs: readonly [LegSnapshot, LegSnapshot];
  /** Assets of hedges that are not closed. */
  readonly hedgedAssets: readonly Asset[];
  /** What openings in flight may take of each venue's free balance. */
  readonly reservedUsd: ReadonlyMap<VenueId, Usd>;
  /** What forbids opening at this moment, whoever asks. */
  readonly entryStops: readonly EntryStop[];
  /** Null when a venue does not say what it holds: then nobody knows what one more hedge may be. */
  readonly portfolio: Portfolio | null;
}
