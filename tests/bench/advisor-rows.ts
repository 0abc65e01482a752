import { encode } from "gpt-tokenizer/encoding/o200k_base";
import scanPrompt from "#prompts/scan.txt" with { type: "text" };
import { renderTable } from "#src/agent/advise/render-table.ts";
import { canonicalJson } from "#src/core/canonical-hash.ts";
import { widestTable } from "#tests/support/decision-tables.ts";
import { median, row } from "./measure.ts";

const MOST_TOKENS = 1_500;

/** What a scan's question costs: tokens at its widest, beside the same rows as JSON, and the time to write it. */
export function advisorRows(): readonly (readonly string[])[] {
  const table = widestTable();
  const count = (text: string) => encode(scanPrompt).length + encode(text).length;
  const [ours, json] = [count(renderTable(table)), count(canonicalJson(table))];
  const rows = table.opens.length + table.closes.length;
  const held = ours <= MOST_TOKENS ? "holds" : "BROKEN";
  return [
    [
      `scan prompt of ${rows} candidates at its widest, tokens (at most ${MOST_TOKENS}: ${held}); floor: as JSON`,
      ...[String(ours), String(json), `${(ours / json).toFixed(2)} ×`],
    ],
    row(
      `writing that table; floor: JSON of it`,
      median(50, () => renderTable(table)),
      median(50, () => canonicalJson(table)),
    ),
  ];
}
