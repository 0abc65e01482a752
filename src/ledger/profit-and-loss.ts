import { sum } from "#src/core/decimal.ts";
import type { HedgeLeg } from "#src/core/hedge.ts";
import type { LedgerEntry, LedgerKind } from "#src/core/ledger-entry.ts";
import { type Price, type Usd, usd } from "#src/core/units.ts";

/** Parts that sum exactly to the total. */
export interface ProfitAndLoss {
  /** Cash of all fills plus what is held at the mark. */
  readonly priceUsd: Usd;
  readonly fundingUsd: Usd;
  /** Negative when paid. */
  readonly feesUsd: Usd;
  readonly interestUsd: Usd;
  readonly totalUsd: Usd;
}

/**
 * What booked entries and held legs come to. `markOf` gives the mark of a leg that still holds something;
 * null as soon as one is missing, because a partial sum would look like a result.
 */
export function profitAndLoss(
  entries: readonly Pick<LedgerEntry, "kind" | "amountUsd">[],
  legs: readonly HedgeLeg[],
  markOf: (leg: HedgeLeg) => Price | null,
): ProfitAndLoss | null {
  const values: Usd[] = [];
  for (const leg of legs) {
    if (leg.heldBase.eq("0")) continue;
    const mark = markOf(leg);
    if (!mark) return null;
    const value = leg.heldBase.times(mark);
    values.push(usd(leg.side === "long" ? value : value.neg()));
  }
  const total = (kind: LedgerKind) =>
    sum(entries.filter((entry) => entry.kind === kind).map((entry) => entry.amountUsd));
  const priceUsd = usd(total("trade").plus(sum(values)));
  const fundingUsd = usd(total("funding"));
  const feesUsd = usd(total("fee"));
  const interestUsd = usd(total("interest"));
  const totalUsd = usd(sum([priceUsd, fundingUsd, feesUsd, interestUsd]));
  return { priceUsd, fundingUsd, feesUsd, interestUsd, totalUsd };
}
