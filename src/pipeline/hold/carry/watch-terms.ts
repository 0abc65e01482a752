import { type Decimal, dec, parseDecimal } from "#src/core/decimal.ts";
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
 * Did a venue change how a held instrument is settled (domain 1.1, 3 rule 5)? Another interval, another cap, or
 * a rate that stands at the cap is told once, and whether to stay is asked of the exit rule at once.
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
    const told = changes.flatMap(({ text }) => text ?? []);
    context.store.transaction(() => {
      for (const { key, value } of changes) context.store.setFact(key, value);
      for (const text of told) tellOwner(context, "warning", text);
    });
    if (told.length > 0) await askExitRule(context, hedge);
  }
}

interface Change {
  readonly key: string;
  readonly value: string;
  /** Null: seen for the first time. */
  readonly text: string | null;
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
  const cap = capChange(context, hedge, leg, rate);
  if (cap) found.push(cap);
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

/** Where the venue says its cap. */
function capChange(
  { store }: PipelineContext,
  hedge: Hedge,
  { venue, index }: HedgeLeg,
  { capRate }: FundingRate,
): Change | null {
  const key = `cap:${hedge.id}:${index}`;
  const before = parseDecimal(store.getFact(key) ?? "");
  if (!capRate || before?.eq(capRate)) return null;
  const value = capRate.toFixed();
  if (!before) return { key, value, text: null };
  const text = `${hedge.asset} ${hedge.id}: ${venue} now pays at most ${formatBps(capRate)} an interval, before ${formatBps(before)}. The hedge stays open; whether it still pays is judged now.`;
  return { key, value, text };
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
