import { formatTable } from "#src/reports/format.ts";
import { commitRow, killRows, legGapRow, throughputRow } from "./execution-rows.ts";
import { guardRow, rankRow } from "./market-rows.ts";

/** `bun run bench`: each row is a ratio against a stated floor that ran beside it. */
async function runBench(): Promise<void> {
  const rows = [
    ["what", "ours", "floor", "ratio"],
    ...[rankRow(), guardRow(), commitRow(), await legGapRow(), await throughputRow()],
    ...(await killRows()),
  ];
  process.stdout.write(`${formatTable(rows)}\n`);
}

await runBench();
