import { describeError } from "#src/core/errors.ts";
import { type PipelineContext, parseFact } from "#src/pipeline/context.ts";
import { LOSS_READ_AT } from "./entry-stops.ts";
import { DEPEG_READ_AT, refreshDepeg } from "./read-depeg.ts";
import { watchLosses } from "./watch-losses.ts";

/** The watch reads these each minute of market time; whoever opens with older ones reads them first. */
const OLD_MS = 5 * 60_000;

/** Before an opening is judged: what its stops are made of is read again where it has become old. */
export async function refreshStops(context: PipelineContext): Promise<void> {
  const { store, clock, log } = context;
  const isOld = (key: string) => clock.wallNow() - (parseFact(store, key) ?? 0) > OLD_MS;
  const told = parseFact(store, DEPEG_READ_AT) !== null;
  const reads = [
    isOld(LOSS_READ_AT) ? watchLosses(context) : null,
    told && isOld(DEPEG_READ_AT) ? refreshDepeg(context) : null,
  ];
  await Promise.all(reads).catch((error: unknown) => {
    // What stays unknown is a stop by itself.
    log.warn("stopsNotRead", { error: describeError(error) });
  });
}
