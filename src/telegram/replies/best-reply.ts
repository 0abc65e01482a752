import { figuresWords } from "#src/core/words/figures-words.ts";
import { shortVenue } from "#src/core/words/plain-name.ts";
import { opportunityReasonSentence } from "#src/core/words/plain-words.ts";
import { formatBps, formatHours, formatPercent, formatTable } from "#src/reports/format.ts";
import type { OpportunitiesView, OpportunityView } from "#src/reports/views.ts";
import { bold, pre, type RichText, rich } from "#src/telegram/rich-text.ts";

interface BestFacts {
  readonly held: ReadonlySet<string>;
  /** What an armed mandate waits for before it opens the best of what is not held. */
  readonly waits: string | null;
  readonly isActive: boolean;
  /** What the means are taken over. */
  readonly lookbackDays: string;
}

/** What pays best after costs, what of it is open, and what to do about the rest. */
export function bestReply(
  view: OpportunitiesView,
  { held, waits, isActive, lookbackDays }: BestFacts,
): RichText {
  const worth = view.opportunities.filter((one) => one.worthwhile);
  const mark = ({ asset, worthwhile }: OpportunityView) =>
    held.has(asset) ? "●" : worthwhile ? "✓" : "·";
  const rows = [
    ["", `${lookbackDays}-day`, "net APR", "back in"],
    ...view.opportunities
      .slice(0, 10)
      .map((one) => [
        `${mark(one)} ${one.asset}`,
        formatBps(one.trailingSpread8h).replace(" bp", ""),
        formatPercent(one.netAprOnCapital).replace(" %", ""),
        one.breakEvenHours ? formatHours(one.breakEvenHours) : "never",
      ]),
  ];
  const top = worth.find(({ asset }) => !held.has(asset));
  const rest =
    worth.length > 0
      ? "All that is worth doing is open already; /hedges shows it."
      : nothingWorthDoing(view);
  const conclusion = top ? bestOf(top, isActive, waits) : rest;
  const legend = rows.some(([name]) => name?.startsWith("●")) ? " ● open already." : "";
  return rich(
    bold("Opportunities after costs"),
    "\n",
    pre(formatTable(rows)),
    `\nMean spread in bp per 8 h; net APR in % on capital, after costs.${legend}\n${conclusion}`,
  );
}

function bestOf(top: OpportunityView, isActive: boolean, waits: string | null): string {
  const best = `Best: ${top.asset}, ${pairWords(top)}.`;
  if (!isActive) return `${best} Nothing opens before /resume; it asks you first.`;
  return waits
    ? `${best} ${waits}; /open ${top.asset} proposes it now.`
    : `${best} /open ${top.asset} proposes it.`;
}

function pairWords({ shortVenue: short, longVenue: long, ...one }: OpportunityView): string {
  if (one.longMarket === "spot") return `buy spot and short the perp on ${shortVenue(long)}`;
  if (one.shortMarket === "spot") {
    return `borrow and sell spot, go long the perp on ${shortVenue(short)}`;
  }
  return `short ${shortVenue(short)}, long ${shortVenue(long)}`;
}

/** What the best would leave beside what cash leaves, and what stands against it. */
function nothingWorthDoing({ opportunities, cashYield }: OpportunitiesView): string {
  const [best] = opportunities;
  const cash = `cash earns ${formatPercent(cashYield)}`;
  if (!best) return `Nothing worth doing: no pair of venues was found, and ${cash}.`;
  const why = best.reason ? `: ${opportunityReasonSentence(best.reason)}` : "";
  const figures = best.figures ? ` (${figuresWords(best.reason ?? "", best.figures)})` : "";
  return `Nothing worth doing: the best, ${best.asset}, nets ${formatPercent(best.netAprOnCapital)} a year on capital, ${cash}. ${best.asset}${why}${figures}.`;
}
