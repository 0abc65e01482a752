import { type Decimal, sum } from "#src/core/decimal.ts";
import { DAY_MS } from "#src/core/funding.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { Opportunity, ReasonFigures } from "#src/core/opportunity.ts";
import { stopsEntry } from "#src/core/rules/entry-stop.ts";
import { rotateGate } from "#src/core/rules/exit-rule.ts";
import { figuresWords, writeFigures } from "#src/core/words/figures-words.ts";
import { shortVenue } from "#src/core/words/plain-name.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { entryStops } from "#src/pipeline/hold/stops/entry-stops.ts";
import { refreshStops } from "#src/pipeline/hold/stops/refresh-stops.ts";
import type { MarketLook } from "#src/pipeline/look/look-at-market.ts";
import { tellOwner } from "#src/pipeline/propose/ask-owner.ts";
import { isCovered, mayOpenMore, openNext } from "#src/pipeline/propose/open-within.ts";
import { planClose, proposeClose } from "#src/pipeline/propose/propose-close.ts";
import { planOpen, putBeforeOwner } from "#src/pipeline/propose/propose-open.ts";
import { inWindow } from "#src/pipeline/propose/wait-for-window.ts";
import { runClosing } from "#src/pipeline/run-execution.ts";
import { closeShownLately, noteCloseShown } from "./leave-turned.ts";
import type { Carry } from "./read-carries.ts";

/** The second card of a pair comes only while the first one is this fresh (market time). */
const PAIR_LIFE_MS = DAY_MS;

/**
 * Moves a hedge to a better pair of the same asset when that pays for closing the one and opening the other
 * (domain 3.6): alone inside the mandate that opened it, else as two cards, the second once the first is done.
 */
export async function rotateHedges(
  context: PipelineContext,
  look: MarketLook,
  carries: readonly Carry[],
): Promise<void> {
  await openSecondCards(context, look);
  for (const carry of carries) {
    const better = await betterPair(context, look, carry);
    if (better) await move(context, carry.hedge, better.to, better.figures);
  }
}

async function betterPair(
  context: PipelineContext,
  look: MarketLook,
  { hedge, trailingSpread8h, verdict }: Carry,
): Promise<{ readonly to: Opportunity; readonly figures: ReasonFigures } | null> {
  const { clock, settings } = context;
  const to = look.ranked.find((one) => one.worthwhile && one.asset === hedge.asset);
  if (!to?.trailingSpread8h || !trailingSpread8h || isSamePair(hedge, to)) return null;
  // Turning round is asked for when the mean that leaves has turned, which is when a hedge is left otherwise.
  const mayFlip = settings.rotate.flip && trailingSpread8h.lt("0");
  if (isMirrored(hedge, to) ? !mayFlip : verdict.action === "leave") return null;
  if (clock.marketNow() - hedge.openedAt < settings.rotate.minHoldMs) return null;
  if (closeShownLately(context, hedge.id)) return null;
  const gateAt = (switchCost: Decimal) =>
    rotateGate({
      ...{ current8h: trailingSpread8h, candidate8h: to.trailingSpread8h ?? trailingSpread8h },
      ...{ horizonHours: settings.entry.horizonHours, multiple: settings.rotate.costMultiple },
      switchCost,
    });
  const openCost = openingCost(look, to);
  // Asking the venues what closing costs is for those that could pass at all.
  if (!openCost || !gateAt(openCost).rotate || (await isStopped(context, to))) return null;
  const close = await planClose(context, hedge, "scan");
  const notional = close?.legs[0].sizeBase.times(close.legs[0].priceSeen);
  if (!close || !notional?.gt("0")) return null;
  const gate = gateAt(openCost.plus(close.feesUsd.plus(close.slippageUsd).div(notional)));
  const figures = { have: gate.gain, need: gate.need, unit: "rate", venue: null } as const;
  return gate.rotate ? { to, figures } : null;
}

/** What is closed for a pair that may not be opened now was closed for nothing. */
async function isStopped(context: PipelineContext, { short, long }: Opportunity): Promise<boolean> {
  await refreshStops(context);
  return entryStops(context).some((one) => stopsEntry(one, [short.instrument, long.instrument]));
}

