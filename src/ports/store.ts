import type { Proposal, ProposalState } from "#src/core/proposal.ts";
import type { TradingState } from "#src/core/trading-state.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { DecisionStore } from "./decision-store.ts";
import type { ModelCallStore } from "./model-call-store.ts";
import type {
  EquityStore,
  HedgeStore,
  LedgerStore,
  MandateStore,
  OrderStore,
  RateStore,
} from "./trading-stores.ts";

/**
 * The bot's memory. Synchronous, so that a state change, its alert and its audit row are one
 * transaction and nothing can run in between. All writes must be inside `transaction` or `journal`.
 */
export interface Store
  extends HedgeStore,
    OrderStore,
    ProposalStore,
    MandateStore,
    LedgerStore,
    EquityStore,
    RateStore,
    MessageStore,
    TurnStore,
    ModelCallStore,
    DecisionStore,
    FactStore {
  /**
   * Runs `work` atomically; nested calls join the outer one. A throw rolls everything back, that of a
   * nested call too, even when somebody catches it. `work` must not be async.
   */
  transaction<T>(work: () => T): T;
  /**
   * Atomic too and there after a kill, but not synced: a power cut may take the newest entries, oldest kept
   * first. For notes of which nothing about money hangs, so that they hold nobody up.
   */
  journal<T>(work: () => T): T;
  close(): void;
}

/** The part that execution works on. */
export interface EngineStore extends Omit<HedgeStore, "latestHedges">, OrderStore {
  transaction<T>(work: () => T): T;
  enqueue: MessageStore["enqueue"];
  tradingState: FactStore["tradingState"];
  setTradingState: FactStore["setTradingState"];
  getFact: FactStore["getFact"];
  setFact: FactStore["setFact"];
  audit: FactStore["audit"];
}

export type ApprovalState = "pending" | "approved" | "declined" | "expired" | "superseded";

/** What a tap may approve. */
export type ApprovalSubject = "open" | "close" | "mandate" | "resume" | "live";

export interface Approval {
  readonly nonce: string;
  readonly subject: ApprovalSubject;
  /** Proposal id, mandate id, "trading-state" or "live-mode". */
  readonly subjectId: string;
  readonly subjectHash: string;
  readonly ownerId: number;
  readonly chatId: number;
  /** Null until the card is delivered; then only a tap on that message counts. */
  readonly messageId: number | null;
  readonly state: ApprovalState;
  readonly createdAt: EpochMs;
  /** Wall time. */
  readonly expiresAt: EpochMs;
}

export interface StoredProposal {
  readonly proposal: Proposal;
  readonly hash: string;
  readonly state: ProposalState;
  /** Why, for denied and failed: codes as JSON text, shown by "why did you not …". */
  readonly reason: string | null;
}

export interface ProposalStore {
  insertProposal(proposal: Proposal, hash: string): void;
  getProposal(id: string): StoredProposal | null;
  /** Newest first. */
  listProposals(filter?: {
    readonly states?: readonly ProposalState[];
    readonly limit?: number;
  }): readonly StoredProposal[];
  /** Throws when the edge is not in the published table (see core/proposal ProposalState). */
  setProposalState(id: string, state: ProposalState, reason?: string): void;

  insertApproval(approval: Approval): void;
  getApproval(nonce: string): Approval | null;
  listApprovals(filter: {
    readonly subjectId?: string;
    readonly state?: ApprovalState;
  }): readonly Approval[];
  /** The newest delivery counts; only in the chat that it was asked in. */
  bindApprovalMessage(nonce: string, chatId: number, messageId: number): void;
  /** The one compare-and-set: pending → `to`. False when it was not pending any more. */
  settleApproval(nonce: string, to: Exclude<ApprovalState, "pending">): boolean;
}

export type Severity = "info" | "warning" | "critical";

/** What the owner is told. The door renders it from the row, so that a card is made by code at send time. */
export type OutboxContent =
  | { readonly type: "proposalCard"; readonly proposalId: string; readonly nonce: string }
  | { readonly type: "mandateCard"; readonly mandateId: string; readonly nonce: string }
  | { readonly type: "liveCard"; readonly nonce: string }
  /** `stops`: the limits that the tap lifts; absent when it resumes trading. */
  | {
      readonly type: "resumeCard";
      readonly nonce: string;
      readonly stops?: readonly string[] | undefined;
    }
  /** The card of a proposal follows its hedge: opening → open → closing → closed. */
  | { readonly type: "cardUpdate"; readonly proposalId: string }
  /** What a turn ended with, rendered from its row. */
  | { readonly type: "answer"; readonly turnId: string }
  /** Why a model chose what a scan did, in its own words, beside the card and never in it. */
  | { readonly type: "modelComment"; readonly decisionId: string }
  | {
      readonly type: "alert";
      readonly text: string;
      /** Set on what execution says, with the hedge that it is about. */
      readonly reason?: AlertReason | undefined;
      readonly hedgeId?: string | undefined;
    };

