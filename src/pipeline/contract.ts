import type { Denial } from "#src/core/denial.ts";
import type { Hedge } from "#src/core/hedge.ts";
import type { Mandate } from "#src/core/mandate.ts";
import type { Proposal, ProposalSource, SizeBound } from "#src/core/proposal.ts";
import type { UnavailableReason } from "#src/core/unavailable.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { StoredProposal } from "#src/ports/store.ts";
import type { ChartData } from "#src/reports/chart-data.ts";
import type { ChoiceDetail, ChoiceView } from "#src/reports/choice-view.ts";
import type { CostsView } from "#src/reports/costs-view.ts";
import type { PerformanceView } from "#src/reports/performance-view.ts";
import type {
  DecisionView,
  FactsView,
  HealthView,
  HedgeView,
  LiveView,
  Mode,
  OpportunitiesView,
  RatesView,
  RuleView,
  StatusView,
} from "#src/reports/views.ts";

export type ProposeResult =
  | { readonly kind: "proposed"; readonly proposal: Proposal }
  /** The same thing already waits for an answer; its card was sent again to the foot of the chat. */
  | { readonly kind: "alreadyWaiting"; readonly proposal: Proposal }
  | { readonly kind: "denied"; readonly denials: readonly Denial[] }
  | {
      readonly kind: "unavailable";
      readonly reason: UnavailableReason;
      /** Of a size that is too small: what left so little. */
      readonly boundBy?: SizeBound;
      /** An opening of these seconds may be counted twice until the venues show it: asking again helps. */
      readonly justOpened?: true;
    };

/** Who pressed what, as Telegram says; nothing else identifies a tap. */
export interface Tap {
  readonly nonce: string;
  readonly userId: number;
  readonly chatId: number;
  readonly messageId: number;
}

export interface TapResult {
  readonly kind:
    | "opening"
    | "closing"
    | "armed"
    | "resumed"
    | "confirmed"
    | "declined"
    | "requoted"
    | "denied"
    | "alreadyUsed"
    | "withdrawn"
    | "expired"
    | "unknown";
  /** Short text for the callback answer. */
  readonly answer: string;
  /** Settles when the work that the tap began is over; never rejects. */
  readonly done: Promise<unknown>;
}

export interface KillReport {
  readonly flat: boolean;
  readonly legs: readonly {
    readonly venue: string;
    readonly instrument: string;
    readonly sizeBase: string;
    readonly closed: boolean;
    /** From the command to the last closing order's answer. */
    readonly elapsedMs: number;
  }[];
  /** From the command to the last closing order leaving; null when there was nothing to close. */
  readonly lastOrderSentMs: number | null;
  readonly elapsedMs: number;
}

/** What a proposal's card shows, at any moment of its life. */
export interface CardFacts {
  readonly stored: StoredProposal;
  /** Null before execution. */
  readonly hedge: Hedge | null;
  /** Of a closed one: the sizes that were held. */
  readonly view: HedgeView | null;
  /** Market time: what a card said of the next payment may have passed. */
  readonly marketNow: EpochMs;
  readonly days: RuleDays;
  /** In the demo market time is not that of people. */
  readonly mode: Mode;
}

/** What means are taken over, and what a hedge is judged over: the settings may say other than 14 and 21. */
export interface RuleDays {
  readonly lookback: string;
  readonly horizon: string;
}

/** The flow: every door calls this and nothing behind it. */
export interface Pipeline {
  rates(asset?: string): Promise<RatesView>;
  opportunities(asset?: string): Promise<OpportunitiesView>;
  status(): Promise<StatusView>;
  health(): Promise<HealthView>;
  performance(): Promise<PerformanceView>;
  /** Null while there is nothing to draw. */
  equityChart(): Promise<ChartData | null>;
  /** All that was booked, as rows that reconcile to equity. */
  exportCsv(): Promise<string>;
  /** What language models cost. */
  costs(): CostsView;
  /** Every parameter of the rules as it is in force. */
  rules(): readonly RuleView[];
  explain(asset: string | null): readonly DecisionView[];
  /** What scans chose, newest first; of an asset: those that had it to choose from. */
  decisions(of?: {
    readonly asset?: string | null;
    readonly limit?: number;
  }): readonly ChoiceView[];
  /** One of them with the models' own words: for the owner, never for a model. */
  decision(id: string): ChoiceDetail | null;
  /** From the database alone, at once. */
  facts(): FactsView;
  cardFacts(proposalId: string): Promise<CardFacts | null>;
  mandateFacts(mandateId: string): MandateFacts | null;

  /** Reads what the first question about opportunities would wait for. */
  lookAhead(): Promise<void>;
  /** Looks at everything; proposes, or acts within an armed mandate. */
  scan(): Promise<void>;
  proposeOpen(
    wanted: { readonly asset: string } | { readonly candidateId: string },
    source: ProposalSource,
  ): Promise<ProposeResult>;
  proposeClose(hedgeIdOrAsset: string, source: ProposalSource): Promise<ProposeResult>;
  offerMandate(): ProposeMandateResult;
  /** How far the rehearsal for live mode is, and what came of it. */
  live(): Promise<LiveView>;
  /** Sends the card that lets live mode start; false while it is not to be confirmed. */
  offerLive(): boolean;
  revokeMandate(actor: string): boolean;
  approve(tap: Tap): Promise<TapResult>;
  decline(tap: Tap): TapResult;

  /** No new risk; keeps hedges. */
  halt(actor: string): void;
  /** Sends the confirmation card; false when nothing is to be resumed. */
  offerResume(): boolean;
  /** Halted durably first; then cancels, closes everything, verifies. Never waits for other work. */
  kill(actor: string): Promise<KillReport>;

  /** Drift, vanished legs, expiries: once a minute. */
  /** Every few seconds of wall time; rounds may overlap. */
  tend(): Promise<void>;
  watch(): Promise<void>;
  bookFunding(): Promise<void>;
  /** Books transfers, then saves what all accounts hold: once an hour. */
  keepEquity(): Promise<void>;
  dailySummary(): Promise<void>;
  /** Measures what scans chose 8, 24 and 72 hours ago. */
  followUpDecisions(): Promise<void>;
  /** Resolves unfinished work from what the venues say. Start is recovery: nothing runs before it. */
  recover(): Promise<void>;
}

/** What the card of a mandate says. */
export interface MandateFacts {
  readonly mandate: Mandate;
  /** Of the venues that it covers those whose spot is traded, too. */
  readonly mode: Mode;
  /** Models that would choose what opens; none: the rules. */
  readonly voters: readonly string[];
  /** When no model's vote counts. */
  readonly openWithoutModel: boolean;
  /** How long before a payment it opens. */
  readonly window: { readonly minMinutes: number; readonly maxMinutes: number };
}

export interface ProposeMandateResult {
  readonly kind: "offered" | "alreadyArmed" | "notBound";
}
