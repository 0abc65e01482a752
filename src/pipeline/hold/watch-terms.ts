import { type Decimal, dec } from "#src/core/decimal.ts";
import type { FundingRate } from "#src/core/funding.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { lookAtMarket } from "#src/pipeline/look/look-at-market.ts";
import { tellOwner } from "#src/pipeline/propose/ask-owner.ts";
import { formatBps } from "#src/reports/format.ts";
import { leaveWhatTurned } from "./leave-turned.ts";
import { readCarries } from "./read-carries.ts";

/** Venues change terms between settlements, not between minutes. */
const LOOK_AGAIN_MS = 5 * 60_000;
/** Venues round what they pay at the cap. */
const AT_CAP = dec("0.999");

/**
 * Did a venue change how a held instrument is settled (domain 1.1, 3 rule 5)? Another interval, or a rate
 * that stands at the venue's cap, is told once, and whether to stay is asked of the exit rule at once.
 */
export async function watchTerms(context: PipelineContext): Promise<void> {
  const hedges = context.store.listHedges(["open"]);
  if (hedges.length === 0) return;
  const { rates } = await context.rates(LOOK_AGAIN_MS);
  for (const hedge of hedges) {
    const changes = hedge.legs.flatMap((leg) => {
      if (isSpotSymbol(leg.symbol)) return [];
      const rate = rates.find(({ venue, symbol }) => venue === leg.venue && symbol === leg.symbol);
      return rate ? changesOf(context, hedge, leg, rate) : [];
    });
    if (changes.length === 0) continue;
    context.store.transaction(() => {
      for (const { key, value } of changes) context.store.setFact(key, value);
      for (const { text } of changes) tellOwner(context, "warning", text);
    });
    await askExitRule(context, hedge);
  }
}

interface Change {
  readonly key: string;
  readonly value: string;
  readonly text: string;
}

function changesOf(
  context: PipelineContext,
  hedge: Hedge,
  leg: HedgeLeg,
  rate: FundingRate,
): readonly Change[] {
  const { store } = context;
  const name = `${hedge.asset} ${hedge.id}`;
  const found: Change[] = [];
  const intervalKey = `interval:${hedge.id}:${leg.index}`;
  const before = knownInterval(context, hedge, leg, intervalKey);
  const now = rate.intervalHours.toFixed();
  if (before !== null && before !== now) {
    const text = `${name}: ${leg.venue} now settles every ${now} h, before every ${before} h. The hedge stays open; whether it still pays is judged now, at the new interval.`;
    found.push({ key: intervalKey, value: now, text });
  }
  const capKey = `capped:${hedge.id}:${leg.index}`;
  const isCapped = isAtCap(rate.rate, rate.capRate ?? null);
  if (isCapped !== (store.getFact(capKey) === "yes")) {
    const at = formatBps(rate.rate);
    const text = isCapped
      ? `${name}: the rate on ${leg.venue} stands at the venue's cap (${at} every ${now} h). More than that is not paid while the prices may part further, and the venue may shorten its interval. The hedge stays open; whether it still pays is judged now.`
      : `${name}: the rate on ${leg.venue} is below the venue's cap again (${at} every ${now} h). Nothing more is to be done.`;
    found.push({ key: capKey, value: isCapped ? "yes" : "no", text });
  }
  return found;
}

/** What was told last, or what the card said when it was opened; null: nobody knows. */
function knownInterval(
  { store }: PipelineContext,
  hedge: Hedge,
  { venue, symbol }: HedgeLeg,
  key: string,
): string | null {
  const told = store.getFact(key);
  if (told !== null) return told;
  const stored = store.getProposal(hedge.proposalId);
  if (stored?.proposal.kind !== "open") return null;
  const leg = stored.proposal.legs.find((one) => one.venue === venue && one.symbol === symbol);
  return leg?.intervalHours.toFixed() ?? null;
}

function isAtCap(rate: Decimal, cap: Decimal | null): boolean {
  return cap !== null && rate.abs().gte(cap.times(AT_CAP));
}

async function askExitRule(context: PipelineContext, hedge: Hedge): Promise<void> {
  const look = await lookAtMarket(context, { asset: hedge.asset });
  const carries = await readCarries(context, look);
  await leaveWhatTurned(
    context,
    carries.filter((one) => one.hedge.id === hedge.id),
  );
}
