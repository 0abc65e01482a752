import { type Decimal, dec, ONE, ZERO } from "#src/core/decimal.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { FundingPayload } from "./funding-payload.ts";

type Read<Value> = (payload: FundingPayload) => Value | null;

/** Where one venue keeps what, and in which units. */
export interface FundingRule {
  /** Of the upcoming settlement, per `intervalHours`. */
  readonly rate: Read<Decimal>;
  readonly intervalHours: Read<Decimal>;
  readonly fundingAt?: Read<EpochMs>;
  /** Already paid, per `intervalHours`. */
  readonly lastRate?: Read<Decimal>;
  /** Of the settlement after the upcoming one, per `intervalHours`. */
  readonly nextRate?: Read<Decimal>;
}

const EIGHT = dec("8");
const HUNDRED = dec("100");
const SECONDS_AN_HOUR = dec("3600");
const MINUTES_AN_HOUR = dec("60");
const MILLIS_AN_HOUR = dec("3600000");
/** ccxt cuts Kraken's rates off here, so this figure says only "at least". */
const KRAKEN_CLIP = dec("0.25");

const hourly: Read<Decimal> = () => ONE;
const unifiedRate: Read<Decimal> = (payload) => payload.unified("fundingRate");
const stated: Read<Decimal> = (payload) => payload.statedInterval();
const nextFundingTime: Read<EpochMs> = (payload) =>
  payload.rawTime("nextFundingTime") ?? payload.unifiedTime("fundingTimestamp");

/** By ccxt's name of the venue. Domain 1.1 and 1.4 are the evidence. */
export const FUNDING_RULES: Readonly<Record<string, FundingRule>> = {
  binanceusdm: {
    rate: (payload) => payload.raw("lastFundingRate") ?? unifiedRate(payload),
    // Binance lists only the symbols that do not settle every 8 hours.
    intervalHours: (payload) => joinedHours(payload) ?? (payload.statesInterval() ? null : EIGHT),
    fundingAt: nextFundingTime,
  },
  bybit: {
    rate: (payload) => payload.raw("fundingRate") ?? unifiedRate(payload),
    intervalHours: (payload) =>
      positive(payload.raw("fundingIntervalHour")) ??
      over(positive(payload.raw("fundingInterval")), MINUTES_AN_HOUR) ??
      stated(payload),
    fundingAt: nextFundingTime,
  },
  okx: {
    rate: (payload) => payload.raw("fundingRate") ?? unifiedRate(payload),
    intervalHours: (payload) => okxHours(payload) ?? stated(payload),
    // `nextFundingTime` is one interval later.
    fundingAt: (payload) =>
      payload.rawTime("fundingTime") ?? payload.unifiedTime("fundingTimestamp"),
    nextRate: (payload) => payload.raw("nextFundingRate") ?? payload.unified("nextFundingRate"),
  },
  dydx: {
    // Undefined for a moment after each settlement. ccxt's own rates are realised ones.
    rate: (payload) => payload.raw("nextFundingRate"),
    intervalHours: hourly,
  },
  hyperliquid: {
    rate: (payload) => payload.raw("funding", "fundingRate") ?? unifiedRate(payload),
    intervalHours: hourly,
    fundingAt: nextFundingTime,
  },
  hibachi: {
    rate: (payload) => payload.raw("estimatedFundingRate") ?? unifiedRate(payload),
    intervalHours: () => EIGHT,
    fundingAt: (payload) =>
      payload.rawTime("nextFundingTimestamp") ?? payload.unifiedTime("fundingTimestamp"),
  },
  extended: {
    rate: (payload) => payload.raw("fundingRate") ?? unifiedRate(payload),
    intervalHours: hourly,
    // Its name says rate, but it is a time.
    fundingAt: (payload) =>
      payload.rawTime("nextFundingRate") ??
      payload.unifiedTime("nextFundingRate", "fundingTimestamp", "nextFundingTimestamp"),
  },
  pacifica: {
    // What others call the funding rate is the past hour's here.
    rate: (payload) => payload.raw("next_funding") ?? payload.unified("nextFundingRate"),
    intervalHours: hourly,
    fundingAt: (payload) => payload.unifiedTime("fundingTimestamp"),
    lastRate: (payload) => payload.raw("funding") ?? unifiedRate(payload),
  },
  krakenfutures: {
    rate: (payload) =>
      payload.raw("relative_funding_rate", "relativeFundingRate") ??
      krakenRelative(payload, ["fundingRate", "funding_rate"], "fundingRate"),
    intervalHours: hourly,
    fundingAt: (payload) => payload.rawTime("next_funding_rate_time", "nextFundingRateTime"),
    nextRate: (payload) =>
      payload.raw("relative_funding_rate_prediction", "relativeFundingRatePrediction") ??
      krakenRelative(
        payload,
        ["fundingRatePrediction", "funding_rate_prediction"],
        "nextFundingRate",
      ),
  },
  bitget: {
    rate: (payload) => payload.raw("fundingRate") ?? unifiedRate(payload),
    intervalHours: (payload) =>
      positive(payload.raw("fundingRateInterval", "ratePeriod", "fundInterval")) ?? stated(payload),
    fundingAt: (payload) =>
      payload.rawTime("nextUpdate", "nextFundingTime") ?? payload.unifiedTime("fundingTimestamp"),
  },
  gate: {
    rate: (payload) => payload.raw("funding_rate") ?? unifiedRate(payload),
    intervalHours: (payload) =>
      over(positive(payload.raw("funding_interval")), SECONDS_AN_HOUR) ?? stated(payload),
    fundingAt: (payload) =>
      payload.rawTime("funding_next_apply") ?? payload.unifiedTime("fundingTimestamp"),
    nextRate: (payload) =>
      payload.raw("funding_rate_indicative") ?? payload.unified("nextFundingRate"),
  },
  paradex: {
    // For a whole period, but it accrues every second: there is no settlement to name.
    rate: (payload) => payload.raw("funding_rate") ?? unifiedRate(payload),
    intervalHours: (payload) => positive(payload.raw("funding_period_hours")) ?? stated(payload),
  },
  aster: {
    rate: (payload) => payload.raw("lastFundingRate") ?? unifiedRate(payload),
    // Its list names every symbol, so one that is missing there is not known to be on 8 hours.
    intervalHours: joinedHours,
    fundingAt: (payload) =>
      payload.rawTime("nextFundingTime") ??
      payload.unifiedTime("nextFundingTimestamp", "fundingTimestamp"),
  },
  lighter: {
    rate: lighterPerHour,
    intervalHours: hourly,
    lastRate: (payload) => over(payload.raw("funding_rate"), HUNDRED),
  },
};

