import { dec, decFromInteger, ZERO } from "#src/core/decimal.ts";
import { DAY_MS } from "#src/core/funding.ts";
import { type Hedge, LIVE_PHASES } from "#src/core/hedge.ts";
import { isoTime } from "#src/core/time.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { PipelineContext, PipelineSettings } from "#src/pipeline/context.ts";
import type { ExecutionFact, FactsView } from "#src/reports/views.ts";

const EXECUTIONS = 5;
const CARDS = 10;
const MICRO = dec("0.000001");

export type FactsContext = Pick<PipelineContext, "store" | "clock" | "mode"> & {
  readonly settings: { readonly models: Pick<PipelineSettings["models"], "usdPerDay"> };
};

/** What is true now, as far as the database knows: no venue is asked, so nobody waits for it. */
export function facts({ store, clock, mode, settings }: FactsContext): FactsView {
  const wallNow = clock.wallNow();
  const budgetUsd = settings.models.usdPerDay.chat;
  const spent = store.spentMicroUsd({ purpose: "chat", since: wallNow - (wallNow % DAY_MS) });
  const leftUsd = budgetUsd.minus(decFromInteger(spent).times(MICRO));
  const mandate = store.armedMandate();
  return {
    ...{ mode, tradingState: store.tradingState(), marketTime: isoTime(clock.marketNow()) },
    hedges: store.listHedges(LIVE_PHASES).map(({ id, asset, phase, legs }) => ({
      ...{ id, asset, phase },
      legs: legs.map(({ venue, side, heldBase }) => ({
        ...{ venue, side, sizeBase: heldBase.toFixed() },
      })),
    })),
    cards: store
      .listProposals({ states: ["awaiting"], limit: CARDS })
      .filter(({ proposal }) => proposal.expiresAt > wallNow)
      .map(({ proposal: { id, kind, asset, expiresAt } }) => ({
        ...{ id, kind, asset },
        minutesLeft: Math.ceil((expiresAt - wallNow) / 60_000),
      })),
    executions: lastExecutions(store.latestHedges(2 * EXECUTIONS)),
    mandate: mandate ? { endsAt: isoTime(mandate.endsAt) } : null,
    modelBudgetLeftUsd: (leftUsd.lt(ZERO) ? ZERO : leftUsd).toFixed(2),
  };
}

/** Newest first. What could not be opened whole and was taken back is neither opened nor closed. */
function lastExecutions(hedges: readonly Hedge[]): readonly ExecutionFact[] {
  return hedges
    .flatMap(({ id: hedgeId, asset, legs, phase, openedAt, closedAt }) => {
      const isWhole = legs.every(({ entryPrice }) => entryPrice !== null);
      const moments: { at: EpochMs; did: ExecutionFact["did"] }[] = [];
      if (isWhole && phase !== "opening") moments.push({ at: openedAt, did: "opened" });
      if (closedAt !== null) moments.push({ at: closedAt, did: isWhole ? "closed" : "unwound" });
      return moments.map((moment) => ({ ...moment, hedgeId, asset }));
    })
    .sort((a, b) => b.at - a.at)
    .slice(0, EXECUTIONS)
    .map(({ at, ...rest }) => ({ at: isoTime(at), ...rest }));
}
