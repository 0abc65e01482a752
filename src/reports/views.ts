import type { HedgePhase, Side } from "#src/core/hedge.ts";
import type { OpportunityReason } from "#src/core/opportunity.ts";
import type { ProposalState } from "#src/core/proposal.ts";
import type { EntryStopReason } from "#src/core/rules/entry-stop.ts";
import type { TradingState } from "#src/core/trading-state.ts";
import type { WrittenFigures } from "#src/core/words/figures-words.ts";
import type { PnlView } from "./performance-view.ts";

/** Read-only shapes for people, the API and the model. Decimals are strings, times ISO 8601 UTC. */
export type Mode = "demo" | "paper" | "testnet" | "live";

export interface LegView {
  readonly venue: string;
  readonly instrument: string;
  readonly side: Side;
  readonly sizeBase: string;
  readonly entryPrice: string | null;
  readonly markPrice: string | null;
  readonly liquidationPrice: string | null;
}

export interface HedgeView {
  readonly id: string;
  readonly proposalId: string;
  readonly asset: string;
  readonly phase: HedgePhase;
  readonly legs: readonly LegView[];
  readonly driftRatio: string;
  /** The larger leg at mark; null when a mark is missing. */
  readonly notionalUsd: string | null;
  /** Settled payments only. */
  readonly fundingUsd: string;
  /** Accrued since the last settlement at the upcoming rate; an estimate, never added to the P&L. */
  readonly fundingEstimateUsd: string | null;
  readonly feesUsd: string;
  /** Funding + price − fees at mark; null when a mark is missing. */
  readonly pnlUsd: string | null;
  /** What getting in and out was reckoned to cost; null when that is not kept. */
  readonly costsUsd: string | null;
  /** Since when funding has paid that, whatever came after; null: not yet. */
  readonly paidBackAt: string | null;
  readonly openedAt: string;
  readonly closedAt: string | null;
}

export interface ProposalView {
  readonly id: string;
  readonly kind: "open" | "close";
  readonly asset: string;
  readonly state: ProposalState;
  readonly expiresAt: string;
}

export interface MandateView {
  readonly id: string;
  readonly state: string;
  readonly perHedgeUsd: string;
  readonly totalUsd: string;
  readonly opensPerDay: number;
  readonly lossPerDayUsd: string;
  readonly assets: readonly string[];
  readonly venues: readonly string[];
  readonly endsAt: string;
  readonly usedUsd: string;
  readonly opensToday: number;
}

export interface VenueView {
  readonly venue: string;
  readonly status: "ok" | "down";
  readonly equityUsd: string | null;
}

/** What forbids opening now. */
export interface EntryStopView {
  readonly reason: EntryStopReason;
  /** Null: every asset; every venue. */
  readonly asset: string | null;
  readonly venue: string | null;
  /** When it ends by itself; null: when its cause is gone, or the owner lifts it. */
  readonly until: string | null;
  /** In plain words, with what ends it. */
  readonly text: string;
}

export interface StatusView {
  readonly mode: Mode;
  readonly tradingState: TradingState;
  readonly entryStops: readonly EntryStopView[];
  readonly marketTime: string;
  readonly lastScanAt: string | null;
  readonly nextScanAt: string | null;
  readonly hedges: readonly HedgeView[];
  readonly proposals: readonly ProposalView[];
  readonly mandate: MandateView | null;
  readonly venues: readonly VenueView[];
  /** Sum over venues; null when one does not answer. */
  readonly equityUsd: string | null;
  /** Newest first. */
  readonly alerts: readonly {
    readonly at: string;
    readonly severity: string;
    readonly text: string;
  }[];
}

export interface ExecutionFact {
  readonly at: string;
  /** "unwound": it could not be opened whole and was taken back. */
  readonly did: "opened" | "closed" | "unwound";
  readonly hedgeId: string;
  readonly asset: string;
}

/** What the database alone knows to be true now; nobody waits for a venue. */
export interface FactsView {
  readonly mode: Mode;
  readonly tradingState: TradingState;
  readonly marketTime: string;
  readonly hedges: readonly {
    readonly id: string;
    readonly asset: string;
    readonly phase: HedgePhase;
    readonly legs: readonly Pick<LegView, "venue" | "side" | "sizeBase">[];
  }[];
  /** Waiting for the owner's tap. */
  readonly cards: readonly {
    readonly id: string;
    readonly kind: "open" | "close";
    readonly asset: string;
    readonly minutesLeft: number;
  }[];
  /** Newest first. */
  readonly executions: readonly ExecutionFact[];
  /** Null when none is armed. */
  readonly mandate: { readonly endsAt: string } | null;
  /** Of today's budget for the chat; never below nothing. */
  readonly modelBudgetLeftUsd: string;
}

