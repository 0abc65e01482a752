import { levelsFor, midPrice, walkBook } from "#src/core/book.ts";
import { type Decimal, sum, ZERO } from "#src/core/decimal.ts";
import { markVsExit } from "#src/core/figures/pnl.ts";
import type { Hedge, HedgeLeg } from "#src/core/hedge.ts";
import { closingOrderSide } from "#src/core/order.ts";
import type { CloseLeg, CloseProposal, ProposalSource } from "#src/core/proposal.ts";
import type { LegSnapshot, Snapshot } from "#src/core/snapshot.ts";
import { type EpochMs, type Usd, usd } from "#src/core/units.ts";

/** What closing would cost now; null when a book cannot take it, because then nobody knows. Pure. */
export function buildCloseProposal(options: {
  readonly hedge: Hedge;
  /** In the hedge's leg order. */
  readonly snapshot: Snapshot;
  /** So far, at the marks. */
  readonly pnlAtMarkUsd: Usd;
  readonly id: string;
  readonly source: ProposalSource;
  readonly now: EpochMs;
  readonly lifeMs: number;
}): CloseProposal | null {
  const { hedge, snapshot, now } = options;
  const first = planLeg(hedge.legs[0], snapshot.legs[0]);
  const second = planLeg(hedge.legs[1], snapshot.legs[1]);
  if (!first || !second) return null;
  const both = [first, second];
  const feesUsd = usd(sum(both.map((plan) => plan.feeUsd)));
  // Mark P&L assumes leaving at the mark: what the book takes beyond it is the slippage.
  const slippageUsd = usd(sum(both.map((plan) => plan.slippageUsd)));
  return {
    kind: "close",
    id: options.id,
    asset: hedge.asset,
    source: options.source,
    createdAt: now,
    expiresAt: now + options.lifeMs,
    hedgeId: hedge.id,
    legs: [first.leg, second.leg],
    feesUsd,
    slippageUsd,
    pnlIfClosedUsd: usd(options.pnlAtMarkUsd.minus(feesUsd).minus(slippageUsd)),
  };
}

function planLeg(
  leg: HedgeLeg,
  seen: LegSnapshot,
): { readonly leg: CloseLeg; readonly feeUsd: Decimal; readonly slippageUsd: Decimal } | null {
  const side = closingOrderSide(leg.side);
  const mid = midPrice(seen.book);
  if (!mid) return null;
  const sizeBase = leg.heldBase;
  const plan: CloseLeg = { venue: leg.venue, symbol: leg.symbol, side, sizeBase, priceSeen: mid };
  if (sizeBase.eq(ZERO)) return { leg: plan, feeUsd: ZERO, slippageUsd: ZERO };
  const walk = walkBook(levelsFor(seen.book, side), sizeBase);
  if (!walk.filled) return null;
  const { markPnl, exitPnl } = markVsExit({
    ...{ side: leg.side, size: sizeBase, entry: leg.entryPrice ?? seen.markPrice },
    ...{ mark: seen.markPrice, exit: walk.vwap },
  });
  return {
    leg: plan,
    feeUsd: sizeBase.times(walk.vwap).times(seen.instrument.takerFeeRate),
    slippageUsd: markPnl.minus(exitPnl),
  };
}
