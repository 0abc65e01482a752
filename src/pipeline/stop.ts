import { describeError } from "#src/core/errors.ts";
import { LIVE_PHASES } from "#src/core/hedge.ts";
import type { EpochMs } from "#src/core/units.ts";
import { killSwitch } from "#src/execution/kill/kill-switch.ts";
import { insistOnKill, isKillWanted, wantKill } from "#src/execution/kill/kill-wish.ts";
import { postFills } from "#src/ledger/post-entry.ts";
import { offerToLift } from "#src/pipeline/hold/stops/watch-losses.ts";
import { askOwner } from "#src/pipeline/propose/ask-owner.ts";
import { withdrawOffers } from "#src/pipeline/propose/withdraw-open.ts";
import type { PipelineContext } from "./context.ts";
import type { KillReport } from "./contract.ts";
import { updateCard } from "./run-execution.ts";

/** No new risk from now on; hedges stay and are watched. */
export function halt(context: PipelineContext, actor: string): void {
  stopTrading(context, actor);
}

/** Halted durably first; then everything flat and verified. Waits for nothing else. */
export async function kill(context: PipelineContext, actor: string): Promise<KillReport> {
  const { store, clock, log } = context;
  const startedAt = clock.wallNow();
  const askedMs = clock.elapsedMs();
  await insistOnKill(context.execution, () => store.transaction(() => wantKill(context)));
  context.gate.killDurableMs = clock.elapsedMs() - askedMs;
  // The cards can wait; nothing above does.
  try {
    stopTrading(context, actor);
  } catch (error) {
    log.error("cardsNotWithdrawn", { error: describeError(error) });
  }
  return flattenAll(context, startedAt);
}

async function flattenAll(context: PipelineContext, startedAt: EpochMs): Promise<KillReport> {
  const { store, log } = context;
  const hedges = store.listHedges(LIVE_PHASES);
  const report = await killSwitch(context.execution, { startedAt });
  log.info("killFinished", { flat: report.flat, elapsedMs: report.elapsedMs });
  store.transaction(() => {
    postFills(store);
    for (const { proposalId } of hedges) updateCard(context, proposalId);
  });
  return report;
}

/** Sends the card that resumes trading, or that lifts a limit; false when nothing is to be resumed. */
export function offerResume(context: PipelineContext): boolean {
  const { store } = context;
  if (isKillWanted(context)) return false;
  if (store.tradingState() === "active") return store.transaction(() => offerToLift(context));
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
function stopTrading(context: PipelineContext, actor: string): void {
  const { store, clock, gate } = context;
  gate.asking?.abort();
  store.transaction(() => {
    const from = store.tradingState();
    store.setTradingState("halted");
    store.audit("stop", actor, { from, to: "halted" }, clock.wallNow());
    withdrawOffers(context, actor);
    for (const { nonce, subject } of store.listApprovals({ state: "pending" })) {
      // Closing stays possible.
      if (subject !== "close") store.settleApproval(nonce, "superseded");
    }
  });
}
