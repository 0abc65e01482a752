import { changeHedge, type Hedge, type HedgePhase, type LegIndex } from "#src/core/hedge.ts";
import type { LedgerEntry } from "#src/core/ledger-entry.ts";
import { canAttemptMoveTo, type Fill, LIVE_ATTEMPTS, type OrderAttempt } from "#src/core/order.ts";
import type { TradingState } from "#src/core/trading-state.ts";
import type { AlertReason, Approval, EngineStore, OutboxContent, Store } from "#src/ports/store.ts";
import type { SimStore } from "./sim-store.ts";

type Undo = () => void;

/**
 * The store that bulk simulation runs on: the same promises as the real one (all or nothing, one edge of
 * the published tables at a time), and a memory of every commit, so that a power cut can take the last
 * ones away or an old backup can come back.
 */
export class MemoryStore implements SimStore {
  readonly hedges = new Map<string, Hedge>();
  readonly attempts = new Map<string, OrderAttempt>();
  readonly attemptsOf = new Map<string | null, OrderAttempt["clientOrderId"][]>();
  readonly liveAttempts = new Set<string>();
  readonly fillsOf = new Map<string | null, readonly Fill[]>();
  readonly approvals = new Map<string, Approval>();
  readonly alerts: { readonly content: OutboxContent; readonly severity: string }[] = [];
  readonly #fills = new Set<string>();
  readonly #booked = new Set<string>();
  readonly #facts = new Map<string, string>();
  #state: TradingState = "active";
  #undo: Undo[] | null = null;
  #spoilt = false;
  #commits: Undo[][] = [];
  /** Counts every commit that wrote something. */
  commits = 0;
  /** What stands between a transaction and the disk: a full disk, a crash. */
  gate: <T>(work: () => T) => T = (work) => work();

  transaction<T>(work: () => T): T {
    return this.#undo ? this.#join(work) : this.gate(() => this.#begin(work));
  }

  #begin<T>(work: () => T): T {
    const undo: Undo[] = [];
    this.#undo = undo;
    this.#spoilt = false;
    try {
      const result = work();
      if (this.#spoilt) throw new Error("a part of this transaction failed; nothing was written");
      if (undo.length > 0) {
        this.#commits.push(undo);
        this.commits += 1;
      }
      return result;
    } catch (error) {
      takeBack(undo);
      throw error;
    } finally {
      this.#undo = null;
    }
  }

