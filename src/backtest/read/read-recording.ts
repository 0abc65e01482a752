import type { Recording } from "#src/backtest/carry-series.ts";
import { OperatorError } from "#src/core/errors.ts";
import { FUNDING_HEADER, readFundingFile } from "./read-funding-file.ts";
import type { RowSource } from "./read-rows.ts";
import { readSpotPerpFile, SPOT_PERP_HEADER } from "./read-spot-perp-file.ts";
import { readSpreadFile, SPREAD_HEADER } from "./read-spread-file.ts";

/** Recorded market data by its first line. Throws an OperatorError in one line. */
export function readRecording(text: string, source: RowSource): Recording {
  const header = (/^.*/.exec(text)?.[0] ?? "").trim();
  if (SPREAD_HEADER.test(header)) return readSpreadFile(text, source);
  if (FUNDING_HEADER.test(header)) return readFundingFile(text, source);
  if (SPOT_PERP_HEADER.test(header)) return readSpotPerpFile(text, source);
  throw new OperatorError(
    `${source.file}: its first line is none of "coin,bucket_end_utc,…_8h", "ts,venue,base,quote,rate,ih,mark" and "time,exchange,crypto,pair,contract,…,funding rate"`,
  );
}
