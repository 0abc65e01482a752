import { revokeMandate } from "#src/approvals/mandate.ts";
import type { EpochMs } from "#src/core/units.ts";
import { insistOnKill, isKillWanted, killSwitch, wantKill } from "#src/execution/kill-switch.ts";
import { postFills } from "#src/ledger/post-entry.ts";
import { askOwner } from "./ask-owner.ts";
import type { PipelineContext } from "./context.ts";
import type { KillReport } from "./contract.ts";
import { updateCard } from "./run-execution.ts";

/** No new risk from now on; hedges stay and are watched. */
export function halt(context: PipelineContext, actor: string): void {
  stopTrading(context, actor);
}

/** Halted durably first; then everything flat and verified. Waits for nothing else. */
export async function kill(context: PipelineContext, actor: string): Promise<KillReport> {
  const { clock } = context;
  const startedAt = clock.wallNow();
  await insistOnKill(context.execution, () => stopTrading(context, actor, () => wantKill(context)));
  return flattenAll(context, startedAt);
}

async function flattenAll(context: PipelineContext, startedAt: EpochMs): Promise<KillReport> {
  const { store, log } = context;
  const report = await killSwitch(context.execution, { startedAt });
  log.info("killFinished", { flat: report.flat, elapsedMs: report.elapsedMs });
  store.transaction(() => {
    postFills(store);
    for (const hedge of store.listHedges()) updateCard(context, hedge.proposalId);
  });
  return report;
}

/** Sends the card that resumes trading; false when nothing is to be resumed. */
export function offerResume(context: PipelineContext): boolean {
  const { store } = context;
  if (store.tradingState() === "active" || isKillWanted(context)) return false;
  return store.transaction(() =>
    askOwner(context, {
      subject: "resume",
      subjectId: "trading-state",
      subjectHash: store.tradingState(),
      card: (nonce) => ({ type: "resumeCard", nonce }),
    }),
  );
}

/** State, mandate and waiting cards change together: nothing that was offered before can open now. */
function stopTrading(context: PipelineContext, actor: string, also = () => {}): void {
  const { store, clock } = context;
  store.transaction(() => {
    const from = store.tradingState();
    store.setTradingState("halted");
    store.audit("stop", actor, { from, to: "halted" }, clock.wallNow());
    also();
    revokeMandate(store, actor, clock.wallNow());
    for (const approval of store.listApprovals({ state: "pending" })) {
      if (approval.subject === "close") continue; // closing stays possible
      store.settleApproval(approval.nonce, "superseded");
      if (approval.subject === "mandate") {
        store.moveMandate(approval.subjectId, "revoked", clock.wallNow());
      }
      if (approval.subject !== "open") continue;
      store.setProposalState(approval.subjectId, "superseded");
      updateCard(context, approval.subjectId);
    }
  });
}
