import { type Decimal, dec, sum, ZERO } from "#src/core/decimal.ts";
import { twrDrawdown } from "#src/core/figures/metrics.ts";
import { DAY_MS } from "#src/core/funding.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { EpochMs, Usd } from "#src/core/units.ts";
import { bookTransfers } from "#src/ledger/book-transfers.ts";
import { type PipelineContext, parseFact } from "#src/pipeline/context.ts";
import { askOwner, tellOwner } from "#src/pipeline/propose/ask-owner.ts";
import { formatPercent, formatUsd } from "#src/reports/format.ts";
import { DAILY_LOSS_STOP, DRAWDOWN_STOP, entryStops, LOSS_READ_AT } from "./entry-stops.ts";
import { joinedAndLeft } from "./keep-equity.ts";
import { profitSince, readEquities } from "./profit.ts";

/** A fall is measured from the highest point of this long, or since the owner last lifted the stop. */
const DRAWDOWN_WINDOW_MS = 30 * DAY_MS;
const MEASURED_SINCE = "drawdownMeasuredSince";
/** "market day|result": what the owner has accepted of today's loss. */
const ACCEPTED_LOSS = "acceptedLoss";

/**
 * Today's result and the fall from the highest point against their limits (domain 4.9). Past one of them
 * nothing opens, by mandate or by tap, until the day ends or the owner lifts it; closing is never touched.
 */
export async function watchLosses(context: PipelineContext): Promise<void> {
  const { store, clock } = context;
  const today = clock.marketNow() - (clock.marketNow() % DAY_MS);
  let [pnlUsd, drawdown] = await readLosses(context, today);
  if (pnlUsd === null || drawdown === null) return tellUnknown(context);
  const mayHideLoss = pnlUsd.gte(context.settings.stops.dailyLossUsd);
  if (isPastLoss(context, today, pnlUsd) || isPastDrawdown(context, drawdown) || mayHideLoss) {
    // Money that was taken out is no loss, and what was paid in no gain to set one off: what the venues know
    // of either is booked before anything is judged.
    const { venues, log } = context;
    const { booked } = await bookTransfers({ store, venues, clock, log });
    if (booked > 0) [pnlUsd, drawdown] = await readLosses(context, today);
    if (pnlUsd === null || drawdown === null) return;
  }
  const [loss, fall] = [pnlUsd, drawdown];
  store.transaction(() => {
    store.setFact(LOSS_READ_AT, String(clock.wallNow()));
    tellKnown(context);
    if (isPastLoss(context, today, loss)) stopForLoss(context, today, loss);
    if (isPastDrawdown(context, fall)) stopForDrawdown(context, fall);
  });
}

async function readLosses(
  context: PipelineContext,
  today: EpochMs,
): Promise<readonly [Usd | null, Decimal | null]> {
  const pnlUsd = await profitSince(context, today);
  const equities = pnlUsd === null ? null : await readEquities(context);
  return [pnlUsd, equities && drawdownNow(context, equities)];
}

function drawdownNow(
  { store, clock }: PipelineContext,
  equities: ReadonlyMap<VenueId, Usd>,
): Decimal {
  const now = clock.marketNow();
  const since = Math.max(parseFact(store, MEASURED_SINCE) ?? 0, now - DRAWDOWN_WINDOW_MS);
  const points = store.listEquityPoints(since, now);
  const last = points.at(-1)?.at ?? since;
  const flows = store
    .listLedgerEntries({ since: last + 1 })
    .filter(({ kind, bookedFor }) => kind === "transfer" && bookedFor <= now);
  const flow = sum(flows.map(({ amountUsd }) => amountUsd)).plus(joinedAndLeft(store, equities));
  const known = points.map((one) => ({ equity: one.equityUsd, flow: one.flowsUsd }));
  return twrDrawdown([...known, { equity: sum(equities.values()), flow }]).mdd;
}

function isPastLoss({ store, settings }: PipelineContext, today: EpochMs, pnlUsd: Usd): boolean {
  const [day, accepted = "0"] = store.getFact(ACCEPTED_LOSS)?.split("|") ?? [];
  const from = Number(day) === today ? dec(accepted) : ZERO;
  return pnlUsd.minus(from).lte(settings.stops.dailyLossUsd.neg());
}

