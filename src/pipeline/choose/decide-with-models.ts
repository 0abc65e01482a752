import { canonicalHash } from "#src/core/canonical-hash.ts";
import { type Decimal, dec } from "#src/core/decimal.ts";
import {
  type CloseRow,
  closeRowOf,
  type DecisionGate,
  type DecisionTable,
  openRowOf,
  type Slot,
} from "#src/core/decision.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Mandate } from "#src/core/mandate.ts";
import type { Opportunity } from "#src/core/opportunity.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { closeShownLately } from "#src/pipeline/hold/carry/leave-turned.ts";
import type { Carry } from "#src/pipeline/hold/carry/read-carries.ts";
import type { MarketLook } from "#src/pipeline/look/look-at-market.ts";
import type { Advisor, Vote } from "#src/ports/advisor.ts";
import type { DecisionEnd, ScanDecision } from "#src/ports/decision-store.ts";
import { awaitOutcomes } from "./await-outcomes.ts";
import { awaitVotes } from "./await-votes.ts";
import { buildDecisionTable } from "./build-decision-table.ts";
import { gateVotes } from "./gate-votes.ts";
import { offerOpens } from "./offer-choices.ts";
import { isSameQuestion } from "./same-question.ts";

/** An answer to the same question holds for so long (market time). */
const ANSWER_LIFE_MS = HOUR_MS;
/** So long nobody is asked again after one or all were silent (market time). */
const SILENCE_LIFE_MS = HOUR_MS / 4;
/** A choice from an older look is not acted on (wall time). */
const LOOK_LIFE_MS = 300_000;
/** A model's wish to close a younger hedge is not shown (market time): in and out pays only fees. */
const MIN_HOLD_HOURS = dec("24");

export interface Scene {
  readonly look: MarketLook;
  /** When it was over, of `clock.elapsedMs()`. */
  readonly lookedAtMs: number;
  /** Worthwhile, best first. */
  readonly good: readonly Opportunity[];
  readonly carries: readonly Carry[];
  readonly mandate: Mandate | null;
}

export interface Decided {
  readonly decisionId: string;
  readonly opens: readonly Opportunity[];
  readonly close: CloseRow | null;
  readonly by: "rules" | "models";
  /** The mandate that was armed when it was offered; null: what opens waits for a tap. */
  readonly aloneUnder: string | null;
}

/**
 * The rules choose first and that is written down; then models pick from what the rules allow, and code
 * has the last word. Null when there is nothing to choose or to do.
 */
export async function decideWithModels(
  context: PipelineContext,
  advisor: Advisor,
  scene: Scene,
): Promise<Decided | null> {
  const { store, ids } = context;
  const { look, mandate, carries } = scene;
  if (look.ranked.length === 0) return null; // nothing was seen: nothing is chosen
  const offer = await offerOpens(context, mandate, scene.good);
  const mayClose = carries.some((carry) => mayBeLeft(context, carry));
  if (offer.opens.length === 0 && !mayClose) return null;

  const table = await buildDecisionTable(context, { look, carries, ...offer });
  // Nobody is paid for an answer that could not be acted on.
  if (store.tradingState() !== "active") return null;
  const last = lastAnswer(context, advisor, table, mandate);
  if (last?.choice) {
    const { choice } = gateChoice(context, scene, table, last.choice);
    return asDecided(last.id, scene, table, { ...last, choice });
  }

  const id = ids.next("S");
  const best = offer.opens[0]?.id;
  const policyChoice = table.opens.find((row) => row.opportunityId === best)?.slot ?? "HOLD";
  store.transaction(() =>
    store.insertScanDecision({
      ...{ id, at: table.at, table, tableHash: canonicalHash(table), policyChoice },
      promptHash: advisor.promptHash,
      ...{ choice: null, decidedBy: null, votes: [], gates: [], results: [] },
    }),
  );
  const votes = await awaitVotes(context, advisor, table, id);
  const end = endOf(context, scene, { advisor, table, votes, policyChoice });
  store.transaction(() => {
    store.endScanDecision(id, end);
    awaitOutcomes(context, id, table);
  });
  return asDecided(id, scene, table, end);
}

