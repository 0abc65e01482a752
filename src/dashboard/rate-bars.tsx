import { parseDecimal } from "#src/core/decimal.ts";
import { formatBps } from "#src/reports/format.ts";
import type { RateView } from "#src/reports/views.ts";

const WIDTH = 150;
const ROW = 6;
/** Full scale, in hundredths of a basis point per 8 hours. */
const SCALE = 400;

/** One bar a venue around zero: who pays more is seen before it is read. */
export function RateBars({ venues }: { readonly venues: readonly RateView[] }) {
  const height = venues.length * ROW;
  const label = venues.map((one) => `${one.venue} ${formatBps(one.rate8h)}`).join(", ");
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${height}`}
      width={WIDTH}
      height={height}
      role="img"
      aria-label={label}
    >
      <line x1={WIDTH / 2} x2={WIDTH / 2} y1="0" y2={height} class="axis" />
      {venues.map((one, index) => {
        const units = barUnits(one.rate8h);
        const length = (Math.min(Math.abs(units), SCALE) / SCALE) * (WIDTH / 2);
        return (
          <rect
            x={units < 0 ? WIDTH / 2 - length : WIDTH / 2}
            y={index * ROW + 1}
            width={Math.max(1, length)}
            height={ROW - 2}
            class={units < 0 ? "minus" : "plus"}
          />
        );
      })}
    </svg>
  );
}

/** Whole hundredths of a basis point: only a bar's length comes of it. */
function barUnits(rate8h: string): number {
  return Number(parseDecimal(rate8h)?.times("1000000").round(0).toFixed(0) ?? 0);
}
