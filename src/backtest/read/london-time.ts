import { DAY_MS, HOUR_MS } from "#src/core/funding.ts";
import type { EpochMs } from "#src/core/units.ts";

const STAMP = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})$/;

/**
 * UTC of a Europe/London wall-clock stamp on a grid of `gridMs`, which tells apart the hour that an
 * autumn night has twice. Null when the stamp is no date, off the grid, or at the wrong summer time.
 */
export function londonToUtc(text: string, gridMs: number): EpochMs | null {
  const found = STAMP.exec(text);
  if (!found) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map(Number);
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  if (!new Date(wall).toISOString().startsWith(text.replace(" ", "T"))) return null;
  return (
    [wall, wall - HOUR_MS].find(
      (utc) => utc % gridMs === 0 && utc + summerOffset(utc, year) === wall,
    ) ?? null
  );
}

/** Summer time runs from 01:00 UTC of March's last Sunday to 01:00 UTC of October's. */
function summerOffset(utc: EpochMs, year: number): number {
  const inSummer = utc >= lastSunday(year, 2) + HOUR_MS && utc < lastSunday(year, 9) + HOUR_MS;
  return inSummer ? HOUR_MS : 0;
}

function lastSunday(year: number, month: number): EpochMs {
  const last = Date.UTC(year, month + 1, 0);
  return last - new Date(last).getUTCDay() * DAY_MS;
}
