import { formatTable } from "#src/reports/format.ts";
import { advisorRows } from "./advisor-rows.ts";
import { agentRows } from "./agent-rows.ts";
import { backtestRow } from "./backtest-row.ts";
import { commitRow, killRows, legGapRow, throughputRow } from "./execution-rows.ts";
import { killBesideTurnsRow } from "./kill-beside-turns-row.ts";
import { guardRow, rankRow } from "./market-rows.ts";
import { orderRows } from "./order-rows.ts";
import { startRows } from "./start-rows.ts";
import { scanRows } from "./venue-rows.ts";

/** `bun run bench`: each row is a ratio against a stated floor that ran beside it. */
async function runBench(): Promise<void> {
  const rows = [
    ["what", "ours", "floor", "ratio"],
    ...advisorRows(),
    ...[
      rankRow(),
      backtestRow(),
      guardRow(),
      commitRow(),
      await legGapRow(),
      await throughputRow(),
    ],
    ...(await killRows()),
    await killBesideTurnsRow(),
    ...(await scanRows()),
    ...(await orderRows()),
    ...(await startRows()),
    ...(await agentRows()),
  ];
  process.stdout.write(`${formatTable(rows)}\n`);
}

await runBench();
