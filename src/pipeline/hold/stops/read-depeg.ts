import { type Decimal, dec, ONE } from "#src/core/decimal.ts";
import type { EpochMs } from "#src/core/units.ts";
import { askVenue } from "#src/execution/fate/ask-venue.ts";
import { type PipelineContext, parseFact } from "#src/pipeline/context.ts";
import { tellOwner } from "#src/pipeline/propose/ask-owner.ts";
import { formatPercent } from "#src/reports/format.ts";

/** A reading older than this (wall time) says nothing of now. */
const READING_LIFE_MS = 10 * 60_000;
/** What was too far apart agrees again only when it is this much nearer, so that nothing flaps. */
const CALM_SHARE = dec("0.8");

export const DEPEG_READ_AT = "stables:readAt";
const GAP = "stables:gap";
const APART = "stables:apart";
const PRICE = "stables:usdcInUsdt";
const FIRST_PRICE = "stables:usdcInUsdtAtFirst";

export type DepegReading =
  | { readonly state: "agree" | "apart"; readonly gap: Decimal }
  /** A venue used to say, and none does now. */
  | { readonly state: "unknown" }
  /** No connected venue has ever said. */
  | { readonly state: "untold" };

/** From the books alone: how far USDT and USDC are apart, as far as anybody said lately. */
export function readDepeg({
  store,
  clock,
}: Pick<PipelineContext, "store" | "clock">): DepegReading {
  const readAt = parseFact(store, DEPEG_READ_AT);
  if (readAt === null) return { state: "untold" };
  const gap = dec(store.getFact(GAP) ?? "0");
  // Once apart it stays so until somebody says that it is over.
  if (store.getFact(APART) === "yes") return { state: "apart", gap };
  return clock.wallNow() - readAt > READING_LIFE_MS
    ? { state: "unknown" }
    : { state: "agree", gap };
}

/** USD for one USDT at the first reading and at the last, one USDC taken as one USD; null without a fresh one. */
export function readUsdt(
  context: Pick<PipelineContext, "store" | "clock">,
): { readonly atFirst: Decimal; readonly now: Decimal } | null {
  const { state } = readDepeg(context);
  const [first, last] = [context.store.getFact(FIRST_PRICE), context.store.getFact(PRICE)];
  if (state === "unknown" || state === "untold" || first === null || last === null) return null;
  return { atFirst: ONE.div(dec(first)), now: ONE.div(dec(last)) };
}

/** Asks every venue that has the pair, and says when they part or meet; USDT for one USDC, null: nobody said. */
export async function refreshDepeg(context: PipelineContext): Promise<Decimal | null> {
  const middle = medianOf(await askPrices(context));
  if (middle === null) return null;
  const { store, clock, settings } = context;
  const gap = middle.minus(ONE).abs();
  const { maxDepeg } = settings.stops;
  const was = store.getFact(APART) === "yes";
  const isApart = gap.gt(was ? maxDepeg.times(CALM_SHARE) : maxDepeg);
  store.transaction(() => {
    store.setFact(DEPEG_READ_AT, String(clock.wallNow()));
    store.setFact(GAP, gap.toFixed());
    store.setFact(PRICE, middle.toFixed());
    if (store.getFact(FIRST_PRICE) === null) store.setFact(FIRST_PRICE, middle.toFixed());
    if (isApart === was) return;
    store.setFact(APART, isApart ? "yes" : "no");
    tellChange(context, isApart, middle);
  });
  return middle;
}

function tellChange(context: PipelineContext, isApart: boolean, middle: Decimal): void {
  const price = middle.toFixed(4);
  const { closeDepeg } = context.settings.stops;
  const text = isApart
    ? `USDT and USDC are apart: one USDC costs ${price} USDT. Nothing opens until they agree again. Open hedges stay; those that hold both are proposed for closing beyond ${formatPercent(closeDepeg)}.`
    : `USDT and USDC agree again: one USDC costs ${price} USDT. Hedges may be opened as before.`;
  tellOwner(context, isApart ? "warning" : "info", text);
}

async function askPrices({
  venues,
  execution,
  clock,
}: PipelineContext): Promise<readonly Decimal[]> {
  const quotes = await Promise.all(
    [...venues.values()].map(({ data }) => {
      const asked = data.usdcInUsdt?.();
      return asked ? askVenue(execution, asked).catch(() => null) : null;
    }),
  );
  const isFresh = (observedAt: EpochMs) => clock.wallNow() - observedAt <= READING_LIFE_MS;
  return quotes.flatMap((quote) => (quote && isFresh(quote.observedAt) ? [quote.price] : []));
}

/** One venue's strange book must not stop everything; of two the one that is further from 1 counts. */
function medianOf(prices: readonly Decimal[]): Decimal | null {
  const byGap = prices.toSorted((a, b) => a.minus(ONE).abs().cmp(b.minus(ONE).abs()));
  return byGap[Math.floor(byGap.length / 2)] ?? null;
}