/** Fees and slippage of both entries, by the books that were just read. */
function openingCost(look: MarketLook, { short, long }: Opportunity): Decimal | null {
  const costs = [short, long].flatMap(({ instrument }) => {
    const slippage = look.described.find((one) => isAt(one.instrument, instrument))?.slippageRate;
    return slippage ? [instrument.takerFeeRate.plus(slippage)] : [];
  });
  return costs.length === 2 ? sum(costs) : null;
}

async function move(
  context: PipelineContext,
  hedge: Hedge,
  to: Opportunity,
  figures: ReasonFigures,
): Promise<void> {
  const { store, clock, ids } = context;
  const mandate = store.armedMandate();
  const isAlone = mandate !== null && hedge.mandateId === mandate.id && isCovered(mandate, to);
  // What opens alone waits for its minute, also in the place of another.
  if (isAlone && inWindow(context, [to]).length === 0) return;
  if (isAlone && !(await mayOpenMore(context, mandate, to))) return;
  const why = whyOf(hedge, to, figures);
  const write = () => {
    noteCloseShown(context, hedge.id);
    store.insertDecision({
      ...{ id: ids.next("D"), at: clock.marketNow(), kind: "watch", asset: hedge.asset },
      outcome: "ROTATE",
      detail: JSON.stringify({ hedgeId: hedge.id, ...writeFigures(figures) }),
    });
  };
  if (!isAlone) {
    await proposeClose(context, hedge.id, "scan", () => {
      write();
      store.setFact(pairKey(hedge.asset), `${hedge.id}|${clock.marketNow()}`);
      tellOwner(
        context,
        "info",
        `${why} Two cards: the one that follows closes this pair; once it is closed, the next scan shows the one that opens the other.`,
      );
    });
    return;
  }
  store.transaction(write);
  const outcome = await runClosing(context, hedge, null);
  if (outcome !== "closed") {
    tellOwner(
      context,
      "warning",
      `${why} Closing it ended as: ${outcome}. It is tried again every few seconds; the other pair is not opened for it.`,
    );
    return;
  }
  tellOwner(context, "info", `${why} It was closed alone; the other pair is opened now.`);
  await openNext(context, mandate, to, () => undefined);
}

function whyOf({ asset, id }: Hedge, { short, long }: Opportunity, figures: ReasonFigures): string {
  const [from, into] = [shortVenue(short.instrument.venue), shortVenue(long.instrument.venue)];
  const written = writeFigures(figures);
  const found = written ? ` (${figuresWords("ROTATE", written)})` : "";
  return `${asset} (${id}): short ${from}, long ${into} pays more than this pair, by more than changing costs${found}.`;
}

/** Of a pair whose first card was approved: nothing opens before the close is complete. */
async function openSecondCards(context: PipelineContext, look: MarketLook): Promise<void> {
  const { store, clock } = context;
  for (const to of look.ranked.filter((one) => one.worthwhile)) {
    const [hedgeId = "", askedAt = "0"] = store.getFact(pairKey(to.asset))?.split("|") ?? [];
    const hedge = hedgeId === "" ? null : store.getHedge(hedgeId);
    if (!hedge) continue;
    const isOver = clock.marketNow() - Number(askedAt) > PAIR_LIFE_MS;
    if (!isOver && hedge.phase !== "closed") continue;
    store.transaction(() => store.setFact(pairKey(to.asset), ""));
    if (isOver || isSamePair(hedge, to)) continue;
    const planned = await planOpen(context, to, "scan");
    if (planned.kind === "planned" && planned.proposal.worthwhile) {
      putBeforeOwner(context, planned.proposal);
    }
  }
}

function pairKey(asset: string): string {
  return `rotate:${asset}`;
}

function isSamePair(hedge: Hedge, { short, long }: Opportunity): boolean {
  return hedge.legs.every((leg) =>
    isAt(leg, leg.side === "short" ? short.instrument : long.instrument),
  );
}

function isMirrored(hedge: Hedge, { short, long }: Opportunity): boolean {
  return hedge.legs.every((leg) =>
    isAt(leg, leg.side === "short" ? long.instrument : short.instrument),
  );
}

function isAt(
  place: Pick<HedgeLeg | Instrument, "venue" | "symbol">,
  { venue, symbol }: Instrument,
): boolean {
  return place.venue === venue && place.symbol === symbol;
}
