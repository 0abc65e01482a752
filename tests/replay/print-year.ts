import { sum } from "#src/core/decimal.ts";
import { isoTime } from "#src/core/time.ts";
import type { EpochMs } from "#src/core/units.ts";
import { formatTable } from "#src/reports/format.ts";
import type { AssetResult, Hold } from "./judge-asset.ts";
import type { ReplayResult } from "./replay-both.ts";

/** Both results side by side, and every line that leads from one to the other. */
export function printYear(result: ReplayResult): string {
  return [...result.assets.map(printAsset), printTotal(result)].join("\n\n");
}

function printAsset(one: AssetResult): string {
  return [
    `${one.asset}: what was held (UTC; + is short on the pair's first venue)`,
    formatTable([["backtest", "product", "the product's scans meanwhile"], ...holdRows(one)]),
    formatTable([
      ["backtest", one.backtestUsd.toFixed(4)],
      ...one.lines.map(({ what, usd }) => [`  ${what}`, usd.toFixed(4)]),
      ["product", one.productUsd.toFixed(4)],
      ["unexplained", one.unexplainedUsd.toFixed(4)],
    ]),
    `payments other than size x mark x rate: ${one.wrongPayments.length}`,
  ].join("\n");
}

/** Each hold of either beside the one of the other that overlaps it most. */
function holdRows({ backtest, product, verdicts }: AssetResult): readonly (readonly string[])[] {
  const left = new Set(product);
  const rows = backtest.map((theirs) => {
    const ours = [...left].find((one) => overlaps(one, theirs));
    if (ours) left.delete(ours);
    const since = Math.min(theirs.from, ours?.from ?? theirs.from);
    const said = codes(verdicts, since, ours ? ours.from : (theirs.to ?? theirs.from));
    return { at: since, cells: [textOf(theirs), ours ? textOf(ours) : "nothing", said] };
  });
  const alone = [...left].map((ours) => ({ at: ours.from, cells: ["nothing", textOf(ours), ""] }));
  return [...rows, ...alone].sort((a, b) => a.at - b.at).map(({ cells }) => cells);
}

function overlaps(a: Hold, b: Hold): boolean {
  const end = (one: Hold) => one.to ?? Number.POSITIVE_INFINITY;
  return a.direction === b.direction && a.from < end(b) && b.from < end(a);
}

function codes(verdicts: AssetResult["verdicts"], from: EpochMs, to: EpochMs): string {
  const found = verdicts.filter(({ at }) => at > from && at < to);
  const byCode = Map.groupBy(found, ({ outcome }) => outcome);
  return [...byCode].map(([code, all]) => `${code} x${all.length}`).join(", ");
}

function textOf({ direction, from, to }: Hold): string {
  const short = (at: EpochMs | null) => (at === null ? "the end" : isoTime(at).slice(5, 16));
  return `${direction > 0 ? "+" : "-"} ${short(from)} to ${short(to)}`;
}

function printTotal({ assets, equityUsd, unbookedUsd, arms }: ReplayResult): string {
  return formatTable([
    ["all: backtest", sum(assets.map((one) => one.backtestUsd)).toFixed(4)],
    [
      "  with the assumed costs in its gate, too",
      sum(assets.map((one) => one.assumedUsd)).toFixed(4),
    ],
    ["all: product", sum(assets.map((one) => one.productUsd)).toFixed(4)],
    ["what the accounts gained", equityUsd.toFixed(4)],
    ["of that not in the ledger", unbookedUsd.toFixed(4)],
    ["mandates armed with a tap", String(arms)],
  ]);
}
