import type { FundingPayment, FundingRate } from "#src/core/funding.ts";
import type { Hedge } from "#src/core/hedge.ts";
import type { LedgerEntry } from "#src/core/ledger-entry.ts";
import type { Mandate } from "#src/core/mandate.ts";
import type { Fill } from "#src/core/order.ts";
import type { Proposal, ProposalState } from "#src/core/proposal.ts";
import type { Rate } from "#src/core/units.ts";
import type {
  DecisionEnd,
  DecisionOutcome,
  DecisionResult,
  ScanDecision,
} from "#src/ports/decision-store.ts";
import type {
  Approval,
  ApprovalState,
  Decision,
  OutboxItem,
  Store,
  StoredProposal,
} from "#src/ports/store.ts";
import type { EquityPoint } from "#src/ports/trading-stores.ts";
import { MemoryStore } from "#tests/simulation/memory-store.ts";

const PROPOSAL_FROM: Readonly<Record<ProposalState, readonly ProposalState[]>> = {
  awaiting: [],
  approved: ["awaiting"],
  declined: ["awaiting"],
  expired: ["awaiting"],
  superseded: ["awaiting"],
  denied: ["awaiting", "approved"],
  executed: ["approved"],
  failed: ["approved"],
};
const MANDATE_FROM: Readonly<Record<Mandate["state"], readonly Mandate["state"][]>> = {
  offered: [],
  armed: ["offered"],
  revoked: ["offered", "armed"],
  expired: ["offered", "armed"],
};

/**
 * The whole store in memory: what SQLite promises, many times faster. A part plays the same on both, which
 * is tested.
 */
export function openQuickStore(): Store {
  const store = new QuickStore();
  const methods = new Map<string, unknown>();
  for (
    let level: object = store;
    level !== Object.prototype;
    level = Object.getPrototypeOf(level)
  ) {
    for (const name of Object.getOwnPropertyNames(level)) {
      const value: unknown = Reflect.get(store, name);
      if (typeof value === "function" && !methods.has(name)) methods.set(name, value.bind(store));
    }
  }
  // A plain object of functions, as the real one is: it can be spread.
  return Object.fromEntries(methods) as unknown as Store;
}

class QuickStore extends MemoryStore implements Store {
  readonly #proposals = new Map<string, StoredProposal>();
  readonly #waiting = new Set<string>();
  readonly #mandates = new Map<string, Mandate>();
  readonly #entries = new Map<string, LedgerEntry>();
  readonly #payments = new Map<
    string,
    { readonly payment: FundingPayment; readonly hedgeId: string | null }
  >();
  readonly #unposted = new Map<string, { readonly fill: Fill; readonly hedgeId: string | null }>();
  readonly #rates = new Map<string, FundingRate>();
  readonly #points = new Map<string, EquityPoint>();
  readonly #outbox = new Map<number, OutboxItem>();
  readonly #decisions: Decision[] = [];
  readonly #scanDecisions = new Map<string, ScanDecision>();
  readonly #outcomes = new Map<string, DecisionOutcome>();
  #items = 0;

  journal<T>(work: () => T): T {
    return this.transaction(work);
  }

  latestHedges(limit: number): readonly Hedge[] {
    const lastMoved = ({ openedAt, closedAt }: Hedge) => Math.max(openedAt, closedAt ?? 0);
    return [...this.hedges.values()]
      .reverse()
      .sort((a, b) => lastMoved(b) - lastMoved(a))
      .slice(0, limit);
  }

