import { isKillWanted } from "#src/execution/kill/kill-wish.ts";
import { actOnDecision } from "#src/pipeline/choose/act-on-decision.ts";
import { decideByRules } from "#src/pipeline/choose/decide-by-rules.ts";
import { decideWithModels } from "#src/pipeline/choose/decide-with-models.ts";
import { noteFor } from "#src/pipeline/choose/note-result.ts";
import { allowedOpens, openableAlone } from "#src/pipeline/choose/offer-choices.ts";
import { ratesToKeep, recordVerdicts } from "#src/pipeline/choose/record-verdicts.ts";
import { leaveWhatTurned } from "#src/pipeline/hold/carry/leave-turned.ts";
import { readCarries } from "#src/pipeline/hold/carry/read-carries.ts";
import { rotateHedges } from "#src/pipeline/hold/carry/rotate-hedges.ts";
import type { LookPace } from "#src/pipeline/look/describe-legs.ts";
import { lookAtMarket } from "#src/pipeline/look/look-at-market.ts";
import { openWithin } from "#src/pipeline/propose/open-within.ts";
import { hasRoomForCard, proposeBest } from "#src/pipeline/propose/propose-best.ts";
import type { PipelineContext } from "./context.ts";
import { ownerOf } from "./context.ts";

/** A scan leaves room for whoever trades meanwhile; some venues allow a leg every few seconds. */
const UNHURRIED: LookPace = { patienceMs: 120_000, lanes: 2 };

/** Looks at everything; with a mandate acts within it, without one proposes the best. */
export async function scan(context: PipelineContext): Promise<void> {
  const { gate } = context;
  gate.scanning ??= scanOnce(context).finally(() => {
    gate.scanning = null;
  });
  return gate.scanning;
}

async function scanOnce(context: PipelineContext): Promise<void> {
  const { store, clock, advisor } = context;
  const look = await lookAtMarket(context, { maxAgeMs: 0, pace: UNHURRIED });
  const lookedAtMs = clock.elapsedMs();
  store.transaction(() => {
    store.saveRates(ratesToKeep(context, look));
    store.setFact("lastScanAt", String(clock.marketNow()));
    recordVerdicts(context, look);
  });
  if (!ownerOf(store) || isKillWanted(context.execution)) return;

  // Leaving is the rules' alone, comes before anybody is asked anything, and goes on while nothing may open.
  const mayOpen = store.tradingState() === "active";
  const carries = await readCarries(context, look);
  if (mayOpen) await rotateHedges(context, look, carries);
  await leaveWhatTurned(context, carries);
  if (!mayOpen) return;

  const mandate = store.armedMandate();
  const worthwhile = look.ranked.filter((opportunity) => opportunity.worthwhile);
  // A card can wait for its owner anyway; what opens alone waits for its minute.
  const good = mandate ? openableAlone(context, mandate, worthwhile) : worthwhile;
  if (advisor && advisor.models.length > 0) {
    const scene = { look, lookedAtMs, good, carries: await readCarries(context, look), mandate };
    const decided = await decideWithModels(context, advisor, scene);
    if (decided) await actOnDecision(context, decided);
    return;
  }
  if (!mandate && !hasRoomForCard(context)) return;
  const decisionId = decideByRules(context, allowedOpens(context, mandate, good));
  const note = noteFor(context, decisionId, { comment: false });
  if (mandate) await openWithin(context, mandate, good, note);
  else await proposeBest(context, good, note);
}
