import type { ChartTone } from "#src/reports/chart-data.ts";

export type ThemeName = "light" | "dark";

export interface Theme {
  readonly paper: string;
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly good: string;
  readonly bad: string;
  readonly tones: Readonly<Record<ChartTone, string>>;
}

/** The colours of the status page; told apart by lightness too, for those who see few hues. */
export const THEMES: Readonly<Record<ThemeName, Theme>> = {
  light: {
    ...{ paper: "#ffffff", ink: "#1c2620", soft: "#5b675f", line: "#dde4dc" },
    ...{ good: "#23794a", bad: "#b3372f" },
    tones: {
      ...{ main: "#23794a", second: "#2f5fb3", third: "#a66a00", fourth: "#7b4fb0" },
      ...{ soft: "#8b978f", bad: "#b3372f" },
    },
  },
  dark: {
    ...{ paper: "#18201c", ink: "#e6ede8", soft: "#a3b0a8", line: "#2f3b34" },
    ...{ good: "#62c38b", bad: "#ef7d74" },
    tones: {
      ...{ main: "#62c38b", second: "#7da7f0", third: "#e5b25a", fourth: "#b79bea" },
      ...{ soft: "#7c8981", bad: "#ef7d74" },
    },
  },
};
