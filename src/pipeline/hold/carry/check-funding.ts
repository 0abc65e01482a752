import { dec, sum } from "#src/core/decimal.ts";
import { describeError } from "#src/core/errors.ts";
import { fundingPayment, HOUR_MS } from "#src/core/funding.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import type { Fill } from "#src/core/order.ts";
import { type DuePayment, isWorthTelling, judgePayment } from "#src/core/rules/judge-payment.ts";
import { type BaseSize, type EpochMs, type Usd, usd } from "#src/core/units.ts";
import { holding } from "#src/execution/legs/book-fills.ts";
import { type FundingAnswer, stoodOn } from "#src/ledger/book-funding.ts";
import { type PipelineContext, parseFact } from "#src/pipeline/context.ts";
import { tellOwner } from "#src/pipeline/propose/ask-owner.ts";
import type { SettledRate, VenueMarketData } from "#src/ports/venue.ts";
import { type FundingFinding, fundingFindings } from "#src/reports/funding-findings.ts";

/** The same settlement: the payment's stamp and the rate's may be some moments apart. */
const SAME_MS = 10 * 60_000;
/** What filled so near to a stamp may or may not have counted at it. */
const BLURRED_MS = 60_000;
/**
 * Venues write payments within minutes. An hour, not intervals: at 8 h the owner would hear of a key that sees
 * another account after a day, and hourly ones would be given no longer.
 */
const OVERDUE_MS = HOUR_MS;

interface CheckedLeg {
  readonly facts: Readonly<Record<string, string>>;
  readonly findings: readonly FundingFinding[];
}

/**
 * Recomputes what the venues say they paid our legs from our own fills and the rates that they published
 * (domain 2.10), each settlement once, and tells the owner of what does not add up, and of what never came.
 * Nothing follows from it: it is booked as told. What is not known is not told of. Asked outside of
 * transactions, after booking; costs one public question a leg when an hour has passed since the last.
 */
export async function checkFunding(
  context: PipelineContext,
  answers: readonly FundingAnswer[],
): Promise<void> {
  const { store, log } = context;
  const hedges = store.listHedges();
  const checks = answers.flatMap((answer) =>
    hedges
      .filter((hedge) => hedge.closedAt === null || hedge.closedAt > answer.since)
      .flatMap((hedge) => {
        const legs = hedge.legs.filter(
          ({ venue, symbol }) => venue === answer.venue && !isSpotSymbol(symbol),
        );
        return legs.map(async (leg) => {
          try {
            return [await checkLeg(context, { hedge, leg, answer, hedges })];
          } catch (error) {
            log.warn("fundingUnchecked", { venue: leg.venue, error: describeError(error) });
            return [];
          }
        });
      }),
  );
  const checked = (await Promise.all(checks)).flat();
  const findings = checked.flatMap((one) => one.findings);
  store.transaction(() => {
    for (const { facts } of checked) {
      for (const [key, value] of Object.entries(facts)) store.setFact(key, value);
    }
    if (findings.length > 0) tellOwner(context, "warning", fundingFindings(findings));
  });
}

interface LegParts {
  readonly hedge: Hedge;
  readonly leg: HedgeLeg;
  readonly answer: FundingAnswer;
  readonly hedges: readonly Hedge[];
}

async function checkLeg(context: PipelineContext, parts: LegParts): Promise<CheckedLeg> {
  const { store, venues } = context;
  const { hedge, leg, answer } = parts;
  const throughKey = `fundingChecked:${hedge.id}:${leg.index}`;
  const missingKey = `fundingMissing:${hedge.id}:${leg.index}`;
  const from = Math.max(hedge.openedAt, answer.since, parseFact(store, throughKey) ?? 0);
  const to = Math.min(answer.askedAt, hedge.closedAt ?? answer.askedAt);
  const data = venues.get(leg.venue)?.data;
  // Every interval settles on an hour.
  if (!data || Math.floor(to / HOUR_MS) * HOUR_MS <= from) return { facts: {}, findings: [] };
  const settled = await data.fundingHistory(leg.symbol, from);
  const fills = store.listFills(hedge.id);
  let through = from;
  let isMissing = store.getFact(missingKey) === "yes";
  const findings: FundingFinding[] = [];
  for (const one of settled) {
    if (one.fundingAt > to) break;
    const seen = await checkSettlement({ ...parts, data, fills }, one);
    if (seen === "wait") break;
    through = Math.max(through, one.fundingAt);
    if (seen === "paid") isMissing = false;
    if (typeof seen === "string") continue;
    // A venue that tells of no payment at all is told of once, not each hour.
    if (seen.bookedUsd !== null || !isMissing) findings.push(seen);
    isMissing = seen.bookedUsd === null;
  }
  const facts = { [throughKey]: String(through), [missingKey]: isMissing ? "yes" : "no" };
  return { facts, findings };
}

