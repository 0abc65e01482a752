const WIDTH = 30;

/** A bar on the terminal's error stream; nothing where that is no terminal. */
export function createProgressBar(): {
  show(what: string, share: number): void;
  clear(): void;
} {
  const { stderr } = process;
  if (!stderr.isTTY) return { show: () => undefined, clear: () => undefined };
  let shown = "";
  return {
    show(what, share) {
      const full = Math.round(Math.min(1, Math.max(0, share)) * WIDTH);
      const line = `${what} ${"█".repeat(full)}${"░".repeat(WIDTH - full)}`;
      if (line === shown) return;
      shown = line;
      stderr.write(`\r\x1b[2K${line}`);
    },
    clear: () => {
      if (shown !== "") stderr.write("\r\x1b[2K");
      shown = "";
    },
  };
}
