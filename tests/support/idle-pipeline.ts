import type { Pipeline, TapResult } from "#src/pipeline/contract.ts";
import type { ChoiceDetail, ChoiceView } from "#src/reports/choice-view.ts";
import type { CostsView } from "#src/reports/costs-view.ts";
import type { PerformanceFigures } from "#src/reports/performance-view.ts";
import type { LiveView } from "#src/reports/views.ts";

const NOTHING: TapResult = { kind: "unknown", answer: "", done: Promise.resolve() };

const NOTHING_REHEARSED: LiveView = {
  ...{ mode: "demo", state: "demo", neededHours: 24, rehearsedMinutes: 0, venues: [] },
  bounds: {
    ...{ hardCapUsd: "100", equityShare: "0.8", leverage: "3", minLiquidationDistance: "0.2" },
    ...{ venues: [], spotVenues: [] },
  },
  ...{ confirmedAt: null, widened: [] },
  results: {
    ...{ hedgesOpened: 0, hedgesClosed: 0, failures: 0, warnings: 0, criticals: 0 },
    ...{ pnl: null, worstDrawdown: null },
  },
};

const NO_COSTS: CostsView = {
  asOf: "2026-01-01T00:00:00Z",
  configured: { chat: [], scan: [] },
  today: { since: "2026-01-01T00:00:00Z", totalUsd: "0", models: [] },
  sevenDays: { since: "2025-12-25T00:00:00Z", totalUsd: "0", models: [] },
  budgets: [],
  chatUsdPerTurn: "0.25",
};

const NO_FIGURES: PerformanceFigures = {
  ...{ days: 0, daysNeeded: 30, sharpe: null, maxDrawdown: null, timeWeightedReturn: null },
  ...{ winRatePeriods: null, fundingPeriods: 0, winRatePositions: null, closedPositions: 0 },
  ...{ averageHoldingHours: null, hedgesOverEquity: null, grossOverEquity: null },
  ...{ marginOverEquity: null, cashYield: "0.04", targetSharpe: "2", targetWinRate: "0.7" },
  targetUtilisation: "0.8",
};

/** A pipeline in which nothing happens; it notes what was proposed. */
export function createIdlePipeline(): Pipeline & { readonly proposals: string[]; scans: number } {
  const asOf = "2026-01-01T00:00:00Z";
  const pipeline = {
    proposals: [] as string[],
    scans: 0,
    rates: async () => ({ asOf, assets: [], refused: [] }),
    opportunities: async () => ({
      ...{ asOf, opportunities: [], dropped: [] },
      ...{ cashYield: "0.04", nothingWorthDoing: true },
    }),
    status: async () => ({
      ...{ mode: "demo" as const, tradingState: "active" as const, marketTime: asOf },
      ...{ lastScanAt: null, nextScanAt: null, hedges: [], proposals: [], mandate: null },
      ...{ venues: [], equityUsd: null, alerts: [], entryStops: [] },
    }),
    health: async () => ({
      ...{ status: "ok" as const, mode: "demo" as const, tradingState: "active" as const },
      ...{ uptimeSeconds: 1, venues: [] },
    }),
    performance: async () => ({
      ...{ asOf, total: null, hedges: [] },
      ...{ equityUsd: null, equityAtStartUsd: null, unexplainedUsd: null },
      ...{ venues: [], days: [], figures: NO_FIGURES, quoteFxUsd: null },
      ...{ otherUsd: "0", transfersUsd: "0" },
    }),
    equityChart: async () => null,
    exportCsv: async () => "",
    costs: () => NO_COSTS,
    rules: () => [],
    explain: () => [],
    decisions: (): readonly ChoiceView[] => [],
    decision: (_id: string): ChoiceDetail | null => null,
    facts: () => ({
      ...{ mode: "demo" as const, tradingState: "active" as const, marketTime: asOf },
      ...{ hedges: [], cards: [], executions: [], mandate: null, modelBudgetLeftUsd: "1.00" },
    }),
    cardFacts: async () => null,
    mandateFacts: () => null,
    lookAhead: async () => undefined,
    async scan() {
      pipeline.scans += 1;
    },
    async proposeOpen(wanted: object) {
      pipeline.proposals.push(JSON.stringify(wanted));
      return { kind: "unavailable" as const, reason: "NO_PAIR" as const };
    },
    async proposeClose(hedge: string) {
      pipeline.proposals.push(hedge);
      return { kind: "unavailable" as const, reason: "NO_HEDGE" as const };
    },
    offerMandate: () => ({ kind: "notBound" as const }),
    revokeMandate: () => false,
    live: async () => NOTHING_REHEARSED,
    offerLive: () => false,
    approve: async () => NOTHING,
    decline: () => NOTHING,
    halt: () => undefined,
    offerResume: () => false,
    kill: async () => ({ flat: true, legs: [], lastOrderSentMs: null, elapsedMs: 1 }),
    tend: async () => undefined,
    watch: async () => undefined,
    bookFunding: async () => undefined,
    keepEquity: async () => undefined,
    followUpDecisions: async () => undefined,
    dailySummary: async () => undefined,
    recover: async () => undefined,
  };
  return pipeline;
}
