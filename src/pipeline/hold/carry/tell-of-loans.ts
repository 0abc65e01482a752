import type { InterestPayment } from "#src/core/figures/borrow.ts";
import { DAY_MS } from "#src/core/funding.ts";
import { shownName } from "#src/core/words/plain-name.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { tellOwner } from "#src/pipeline/propose/ask-owner.ts";

/** Less than this an hour is the end of a coin that no order could buy. */
const WORTH_TELLING_USD = "0.001";

/**
 * A loan that its hedge has left behind looks like nothing: as many coins lie beside it. Only its interest tells,
 * and runs on until somebody repays it there. Said once a day.
 */
export function tellOfLoans(context: PipelineContext, outlived: readonly InterestPayment[]): void {
  const { store, clock } = context;
  for (const { venue, symbol, amountUsd } of outlived) {
    const key = `loanOutlived:${venue}:${symbol}`;
    const now = clock.marketNow();
    const isTold = now - Number(store.getFact(key) ?? "0") < DAY_MS;
    if (symbol === null || isTold || amountUsd.abs().lt(WORTH_TELLING_USD)) continue;
    const text = `${venue} charged ${amountUsd.abs().round(4).toFixed()} USD of interest for a loan on ${shownName(symbol)}, although no hedge owes anything there any more. The interest runs on. Repay the loan there with the coins that lie beside it, or switch the account's automatic repayment on.`;
    store.transaction(() => {
      store.setFact(key, String(now));
      tellOwner(context, "warning", text);
    });
  }
}
