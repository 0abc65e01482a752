import { maxOf, sum } from "#src/core/decimal.ts";
import type { Hedge } from "#src/core/hedge.ts";
import { type EpochMs, type Usd, usd } from "#src/core/units.ts";
import { type PipelineContext, parseFact } from "#src/pipeline/context.ts";

type BooksContext = Pick<PipelineContext, "store" | "totals" | "clock">;

/**
 * Notes once that what a hedge was paid, less interest, has reached what getting in and out of it was reckoned
 * to cost (domain 3): from then on it has paid for itself, whatever comes. Must be asked outside of transactions.
 */
export function notePaidBack(context: BooksContext, hedge: Hedge): void {
  const { store, totals, clock } = context;
  const costsUsd = plannedCosts(context, hedge);
  if (!costsUsd || paidBackAt(context, hedge) !== null) return;
  const earning = totals.ofHedge(hedge.id).filter(({ kind }) => EARNING.has(kind));
  if (sum(earning.map(({ amountUsd }) => amountUsd)).lt(costsUsd)) return;
  store.transaction(() => store.setFact(keyOf(hedge), String(clock.marketNow())));
}

const EARNING: ReadonlySet<string> = new Set(["funding", "interest"]);

/** Market time; null: not yet. */
export function paidBackAt({ store }: Pick<BooksContext, "store">, hedge: Hedge): EpochMs | null {
  return parseFact(store, keyOf(hedge));
}

/** All four fills with slippage and basis, as the card had them; null when its proposal is not kept. */
export function plannedCosts(
  { store }: Pick<BooksContext, "store">,
  { proposalId }: Hedge,
): Usd | null {
  const proposal = store.getProposal(proposalId)?.proposal;
  if (proposal?.kind !== "open") return null;
  const [a, b] = proposal.legs;
  return usd(proposal.costs.costRate.times(maxOf(a.notionalUsd, b.notionalUsd)));
}

function keyOf({ id }: Hedge): string {
  return `paidBackAt:${id}`;
}
