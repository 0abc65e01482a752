import type { Decimal } from "#src/core/decimal.ts";
import type { Asset, VenueId } from "#src/core/instrument.ts";
import type { Opportunity } from "#src/core/opportunity.ts";
import type { MarginRules } from "#src/core/rules/judge-margin.ts";
import type { LiveBounds } from "#src/core/rules/live-bounds.ts";
import type { TradingState } from "#src/core/trading-state.ts";
import type { EpochMs, NotionalUsd, Price } from "#src/core/units.ts";
import type { ExecutionContext } from "#src/execution/context.ts";
import type { HedgeView } from "#src/execution/invariants/engine-view.ts";
import type { GuardLimits } from "#src/guard/limits.ts";
import type { LedgerTotals } from "#src/ledger/ledger-totals.ts";
import type { RehearsalMeter } from "#src/pipeline/hold/count-rehearsal.ts";
import type { AccountGlance, Glance } from "#src/pipeline/look/glance.ts";
import type { RuleSettings } from "#src/pipeline/show/rule-settings.ts";
import type { Advisor } from "#src/ports/advisor.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Ids } from "#src/ports/ids.ts";
import type { ModelPurpose } from "#src/ports/language-model.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Store } from "#src/ports/store.ts";
import type { Venue } from "#src/ports/venue.ts";
import type { SizingSettings } from "#src/proposals/bound-size.ts";
import type { CollectedRates } from "#src/rates/collect-rates.ts";
import type { Evidence } from "#src/rates/market-evidence.ts";
import type { KeptStats } from "#src/rates/market-stats.ts";
import type { MedianGaps } from "#src/rates/median-gap.ts";
import type { TrailingRates } from "#src/rates/trailing-rates.ts";
import type { ConfiguredModelView } from "#src/reports/costs-view.ts";
import type { EquityHistory } from "#src/reports/equity-history.ts";
import type { ReportTargets } from "#src/reports/performance-figures.ts";
import type { Mode } from "#src/reports/views.ts";

/** When nothing opens any more. Fractions; a 0.005 gap between USDT and USDC is half a percent. */
export interface StopSettings {
  readonly maxDrawdown: Decimal;
  readonly dailyLossUsd: NotionalUsd;
  readonly maxDepeg: Decimal;
  readonly closeDepeg: Decimal;
}

export interface PipelineSettings extends RuleSettings {
  readonly leverage: Decimal;
  readonly report: ReportTargets;
  readonly maxSlippage: Decimal;
  readonly sizing: SizingSettings;
  /** Where spot is traded besides perps. */
  readonly spotVenues: readonly VenueId[];
  /** May the rules open alone when no model gives a vote that counts? Else they only propose. */
  readonly openWithoutModel: boolean;
  readonly margin: MarginRules;
  readonly stops: StopSettings;
  readonly mandate: {
    readonly perHedgeUsd: NotionalUsd;
    readonly totalUsd: NotionalUsd;
    readonly opensPerDay: number;
    readonly lossPerDayUsd: NotionalUsd;
    readonly days: number;
    readonly assets: readonly string[];
    readonly venues: readonly VenueId[];
  };
  /** What the settings would let live mode do, and how long it is to be rehearsed. */
  readonly live: { readonly bounds: LiveBounds; readonly minHours: number };
  /** Language models, for showing: those who meter them enforce it. */
  readonly models: {
    readonly inUse: Readonly<Record<ModelPurpose, readonly ConfiguredModelView[]>>;
    readonly usdPerDay: Readonly<Record<ModelPurpose, Decimal>>;
    readonly chatUsdPerTurn: Decimal;
  };
}

export interface PipelineContext {
  readonly mode: Mode;
  readonly venues: ReadonlyMap<VenueId, Venue>;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly limits: GuardLimits;
  readonly settings: PipelineSettings;
  readonly execution: ExecutionContext;
  /** For looking; what decides about money takes its own snapshot. */
  readonly rates: Glance<CollectedRates>;
  readonly accounts: Glance<readonly AccountGlance[]>;
  /** Sums over the ledger; asked outside of transactions. */
  readonly totals: LedgerTotals;
  /** Given what was ever transferred. */
  readonly history: (transfersUsd: Decimal) => EquityHistory;
  readonly trailing: TrailingRates;
  /** Over the days that leaving asks for. */
  readonly exitTrailing: TrailingRates;
  readonly marketStats: KeptStats;
  readonly gaps: MedianGaps;
  readonly evidence: Evidence;
  /** Models that pick from what code offers; null: the rules decide alone. */
  readonly advisor: Advisor | null;
  /** What the last look at the market offered, by the id that a tool may name. */
  readonly candidates: Map<
    string,
    { readonly opportunity: Opportunity; readonly expiresAt: EpochMs }
  >;
  readonly startedAt: EpochMs;
  /** What was run towards live mode since it was last saved. */
  readonly rehearsal: RehearsalMeter;
  readonly gate: {
    /** Until recovery is over nothing opens; reading, /halt and /kill work from the start. */
    recovering: boolean;
    /** The scan that runs now: a second one joins it. */
    scanning: Promise<void> | null;
    /** Models that are being asked; /kill and /halt stop waiting for them. */
    asking: AbortController | null;
    /** Assets that the last scan did not judge, and why. */
    passedOver: ReadonlyMap<Asset, string>;
    /** What the last check of the engine's rules saw, so that illegal moves are noticed. */
    checked: ReadonlyMap<string, HedgeView>;
    /** What the last reading of the audit chain found, and when (elapsed). */
    audit: { readonly whole: boolean; readonly readMs: number } | null;
    /** The round that judges margins now: a second one joins it. */
    judging: Promise<void> | null;
    /** The mark of each "venue:symbol" when its margin was last judged. */
    readonly judgedMarks: Map<string, Price>;
    /** How long after the last /kill it was on disk. */
    killDurableMs: number | null;
  };
}

/** Rates that are looked at, not acted on, may be this old; what accounts hold, this. */
export const RATES_GLANCE_MS = 15_000;
export const ACCOUNTS_GLANCE_MS = 3_000;

/** What the guard is told: while recovery runs, only what reduces. */
export function tradingStateOf({ store, gate }: PipelineContext): TradingState {
  const state = store.tradingState();
  return gate.recovering && state === "active" ? "reducing" : state;
}

/** The owner's private chat; null until somebody is bound. */
export function ownerOf(
  store: Store,
): { readonly ownerId: number; readonly chatId: number } | null {
  const ownerId = Number(store.getFact("ownerId") ?? "");
  const chatId = Number(store.getFact("chatId") ?? "");
  return ownerId > 0 && chatId !== 0 && Number.isSafeInteger(chatId) ? { ownerId, chatId } : null;
}

/** A whole number that we wrote as a fact; null when absent. */
export function parseFact(store: Store, key: string): number | null {
  const text = store.getFact(key);
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : null;
}