/** The newest decision, while its answer to the same question holds. */
function lastAnswer(
  { store, clock, settings }: PipelineContext,
  advisor: Advisor,
  table: DecisionTable,
  mandate: Mandate | null,
): ScanDecision | null {
  const [last] = store.listScanDecisions({ limit: 1 });
  if (!last?.choice || !isSameQuestion(last.table, table)) return null;
  // What was chosen for a card is not opened alone by a mandate that came after it.
  if (mandate?.armedAt && mandate.armedAt > last.at) return null;
  // Nor by what the operator has set differently since.
  if (last.decidedBy === "rules" && !last.gates.includes(gateOfRules(settings))) return null;
  const asked = last.votes.map((vote) => vote.model);
  const same =
    last.promptHash === advisor.promptHash && asked.join("\n") === advisor.models.join("\n");
  return same && clock.marketNow() - last.at < lifeOf(last.gates) ? last : null;
}

/** What was cut short is asked again; what somebody did not answer, a little later: others are paid again. */
function lifeOf(gates: readonly DecisionGate[]): number {
  if (gates.includes("STOPPED_MEANWHILE") || gates.includes("LOOK_TOO_OLD")) return 0;
  const isSilent = gates.includes("NO_VALID_VOTE") || gates.includes("VOTE_MISSING");
  return isSilent ? SILENCE_LIFE_MS : ANSWER_LIFE_MS;
}

function endOf(
  context: PipelineContext,
  scene: Scene,
  of: {
    readonly advisor: Advisor;
    readonly table: DecisionTable;
    readonly votes: readonly Vote[];
    readonly policyChoice: Slot;
  },
): DecisionEnd {
  const { table, votes, policyChoice } = of;
  const offered = new Set<Slot>([...table.opens, ...table.closes].map((row) => row.slot));
  const gated = gateVotes({ models: of.advisor.models, votes, offered });
  const byRules = gated.valid === 0;
  const { choice, gates } = gateChoice(
    context,
    scene,
    table,
    byRules ? policyChoice : gated.choice,
  );
  const alone = byRules ? [gateOfRules(context.settings)] : [];
  const decidedBy = byRules ? "rules" : "models";
  return { choice, decidedBy, votes, gates: [...gated.gates, ...alone, ...gates] };
}

function gateOfRules({ openWithoutModel }: PipelineContext["settings"]): DecisionGate {
  return openWithoutModel ? "OPENS_WITHOUT_MODEL" : "CARDS_ONLY";
}

/** What code has against a choice that was offered. */
function gateChoice(
  context: PipelineContext,
  { lookedAtMs }: Scene,
  table: DecisionTable,
  choice: Slot,
): { readonly choice: Slot; readonly gates: readonly DecisionGate[] } {
  const { store, clock } = context;
  const hold = (gate: DecisionGate) => ({ choice: "HOLD" as const, gates: [gate] });
  if (choice === "HOLD") return { choice, gates: [] };
  if (store.tradingState() !== "active") return hold("STOPPED_MEANWHILE");
  if (clock.elapsedMs() - lookedAtMs > LOOK_LIFE_MS) return hold("LOOK_TOO_OLD");
  const close = closeRowOf(table, choice);
  if (close?.hasTurned) return hold("RULES_CLOSE_IT");
  if (close?.ageHours.lt(MIN_HOLD_HOURS)) return hold("MIN_HOLD");
  if (close && closeShownLately(context, close.hedgeId)) return hold("CLOSE_CARD_LATELY");
  return { choice, gates: [] };
}

function asDecided(
  decisionId: string,
  { good, mandate }: Scene,
  table: DecisionTable,
  { choice, decidedBy, gates }: Pick<DecisionEnd, "choice" | "decidedBy" | "gates">,
): Decided | null {
  const row = openRowOf(table, choice);
  const opens = good.filter((one) => one.id === row?.opportunityId);
  const close = closeRowOf(table, choice);
  if (opens.length === 0 && !close) return null;
  // A mandate that came while models were asked does not turn a choice for a card into one to open.
  const aloneUnder = gates.includes("CARDS_ONLY") ? null : (mandate?.id ?? null);
  return { decisionId, opens, close, by: decidedBy ?? "rules", aloneUnder };
}

/** Could a model's wish to close it become a card? */
function mayBeLeft(context: PipelineContext, { hedge, hasTurned }: Carry): boolean {
  const isOld = context.clock.marketNow() - hedge.openedAt >= hoursMs(MIN_HOLD_HOURS);
  return isOld && !hasTurned && !closeShownLately(context, hedge.id);
}

function hoursMs(hours: Decimal): number {
  return Number(hours.times(String(HOUR_MS)).toFixed(0));
}
