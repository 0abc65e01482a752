import { parseDecimal } from "#src/core/decimal.ts";
import { DAY_MS } from "#src/core/funding.ts";
import type { EntryStop } from "#src/core/rules/entry-stop.ts";
import { type PipelineContext, parseFact } from "#src/pipeline/context.ts";
import { liveCooldowns } from "./cooldown.ts";
import { readDepeg } from "./read-depeg.ts";

export type StopsContext = Pick<
  PipelineContext,
  "store" | "clock" | "venues" | "settings" | "startedAt"
>;

/** A result that nobody could read for this long (wall time) is not known any more. */
const LOSS_READING_LIFE_MS = 15 * 60_000;

export const DRAWDOWN_STOP = "stop:drawdown";
/** "market day|result": which day's loss passed the limit. */
export const DAILY_LOSS_STOP = "stop:dailyLoss";
export const LOSS_READ_AT = "lossReadAt";

/**
 * All that forbids opening at this moment, from the books and from what venues say of themselves: the one
 * list for cards, taps, mandates and whoever asks why nothing opens. Nothing here holds back a closing.
 */
export function entryStops(context: StopsContext): readonly EntryStop[] {
  return [
    ...lossStops(context),
    ...depegStops(context),
    ...liveCooldowns(context).map(({ asset, until }) =>
      stop({ reason: "COOLDOWN", asset, until, figure: null }),
    ),
    ...[...context.venues.values()]
      .filter((venue) => venue.health().state !== "ok")
      .map(({ id: venue }) => stop({ reason: "VENUE_PAUSED", venue })),
  ];
}

function lossStops({ store, clock, startedAt }: StopsContext): readonly EntryStop[] {
  const found: EntryStop[] = [];
  const drawdown = store.getFact(DRAWDOWN_STOP);
  if (drawdown) found.push(stop({ reason: "DRAWDOWN", figure: drawdown }));
  const [day, loss] = store.getFact(DAILY_LOSS_STOP)?.split("|") ?? [];
  const today = clock.marketNow() - (clock.marketNow() % DAY_MS);
  if (Number(day) === today) {
    found.push(stop({ reason: "DAILY_LOSS", until: today + DAY_MS, figure: loss ?? null }));
  }
  const readAt = Math.max(parseFact(store, LOSS_READ_AT) ?? 0, startedAt);
  if (clock.wallNow() - readAt > LOSS_READING_LIFE_MS) found.push(stop({ reason: "LOSS_UNKNOWN" }));
  return found;
}

function depegStops(context: StopsContext): readonly EntryStop[] {
  const reading = readDepeg(context);
  if (reading.state === "apart") return [stop({ reason: "DEPEG", figure: reading.gap.toFixed(6) })];
  // With legs in one currency there is nothing to compare; without a venue that tells, nothing to wait for.
  return reading.state === "unknown" ? [stop({ reason: "DEPEG_UNKNOWN", mixedOnly: true })] : [];
}

function stop(one: Pick<EntryStop, "reason"> & Partial<EntryStop>): EntryStop {
  const figure = parseDecimal(one.figure ?? "")?.toFixed() ?? null;
  return { asset: null, venue: null, mixedOnly: false, until: null, ...one, figure };
}
