/** A phone shows about this many characters of a fixed-width line. */
const PHONE_COLUMNS = 40;
const GAP = "  ";

export interface PlainTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly align: readonly ("left" | "right" | "center" | null)[];
}

/** The table in columns, for a fixed-width font; null when a phone is too narrow for it. */
export function renderTable({ header, rows, align }: PlainTable): string | null {
  const lines = [header, ...rows];
  const widths = header.map((_, column) =>
    Math.max(...lines.map((line) => widthOf(line[column] ?? ""))),
  );
  const width = widths.reduce((total, one) => total + one, GAP.length * (widths.length - 1));
  if (width > PHONE_COLUMNS) return null;
  return lines
    .map((line) =>
      widths
        .map((room, column) => pad(line[column] ?? "", room, align[column] === "right"))
        .join(GAP)
        .trimEnd(),
    )
    .join("\n");
}

/** For a table that is too wide: what each row says, a line a column, the first one as its title. */
export function rowLines({
  header,
  rows,
}: PlainTable): readonly { readonly title: string; readonly lines: readonly string[] }[] {
  if (rows.length === 0) return [{ title: header.join(", "), lines: [] }];
  return rows.map((cells) => {
    const [title = "", ...lines] = header.map((name, column) => {
      const cell = cells[column] || "–";
      return name === "" ? cell : `${name}: ${cell}`;
    });
    return { title, lines };
  });
}

function pad(text: string, room: number, right: boolean): string {
  const space = " ".repeat(room - widthOf(text));
  return right ? space + text : text + space;
}

/** In columns: wide characters and emoji take two. */
function widthOf(text: string): number {
  return Bun.stringWidth(text);
}
