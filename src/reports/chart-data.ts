import type { EpochMs } from "#src/core/units.ts";

/** What a picture shows, without how it looks. Values are decimals as text; null is a gap. */
export interface ChartData {
  readonly title: string;
  /** One line of plain words under the title; "" for none. */
  readonly note: string;
  /** Over each other, one time axis (UTC). Marks stand on the first line of the first one. */
  readonly panels: readonly ChartPanel[];
  readonly marks: readonly ChartMark[];
}

export interface ChartPanel {
  /** Says the unit: "Equity, USD". */
  readonly title: string;
  /** Its share of the height, beside those of the others. */
  readonly weight: number;
  readonly series: readonly ChartSeries[];
}

export interface ChartSeries {
  readonly name: string;
  /** Bars are coloured by their sign; a shade fills between the line and 0. */
  readonly shape: "line" | "dashed" | "shade" | "bars";
  readonly tone: ChartTone;
  readonly points: readonly ChartPoint[];
}

export type ChartTone = "main" | "second" | "third" | "fourth" | "soft" | "bad";

export interface ChartPoint {
  readonly at: EpochMs;
  readonly value: string | null;
}

export interface ChartMark {
  readonly at: EpochMs;
  readonly kind: "open" | "close";
  /** Short, e.g. the asset. */
  readonly label: string;
}
