import type { HedgePhase, Side } from "#src/core/hedge.ts";
import type { OpportunityReason } from "#src/core/opportunity.ts";
import type { ProposalState } from "#src/core/proposal.ts";
import type { TradingState } from "#src/core/trading-state.ts";

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

export interface StatusView {
  readonly mode: Mode;
  readonly tradingState: TradingState;
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

export interface RatesView {
  readonly asOf: string;
  readonly assets: readonly { readonly asset: string; readonly venues: readonly RateView[] }[];
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
  readonly spread8h: string;
  readonly trailingSpread8h: string | null;
  readonly costRate: string;
  readonly aprOnNotional: string;
  readonly netAprOnCapital: string | null;
  readonly breakEvenHours: string | null;
  readonly worthwhile: boolean;
  readonly reason: OpportunityReason | null;
}

export interface OpportunitiesView {
  readonly asOf: string;
  /** Best first. */
  readonly opportunities: readonly OpportunityView[];
  readonly dropped: readonly { readonly asset: string; readonly reason: string }[];
}

/** Parts sum exactly to the total. */
export interface PnlView {
  readonly priceUsd: string;
  readonly fundingUsd: string;
  readonly feesUsd: string;
  readonly interestUsd: string;
  readonly totalUsd: string;
}

export interface PerformanceView {
  readonly asOf: string;
  readonly total: PnlView | null;
  readonly hedges: readonly (HedgeView & { readonly pnl: PnlView | null })[];
  readonly equityUsd: string | null;
  readonly equityAtStartUsd: string | null;
  /** Equity change that the ledger does not explain; "0" when all is booked, null when unknown. */
  readonly unexplainedUsd: string | null;
}

export interface DecisionView {
  readonly at: string;
  readonly kind: string;
  readonly asset: string | null;
  readonly outcome: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface ConfiguredModelView {
  readonly name: string;
  readonly provider: string;
  /** The variable that its key is missing from; null when it can be asked. */
  readonly missingKey: string | null;
}

export interface ModelSpendingView {
  readonly purpose: "chat" | "scan";
  readonly provider: string;
  readonly model: string;
  readonly calls: number;
  readonly failures: number;
  /** Fresh, and read from the provider's cache. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
  readonly costUsd: string;
  /** Some of it was estimated upwards from the texts' lengths. */
  readonly isEstimate: boolean;
}

export interface SpendingPeriodView {
  /** Wall time. */
  readonly since: string;
  readonly totalUsd: string;
  /** By purpose and model, dearest first. */
  readonly models: readonly ModelSpendingView[];
}

export interface CostsView {
  readonly asOf: string;
  readonly configured: Readonly<Record<"chat" | "scan", readonly ConfiguredModelView[]>>;
  /** Since midnight UTC. */
  readonly today: SpendingPeriodView;
  readonly sevenDays: SpendingPeriodView;
  readonly budgets: readonly {
    readonly purpose: "chat" | "scan";
    readonly perDayUsd: string;
    readonly usedUsd: string;
    /** Null when the budget is 0. */
    readonly usedShare: string | null;
  }[];
  readonly chatUsdPerTurn: string;
}
