import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AlertReason, Approval, OutboxContent, Store } from "#src/ports/store.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { planFor } from "./life.ts";
import type { SimStore } from "./sim-store.ts";

let files = 0;

/** The real store on a real file, closed and opened again at every restart. */
export function createSqliteSimStore(): SimStore & { dispose(): void } {
  const path = join(tmpdir(), `hedgerow-simulation-${process.pid}-${files++}.db`);
  let store = openStore({ path, wallNow: () => 0 });
  const alerts: { readonly content: OutboxContent; readonly severity: string }[] = [];
  let depth = 0;
  const sim = {
    ...forward(() => store),
    alerts,
    commits: 0,
    gate: <T>(work: () => T): T => work(),
    transaction<T>(work: () => T): T {
      if (depth > 0) return store.transaction(work);
      return sim.gate(() => {
        const told = alerts.length;
        depth += 1;
        try {
          const result = store.transaction(work);
          sim.commits += 1;
          return result;
        } catch (error) {
          alerts.splice(told);
          throw error;
        } finally {
          depth -= 1;
        }
      });
    },
    enqueue(item: Parameters<Store["enqueue"]>[0]) {
      store.enqueue(item);
      alerts.push(item);
    },
    insertApproval(approval: Approval) {
      const { proposal, hash } = planFor(approval.subjectId);
      store.insertProposal(proposal, hash);
      store.insertApproval(approval);
    },
    hasLiveAttempts: () => store.listAttempts({ states: ["intent", "sent", "unknown"] }).length > 0,
    settleCommits: () => undefined,
    loseCommits: () => undefined,
    reopen() {
      store.close();
      store = openStore({ path, wallNow: () => 0 });
    },
    auditIntact: () => store.verifyAudit() === null,
    dispose() {
      store.close();
      for (const tail of ["", "-wal", "-shm"]) rmSync(`${path}${tail}`, { force: true });
    },
  };
  return sim;
}

/** Reads and single writes go to whatever store is open now. */
function forward(now: () => Store) {
  return {
    insertHedge: (...args: Parameters<Store["insertHedge"]>) => now().insertHedge(...args),
    getHedge: (...args: Parameters<Store["getHedge"]>) => now().getHedge(...args),
    listHedges: (...args: Parameters<Store["listHedges"]>) => now().listHedges(...args),
    updateHedge: (...args: Parameters<Store["updateHedge"]>) => now().updateHedge(...args),
    insertAttempt: (...args: Parameters<Store["insertAttempt"]>) => now().insertAttempt(...args),
    moveAttempt: (...args: Parameters<Store["moveAttempt"]>) => now().moveAttempt(...args),
    getAttempt: (...args: Parameters<Store["getAttempt"]>) => now().getAttempt(...args),
    listAttempts: (...args: Parameters<Store["listAttempts"]>) => now().listAttempts(...args),
    hasLiveAttempt: (...args: Parameters<Store["hasLiveAttempt"]>) => now().hasLiveAttempt(...args),
    countAttempts: (...args: Parameters<Store["countAttempts"]>) => now().countAttempts(...args),
    insertFill: (...args: Parameters<Store["insertFill"]>) => now().insertFill(...args),
    hasFill: (...args: Parameters<Store["hasFill"]>) => now().hasFill(...args),
    listFills: (...args: Parameters<Store["listFills"]>) => now().listFills(...args),
    insertLedgerEntry: (...args: Parameters<Store["insertLedgerEntry"]>) =>
      now().insertLedgerEntry(...args),
    unpostedFills: () => now().unpostedFills(),
    markFillPosted: (...args: Parameters<Store["markFillPosted"]>) => now().markFillPosted(...args),
    getApproval: (...args: Parameters<Store["getApproval"]>) => now().getApproval(...args),
    settleApproval: (...args: Parameters<Store["settleApproval"]>) => now().settleApproval(...args),
    alertsAbout: (hedgeId: string): readonly AlertReason[] => now().alertsAbout(hedgeId),
    tradingState: () => now().tradingState(),
    setTradingState: (...args: Parameters<Store["setTradingState"]>) =>
      now().setTradingState(...args),
    getFact: (...args: Parameters<Store["getFact"]>) => now().getFact(...args),
    setFact: (...args: Parameters<Store["setFact"]>) => now().setFact(...args),
    audit: (...args: Parameters<Store["audit"]>) => now().audit(...args),
  };
}
