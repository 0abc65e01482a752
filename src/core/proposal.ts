import type { Decimal } from "./decimal.ts";
import type { Side } from "./hedge.ts";
import type { Asset, VenueId } from "./instrument.ts";
import type { OrderSide } from "./order.ts";
import type { AllocationBound } from "./rules/allocation.ts";
import type { BaseSize, EpochMs, NotionalUsd, Price, Rate, Usd } from "./units.ts";

export interface OpenLeg {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly asset: Asset;
  readonly side: Side;
  readonly sizeBase: BaseSize;
  /** Mid seen when the plan was made. */
  readonly priceSeen: Price;
  /** Worst price an order may take: the slippage collar. */
  readonly collarPrice: Price;
  readonly notionalUsd: NotionalUsd;
  readonly takerFeeRate: Rate;
  /** Expected slippage from the mid, half the bid-ask included. */
  readonly slippageRate: Rate;
  readonly fundingRate: Rate;
  readonly intervalHours: Decimal;
  readonly fundingAt: EpochMs;
  /** Null when no price liquidates the leg. */
  readonly liquidationPrice: Price | null;
}

export interface OpenCosts {
  /** All four fills. */
  readonly feesUsd: Usd;
  readonly slippageUsd: Usd;
  /** Fees plus slippage plus adverse entry basis, as a fraction of one leg's notional. */
  readonly costRate: Rate;
  /**
   * What taking the first leg back costs at worst when the second cannot be filled: fees twice, in at its
   * collar, out at the emergency slippage. Null on plans of earlier versions.
   */
  readonly secondLegFailsUsd: Usd | null;
}

export type ProposalSource = "owner" | "agent" | "scan";

interface ProposalBase {
  readonly id: string;
  readonly asset: Asset;
  readonly source: ProposalSource;
  /** Wall times. */
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs;
}

export interface OpenProposal extends ProposalBase {
  readonly kind: "open";
  /** The thinner leg is first: it is sent first. */
  readonly legs: readonly [OpenLeg, OpenLeg];
  readonly sizeBase: BaseSize;
  /** Which limit set the size: a name a person can read. */
  readonly boundBy: SizeBound;
  readonly costs: OpenCosts;
  readonly spread8h: Rate;
  /** Trailing mean of the spread in this direction per 8 h; null when history is too short. */
  readonly trailingSpread8h: Rate | null;
  readonly aprOnNotional: Decimal;
  /** Net of costs over the horizon, on the equity of both legs' margin; null without history. */
  readonly netAprOnCapital: Decimal | null;
  /** Null: at this rate it never pays back. */
  readonly breakEvenHours: Decimal | null;
  /** Does it pass the entry gate? A person may open it anyway; a mandate may not. */
  readonly worthwhile: boolean;
}

export interface CloseLeg {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly sizeBase: BaseSize;
  readonly priceSeen: Price;
}

export interface CloseProposal extends ProposalBase {
  readonly kind: "close";
  readonly hedgeId: string;
  readonly legs: readonly [CloseLeg, CloseLeg];
  readonly feesUsd: Usd;
  readonly slippageUsd: Usd;
  /** What the hedge has made so far at the executable prices, after these costs. */
  readonly pnlIfClosedUsd: Usd;
}

export type Proposal = OpenProposal | CloseProposal;

/**
 * awaiting → approved | declined | expired | superseded | denied; approved → executed | denied | failed.
 * The others are final.
 */
export type ProposalState =
  | "awaiting"
  | "approved"
  | "declined"
  | "expired"
  | "superseded"
  | "denied"
  | "executed"
  | "failed";

export type SizeBound =
  | "equityShare"
  | "hardCapUsd"
  | "depthUsd"
  | "freeMargin"
  | AllocationBound
  | "openInterest"
  | "shock"
  | "liquidationDistance"
  | "borrowLimit"
  | "mandateRoom";
