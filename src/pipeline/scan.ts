import { actOnDecision } from "./act-on-decision.ts";
import type { PipelineContext } from "./context.ts";
import { ownerOf } from "./context.ts";
import { decideByRules } from "./decide-by-rules.ts";
import { decideWithModels } from "./decide-with-models.ts";
import type { LookPace } from "./describe-legs.ts";
import { leaveWhatTurned, readCarries } from "./leave-turned.ts";
import { lookAtMarket } from "./look-at-market.ts";
import { noteFor } from "./note-result.ts";
import { allowedOpens } from "./offer-choices.ts";
import { openWithin } from "./open-within.ts";
import { hasRoomForCard, proposeBest } from "./propose-best.ts";
import { ratesToKeep, recordVerdicts } from "./record-verdicts.ts";

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
  if (store.tradingState() !== "active" || !ownerOf(store)) return;

  // Leaving is the rules' alone, and comes before anybody is asked anything.
  const carries = await readCarries(context, look);
  await leaveWhatTurned(context, carries);

  const mandate = store.armedMandate();
  const good = look.ranked.filter((opportunity) => opportunity.worthwhile);
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