function isPastDrawdown({ settings }: PipelineContext, drawdown: Decimal): boolean {
  return drawdown.gt(settings.stops.maxDrawdown);
}

function stopForLoss(context: PipelineContext, today: EpochMs, pnlUsd: Usd): void {
  const { store, settings } = context;
  if (store.getFact(DAILY_LOSS_STOP)?.startsWith(`${today}|`)) return;
  store.setFact(DAILY_LOSS_STOP, `${today}|${pnlUsd.toFixed(2)}`);
  tellOwner(
    context,
    "warning",
    `Today's result is ${formatUsd(pnlUsd, true)}, past the limit of ${formatUsd(settings.stops.dailyLossUsd)}. Nothing opens until midnight UTC, by mandate or by tap. Open hedges stay and are watched, and can be closed. /resume asks you whether to go on today.`,
  );
}

function stopForDrawdown(context: PipelineContext, drawdown: Decimal): void {
  const { store, settings } = context;
  if (store.getFact(DRAWDOWN_STOP)) return;
  store.setFact(DRAWDOWN_STOP, drawdown.toFixed(4));
  tellOwner(
    context,
    "warning",
    `The accounts fell ${formatPercent(drawdown)} from their highest point, past the limit of ${formatPercent(settings.stops.maxDrawdown)}. Nothing opens until you lift it: /resume asks you. Open hedges stay and are watched, and can be closed.`,
  );
}

const UNKNOWN_SAID = "lossUnknownSaid";

/** One silent venue holds back openings on all of them, so it is said as soon as it does. */
function tellUnknown(context: PipelineContext): void {
  const { store } = context;
  const holdsBack = entryStops(context).some(({ reason }) => reason === "LOSS_UNKNOWN");
  if (!holdsBack || store.getFact(UNKNOWN_SAID) === "yes") return;
  store.transaction(() => {
    store.setFact(UNKNOWN_SAID, "yes");
    tellOwner(
      context,
      "warning",
      "Today's result has been unknown for a quarter of an hour, because a venue that hedges stand on does not say what its account holds (/status names it). Nothing opens anywhere until it answers, since the loss limits cannot be checked; closing works. It is asked again every minute.",
    );
  });
}

/** Inside a transaction. */
function tellKnown(context: PipelineContext): void {
  if (context.store.getFact(UNKNOWN_SAID) !== "yes") return;
  context.store.setFact(UNKNOWN_SAID, "no");
  tellOwner(context, "info", "Today's result is known again, and openings are checked against it.");
}

/** What /resume can lift; null when no limit holds openings back. The text names it, so that a tap is for it. */
export function liftableStops({ store, clock }: PipelineContext): string | null {
  const today = clock.marketNow() - (clock.marketNow() % DAY_MS);
  const loss = store.getFact(DAILY_LOSS_STOP) ?? "";
  const found = [
    store.getFact(DRAWDOWN_STOP) ? "DRAWDOWN" : "",
    loss.startsWith(`${today}|`) ? "DAILY_LOSS" : "",
  ].filter((one) => one !== "");
  return found.length === 0 ? null : found.join(" ");
}

export const STOPS_SUBJECT = "entry-stops";

/** The card whose tap lifts them. Inside a transaction; false when there is nothing to lift. */
export function offerToLift(context: PipelineContext): boolean {
  const stops = liftableStops(context);
  if (stops === null) return false;
  return askOwner(context, {
    subject: "resume",
    subjectId: STOPS_SUBJECT,
    subjectHash: stops,
    card: (nonce) => ({ type: "resumeCard", nonce, stops: stops.split(" ") }),
  });
}

/** From here on both are measured anew. Inside a transaction. */
export function liftStops(context: PipelineContext): void {
  const { store, clock } = context;
  const [day, loss] = store.getFact(DAILY_LOSS_STOP)?.split("|") ?? [];
  if (day && loss) store.setFact(ACCEPTED_LOSS, `${day}|${loss}`);
  store.setFact(DAILY_LOSS_STOP, "");
  store.setFact(DRAWDOWN_STOP, "");
  store.setFact(MEASURED_SINCE, String(clock.marketNow()));
  store.audit("liftStops", "owner", { day: day ?? null, loss: loss ?? null }, clock.wallNow());
}
