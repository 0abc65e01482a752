import { formatTable } from "#src/reports/format.ts";
import type { Tally } from "./tally.ts";

/** The run that /proof shows; written by `bun run simulate --report`. */
export const REPORT_FILE = new URL("./proof.json", import.meta.url).pathname;

export async function saveReport(
  tally: Tally,
  range: { readonly from: number; readonly count: number },
): Promise<void> {
  await Bun.write(REPORT_FILE, `${JSON.stringify({ ...range, tally }, null, 1)}\n`);
}

/** Per fault kind: how often it struck, how the hedges ended, and how long one stood naked. */
export function describeReport({ faults }: Tally): string {
  const rows = Object.entries(faults).map(([fault, one]) => [
    fault,
    `${one.reached}`,
    `${one.ends.neutral}`,
    `${one.ends.flat}`,
    `${one.ends.held}`,
    `${one.ends.silent}`,
    (one.longestNakedMs / 1_000).toFixed(1),
    (one.longestUntoldMs / 1_000).toFixed(1),
  ]);
  const head = [
    "fault",
    "struck",
    "neutral",
    "flat",
    "held, told",
    "silent",
    "naked s",
    "untold s",
  ];
  return formatTable([head, ...rows]);
}