export interface HealthView {
  readonly status: "ok" | "degraded" | "halted";
  readonly mode: Mode;
  readonly tradingState: TradingState;
  readonly uptimeSeconds: number;
  readonly venues: readonly { readonly venue: string; readonly status: "ok" | "down" }[];
}

export interface RateView {
  readonly venue: string;
  readonly instrument: string;
  readonly rate: string;
  readonly intervalHours: string;
  readonly rate8h: string;
  readonly apr: string;
  readonly nextFundingAt: string;
  readonly minutesToFunding: number;
  readonly ageSeconds: number;
}

/** What selling spot short costs; null where nobody lends it now. */
export interface SpotView {
  readonly venue: string;
  readonly instrument: string;
  readonly borrow8h: string | null;
  readonly borrowApr: string | null;
}

export interface RatesView {
  readonly asOf: string;
  readonly assets: readonly {
    readonly asset: string;
    /** Perps. */
    readonly venues: readonly RateView[];
    /** Where it can be had on spot, which pays no funding. */
    readonly spot: readonly SpotView[];
  }[];
  /** Samples that were refused, with the reason, so that a gap is never silent. */
  readonly refused: readonly {
    readonly venue: string;
    readonly instrument: string;
    readonly reason: string;
  }[];
}

export interface OpportunityView {
  readonly candidateId: string;
  readonly asset: string;
  readonly shortVenue: string;
  readonly longVenue: string;
  /** Spot is one leg of a pair on one venue. */
  readonly shortMarket: "perp" | "spot";
  readonly longMarket: "perp" | "spot";
  readonly spread8h: string;
  readonly trailingSpread8h: string | null;
  readonly costRate: string;
  readonly aprOnNotional: string;
  readonly netAprOnCapital: string | null;
  readonly breakEvenHours: string | null;
  /** Expected at the size that it could have now; null without history. */
  readonly netUsdPerDay: string | null;
  /** The spread of now that would pay the costs if it falls back as it used to; negative: the mean alone does. */
  readonly payingSpread8h: string | null;
  /** What the spread of now should pay then over the horizon, before costs. */
  readonly expectedCarryRate: string | null;
  readonly worthwhile: boolean;
  readonly reason: OpportunityReason | null;
  /** The two figures that decided. */
  readonly figures: WrittenFigures | null;
}

export interface OpportunitiesView {
  readonly asOf: string;
  /** Best first. */
  readonly opportunities: readonly OpportunityView[];
  /** What cash earns a year: what nothing beats is not worth doing. */
  readonly cashYield: string;
  readonly nothingWorthDoing: boolean;
  readonly dropped: readonly { readonly asset: string; readonly reason: string }[];
}

/** The way to live mode: what was rehearsed, what came of it, what would be allowed. */
export interface LiveView {
  readonly mode: Mode;
  /** "ready": a card may be sent. "confirmed": live mode may start with these settings. */
  readonly state: "demo" | "rehearsing" | "ready" | "confirmed";
  readonly neededHours: number;
  /** Of the venue that was rehearsed least, at most what is needed. */
  readonly rehearsedMinutes: number;
  readonly venues: readonly { readonly venue: string; readonly rehearsedMinutes: number }[];
  readonly bounds: {
    readonly hardCapUsd: string;
    readonly equityShare: string;
    readonly leverage: string;
    readonly minLiquidationDistance: string;
    readonly venues: readonly string[];
    readonly spotVenues: readonly string[];
  };
  readonly confirmedAt: string | null;
  /** Where the settings ask for more than was confirmed. */
  readonly widened: readonly {
    readonly what: string;
    readonly confirmed: string;
    readonly wanted: string;
  }[];
  readonly results: {
    readonly hedgesOpened: number;
    readonly hedgesClosed: number;
    /** Approved, and not completed. */
    readonly failures: number;
    readonly warnings: number;
    readonly criticals: number;
    readonly pnl: PnlView | null;
    /** As a fraction of equity; null while too little was measured. */
    readonly worstDrawdown: string | null;
  };
}

/** One parameter of the rules as it is in force. */
export interface RuleView {
  /** As settings.toml names it: "limits.leverage". */
  readonly setting: string;
  readonly kind: "guard" | "configuration" | "advisory";
  readonly unit: string;
  readonly meaning: string;
  readonly value: string;
  readonly usual: string;
  readonly isDefault: boolean;
}

export interface DecisionView {
  readonly at: string;
  readonly kind: string;
  readonly asset: string | null;
  readonly outcome: string;
  readonly detail: Readonly<Record<string, unknown>>;
}