type SettlementParts = LegParts & {
  readonly data: VenueMarketData;
  readonly fills: readonly Fill[];
};

/** `wait`: the payment may still come; `none`: there was nothing to say. */
async function checkSettlement(
  parts: SettlementParts,
  settled: SettledRate,
): Promise<FundingFinding | "paid" | "none" | "wait"> {
  const { hedge, leg, answer, hedges, data } = parts;
  const at = settled.fundingAt;
  const stood = hedges.filter((one) => stoodOn(one, { ...leg, at }));
  // Who of two was paid, nobody can say.
  const sizeBase = stood.length > 1 ? null : heldAcross(parts.fills, leg, at);
  const said = { hedgeId: hedge.id, asset: hedge.asset, leg, at, sizeBase, rate: settled.rate };
  const paid = answer.payments.filter(
    ({ symbol, fundingAt }) => symbol === leg.symbol && Math.abs(fundingAt - at) <= SAME_MS,
  );
  if (paid.length === 0) {
    const dueUsd = aboutDue(leg, sizeBase, settled);
    if (!dueUsd || !isWorthTelling(dueUsd)) return "none";
    if (answer.askedAt < at + OVERDUE_MS) return "wait";
    return { ...said, expectedUsd: dueUsd, bookedUsd: null, price: null };
  }
  const bookedUsd = usd(sum(paid.map(({ amountUsd }) => amountUsd)));
  const refPrice = paid.find((one) => one.refPrice)?.refPrice;
  // A candle that just ended may still change.
  if (!refPrice && answer.askedAt < at + BLURRED_MS) return "wait";
  const price = refPrice
    ? { usd: refPrice, from: "venue" as const }
    : await lastTradeAt(data, leg, { at, now: answer.askedAt });
  const intervalHours = dec(settled.intervalHours);
  const due: DuePayment = { side: leg.side, sizeBase, rate: settled.rate, intervalHours, price };
  const judged = judgePayment(due, bookedUsd);
  if (judged.verdict !== "differs") return "paid";
  return { ...said, expectedUsd: judged.expectedUsd, bookedUsd, price: price?.usd ?? null };
}

/** Null: a fill is too near to the stamp to say. */
function heldAcross(fills: readonly Fill[], leg: HedgeLeg, at: EpochMs): BaseSize | null {
  const own = fills.filter(({ venue, symbol }) => venue === leg.venue && symbol === leg.symbol);
  if (own.some(({ filledAt }) => Math.abs(filledAt - at) <= BLURRED_MS)) return null;
  return holding(
    leg,
    own.filter(({ filledAt }) => filledAt < at),
  ).heldBase;
}

/** Without a payment nobody says its price: what it would be at the entry's, to know whether it matters. */
function aboutDue(
  { side, entryPrice }: HedgeLeg,
  sizeBase: BaseSize | null,
  { rate }: SettledRate,
): Usd | null {
  return sizeBase && entryPrice ? fundingPayment(side, sizeBase, entryPrice, rate) : null;
}

/** Of the hour that ended with the stamp; null where the venue does not tell it. */
async function lastTradeAt(
  data: VenueMarketData,
  { symbol }: HedgeLeg,
  { at, now }: { readonly at: EpochMs; readonly now: EpochMs },
): Promise<DuePayment["price"]> {
  const ago = Math.floor(now / HOUR_MS) - Math.round(at / HOUR_MS);
  const closes = ago < 0 ? [] : await data.hourlyCloses(symbol, ago + 1);
  // Fewer than asked: the oldest is of a later hour.
  const close = closes.length === ago + 1 ? closes[0] : undefined;
  return close ? { usd: close, from: "trade" } : null;
}
