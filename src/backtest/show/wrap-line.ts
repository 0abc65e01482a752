/** What every terminal shows without breaking a word. */
const TERMINAL_WIDTH = 80;
/** Not between a figure and its unit. */
const BREAKS = / (?!(?:%|h\b|USD\b))/;

/** A sentence over as many lines as it takes. */
export function wrapLine(line: string): string {
  const lines: string[] = [];
  let open = "";
  for (const word of line.split(BREAKS)) {
    const longer = open === "" ? word : `${open} ${word}`;
    if (open !== "" && longer.length > TERMINAL_WIDTH) {
      lines.push(open);
      open = word;
    } else open = longer;
  }
  return [...lines, open].join("\n");
}
