import { type Decimal, dec, decFromInteger, sum, ZERO } from "#src/core/decimal.ts";
import type { FundingPayment } from "#src/core/funding.ts";
import type { Fill } from "#src/core/order.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { FeedSettlement } from "#src/ports/market-feed.ts";

/** One leg of the pair: what it settled by the file, and where it stood. */
export interface ReplayedLeg {
  readonly venue: string;
  readonly symbol: string;
  readonly settlements: readonly FeedSettlement[];
  markAt(at: EpochMs): Decimal;
}

export interface ReplayedBooks {
  /** At +1 the backtest is short the first and long the second. */
  readonly legs: readonly [ReplayedLeg, ReplayedLeg];
  readonly fills: readonly Fill[];
  readonly payments: readonly FundingPayment[];
  /** The sum of the ledger's entries: nothing is open any more. */
  readonly ledgerUsd: Decimal;
}

export interface BacktestSide {
  /** What it held when this settlement was paid. */
  held(at: EpochMs): number;
  /** Openings and closings. */
  readonly sides: number;
  /** Fees and slippage of one of them, as fractions of one leg's notional. */
  readonly feeRate: Decimal;
  readonly slippageRate: Decimal;
  readonly notionalUsd: Decimal;
}

export interface Reconciliation {
  readonly backtestUsd: Decimal;
  readonly lines: readonly { readonly what: string; readonly usd: Decimal }[];
  readonly productUsd: Decimal;
  /** What the lines do not explain: nothing. */
  readonly unexplainedUsd: Decimal;
  /** Settlements that were paid otherwise than size × mark × rate, or not at all, or twice. */
  readonly wrongPayments: readonly string[];
}

/** From the backtest's result to that of the books, line by line. */
export function reconcileReplay(books: ReplayedBooks, backtest: BacktestSide): Reconciliation {
  const stamps = books.legs.flatMap((leg, index) =>
    leg.settlements.map((one) => compareStamp(books, backtest, leg, index === 0 ? 1 : -1, one)),
  );
  const total = (pick: (one: Stamp) => Decimal) => sum(stamps.map(pick));
  const costs = compareCosts(books, backtest);
  const lines = [
    { what: "funding: settlements that only the product held", usd: total((one) => one.onlyOurs) },
    {
      what: "funding: settlements that only the backtest held",
      usd: total((one) => one.onlyTheirs),
    },
    {
      what: "funding: quantity x mark, not a constant notional",
      usd: total((one) => one.paid.minus(one.atNotional)),
    },
    { what: "basis: the legs' marks from entry to exit", usd: cashOf(books, "mark") },
    ...costs.lines,
  ];
  const backtestUsd = total((one) => one.backtest).minus(costs.backtestUsd);
  const explained = sum(lines.map((line) => line.usd)).plus(backtestUsd);
  return {
    ...{ backtestUsd, lines, productUsd: books.ledgerUsd },
    unexplainedUsd: books.ledgerUsd.minus(explained),
    wrongPayments: findWrongPayments(books),
  };
}

/** Fees and slippage: of more or fewer trades, and of each trade beside what was assumed. */
function compareCosts(books: ReplayedBooks, backtest: BacktestSide) {
  const { notionalUsd, feeRate, slippageRate, sides } = backtest;
  // One order a leg, two legs a side.
  const done = decFromInteger(new Set(books.fills.map((fill) => fill.clientOrderId)).size).div("2");
  const more = done.minus(decFromInteger(sides));
  const [fee, slippage] = [notionalUsd.times(feeRate), notionalUsd.times(slippageRate)];
  const fees = sum(books.fills.map((fill) => fill.feeUsd));
  return {
    backtestUsd: fee.plus(slippage).times(decFromInteger(sides)),
    lines: [
      { what: "fees: more or fewer trades", usd: more.times(fee).neg() },
      { what: "fees: each fill on its own notional", usd: done.times(fee).minus(fees) },
      { what: "slippage: more or fewer trades", usd: more.times(slippage).neg() },
      {
        what: "slippage: fills beside the mark, not as assumed",
        usd: cashOf(books, "beside").plus(done.times(slippage)),
      },
    ],
  };
}

interface Stamp {
  readonly backtest: Decimal;
  /** What the product's side would have had on the backtest's notional. */
  readonly atNotional: Decimal;
  readonly paid: Decimal;
  readonly onlyOurs: Decimal;
  readonly onlyTheirs: Decimal;
}

function compareStamp(
  books: ReplayedBooks,
  { held, notionalUsd }: BacktestSide,
  leg: ReplayedLeg,
  /** +1: the backtest's +1 is short here. */
  sign: 1 | -1,
  { fundingAt, rate }: FeedSettlement,
): Stamp {
  const base = heldBefore(books.fills, leg, fundingAt);
  const ours = base.eq(ZERO) ? ZERO : base.gt(ZERO) ? dec("-1") : dec("1");
  const theirs = decFromInteger(sign * held(fundingAt));
  const unit = notionalUsd.times(rate);
  const [atNotional, backtest] = [ours.times(unit), theirs.times(unit)];
  const same = ours.eq(theirs);
  return {
    ...{ backtest, atNotional, paid: base.neg().times(leg.markAt(fundingAt)).times(rate) },
    onlyOurs: same ? ZERO : atNotional,
    onlyTheirs: same ? ZERO : backtest.neg(),
  };
}

/** A fill at the very moment of a settlement is after it. */
function heldBefore(
  fills: readonly Fill[],
  { venue, symbol }: Pick<ReplayedLeg, "venue" | "symbol">,
  at: EpochMs,
): Decimal {
  const before = fills.filter(
    (fill) => fill.venue === venue && fill.symbol === symbol && fill.filledAt < at,
  );
  return sum(before.map(signedSize));
}

function signedSize({ side, sizeBase }: Fill): Decimal {
  return side === "buy" ? sizeBase : sizeBase.neg();
}

/** What buying and selling brought, at the marks or by what the fills were beside them. */
function cashOf({ legs, fills }: ReplayedBooks, part: "mark" | "beside"): Decimal {
  return sum(
    fills.map((fill) => {
      const leg = legs.find((one) => one.venue === fill.venue && one.symbol === fill.symbol);
      if (!leg) throw new Error(`a fill on ${fill.venue} ${fill.symbol}`);
      const mark = leg.markAt(fill.filledAt);
      const price = part === "mark" ? mark : fill.price.minus(mark);
      return signedSize(fill).neg().times(price);
    }),
  );
}

function findWrongPayments({ legs, fills, payments }: ReplayedBooks): readonly string[] {
  const left = new Map(payments.map((one) => [keyOf(one), one.amountUsd as Decimal]));
  const wrong: string[] = payments.length === left.size ? [] : ["a payment is booked twice"];
  for (const leg of legs) {
    for (const { fundingAt, rate } of leg.settlements) {
      const key = keyOf({ ...leg, fundingAt });
      const due = heldBefore(fills, leg, fundingAt).neg().times(leg.markAt(fundingAt)).times(rate);
      const paid = left.get(key) ?? ZERO;
      left.delete(key);
      if (!paid.eq(due)) wrong.push(`${key}: ${paid.toFixed()} instead of ${due.toFixed()}`);
    }
  }
  return [...wrong, ...[...left.keys()].map((key) => `${key}: nothing settled then`)];
}

function keyOf(one: {
  readonly venue: string;
  readonly symbol: string;
  readonly fundingAt: EpochMs;
}): string {
  return `${one.venue} ${one.symbol} ${new Date(one.fundingAt).toISOString()}`;
}
