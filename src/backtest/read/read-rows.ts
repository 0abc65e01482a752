import { OperatorError } from "#src/core/errors.ts";

/** What every reader gets: the rows after the header, each with the words that name its place. */
export interface RowSource {
  readonly file: string;
  /** Called now and then with the share that is read, 0 to 1. */
  readonly onProgress: (share: number) => void;
}

const ROWS_A_STEP = 20_000;

/** Hands every row's cells to `take`; a text that it returns is what is wrong with the row. */
export function readRows(
  text: string,
  columns: number,
  source: RowSource,
  take: (cells: readonly string[]) => string | null,
): void {
  const lines = text.split(/\r?\n/);
  let rows = 0;
  for (let index = 1; index < lines.length; index += 1) {
    if (index % ROWS_A_STEP === 0) source.onProgress(index / lines.length);
    const line = lines[index];
    if (!line) continue;
    const cells = line.split(",");
    const problem =
      cells.length === columns ? take(cells) : `${cells.length} columns instead of ${columns}`;
    if (problem) throw new OperatorError(`${source.file}, line ${index + 1}: ${problem}`);
    rows += 1;
  }
  if (rows === 0) throw new OperatorError(`${source.file}: no rows`);
  source.onProgress(1);
}
