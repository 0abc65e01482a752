import type { OrderBook } from "./book.ts";
import type { Decimal } from "./decimal.ts";
import type { FundingRate } from "./funding.ts";
import type { Asset, Instrument, VenueId } from "./instrument.ts";
import type { EpochMs, NotionalUsd, Price, SignedBase, Usd } from "./units.ts";

/** An account at one moment. */
export interface AccountState {
  readonly venue: VenueId;
  /** Including unrealised P&L at the mark. */
  readonly equityUsd: Usd;
  /** What may still back new positions. */
  readonly freeCollateralUsd: Usd;
  readonly maintenanceUsd: Usd;
  /** Wall time. */
  readonly observedAt: EpochMs;
}

/** Everything the guard may look at for one leg. */
export interface LegSnapshot {
  readonly instrument: Instrument;
  readonly book: OrderBook;
  readonly markPrice: Price;
  readonly funding: FundingRate;
  readonly account: AccountState;
  /** What the venue reports for this instrument now. */
  readonly positionBase: SignedBase;
  readonly leverage: Decimal;
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
  /** Notional reserved by openings in flight, per venue. */
  readonly reservedUsd: ReadonlyMap<VenueId, NotionalUsd>;
}
