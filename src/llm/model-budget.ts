import { DAY_MS } from "#src/core/funding.ts";
import { isoTime } from "#src/core/time.ts";
import type { EpochMs } from "#src/core/units.ts";
import { ModelError, type ModelPurpose } from "#src/ports/language-model.ts";
import type { Severity, Store } from "#src/ports/store.ts";

/** Micro-dollars. */
export interface ModelBudgets {
  readonly perDay: Readonly<Record<ModelPurpose, number>>;
  /** One question in the chat with all its steps. */
  readonly perTurn: number;
}

export type BudgetStore = Pick<
  Store,
  | ("spentMicroUsd" | "insertModelCall" | "settleModelCall" | "journal")
  | ("transaction" | "getFact" | "setFact" | "enqueue")
>;

interface Payer {
  readonly purpose: ModelPurpose;
  readonly subjectId: string;
}

/** Throws ModelError when nothing more may be spent; what was spent is read from disk each time. */
export function assertBudget(
  store: BudgetStore,
  budgets: ModelBudgets,
  { purpose, subjectId }: Payer,
  wallNow: EpochMs,
): void {
  if (store.spentMicroUsd({ purpose, since: dayOf(wallNow) }) >= budgets.perDay[purpose]) {
    throw overBudget(
      purpose === "chat" ? "today's budget is used up" : "today's scan budget is used up",
    );
  }
  if (purpose === "chat" && store.spentMicroUsd({ subjectId }) >= budgets.perTurn) {
    throw overBudget("this question's budget is used up");
  }
}

const MARKS: readonly { readonly share: bigint; readonly severity: Severity }[] = [
  { share: 100n, severity: "warning" },
  { share: 80n, severity: "info" },
];

/** Tells the owner once a day at 80 % and once at 100 %; in the transaction that books the call. */
export function tellOfBudget(
  store: BudgetStore,
  budgets: ModelBudgets,
  purpose: ModelPurpose,
  wallNow: EpochMs,
): void {
  const chatId = Number(store.getFact("chatId") ?? "0");
  if (chatId === 0) return;
  const since = dayOf(wallNow);
  const spent = BigInt(store.spentMicroUsd({ purpose, since, heardOf: true }));
  const limit = BigInt(budgets.perDay[purpose]);
  const reached = MARKS.find(({ share }) => spent * 100n >= limit * share);
  if (!reached) return;
  const key = `modelBudgetTold:${purpose}`;
  const day = isoTime(since).slice(0, 10);
  const [toldDay, toldShare = "0"] = (store.getFact(key) ?? "").split(" ");
  if (toldDay === day && BigInt(toldShare) >= reached.share) return;
  store.setFact(key, `${day} ${reached.share}`);
  const { severity } = reached;
  const text = sentence(purpose, reached.share === 100n);
  store.enqueue({ severity, chatId, content: { type: "alert", text } });
}

function sentence(purpose: ModelPurpose, isUsedUp: boolean): string {
  if (!isUsedUp) {
    return `80 % of today's model budget for ${purpose === "chat" ? "the chat" : "scans"} is used. /cost shows on what; model.${purpose}UsdPerDay sets it.`;
  }
  const instead =
    purpose === "chat"
      ? "Plain rules answer until midnight UTC"
      : "Scans follow the rules alone until midnight UTC";
  return `Today's model budget for ${purpose === "chat" ? "the chat" : "scans"} is used up. ${instead}. /cost shows on what; model.${purpose}UsdPerDay sets it.`;
}

function dayOf(wallNow: EpochMs): EpochMs {
  return wallNow - (wallNow % DAY_MS);
}

function overBudget(message: string): ModelError {
  return new ModelError("overBudget", message, { mayBeBilled: false });
}
