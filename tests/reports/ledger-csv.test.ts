import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type LedgerRow, ledgerCsv } from "#src/reports/ledger-csv.ts";

const ROW: LedgerRow = {
  ...{ time: "2026-01-01T08:00:00Z", type: "fill", venue: "alpha", asset: "BTC", symbol: "BTC" },
  ...{ side: "buy", sizeBase: "0.01", price: "60000", feeUsd: "0.3", feeAsset: "USD" },
  ...{ amountUsd: "-600", fifoUsd: null, venueRef: "T-1", hedgeId: "H-1" },
};
const SUMS = {
  ...{ asOf: "2026-01-02T00:00:00Z", openingUsd: "1000", rowsUsd: "-600.3", heldUsd: null },
  ...{ closingUsd: null, unexplainedUsd: null },
};

/** Cells as a spreadsheet reads them. */
function cellsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g)].map((found) =>
    (found[1] ?? found[2] ?? "").replaceAll('""', '"'),
  );
}

describe("the export", () => {
  test("has one line a row and ends with what reconciles it; unknown is said, never 0", () => {
    expect(ledgerCsv([ROW], SUMS)).toBe(
      [
        "time_utc,type,venue,asset,symbol,side,size_base,price,fee_usd,fee_asset,amount_usd,fifo_realised_usd,venue_id,hedge_id",
        "2026-01-01T08:00:00Z,fill,alpha,BTC,BTC,buy,0.01,60000,0.3,USD,-600,,T-1,H-1",
        "2026-01-02T00:00:00Z,opening equity,,,,,,,,,1000,,,",
        "2026-01-02T00:00:00Z,sum of rows,,,,,,,,,-600.3,,,",
        "2026-01-02T00:00:00Z,held positions at mark,,,,,,,,,unknown,,,",
        "2026-01-02T00:00:00Z,closing equity,,,,,,,,,unknown,,,",
        "2026-01-02T00:00:00Z,unexplained,,,,,,,,,unknown,,,",
        "",
      ].join("\r\n"),
    );
  });

  test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1", " =1", '"=1', "|cmd", "%0"])(
    "%j of a venue is never a formula, and breaks no line",
    (venueRef) => {
      const [, line = "", ...rest] = ledgerCsv([{ ...ROW, venueRef }], SUMS).split("\r\n");
      expect(rest).toHaveLength(6);
      expect(cellsOf(line)).toHaveLength(14);
      expect(cellsOf(line)[12]).not.toMatch(/^\s*[=+\-@|%\t]/);
    },
  );

  test("whatever text comes from outside stays one cell of text", () => {
    const evil = fc.oneof(
      fc.string(),
      fc.constantFrom("=", "+", "-", "@", ",", '"', "\n", "\r").map((one) => `${one}HYPERLINK(1)`),
    );
    fc.assert(
      fc.property(evil, evil, (venueRef, symbol) => {
        const lines = ledgerCsv([{ ...ROW, venueRef, symbol }], SUMS).split("\r\n");
        expect(lines).toHaveLength(8);
        const cells = cellsOf(lines[1] ?? "");
        expect(cells).toHaveLength(14);
        for (const cell of [cells[4], cells[12]]) expect(cell).not.toMatch(/^\s*[=+\-@|%]/);
      }),
    );
  });

  test("a figure that is none leaves its cell empty", () => {
    const [, line = ""] = ledgerCsv([{ ...ROW, price: "=1" }], SUMS).split("\r\n");
    expect(cellsOf(line)[7]).toBe("");
  });
});
