import type { FundingPayment, FundingRate } from "#src/core/funding.ts";
import type { Hedge, HedgeChange, HedgePhase, LegIndex } from "#src/core/hedge.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { LedgerEntry } from "#src/core/ledger-entry.ts";
import type { Mandate } from "#src/core/mandate.ts";
import type { AttemptState, Fill, OrderAttempt } from "#src/core/order.ts";
import type { Proposal, ProposalState } from "#src/core/proposal.ts";
import type { TradingState } from "#src/core/trading-state.ts";
import type { EpochMs } from "#src/core/units.ts";

/**
 * The bot's memory. Synchronous, so that a state change, its alert and its audit row are one
 * transaction and nothing can run in between. All writes must be inside `transaction`.
 */
export interface Store
  extends HedgeStore,
    OrderStore,
    ProposalStore,
    MandateStore,
    LedgerStore,
    RateStore,
    MessageStore,
    FactStore {
  /**
   * Runs `work` atomically; nested calls join the outer one. A throw rolls everything back, that of a
   * nested call too, even when somebody catches it. `work` must not be async.
   */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** The part that execution works on. */
export interface EngineStore extends HedgeStore, OrderStore {
  transaction<T>(work: () => T): T;
  enqueue: MessageStore["enqueue"];
  tradingState: FactStore["tradingState"];
  setTradingState: FactStore["setTradingState"];
  getFact: FactStore["getFact"];
  setFact: FactStore["setFact"];
  audit: FactStore["audit"];
}

export interface HedgeStore {
  insertHedge(hedge: Hedge): void;
  getHedge(id: string): Hedge | null;
  /** Oldest first; all phases when none is named. */
  listHedges(phases?: readonly HedgePhase[]): readonly Hedge[];
  /** Compare and set on version; throws when the phase change is not legal or the version moved. */
  updateHedge(hedge: Hedge, change: HedgeChange): Hedge;
}

export interface OrderStore {
  insertAttempt(attempt: OrderAttempt): void;
  /** Throws when the edge is not in the published table (see core/order AttemptState). */
  moveAttempt(clientOrderId: string, to: AttemptState, detail?: string): void;
  getAttempt(clientOrderId: string): OrderAttempt | null;
  /** Newest last. */
  listAttempts(filter: {
    readonly hedgeId?: string;
    readonly states?: readonly AttemptState[];
  }): readonly OrderAttempt[];
  /** May an order of this hedge, or of one of its legs, still fill? */
  hasLiveAttempt(hedgeId: string, legIndex?: LegIndex): boolean;
  /** All that were ever made for this hedge. */
  countAttempts(hedgeId: string): number;
  /** False when (venue, tradeId) is already there: a fill is booked once. */
  insertFill(fill: Fill, hedgeId: string | null): boolean;
  hasFill(venue: VenueId, tradeId: string): boolean;
  listFills(hedgeId: string): readonly Fill[];
}

export type ApprovalState = "pending" | "approved" | "declined" | "expired" | "superseded";

/** What a tap may approve. */
export type ApprovalSubject = "open" | "close" | "mandate" | "resume";

export interface Approval {
  readonly nonce: string;
  readonly subject: ApprovalSubject;
  /** Proposal id, mandate id, or "trading-state". */
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

export interface MandateStore {
  insertMandate(mandate: Mandate): void;
  getMandate(id: string): Mandate | null;
  /** The armed one; there is never more than one. */
  armedMandate(): Mandate | null;
  /** offered → armed | revoked | expired, armed → revoked | expired; false when it already moved. */
  moveMandate(id: string, to: Mandate["state"], at: EpochMs): boolean;
}

export interface LedgerStore {
  /** False when the id is already there. */
  insertLedgerEntry(entry: LedgerEntry): boolean;
  listLedgerEntries(filter?: {
    readonly hedgeId?: string;
    /** Market time, inclusive. */
    readonly since?: EpochMs;
  }): readonly LedgerEntry[];
  /** False when (venue, paymentId) is already there. */
  insertFundingPayment(payment: FundingPayment, hedgeId: string | null): boolean;
  listFundingPayments(hedgeId: string): readonly FundingPayment[];
  /** Fills without their ledger entries yet, with the hedge that they belong to. */
  markFillPosted(venue: VenueId, tradeId: string): void;
  unpostedFills(): readonly { readonly fill: Fill; readonly hedgeId: string | null }[];
}

export interface RateStore {
  /** One row a (venue, symbol, fundingAt); the newest estimate replaces the older one. */
  saveRates(rates: readonly FundingRate[]): void;
  /** Samples with fundingAt in (since, until], oldest first. */
  listRates(venue: VenueId, symbol: string, since: EpochMs, until: EpochMs): readonly FundingRate[];
}

export type Severity = "info" | "warning" | "critical";

/** What the owner is told. The door renders it from the row, so that a card is made by code at send time. */
export type OutboxContent =
  | { readonly type: "proposalCard"; readonly proposalId: string; readonly nonce: string }
  | { readonly type: "mandateCard"; readonly mandateId: string; readonly nonce: string }
  | { readonly type: "resumeCard"; readonly nonce: string }
  /** The card of a proposal follows its hedge: opening → open → closing → closed. */
  | { readonly type: "cardUpdate"; readonly proposalId: string }
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

export interface ConversationMessage {
  readonly role: "user" | "assistant" | "tool";
  /** JSON of a ModelMessage. */
  readonly body: string;
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

  appendConversation(chatId: number, message: ConversationMessage, at: EpochMs): void;
  /** The last `limit` messages, oldest first. */
  recentConversation(chatId: number, limit: number): readonly ConversationMessage[];

  insertDecision(decision: Decision): void;
  /** Newest first. */
  listDecisions(filter: { readonly asset?: string; readonly limit: number }): readonly Decision[];

  tradingState(): TradingState;
  setTradingState(state: TradingState): void;
  /** Small facts: owner id, telegram offset, last scan, last booked payment. */
  getFact(key: string): string | null;
  setFact(key: string, value: string): void;
}
