import { DAY_MS, HOUR_MS } from "#src/core/funding.ts";
import { covers } from "#src/core/mandate.ts";
import type { HoldReason } from "#src/core/rules/judge-hold.ts";
import { figuresWords, writeFigures } from "#src/core/words/figures-words.ts";
import { holdReasonSentence } from "#src/core/words/plain-words.ts";
import { type PipelineContext, parseFact } from "#src/pipeline/context.ts";
import { tellOwner } from "#src/pipeline/propose/ask-owner.ts";
import { proposeClose } from "#src/pipeline/propose/propose-close.ts";
import { runClosing } from "#src/pipeline/run-execution.ts";
import { borrowReadingsKey, type Carry, keptAtKey } from "./read-carries.ts";

/** A close card that was declined or left to expire is not shown again so soon (market time). */
const CLOSE_AGAIN_AFTER_MS = 4 * HOUR_MS;
/** Whoever let the question whether to keep an old hedge expire is asked again a day later (market time). */
const ASK_AGAIN_AFTER_MS = DAY_MS;

/**
 * What the rules leave is closed alone when the armed mandate opened it, and proposed for closing otherwise;
 * what they watch is told once; what is too old is asked about. No model has a say in it.
 */
export async function leaveWhatTurned(
  context: PipelineContext,
  carries: readonly Carry[],
): Promise<void> {
  for (const carry of carries) {
    noteBorrow(context, carry);
    tellOnce(context, carry);
    const { action } = carry.verdict;
    if (action === "leave") await leave(context, carry);
    if (action === "ask") await askToKeep(context, carry);
  }
}

async function leave(context: PipelineContext, carry: Carry): Promise<void> {
  const { hedge } = carry;
  const isAlone = isOfMandate(context, carry);
  // Cards for other reasons, of a model or of a rotation, hold nothing back.
  const shownKey = `leaveShownAt:${hedge.id}`;
  if (!isAlone && isLately(context, shownKey)) return;
  const why = whyOf(carry);
  if (isAlone) {
    const outcome = await runClosing(context, hedge, null);
    const isClosed = outcome === "closed";
    const what = isClosed ? "Closed alone" : "Tried to close alone";
    const next = isClosed ? "/pnl shows what it made." : "It is tried again every few seconds.";
    tellOwner(
      context,
      isClosed ? "info" : "warning",
      `${what}: ${hedge.asset} (${hedge.id}), ${outcome}. ${why} ${next}`,
    );
  } else {
    const answer = await proposeClose(context, hedge.id, "scan", () =>
      tellOwner(
        context,
        "warning",
        `${hedge.asset} (${hedge.id}): ${why} A card to close it follows.`,
      ),
    );
    // There is no card then, so the next scan tries again.
    if (answer.kind === "unavailable") return;
  }
  context.store.transaction(() => {
    context.store.setFact(shownKey, String(context.clock.marketNow()));
    noteCloseShown(context, hedge.id);
    record(context, carry);
  });
}

/** A mandate keeps what still pays; its owner is asked with a card, whose "no" keeps it for as long again. */
async function askToKeep(context: PipelineContext, carry: Carry): Promise<void> {
  const { store, clock } = context;
  const { hedge } = carry;
  if (isOfMandate(context, carry) && carry.trailingSpread8h?.gt("0")) {
    store.transaction(() => {
      store.setFact(keptAtKey(hedge.id), String(clock.marketNow()));
      record(context, carry);
    });
    return;
  }
  const key = `ageCard:${hedge.id}`;
  const [cardId = "", askedAt = "0"] = store.getFact(key)?.split("|") ?? [];
  if (store.getProposal(cardId)?.state === "declined") {
    return store.transaction(() => {
      store.setFact(keptAtKey(hedge.id), String(clock.marketNow()));
      store.setFact(key, "");
    });
  }
  if (clock.marketNow() - Number(askedAt) < ASK_AGAIN_AFTER_MS) return;
  await proposeClose(context, hedge.id, "scan", (card) => {
    store.setFact(key, `${card.id}|${clock.marketNow()}`);
    record(context, carry);
    const what =
      "Approve the card that follows to close it; decline it to keep it for as long again.";
    tellOwner(context, "info", `${hedge.asset} (${hedge.id}): ${whyOf(carry)} ${what}`);
  });
}

/** What is watched is told when it begins, and not at every scan. */
function tellOnce(context: PipelineContext, carry: Carry): void {
  const { store } = context;
  const { hedge, verdict } = carry;
  const key = `watched:${hedge.id}`;
  const now = verdict.action === "watch" ? (verdict.reason ?? "") : "";
  if ((store.getFact(key) ?? "") === now) return;
  store.transaction(() => {
    store.setFact(key, now);
    if (now === "") return;
    record(context, carry);
    const next = `It stays open and is watched; it is left when ${leftWhen(verdict.reason)}.`;
    tellOwner(context, "warning", `${hedge.asset} (${hedge.id}): ${whyOf(carry)} ${next}`);
  });
}

function leftWhen(reason: HoldReason | null): string {
  return reason === "ADVERSE_BASIS"
    ? "its spread turns against it, too"
    : "its trailing mean turns, too";
}

function noteBorrow({ store }: PipelineContext, { hedge, borrowReadings }: Carry): void {
  const key = borrowReadingsKey(hedge.id);
  if (borrowReadings === (parseFact(store, key) ?? 0)) return;
  store.transaction(() => store.setFact(key, String(borrowReadings)));
}

/** What a mandate opened, the armed one may close, though it was renewed meanwhile: leaving only reduces. */
function isOfMandate({ store }: PipelineContext, { hedge }: Carry): boolean {
  const armed = store.armedMandate();
  if (hedge.mandateId === null || !armed) return false;
  return covers(
    armed,
    hedge.asset,
    hedge.legs.map((leg) => leg.venue),
  );
}

function whyOf({ verdict }: Carry): string {
  const { reason } = verdict;
  const figures = writeFigures(verdict.figures);
  const words = reason ? holdReasonSentence(reason) : "";
  return figures && reason ? `${words} (${figuresWords(reason, figures)}).` : `${words}.`;
}

/** Inside a transaction. */
function record({ store, clock, ids }: PipelineContext, { hedge, verdict }: Carry): void {
  store.insertDecision({
    ...{ id: ids.next("D"), at: clock.marketNow(), kind: "watch", asset: hedge.asset },
    outcome: verdict.reason ?? "held",
    detail: JSON.stringify({ hedgeId: hedge.id, ...writeFigures(verdict.figures) }),
  });
}

export function closeShownLately(context: PipelineContext, hedgeId: string): boolean {
  return isLately(context, `closeProposedAt:${hedgeId}`);
}

function isLately({ store, clock }: PipelineContext, key: string): boolean {
  const at = parseFact(store, key);
  return at !== null && clock.marketNow() - at < CLOSE_AGAIN_AFTER_MS;
}

/** Inside a transaction. */
export function noteCloseShown({ store, clock }: PipelineContext, hedgeId: string): void {
  store.setFact(`closeProposedAt:${hedgeId}`, String(clock.marketNow()));
}
