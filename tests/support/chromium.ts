import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The machine's own Chromium; null where there is none. */
export function findChromium(): string | null {
  for (const name of PLACES) {
    const found = Bun.which(name);
    if (found && existsSync(found)) return found;
  }
  process.stdout.write("skipped: no Chromium on this machine, the pages were not driven\n");
  return null;
}

export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
  });
}

/** A phone's screen. */
export const PHONE = { width: 390, height: 844 };