/** Why execution speaks up. All but the first three mean that something was stopped for a person to see. */
export const ALERT_REASONS = [
  "POSITION_CHANGED",
  "DUST",
  "VENUE_BACK",
  "ATTEMPT_UNRESOLVED",
  "NOT_NEUTRAL",
  "NOT_VERIFIED",
  "NOT_CLOSED",
  "NOT_FLAT",
  "FLAT_AT_LAST",
  "WRITTEN_OFF",
  "UNEXPLAINED_POSITION",
  "STRANGE_POSITION",
  "FOREIGN_ORDER",
  "ORDER_MISMATCH",
  "INVARIANT_BROKEN",
] as const;

export type AlertReason = (typeof ALERT_REASONS)[number];

export interface OutboxItem {
  readonly id: number;
  readonly severity: Severity;
  readonly chatId: number;
  readonly content: OutboxContent;
  readonly attempts: number;
}

/**
 * waiting → running | stopped | interrupted; running → answered | failed | stopped | interrupted. One a chat
 * runs, one waits.
 */
export type TurnState = "waiting" | "running" | "answered" | "failed" | "stopped" | "interrupted";

/** One question in a chat and what came of it. Times are wall times. */
export interface Turn {
  readonly id: string;
  /** Grows; newer turns have larger ones. */
  readonly seq: number;
  readonly chatId: number;
  readonly state: TurnState;
  readonly question: string;
  /** What the owner was told at the end, also when it failed; null while it lives. */
  readonly answer: string | null;
  readonly askedAt: EpochMs;
  readonly endedAt: EpochMs | null;
}

/** A call that a model wanted. Without `returnedAt` it was attempted and nobody knows how it ended. */
export interface JournalledCall {
  readonly turnId: string;
  readonly callId: string;
  readonly name: string;
  readonly argumentsJson: string;
  readonly attemptedAt: EpochMs;
  readonly returnedAt: EpochMs | null;
  readonly resultJson: string | null;
}

export interface TurnStore {
  /** Throws when the chat already has a turn in that state. */
  insertTurn(turn: Omit<Turn, "seq" | "answer" | "endedAt">): void;
  getTurn(id: string): Turn | null;
  /** Compare and set along the published edges; false when it already moved. */
  moveTurn(
    id: string,
    to: Exclude<TurnState, "waiting">,
    end?: { readonly answer: string; readonly endedAt: EpochMs },
  ): boolean;
  /** Waiting and running, oldest first. */
  liveTurns(chatId?: number): readonly Turn[];
  /** The newest `limit` ended turns after `afterSeq`, oldest first. */
  endedTurns(chatId: number, afterSeq: number, limit: number): readonly Turn[];

  /** Durable before the call runs; false when this turn already attempted this id: it never runs twice. */
  attemptCall(call: Omit<JournalledCall, "returnedAt" | "resultJson">): boolean;
  returnCall(turnId: string, callId: string, resultJson: string, at: EpochMs): void;
  /** In the order of their attempts. */
  callsOf(turnId: string): readonly JournalledCall[];

  /** What was said up to and with a turn, in short; a newer one replaces older ones. */
  saveSummary(
    chatId: number,
    summary: { readonly throughSeq: number; readonly text: string },
  ): void;
  getSummary(chatId: number): { readonly throughSeq: number; readonly text: string } | null;
}

export interface Decision {
  readonly id: string;
  /** Market time. */
  readonly at: EpochMs;
  readonly kind: "scan" | "open" | "close" | "watch";
  readonly asset: string | null;
  readonly outcome: string;
  /** JSON: figures and codes that decided it. */
  readonly detail: string;
}

export interface MessageStore {
  enqueue(item: Omit<OutboxItem, "id" | "attempts">): void;
  /** Undelivered and due at `wallNow`, critical first, then oldest. */
  dueOutbox(wallNow: EpochMs, limit: number): readonly OutboxItem[];
  markDelivered(id: number, wallNow: EpochMs): void;
  markRetry(id: number, nextTryAt: EpochMs): void;

  /** Why the owner was told something about this hedge, oldest first; delivered or not. */
  alertsAbout(hedgeId: string): readonly AlertReason[];

  /** The newest alerts, newest first; `at` is the wall time of delivery, null while it waits. */
  recentAlerts(limit: number): readonly {
    readonly at: EpochMs | null;
    readonly severity: Severity;
    readonly text: string;
  }[];
}

export interface FactStore {
  /** Appends to the hash chain in the running transaction. */
  audit(kind: string, actor: string, body: Readonly<Record<string, unknown>>, at: EpochMs): void;
  /** Index of the first broken row, or null when the chain holds. */
  verifyAudit(): number | null;
  /** Was this very event written into the chain? */
  isAudited(kind: string, actor: string, body: Readonly<Record<string, unknown>>): boolean;

  insertDecision(decision: Decision): void;
  /** Newest first. */
  listDecisions(filter: { readonly asset?: string; readonly limit: number }): readonly Decision[];

  tradingState(): TradingState;
  setTradingState(state: TradingState): void;
  /** Small facts: owner id, telegram offset, last scan, last booked payment. */
  getFact(key: string): string | null;
  setFact(key: string, value: string): void;
}
