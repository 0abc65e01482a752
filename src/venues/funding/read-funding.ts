import { type Decimal, ONE } from "#src/core/decimal.ts";
import { normalizeRate } from "#src/core/funding.ts";
import { type EpochMs, type Rate, rate } from "#src/core/units.ts";
import { FundingPayload } from "./funding-payload.ts";
import { FUNDING_RULES } from "./funding-rules.ts";
import { ruleOf } from "./rule-of.ts";

/** What an instrument will pay. Rates are fractions; positive: longs pay shorts. */
export interface FundingReading {
  /** Of the upcoming settlement, per `intervalHours`. */
  readonly rate: Rate;
  readonly intervalHours: Decimal;
  readonly perHour: Rate;
  /** Null where the venue does not say, or pays continuously. */
  readonly fundingAt: EpochMs | null;
  readonly lastRealisedPerHour: Rate | null;
  /** Of the settlement after the upcoming one. */
  readonly nextPerHour: Rate | null;
}

/** What is not known is refused, never guessed. */
export interface FundingRefusal {
  readonly refused: "VENUE_UNKNOWN" | "RATE_UNKNOWN" | "INTERVAL_UNKNOWN";
  /** Known although its interval is not. */
  readonly rate: Rate | null;
}

/** Understands one venue's words about one instrument's funding; see `FundingPayload` for what to pass. */
export function readFunding(venue: string, payload: unknown): FundingReading | FundingRefusal {
  const rule = ruleOf(FUNDING_RULES, venue);
  if (!rule) return { refused: "VENUE_UNKNOWN", rate: null };
  const words = new FundingPayload(payload);
  const upcoming = rule.rate(words);
  if (!upcoming) return { refused: "RATE_UNKNOWN", rate: null };
  const intervalHours = rule.intervalHours(words);
  if (!intervalHours) return { refused: "INTERVAL_UNKNOWN", rate: rate(upcoming) };
  const perHour = (value: Decimal) => normalizeRate(value, intervalHours, ONE);
  const [last, next] = [rule.lastRate?.(words), rule.nextRate?.(words)];
  return {
    rate: rate(upcoming),
    intervalHours,
    perHour: perHour(upcoming),
    fundingAt: rule.fundingAt?.(words) ?? null,
    lastRealisedPerHour: last ? perHour(last) : null,
    nextPerHour: next ? perHour(next) : null,
  };
}