  #join<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#spoilt = true;
      throw error;
    }
  }

  hasLiveAttempts(): boolean {
    return this.liveAttempts.size > 0;
  }

  reopen(): void {
    // Memory outlives a process here.
  }

  auditIntact(): boolean {
    return true;
  }

  /** The last commits never happened: a power cut without FULL, or an old backup. */
  loseCommits(count: number): void {
    const lost = this.#commits.splice(Math.max(0, this.#commits.length - count));
    for (const undo of lost.reverse()) takeBack(undo);
  }

  /** What is here now is older than any backup. */
  settleCommits(): void {
    this.#commits = [];
  }

  insertHedge(hedge: Hedge): void {
    if (this.hedges.has(hedge.id)) throw new Error(`hedge ${hedge.id} exists`);
    const twin = [...this.hedges.values()].find(
      (one) => one.asset === hedge.asset && one.phase !== "closed",
    );
    if (twin) throw new Error(`there is a hedge on ${hedge.asset} already`);
    this.put(this.hedges, hedge.id, hedge);
  }

  getHedge(id: string): Hedge | null {
    return this.hedges.get(id) ?? null;
  }

  listHedges(phases?: readonly HedgePhase[]): readonly Hedge[] {
    const found: Hedge[] = [];
    for (const hedge of this.hedges.values()) {
      if (!phases || phases.includes(hedge.phase)) found.push(hedge);
    }
    return found;
  }

  updateHedge(hedge: Hedge, change: Parameters<EngineStore["updateHedge"]>[1]): Hedge {
    const now = this.hedges.get(hedge.id);
    if (now?.version !== hedge.version || now.phase !== hedge.phase) {
      throw new Error(`hedge ${hedge.id} was changed meanwhile`);
    }
    const next = changeHedge(hedge, change);
    this.put(this.hedges, hedge.id, next);
    return next;
  }

  insertAttempt(attempt: OrderAttempt): void {
    const { clientOrderId, hedgeId } = attempt;
    if (this.attempts.has(clientOrderId)) throw new Error(`attempt ${clientOrderId} exists`);
    const beside = [...this.liveAttempts].map((id) => this.attempts.get(id));
    const taken = beside.some(
      (one) =>
        one?.hedgeId === hedgeId && one.legIndex === attempt.legIndex && one.purpose !== "kill",
    );
    if (hedgeId !== null && attempt.purpose !== "kill" && taken) {
      throw new Error("one live attempt a leg");
    }
    this.put(this.attempts, clientOrderId, attempt);
    this.put(this.attemptsOf, hedgeId, [...(this.attemptsOf.get(hedgeId) ?? []), clientOrderId]);
    this.#setLive(clientOrderId, true);
  }

  moveAttempt(clientOrderId: string, to: OrderAttempt["state"], detail?: string): void {
    const attempt = this.attempts.get(clientOrderId);
    if (!attempt || !canAttemptMoveTo(attempt.state, to)) {
      throw new Error(`attempt ${clientOrderId} cannot become ${to}`);
    }
    const outcomeDetail = detail ?? attempt.outcomeDetail;
    this.put(this.attempts, clientOrderId, { ...attempt, state: to, outcomeDetail });
    if (!LIVE_ATTEMPTS.includes(to)) this.#setLive(clientOrderId, false);
  }

  getAttempt(clientOrderId: string): OrderAttempt | null {
    return this.attempts.get(clientOrderId) ?? null;
  }

  listAttempts(filter: Parameters<EngineStore["listAttempts"]>[0]): readonly OrderAttempt[] {
    const { hedgeId, states } = filter;
    const onlyLive = states?.every((state) => LIVE_ATTEMPTS.includes(state)) ?? false;
    if (onlyLive && this.liveAttempts.size === 0) return NONE;
    const ids = hedgeId === undefined ? this.attempts.keys() : (this.attemptsOf.get(hedgeId) ?? []);
    const found: OrderAttempt[] = [];
    for (const id of onlyLive && hedgeId === undefined ? this.liveAttempts : ids) {
      const attempt = this.attempts.get(id);
      if (attempt && (!states || states.includes(attempt.state))) found.push(attempt);
    }
    return found;
  }

  hasLiveAttempt(hedgeId: string, legIndex?: LegIndex): boolean {
    for (const id of this.liveAttempts) {
      const attempt = this.attempts.get(id);
      if (attempt?.hedgeId !== hedgeId) continue;
      if (legIndex === undefined || attempt.legIndex === legIndex) return true;
    }
    return false;
  }

  countAttempts(hedgeId: string): number {
    return this.attemptsOf.get(hedgeId)?.length ?? 0;
  }

  insertFill(fill: Fill, hedgeId: string | null): boolean {
    const key = `${fill.venue}:${fill.tradeId}`;
    if (this.#fills.has(key)) return false;
    this.#fills.add(key);
    this.note(() => this.#fills.delete(key));
    this.put(this.fillsOf, hedgeId, [...(this.fillsOf.get(hedgeId) ?? []), fill]);
    return true;
  }

  hasFill(venue: string, tradeId: string): boolean {
    return this.#fills.has(`${venue}:${tradeId}`);
  }

  listFills(hedgeId: string): readonly Fill[] {
    return this.fillsOf.get(hedgeId) ?? [];
  }

  insertLedgerEntry({ id }: LedgerEntry): boolean {
    if (this.#booked.has(id)) return false;
    this.#booked.add(id);
    this.note(() => this.#booked.delete(id));
    return true;
  }

  /** What fills earned is nobody's question here. */
  unpostedFills(): ReturnType<Store["unpostedFills"]> {
    return [];
  }

  markFillPosted(_venue: string, _tradeId: string): void {
    // As above.
  }

  enqueue(item: { readonly severity: string; readonly content: OutboxContent }): void {
    this.alerts.push(item);
    this.note(() => this.alerts.pop());
  }

  alertsAbout(hedgeId: string): readonly AlertReason[] {
    const reasons: AlertReason[] = [];
    for (const { content } of this.alerts) {
      if (content.type !== "alert" || content.hedgeId !== hedgeId) continue;
      if (content.reason) reasons.push(content.reason);
    }
    return reasons;
  }

  insertApproval(approval: Approval): void {
    this.put(this.approvals, approval.nonce, approval);
  }

  getApproval(nonce: string): Approval | null {
    return this.approvals.get(nonce) ?? null;
  }

  settleApproval(nonce: string, to: Exclude<Approval["state"], "pending">): boolean {
    const approval = this.approvals.get(nonce);
    if (approval?.state !== "pending") return false;
    this.put(this.approvals, nonce, { ...approval, state: to });
    return true;
  }

  tradingState(): TradingState {
    return this.#state;
  }

  setTradingState(state: TradingState): void {
    const was = this.#state;
    this.#state = state;
    this.note(() => {
      this.#state = was;
    });
  }

  getFact(key: string): string | null {
    return this.#facts.get(key) ?? null;
  }

  setFact(key: string, value: string): void {
    this.put(this.#facts, key, value);
  }

  audit(): void {
    // Its chain is checked where the real store runs.
  }

  #setLive(id: string, live: boolean): void {
    if (live) this.liveAttempts.add(id);
    else this.liveAttempts.delete(id);
    this.note(() => (live ? this.liveAttempts.delete(id) : this.liveAttempts.add(id)));
  }

  protected put<K, V>(map: Map<K, V>, key: K, value: V): void {
    const had = map.has(key);
    const was = map.get(key);
    map.set(key, value);
    this.note(() => {
      if (had && was !== undefined) map.set(key, was);
      else map.delete(key);
    });
  }

  /** How what was just written is taken back. */
  protected note(undo: Undo): void {
    if (!this.#undo) throw new Error("a write outside a transaction");
    this.#undo.push(undo);
  }
}

const NONE: readonly OrderAttempt[] = [];

function takeBack(undo: readonly Undo[]): void {
  for (let index = undo.length - 1; index >= 0; index -= 1) undo[index]?.();
}
