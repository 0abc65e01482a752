import type { Decimal } from "#src/core/decimal.ts";
import { twrDrawdown } from "#src/core/figures/metrics.ts";
import type { EquityPoint, EquityStore } from "#src/ports/trading-stores.ts";

export interface EquityHistory {
  /** Every saved point, oldest first. */
  readonly points: readonly EquityPoint[];
  /** Through the last of them; null below two. */
  readonly fall: { readonly mdd: Decimal; readonly twr: Decimal } | null;
}

/** A year of points is read and measured once an hour, not for every look at a page. */
export function createEquityHistory(
  store: Pick<EquityStore, "latestEquityPoint" | "listEquityPoints">,
): (transfersUsd: Decimal) => EquityHistory {
  let last: { readonly key: string; readonly history: EquityHistory } | null = null;
  return (transfersUsd) => {
    const latest = store.latestEquityPoint();
    // A transfer that is told of late changes an older point.
    const key = `${latest?.at} ${transfersUsd.toFixed()}`;
    if (last?.key === key) return last.history;
    const points = latest ? store.listEquityPoints(Number.NEGATIVE_INFINITY, latest.at) : [];
    const flows = points.map((one) => ({ equity: one.equityUsd, flow: one.flowsUsd }));
    const history = { points, fall: points.length < 2 ? null : twrDrawdown(flows) };
    last = { key, history };
    return history;
  };
}
