import { expireMandate, mandateUse } from "#src/approvals/mandate.ts";
import { canonicalHash } from "#src/core/canonical-hash.ts";
import { minOf } from "#src/core/decimal.ts";
import { DAY_MS, HOUR_MS } from "#src/core/funding.ts";
import { type Hedge, isLive, LIVE_PHASES } from "#src/core/hedge.ts";
import type { Mandate, MandateUse } from "#src/core/mandate.ts";
import type { Opportunity } from "#src/core/opportunity.ts";
import { notionalUsd } from "#src/core/units.ts";
import { admitOpen } from "./admit-open.ts";
import { tellOwner } from "./ask-owner.ts";
import { ownerOf, type PipelineContext, parseFact } from "./context.ts";
import type { LookPace } from "./describe-legs.ts";
import { lookAtMarket, type MarketLook } from "./look-at-market.ts";
import { profitSince } from "./profit.ts";
import { proposeClose } from "./propose-close.ts";
import { planOpen, putBeforeOwner, recordDenial } from "./propose-open.ts";
import { runClosing, runOpening } from "./run-execution.ts";

/** More cards than this at once are not read but tapped away. */
const MAX_WAITING_CARDS = 2;
/** An asset that was declined or left to expire is not proposed again so soon (market time). */
const PROPOSE_AGAIN_AFTER_MS = 4 * HOUR_MS;
/** A scan leaves room for whoever trades meanwhile; some venues allow a leg every few seconds. */
const UNHURRIED: LookPace = { patienceMs: 120_000, lanes: 2 };
/** An unchanged verdict on an asset is written down again this often (market time). */
const DECISION_REPEAT_MS = 6 * HOUR_MS;

/** Looks at everything; with a mandate acts within it, without one proposes the best. */
export async function scan(context: PipelineContext): Promise<void> {
  const { gate } = context;
  gate.scanning ??= scanOnce(context).finally(() => {
    gate.scanning = null;
  });
  return gate.scanning;
}

async function scanOnce(context: PipelineContext): Promise<void> {
  const { store, clock } = context;
  const look = await lookAtMarket(context, { maxAgeMs: 0, pace: UNHURRIED });
  store.transaction(() => {
    store.saveRates(ratesToKeep(context, look));
    store.setFact("lastScanAt", String(clock.marketNow()));
    recordVerdicts(context, look);
  });
  if (store.tradingState() !== "active" || !ownerOf(store)) return;
  await leaveWhatTurned(context, look);
  const mandate = store.armedMandate();
  const good = look.ranked.filter((opportunity) => opportunity.worthwhile);
  if (mandate) await actWithin(context, mandate, good);
  else await proposeBest(context, good);
}

async function actWithin(
  context: PipelineContext,
  mandate: Mandate,
  good: readonly Opportunity[],
): Promise<void> {
  for (const opportunity of good) {
    if (isHedged(context, opportunity.asset) || !inside(mandate, opportunity)) continue;
    const use = await useOf(context, mandate);
    if (!use || use.opensToday >= mandate.opensPerDay) return;
    const roomUsd = notionalUsd(
      minOf(
        mandate.perHedgeUsd,
        mandate.totalUsd.gt(use.openUsd)
          ? notionalUsd(mandate.totalUsd.minus(use.openUsd))
          : notionalUsd("0"),
      ),
    );
    if (roomUsd.lte("0")) return;
    const planned = await planOpen(context, opportunity, "scan", roomUsd);
    if (planned.kind === "denied") recordDenial(context, opportunity.asset, planned.denials);
    if (planned.kind !== "planned" || !planned.proposal.worthwhile) continue;
    const { proposal, snapshot } = planned;
    const { store } = context;
    store.transaction(() => store.insertProposal(proposal, canonicalHash(proposal)));
    const admitted = admitOpen(context, proposal, snapshot, {
      authority: () => {
        const at = { marketNow: use.marketNow, pnlTodayUsd: use.pnlTodayUsd };
        return { kind: "mandate", mandate, use: mandateUse(store, mandate, at) };
      },
      mandateId: mandate.id,
      consume: () => store.armedMandate()?.id === mandate.id,
    });
    if (admitted.kind === "denied") recordDenial(context, proposal.asset, admitted.denials);
    if (admitted.kind === "alreadyUsed") {
      store.transaction(() => store.setProposalState(proposal.id, "superseded"));
    }
    if (admitted.kind !== "admitted") continue;
    const outcome = await runOpening(context, admitted.hedge, proposal, admitted.ticket);
    const what = outcome === "open" ? "Opened alone, within the mandate" : "Tried to open alone";
    tellOwner(context, "info", `${what}: ${proposal.asset} (${admitted.hedge.id}), ${outcome}.`);
  }
}

async function proposeBest(context: PipelineContext, good: readonly Opportunity[]): Promise<void> {
  const { store, clock } = context;
  let waiting = store
    .listProposals({ states: ["awaiting"] })
    .filter(({ proposal }) => proposal.expiresAt > clock.wallNow()).length;
  for (const opportunity of good) {
    if (waiting >= MAX_WAITING_CARDS) return;
    if (isHedged(context, opportunity.asset) || proposedLately(context, opportunity.asset))
      continue;
    const planned = await planOpen(context, opportunity, "scan");
    if (planned.kind === "denied") recordDenial(context, opportunity.asset, planned.denials);
    if (planned.kind !== "planned" || !planned.proposal.worthwhile) continue;
    store.transaction(() =>
      store.setFact(`proposedAt:${opportunity.asset}`, String(clock.marketNow())),
    );
    putBeforeOwner(context, planned.proposal);
    waiting += 1;
  }
}

