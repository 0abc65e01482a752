import { reservedBalances } from "#src/approvals/reserved-balances.ts";
import { type Decimal, maxOf, sum, ZERO } from "#src/core/decimal.ts";
import { type Hedge, type HedgeLeg, isLive, type LegIndex } from "#src/core/hedge.ts";
import type { VenueId } from "#src/core/instrument.ts";
import {
  type AccountsSeen,
  type HeldLeg,
  markKey,
  type Portfolio,
} from "#src/core/rules/allocation.ts";
import type { Snapshot } from "#src/core/snapshot.ts";
import { notionalUsd, type Price, type Usd, usd } from "#src/core/units.ts";
import { ACCOUNTS_GLANCE_MS, type PipelineContext } from "#src/pipeline/context.ts";
import { entryStops } from "#src/pipeline/hold/stops/entry-stops.ts";
import { lastEquities } from "#src/pipeline/hold/stops/profit.ts";
import { collectSnapshot, type LegName } from "#src/rates/collect-snapshot.ts";

/**
 * Both legs in this order, and all that is held besides, read fresh. Throws as collectSnapshot does; its
 * portfolio is null while no venue says what it holds.
 */
export async function readForOpening(
  context: PipelineContext,
  legs: readonly [LegName, LegName],
): Promise<Snapshot> {
  const { store, clock, venues, settings } = context;
  const reading = collectSnapshot({
    ...{ venues, legs, clock, leverage: settings.leverage },
    hedgedAssets: hedgedAssets(store),
    reservedUsd: new Map(),
    entryStops: [],
  });
  const [snapshot, seen] = await Promise.all([reading, readAccountsSeen(context)]);
  return countedNow(context, { ...snapshot, portfolio: seen && { ...seen, ...NOTHING_HELD } });
}

const NOTHING_HELD = { inFlightUsd: usd("0"), hedges: [] };

/**
 * The snapshot with what the store has at this moment: inside the transaction that admits an opening, two
 * of them cannot take the same room.
 */
export function countedNow(context: PipelineContext, snapshot: Snapshot): Snapshot {
  const { store, settings } = context;
  return {
    ...snapshot,
    hedgedAssets: hedgedAssets(store),
    reservedUsd: reservedBalances(store, snapshot.takenAt, settings.leverage),
    entryStops: entryStops(context),
    portfolio: snapshot.portfolio && portfolioNow(context, snapshot.portfolio),
  };
}

export function hedgedAssets(store: PipelineContext["store"]): readonly string[] {
  return store
    .listHedges()
    .filter((hedge) => isLive(hedge.phase))
    .map((hedge) => hedge.asset);
}

/** All that our money is in now; null when a venue does not say what it holds: a share of what? */
export async function readPortfolio(context: PipelineContext): Promise<Portfolio | null> {
  const accounts = await context.accounts(ACCOUNTS_GLANCE_MS);
  if (accounts.some((one) => !one.equityUsd)) return null;
  const seen = await readAccountsSeen(context);
  return seen && portfolioNow(context, seen);
}

/**
 * A silent account enlarges nothing: shares are of what answers, and the reserve is owed on what it last held.
 * Null when all are silent, and when nobody knows what one ever held that a hedge stands on.
 */
async function readAccountsSeen(context: PipelineContext): Promise<AccountsSeen | null> {
  const seen = await context.accounts(ACCOUNTS_GLANCE_MS);
  const told = seen.flatMap((one) => {
    const { account, equityUsd, freeUsd, positions } = one;
    return account && equityUsd && freeUsd ? [{ account, equityUsd, freeUsd, positions }] : [];
  });
  const answers = new Set(told.map((one) => one.account.venue));
  const silentUsd = heldSilently(
    context,
    seen.map(({ venue }) => venue).filter((venue) => !answers.has(venue)),
  );
  if (told.length === 0 || !silentUsd) return null;
  const positions = told.flatMap((one) => one.positions ?? []);
  return {
    equityUsd: usd(sum(told.map((one) => one.equityUsd))),
    freeUsd: usd(sum(told.map((one) => one.freeUsd))),
    silentUsd,
    readAt: Math.min(...told.map((one) => one.account.observedAt)),
    marks: new Map(positions.map((one) => [markKey(one), one.markPrice])),
  };
}

/** What these accounts last held; one that was never read holds nothing of ours, unless a hedge stands there. */
function heldSilently({ store }: PipelineContext, silent: readonly VenueId[]): Usd | null {
  if (silent.length === 0) return usd("0");
  const last = lastEquities(store);
  const live = store.listHedges().filter((hedge) => isLive(hedge.phase));
  const standsOn = (venue: VenueId) =>
    live.some(({ legs }) => legs.some((leg) => leg.venue === venue));
  if (silent.some((venue) => !last?.has(venue) && standsOn(venue))) return null;
  return usd(sum(silent.map((venue) => maxOf<Decimal>(last?.get(venue) ?? ZERO, ZERO))));
}

/** Those accounts with every hedge that holds something or is being opened. */
function portfolioNow(
  { store, settings }: Pick<PipelineContext, "store" | "settings">,
  seen: AccountsSeen,
): Portfolio {
  const inFlight = reservedBalances(store, seen.readAt, settings.leverage);
  const live = store.listHedges().filter((hedge) => isLive(hedge.phase));
  return {
    ...seen,
    inFlightUsd: usd(sum(inFlight.values())),
    hedges: live.map((hedge) => [heldLeg(hedge, 0), heldLeg(hedge, 1)]),
  };

  function heldLeg(hedge: Hedge, index: LegIndex): HeldLeg {
    const leg = hedge.legs[index];
    const size = hedge.phase === "opening" ? maxOf(leg.targetBase, leg.heldBase) : leg.heldBase;
    const at = seen.marks.get(markKey(leg)) ?? dearestKnown(hedge, leg);
    return { ...leg, notionalUsd: notionalUsd(size.times(at)) };
  }

  /** Of a leg whose venue does not tell its mark: it is the same asset as the other one. */
  function dearestKnown(hedge: Hedge, leg: HedgeLeg): Decimal {
    const own = leg.entryPrice ?? plannedPrice(hedge, leg.symbol);
    const marks = hedge.legs.map((one) => seen.marks.get(markKey(one)));
    return maxOf<Decimal>(own ?? ZERO, ...marks.map((mark) => mark ?? ZERO));
  }

  function plannedPrice({ proposalId }: Hedge, symbol: string): Price | null {
    const proposal = store.getProposal(proposalId)?.proposal;
    if (proposal?.kind !== "open") return null;
    return proposal.legs.find((leg) => leg.symbol === symbol)?.priceSeen ?? null;
  }
}