function joinedHours(payload: FundingPayload): Decimal | null {
  return positive(payload.raw("fundingIntervalHours")) ?? payload.statedInterval();
}

function okxHours(payload: FundingPayload): Decimal | null {
  const [raw, unified] = [
    [payload.rawTime("fundingTime"), payload.rawTime("nextFundingTime")],
    [payload.unifiedTime("fundingTimestamp"), payload.unifiedTime("nextFundingTimestamp")],
  ];
  const [at, next] = raw?.every((time) => time !== null) ? raw : (unified ?? []);
  if (!at || !next || next <= at) return null;
  return dec(BigInt(next - at)).div(MILLIS_AN_HOUR);
}

/** Kraken gives USD per contract and hour; the fraction is that over the mark price. */
function krakenRelative(
  payload: FundingPayload,
  names: readonly string[],
  unifiedName: string,
): Decimal | null {
  const absolute = payload.raw(...names);
  const mark = positive(
    payload.raw("markPrice", "mark_price") ??
      payload.unified("markPrice") ??
      payload.given("markPrice"),
  );
  if (absolute) return mark ? absolute.div(mark) : null;
  const relative = payload.unified(unifiedName);
  return relative?.abs().lt(KRAKEN_CLIP) ? relative : null;
}

/** Two units: its funding-rates call gives fractions for 8 hours, its streams percent for one. Paid hourly. */
function lighterPerHour(payload: FundingPayload): Decimal | null {
  const percent = payload.raw("current_funding_rate");
  if (percent) return percent.div(HUNDRED);
  // The same call also lists what other venues pay, and another call the realised rates, in percent.
  const whose = payload.rawText("exchange");
  if (whose !== null && whose !== "lighter") return null;
  const realised = payload.rawText("direction") !== null;
  return over((realised ? null : payload.raw("rate")) ?? unifiedRate(payload), EIGHT);
}

function positive(value: Decimal | null): Decimal | null {
  return value?.gt(ZERO) ? value : null;
}

function over(value: Decimal | null, divisor: Decimal): Decimal | null {
  return value ? value.div(divisor) : null;
}
