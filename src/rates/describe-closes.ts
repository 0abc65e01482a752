import { type Decimal, parseDecimal } from "#src/core/decimal.ts";
import type { MarketEvidence } from "#src/core/decision.ts";
import type { Price } from "#src/core/units.ts";

/** What the slowest of them needs before it says anything: 26 hours, and 9 of what those give. */
const LEAST_CLOSES = 35;
const [RSI_HOURS, EMA_HOURS] = [14, 20];

type Indicators = Pick<MarketEvidence, "rsi14" | "macdHistogram" | "emaGap">;

const UNKNOWN: Indicators = { rsi14: null, macdHistogram: null, emaGap: null };

/** Indicators of hourly closes, oldest first; unknown of a young market, and of one that never moved. */
export async function describeCloses(closes: readonly Price[]): Promise<Indicators> {
  // Floats will do: these are looked at, never reckoned with.
  const series = closes.map((close) => Number(close.toFixed()));
  const last = series.at(-1);
  if (last === undefined || series.length < LEAST_CLOSES) return UNKNOWN;
  if (series.every((close) => close === last)) return UNKNOWN;
  // Loaded when it is first wanted: /kill is heard before that.
  const { EMA, MACD, RSI } = await import("trading-signals");
  const rsi = new RSI(RSI_HOURS);
  const ema = new EMA(EMA_HOURS);
  const macd = new MACD(new EMA(12), new EMA(26), new EMA(9));
  for (const one of [rsi, ema, macd]) one.updates(series, false);
  return {
    rsi14: rounded(rsi.getResult(), 2),
    macdHistogram: rounded((macd.getResult()?.histogram ?? Number.NaN) / last, 8),
    emaGap: rounded(last / (ema.getResult() ?? Number.NaN) - 1, 8),
  };
}

function rounded(value: number | null, places: number): Decimal | null {
  return value !== null && Number.isFinite(value) ? parseDecimal(value.toFixed(places)) : null;
}
