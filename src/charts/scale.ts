import type { ChartPanel } from "#src/reports/chart-data.ts";

/** A panel's axis in round steps, and how wide its labels are in pixels. */
export interface Scale {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly label: (value: number) => string;
  readonly labelWidth: number;
}

const MOST_STEPS = 4;
/** Labels nearer to each other than this would touch. */
const STEP_HEIGHT = 19;
const DIGIT_WIDTH = 7;
const LABEL_GAP = 10;

/** Pixels only: no figure that anybody reads is computed here. */
export function scaleOf(panel: ChartPanel, height: number): Scale {
  const values = panel.series.flatMap((one) =>
    one.points.flatMap(({ value }) => (value === null ? [] : [Number(value)])),
  );
  const touchesZero = panel.series.some(({ shape }) => shape === "bars" || shape === "shade");
  const [low, high] = extent(touchesZero || values.length === 0 ? [...values, 0] : values);
  const room = high > low ? high - low : Math.max(Math.abs(high) * 0.001, 0.01);
  const [min, max, step] = roundSteps(low, high, room, height);
  const places = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  const label = (value: number) => written(value, places);
  const longest = Math.max(label(min).length, label(max).length);
  return { min, max, step, label, labelWidth: longest * DIGIT_WIDTH + LABEL_GAP };
}

/** As fine as the height takes. */
function roundSteps(low: number, high: number, room: number, height: number) {
  for (let count = MOST_STEPS; ; count -= 1) {
    const step = roundStep(room / count);
    const min = Math.floor(low / step + 1e-9) * step;
    const max = Math.max(Math.ceil(high / step - 1e-9) * step, min + step);
    const fits = ((max - min) / step) * STEP_HEIGHT <= height;
    if (fits || count === 1) return [min, max, step] as const;
  }
}

/** Of many values: spreading them into one call would overflow the stack. */
function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** 1, 2 or 5 times a power of ten, not below `rough`. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5].find((one) => one * power >= rough * 0.999) ?? 10;
  return factor * power;
}

function written(value: number, places: number): string {
  // A step below zero and back may leave "-0".
  const rounded = Number(value.toFixed(places)) + 0;
  const digits = { minimumFractionDigits: places, maximumFractionDigits: places };
  return rounded.toLocaleString("en-US", digits).replace("-", "−");
}