/** A hedge whose trailing and current carry both turned against it is proposed for closing. */
async function leaveWhatTurned(context: PipelineContext, look: MarketLook): Promise<void> {
  for (const hedge of context.store.listHedges(["open"])) {
    if (!(await hasTurned(context, hedge, look)) || closedLately(context, hedge.id)) continue;
    if (hedge.mandateId && context.store.armedMandate()?.id === hedge.mandateId) {
      const outcome = await runClosing(context, hedge, null);
      const what = outcome === "closed" ? "Closed alone" : "Tried to close alone";
      tellOwner(
        context,
        "info",
        `${what}, carry turned: ${hedge.asset} (${hedge.id}), ${outcome}.`,
      );
    } else {
      await proposeClose(context, hedge.id, "scan");
    }
    const { store, clock } = context;
    store.transaction(() =>
      store.setFact(`closeProposedAt:${hedge.id}`, String(clock.marketNow())),
    );
  }
}

async function hasTurned(
  context: PipelineContext,
  hedge: Hedge,
  look: MarketLook,
): Promise<boolean> {
  const short = hedge.legs.find((leg) => leg.side === "short");
  const long = hedge.legs.find((leg) => leg.side === "long");
  if (!short || !long) return false;
  const [trailingShort, trailingLong] = await Promise.all([
    context.trailing.meanPerHour(short.venue, short.symbol).catch(() => null),
    context.trailing.meanPerHour(long.venue, long.symbol).catch(() => null),
  ]);
  const current = [short, long].map((leg) =>
    look.rates.find((rate) => rate.venue === leg.venue && rate.symbol === leg.symbol),
  );
  const [shortNow, longNow] = current;
  if (!trailingShort || !trailingLong || !shortNow || !longNow) return false;
  const now = shortNow.rate
    .div(shortNow.intervalHours)
    .minus(longNow.rate.div(longNow.intervalHours));
  return trailingShort.lt(trailingLong) && now.lt("0");
}

async function useOf(context: PipelineContext, mandate: Mandate): Promise<MandateUse | null> {
  const { store, clock } = context;
  const marketNow = clock.marketNow();
  if (store.transaction(() => expireMandate(store, marketNow))) return null;
  const pnlTodayUsd = await profitSince(context, marketNow - (marketNow % DAY_MS));
  if (pnlTodayUsd === null) return null; // a venue is silent: the loss bound cannot be checked
  return mandateUse(store, mandate, { marketNow, pnlTodayUsd });
}

function inside(mandate: Mandate, { asset, short, long }: Opportunity): boolean {
  const venues = [short.instrument.venue, long.instrument.venue];
  return (
    (mandate.assets.length === 0 || mandate.assets.includes(asset)) &&
    (mandate.venues.length === 0 || venues.every((venue) => mandate.venues.includes(venue)))
  );
}

function isHedged(context: PipelineContext, asset: string): boolean {
  return context.store.listHedges().some((hedge) => hedge.asset === asset && isLive(hedge.phase));
}

function proposedLately(context: PipelineContext, asset: string): boolean {
  const { store, clock } = context;
  const waits = store
    .listProposals({ states: ["awaiting"] })
    .some(({ proposal }) => proposal.asset === asset && proposal.expiresAt > clock.wallNow());
  const at = parseFact(store, `proposedAt:${asset}`);
  return waits || (at !== null && clock.marketNow() - at < PROPOSE_AGAIN_AFTER_MS);
}

function closedLately(context: PipelineContext, hedgeId: string): boolean {
  const at = parseFact(context.store, `closeProposedAt:${hedgeId}`);
  return at !== null && context.clock.marketNow() - at < PROPOSE_AGAIN_AFTER_MS;
}

/** What the scan thought of every asset, so that "why did you not take it?" has an answer. */
function recordVerdicts(context: PipelineContext, look: MarketLook): void {
  for (const opportunity of look.ranked) {
    const { asset, spread8h, trailingSpread8h, costRate, breakEvenHours } = opportunity;
    recordVerdict(context, asset, opportunity.reason ?? "WORTHWHILE", {
      short: opportunity.short.instrument.venue,
      long: opportunity.long.instrument.venue,
      spread8h: spread8h.toFixed(),
      trailingSpread8h: trailingSpread8h?.toFixed() ?? null,
      costRate: costRate.toFixed(),
      breakEvenHours: breakEvenHours?.toFixed(1) ?? null,
    });
  }
  // Hundreds of assets are not looked at: that is explained on demand, not written down each time.
  context.gate.passedOver = new Map(look.dropped.map(({ asset, reason }) => [asset, reason]));
}

/** Of what was looked at or is held; the rest of thousands of rates would only fill the disk. */
function ratesToKeep({ store }: PipelineContext, look: MarketLook): MarketLook["rates"] {
  const legs = store.listHedges(LIVE_PHASES).flatMap((hedge) => hedge.legs);
  const places = [...look.looked.map((one) => one.instrument), ...legs];
  const kept = new Set(places.map(({ venue, symbol }) => `${venue}:${symbol}`));
  return look.rates.filter(({ venue, symbol }) => kept.has(`${venue}:${symbol}`));
}

function recordVerdict(
  context: PipelineContext,
  asset: string,
  outcome: string,
  detail: Record<string, unknown>,
): void {
  const { store, clock, ids } = context;
  const last = store.listDecisions({ asset, limit: 5 }).find((one) => one.kind === "scan");
  const at = clock.marketNow();
  if (last && last.outcome === outcome && at - last.at < DECISION_REPEAT_MS) return;
  const id = ids.next("D");
  store.insertDecision({ id, at, kind: "scan", asset, outcome, detail: JSON.stringify(detail) });
}
