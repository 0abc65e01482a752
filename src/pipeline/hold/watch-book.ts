import { type Decimal, dec, ONE, ZERO } from "#src/core/decimal.ts";
import { utilisation } from "#src/core/figures/metrics.ts";
import { LIVE_PHASES } from "#src/core/hedge.ts";
import { hedgedUsd, heldOn, type Portfolio } from "#src/core/rules/allocation.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { tellOwner } from "#src/pipeline/propose/ask-owner.ts";
import { readPortfolio } from "#src/pipeline/propose/portfolio.ts";
import { formatPercent } from "#src/reports/format.ts";

/** What was too much is said to be over only when it is so much less. */
const CALM = dec("0.95");

/** One limit of the whole book: how it stands, and what to say and to do. */
interface BookRule {
  readonly key: string;
  readonly isPast: (slack: Decimal) => boolean;
  readonly text: string;
  readonly over: string;
}

/**
 * Prices move what is held past the limits that it was opened under: said once, with what to do, and once
 * that it is over. Nothing is cut for it: margins have rules of their own.
 */
export async function watchBook(context: PipelineContext): Promise<void> {
  if (context.store.listHedges(LIVE_PHASES).length === 0) return;
  const portfolio = await readPortfolio(context);
  // Without equity every share is endless, and margins have been told of long before.
  if (!portfolio?.equityUsd.gt(ZERO)) return;
  const { store } = context;
  for (const { key, isPast, text, over } of rulesOf(context, portfolio)) {
    const was = store.getFact(key) === "yes";
    const is = isPast(was ? CALM : ONE);
    if (is === was) continue;
    store.transaction(() => {
      store.setFact(key, is ? "yes" : "no");
      tellOwner(context, is ? "warning" : "info", is ? text : over);
    });
  }
}

function rulesOf(
  { limits, settings, venues }: PipelineContext,
  portfolio: Portfolio,
): readonly BookRule[] {
  const { venueShareOfEquity, reserve, maxUtilisation } = limits;
  const { equityUsd } = portfolio;
  const free = portfolio.freeUsd.div(equityUsd);
  const hedged = hedgedUsd(portfolio).div(equityUsd);
  const legs = portfolio.hedges.flat().map(({ notionalUsd }) => {
    return { notionalUsd, marginUsd: notionalUsd.div(settings.leverage) };
  });
  const { hedgeNotionalOverEquity, grossOverEquity, marginOverEquity } = utilisation(
    equityUsd,
    legs,
  );
  const used = `hedge notional ${formatPercent(hedgeNotionalOverEquity)}, gross ${formatPercent(grossOverEquity)}, posted margin ${formatPercent(marginOverEquity)} of equity`;
  const concentration = [...venues.keys()].map((venue): BookRule => {
    const share = heldOn(portfolio, venue).div(equityUsd);
    return {
      key: `book:venue:${venue}`,
      isPast: (slack) => share.gt(venueShareOfEquity.times(slack)),
      text: `Legs on ${venue} weigh ${formatPercent(share)} of your whole equity, past the limit of ${formatPercent(venueShareOfEquity)}. They stay and are watched; openings there count against the same limit. To be less dependent on ${venue}, close a hedge there (/hedges).`,
      over: `Legs on ${venue} weigh ${formatPercent(share)} of your equity: within the limit again.`,
    };
  });
  return [
    ...concentration,
    {
      key: "book:reserve",
      isPast: (slack) => free.times(slack).lt(reserve),
      text: `Only ${formatPercent(free)} of your equity is free, and ${formatPercent(reserve)} should be. Hedges stay and are watched. Add collateral, or close a hedge (/hedges).`,
      over: `${formatPercent(free)} of your equity is free again, as it should be.`,
    },
    {
      key: "book:utilisation",
      isPast: (slack) => hedged.gt(maxUtilisation.times(slack)),
      text: `Hedges use more of your equity than the ceiling of ${formatPercent(maxUtilisation)}: ${used}. They stay and are watched. Close a hedge (/hedges) or add collateral to be below it.`,
      over: `Hedges are below the ceiling again: ${used}.`,
    },
  ];
}