  insertProposal(proposal: Proposal, hash: string): void {
    if (this.#proposals.has(proposal.id)) throw new Error(`proposal ${proposal.id} exists`);
    this.put(this.#proposals, proposal.id, { proposal, hash, state: "awaiting", reason: null });
    this.#setWaiting(proposal.id, true);
  }

  getProposal(id: string): StoredProposal | null {
    return this.#proposals.get(id) ?? null;
  }

  listProposals(
    filter: { readonly states?: readonly ProposalState[]; readonly limit?: number } = {},
  ): readonly StoredProposal[] {
    const { states, limit = 200 } = filter;
    const onlyWaiting = states?.length === 1 && states[0] === "awaiting";
    const found: StoredProposal[] = [];
    for (const id of onlyWaiting ? this.#waiting : this.#proposals.keys()) {
      const stored = this.#proposals.get(id);
      if (stored && (!states || states.includes(stored.state))) found.push(stored);
    }
    return found
      .reverse()
      .sort((a, b) => b.proposal.createdAt - a.proposal.createdAt)
      .slice(0, limit);
  }

  setProposalState(id: string, state: ProposalState, reason?: string): void {
    const stored = this.#proposals.get(id);
    if (!stored || !PROPOSAL_FROM[state].includes(stored.state)) {
      throw new Error(`proposal ${id} cannot become ${state}`);
    }
    this.put(this.#proposals, id, { ...stored, state, reason: reason ?? stored.reason });
    this.#setWaiting(id, false);
  }

  #setWaiting(id: string, waits: boolean): void {
    const was = this.#waiting.has(id);
    if (waits) this.#waiting.add(id);
    else this.#waiting.delete(id);
    this.note(() => (was ? this.#waiting.add(id) : this.#waiting.delete(id)));
  }

  listApprovals(filter: {
    readonly subjectId?: string;
    readonly state?: ApprovalState;
  }): readonly Approval[] {
    const { subjectId, state } = filter;
    const found: Approval[] = [];
    for (const approval of this.approvals.values()) {
      if (state !== undefined && approval.state !== state) continue;
      if (subjectId === undefined || approval.subjectId === subjectId) found.push(approval);
    }
    return found;
  }

  bindApprovalMessage(nonce: string, chatId: number, messageId: number): void {
    const approval = this.approvals.get(nonce);
    if (approval?.chatId === chatId) this.put(this.approvals, nonce, { ...approval, messageId });
  }

  insertMandate(mandate: Mandate): void {
    this.put(this.#mandates, mandate.id, mandate);
  }

  getMandate(id: string): Mandate | null {
    return this.#mandates.get(id) ?? null;
  }

  armedMandate(): Mandate | null {
    for (const mandate of this.#mandates.values()) if (mandate.state === "armed") return mandate;
    return null;
  }

  moveMandate(id: string, to: Mandate["state"], at: number): boolean {
    const mandate = this.#mandates.get(id);
    if (!mandate || !MANDATE_FROM[to].includes(mandate.state)) return false;
    const armedAt = to === "armed" ? at : mandate.armedAt;
    this.put(this.#mandates, id, { ...mandate, state: to, armedAt });
    return true;
  }

  override insertFill(fill: Fill, hedgeId: string | null): boolean {
    if (!super.insertFill(fill, hedgeId)) return false;
    this.put(this.#unposted, `${fill.venue}:${fill.tradeId}`, { fill, hedgeId });
    return true;
  }

  override unpostedFills() {
    return [...this.#unposted.values()];
  }

  override markFillPosted(venue: string, tradeId: string): void {
    const key = `${venue}:${tradeId}`;
    const was = this.#unposted.get(key);
    this.#unposted.delete(key);
    this.note(() => was && this.#unposted.set(key, was));
  }

  override insertLedgerEntry(entry: LedgerEntry): boolean {
    if (this.#entries.has(entry.id)) return false;
    this.put(this.#entries, entry.id, entry);
    return true;
  }

  listLedgerEntries(filter: { readonly hedgeId?: string; readonly since?: number } = {}) {
    const { hedgeId, since = Number.NEGATIVE_INFINITY } = filter;
    const found: LedgerEntry[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.bookedFor < since) continue;
      if (hedgeId === undefined || entry.hedgeId === hedgeId) found.push(entry);
    }
    return found;
  }

  ledgerAfter(seq: number) {
    return [...this.#entries.values()].map((entry, at) => ({ seq: at + 1, entry })).slice(seq);
  }

  insertFundingPayment(payment: FundingPayment, hedgeId: string | null): boolean {
    const key = `${payment.venue}:${payment.paymentId}`;
    if (this.#payments.has(key)) return false;
    this.put(this.#payments, key, { payment, hedgeId });
    return true;
  }

  listFundingPayments(hedgeId: string): readonly FundingPayment[] {
    return [...this.#payments.values()]
      .filter((one) => one.hedgeId === hedgeId)
      .map(({ payment }) => payment);
  }

  saveEquityPoint(point: EquityPoint): void {
    this.put(this.#points, String(point.at), point);
  }

  listEquityPoints(since: number, until: number): readonly EquityPoint[] {
    return [...this.#points.values()]
      .filter(({ at }) => at > since && at <= until)
      .sort((a, b) => a.at - b.at);
  }

  latestEquityPoint(): EquityPoint | null {
    return this.listEquityPoints(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY).at(-1) ?? null;
  }

  saveRates(samples: readonly FundingRate[]): void {
    for (const one of samples) {
      this.put(this.#rates, `${one.venue}:${one.symbol}:${one.fundingAt}`, one);
    }
  }

  listRates(venue: string, symbol: string, since: number, until: number): readonly FundingRate[] {
    return [...this.#rates.values()]
      .filter((one) => one.venue === venue && one.symbol === symbol)
      .filter(({ fundingAt }) => fundingAt > since && fundingAt <= until)
      .sort((a, b) => a.fundingAt - b.fundingAt);
  }

  override enqueue(item: Omit<OutboxItem, "id" | "attempts">): void {
    super.enqueue(item);
    this.#items += 1;
    this.put(this.#outbox, this.#items, { ...item, id: this.#items, attempts: 0 });
  }

  dueOutbox(_wallNow: number, limit: number): readonly OutboxItem[] {
    const due = [...this.#outbox.values()];
    const critical = due.filter(({ severity }) => severity === "critical");
    return [...critical, ...due.filter(({ severity }) => severity !== "critical")].slice(0, limit);
  }

  markDelivered(id: number): void {
    const was = this.#outbox.get(id);
    this.#outbox.delete(id);
    this.note(() => was && this.#outbox.set(id, was));
  }

  markRetry(): void {
    // Every delivery succeeds here.
  }

  recentAlerts(limit: number) {
    return this.alerts
      .filter(({ content }) => content.type === "alert" && content.reason === undefined)
      .slice(-limit)
      .reverse()
      .flatMap(({ content }) =>
        content.type === "alert"
          ? [{ at: null, severity: "info" as const, text: content.text }]
          : [],
      );
  }

  insertDecision(decision: Decision): void {
    this.#decisions.push(decision);
    this.note(() => this.#decisions.pop());
  }

  listDecisions({ asset, limit }: { readonly asset?: string; readonly limit: number }) {
    const found: Decision[] = [];
    for (let at = this.#decisions.length - 1; at >= 0 && found.length < limit; at -= 1) {
      const one = this.#decisions[at];
      if (one && (asset === undefined || one.asset === asset)) found.push(one);
    }
    return found;
  }

  insertScanDecision(decision: ScanDecision): void {
    if (this.#scanDecisions.has(decision.id)) throw new Error(`decision ${decision.id} exists`);
    this.put(this.#scanDecisions, decision.id, decision);
  }

  endScanDecision(id: string, end: DecisionEnd): void {
    const decision = this.#scanDecisions.get(id);
    if (!decision || decision.choice !== null) throw new Error(`decision ${id} has ended already`);
    this.put(this.#scanDecisions, id, { ...decision, ...end });
  }

  addDecisionResult(id: string, result: DecisionResult): void {
    const decision = this.#scanDecisions.get(id);
    if (!decision) throw new Error(`there is no decision ${id}`);
    const results = [...decision.results, result];
    this.put(this.#scanDecisions, id, { ...decision, results });
  }

  getScanDecision(id: string): ScanDecision | null {
    return this.#scanDecisions.get(id) ?? null;
  }

  listScanDecisions({ asset, limit }: { readonly asset?: string; readonly limit: number }) {
    const isAbout = ({ table }: ScanDecision) =>
      [...table.opens, ...table.closes].some((row) => row.asset === asset);
    return [...this.#scanDecisions.values()]
      .reverse()
      .filter((one) => asset === undefined || isAbout(one))
      .slice(0, limit);
  }

  expectOutcome(decisionId: string, horizonHours: number, dueAt: number): void {
    const nothing = { netRate: null, policyNetRate: null, pnlUsd: null };
    this.put(this.#outcomes, `${decisionId} ${horizonHours}`, {
      ...{ decisionId, horizonHours, dueAt, state: "waiting", ...nothing },
    });
  }

  dueOutcomes(by: number): readonly DecisionOutcome[] {
    return [...this.#outcomes.values()]
      .filter(({ state, dueAt }) => state === "waiting" && dueAt <= by)
      .sort((a, b) => a.dueAt - b.dueAt);
  }

  settleOutcome(outcome: DecisionOutcome): boolean {
    const key = `${outcome.decisionId} ${outcome.horizonHours}`;
    const was = this.#outcomes.get(key);
    if (was?.state !== "waiting") return false;
    this.put(this.#outcomes, key, { ...outcome, dueAt: was.dueAt });
    return true;
  }

  outcomesOf(decisionId: string): readonly DecisionOutcome[] {
    return [...this.#outcomes.values()]
      .filter((one) => one.decisionId === decisionId)
      .sort((a, b) => a.horizonHours - b.horizonHours);
  }

  openOutcomes(horizonHours: number, limit: number): readonly Rate[] {
    return [...this.#scanDecisions.values()]
      .reverse()
      .filter(({ choice }) => choice?.startsWith("O"))
      .flatMap(({ id }) => this.#outcomes.get(`${id} ${horizonHours}`)?.netRate ?? [])
      .slice(0, limit);
  }

  verifyAudit(): null {
    return null;
  }

  /** It keeps no chain. */
  isAudited(): boolean {
    return false;
  }

  close(): void {
    // Nothing to let go of.
  }

  // No tool call, tap or scan of the rule policy touches turns or model calls.
  insertTurn = absent;
  getTurn = absent;
  moveTurn = absent;
  liveTurns = absent;
  endedTurns = absent;
  attemptCall = absent;
  returnCall = absent;
  callsOf = absent;
  saveSummary = absent;
  getSummary = absent;
  insertModelCall = absent;
  settleModelCall = absent;
  listModelCalls = absent;
  spentMicroUsd = absent;
  spending = absent;
}

function absent(): never {
  throw new Error("not kept here");
}
