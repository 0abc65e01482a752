import { parseDecimal } from "#src/core/decimal.ts";
import { describeError, OperatorError } from "#src/core/errors.ts";
import { HOUR_MS } from "#src/core/funding.ts";

/** One venue's funding of one asset, oldest first. */
export interface ReplaySeries {
  readonly venue: string;
  readonly base: string;
  readonly at: number[];
  /** Decimal text as it stands in the file. */
  readonly rates: string[];
  readonly intervals: string[];
  /** Stamp → mark, where the file has one, and the stamps in order. */
  readonly marks: Map<number, number>;
  readonly markAt: number[];
}

const HEADER = "ts,venue,base,quote,rate,ih,mark";

/** Reads `ts,venue,base,quote,rate,ih,mark` (gzip or plain). Throws an OperatorError in one line. */
export async function parseReplayFile(path: string): Promise<readonly ReplaySeries[]> {
  const text = await readRecordedText(path);
  if (text.trim() === "") throw new OperatorError(`${path}: the file is empty`);
  const lines = text.split("\n");
  if (lines[0]?.trim() !== HEADER) {
    throw new OperatorError(`${path}: the first line must be ${HEADER}`);
  }
  const series = new Map<string, ReplaySeries>();
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index]?.trim();
    if (line) addRow(series, line, `${path}, line ${index + 1}`);
  }
  if (series.size === 0) throw new OperatorError(`${path}: no rows`);
  return [...series.values()];
}

function addRow(all: Map<string, ReplaySeries>, line: string, where: string): void {
  const [ts = "", venue = "", base = "", , rateText = "", ih = "", mark = ""] = line.split(",");
  const stamp = Number(ts);
  const plausible = Number.isSafeInteger(stamp) && stamp > 0 && venue !== "" && base !== "";
  if (!plausible || !/^-?\d+(\.\d+)?(e-?\d+)?$/.test(rateText)) {
    throw new OperatorError(`${where}: not a funding row`);
  }
  // A row whose interval is unknown is left out: a rate without an interval means nothing.
  const hours = parseDecimal(ih);
  if (hours === null || hours.lte("0")) return;
  // Venues stamp a settlement some milliseconds late: it belongs to its full hour.
  const at = Math.floor(stamp / HOUR_MS) * HOUR_MS;
  const key = `${venue}:${base}`;
  const one = all.get(key) ?? emptySeries(venue, base);
  all.set(key, one);
  if (at <= (one.at.at(-1) ?? 0)) throw new OperatorError(`${where}: rows are not in time order`);
  one.at.push(at);
  one.rates.push(rateText);
  one.intervals.push(hours.toFixed());
  const level = Number(mark);
  if (mark !== "" && level > 0) {
    one.marks.set(at, level);
    one.markAt.push(at);
  }
}

function emptySeries(venue: string, base: string): ReplaySeries {
  return { venue, base, at: [], rates: [], intervals: [], marks: new Map(), markAt: [] };
}

/** The text of a recorded file, gzip or plain. Throws an OperatorError in one line. */
export async function readRecordedText(path: string): Promise<string> {
  try {
    const bytes = new Uint8Array(await Bun.file(path).arrayBuffer());
    const gzipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return new TextDecoder().decode(gzipped ? Bun.gunzipSync(bytes) : bytes);
  } catch (error) {
    const missing = /ENOENT|no such file/i.test(describeError(error));
    throw new OperatorError(
      `${path}: ${missing ? "there is no such file" : "cannot be read or unpacked"}`,
      { cause: error },
    );
  }
}
