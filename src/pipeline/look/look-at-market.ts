import { type Decimal, maxOf, minOf, ZERO } from "#src/core/decimal.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { ListedRate, Opportunity } from "#src/core/opportunity.ts";
import { type NotionalUsd, notionalUsd } from "#src/core/units.ts";
import type { LegPair, RankLeg } from "#src/opportunities/pair-legs.ts";
import { rankOpportunities } from "#src/opportunities/rank-opportunities.ts";
import { shortlistLegs } from "#src/opportunities/shortlist-legs.ts";
import { type PipelineContext, RATES_GLANCE_MS } from "#src/pipeline/context.ts";
import type { CollectedRates } from "#src/rates/collect-rates.ts";
import { describeLegs, type LookPace, type SilentLeg } from "./describe-legs.ts";
import { inLanes } from "./in-lanes.ts";

/** A named candidate can be proposed for this long. */
const CANDIDATE_LIFE_MS = 10 * 60_000;
/** So many assets are looked at closely: histories and books cost a request each. */
const CLOSE_LOOKS = 24;
/** Somebody waits in the chat. */
const FOR_A_PERSON: LookPace = { patienceMs: 25_000, lanes: 4 };
/** Longer looks than this are noted. */
const LONG_LOOK_MS = 2_000;

export interface MarketLook extends CollectedRates {
  /** What was looked at closely. */
  readonly looked: readonly ListedRate[];
  /** Those of them that could be read. */
  readonly described: readonly RankLeg[];
  readonly ranked: readonly Opportunity[];
  readonly dropped: readonly { readonly asset: string; readonly reason: string }[];
}

/**
 * In two stages, because no venue answers thousands of questions: the rates of every venue, then trailing
 * means and books of the best assets' legs, or of the one asset that is wanted. The ranked pairs are
 * remembered as candidates that a tool may name.
 */
export async function lookAtMarket(
  context: PipelineContext,
  wanted: {
    readonly asset?: string | undefined;
    readonly maxAgeMs?: number;
    readonly pace?: LookPace;
  } = {},
): Promise<MarketLook> {
  const { clock, candidates, settings } = context;
  const startedMs = clock.elapsedMs();
  const collected = await context.rates(wanted.maxAgeMs ?? RATES_GLANCE_MS);
  const { asset } = wanted;
  const shortlist = shortlistOf(context, collected.listed, asset);
  const [described, accounts] = await Promise.all([
    describeLegs(context, shortlist.legs, wanted.pace ?? FOR_A_PERSON),
    context.accounts(RATES_GLANCE_MS),
  ]);
  const equities = new Map(accounts.map(({ venue, account }) => [venue, account?.equityUsd]));
  const silent = described.filter((leg) => "reason" in leg);
  const legs = described.filter((leg) => "funding" in leg);
  const { ranked, dropped } = rankOpportunities({
    legs,
    rules: settings.rules,
    sizeUsdOf: (pair) => sizeableUsd(context, pair, equities),
    idFor: () => context.ids.next("C"),
  });
  const now = clock.wallNow();
  for (const [id, candidate] of candidates) if (candidate.expiresAt <= now) candidates.delete(id);
  for (const opportunity of ranked) {
    candidates.set(opportunity.id, { opportunity, expiresAt: now + CANDIDATE_LIFE_MS });
  }
  const look: MarketLook = {
    ...collected,
    refused: [...collected.refused, ...silent],
    looked: shortlist.legs,
    described: legs,
    ranked,
    dropped: [...withReasons(dropped, shortlist.legs, ranked, silent), ...shortlist.dropped],
  };
  note(context, look, clock.elapsedMs() - startedMs);
  return look;
}

/**
 * Reads ahead what takes longest, one history at a time: two weeks of two dozen assets are half a minute at
 * some venues' rate limits, and nobody who trades meanwhile should wait for it.
 */
export async function lookAhead(context: PipelineContext): Promise<void> {
  const { listed } = await context.rates(RATES_GLANCE_MS);
  const { legs } = shortlistOf(context, listed, undefined);
  const byVenue = Map.groupBy(legs, (one) => one.instrument.venue);
  const read = async ({ instrument: { venue, symbol } }: ListedRate) => {
    await context.trailing.meanPerHour(venue, symbol).catch(() => null);
  };
  await Promise.all([...byVenue.values()].map((of) => inLanes(of, 1, read)));
}

function shortlistOf(
  { settings }: PipelineContext,
  listed: readonly ListedRate[],
  asset: string | undefined,
) {
  const { assets } = settings.rules;
  const isWanted = (one: string) =>
    asset ? one === asset : assets.length === 0 || assets.includes(one);
  return shortlistLegs({
    listed: listed.filter((one) => isWanted(one.instrument.asset)),
    horizonHours: settings.entry.horizonHours,
    count: CLOSE_LOOKS,
    wholeAssets: asset !== undefined,
  });
}

/** What a leg could be now: the order of the list only, because a plan is sized by a fresh look of its own. */
function sizeableUsd(
  { limits, settings: { sizing } }: PipelineContext,
  { short, long }: LegPair,
  equities: ReadonlyMap<VenueId, Decimal | undefined>,
): NotionalUsd {
  const bounds = [short, long].flatMap(({ instrument, market }) => {
    const equity = equities.get(instrument.venue);
    return [
      ...(market ? [market.depthUsd.times(sizing.depthUseFraction)] : []),
      ...(market?.openInterestUsd ? [market.openInterestUsd.times(sizing.oiFraction)] : []),
      ...(equity ? [maxOf(equity.times(limits.equityShare), ZERO)] : []),
    ];
  });
  return notionalUsd(minOf<Decimal>(limits.hardCapUsd, ...bounds));
}

/** An asset that has no pair because a venue kept silent has two venues all the same. */
function withReasons(
  dropped: MarketLook["dropped"],
  looked: readonly ListedRate[],
  ranked: readonly Opportunity[],
  silent: readonly SilentLeg[],
): MarketLook["dropped"] {
  const mute = new Set(silent.map(({ venue, symbol }) => `${venue}:${symbol}`));
  const muteAssets = new Set(
    looked
      .filter(({ instrument: { venue, symbol } }) => mute.has(`${venue}:${symbol}`))
      .map(({ instrument }) => instrument.asset),
  );
  const judged = new Set(ranked.map(({ asset }) => asset));
  return [
    ...dropped.filter(({ asset }) => !muteAssets.has(asset)),
    ...[...muteAssets]
      .filter((asset) => !judged.has(asset))
      .map((asset) => ({ asset, reason: "VENUE_SILENT" })),
  ];
}

function note({ log }: PipelineContext, look: MarketLook, ms: number): void {
  if (ms < LONG_LOOK_MS) return;
  const { rates, refused, down, looked, ranked } = look;
  log.info("lookedAtMarket", {
    ...{ ms: Math.round(ms), rates: rates.length, refused: refused.length },
    ...{ down: down.join(", "), looked: looked.length, pairs: ranked.length },
  });
}
