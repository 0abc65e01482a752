import { type Decimal, decFromInteger, ONE, powInteger, ZERO } from "./decimal.ts";
import type { Side } from "./hedge.ts";
import type { Asset, VenueId } from "./instrument.ts";
import {
  type BaseSize,
  type EpochMs,
  type Price,
  type Rate,
  rate,
  type Usd,
  usd,
} from "./units.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
const HOURS_PER_YEAR = "8760";

/** What one instrument pays: positive means longs pay shorts. The upcoming settlement's estimate. */
export interface FundingRate {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly asset: Asset;
  /** Fraction per `intervalHours`. */
  readonly rate: Rate;
  readonly intervalHours: Decimal;
  /** Market time of the settlement that will pay it. */
  readonly fundingAt: EpochMs;
  /** The largest rate an interval that the venue pays, either way; absent where it does not say. */
  readonly capRate?: Rate;
  /** Wall time of the reading; freshness is measured against it. */
  readonly observedAt: EpochMs;
}

/** A settled payment as the venue reports it. */
export interface FundingPayment {
  readonly venue: VenueId;
  readonly symbol: string;
  /** The venue's id, or account:symbol:time where its ids are useless. */
  readonly paymentId: string;
  /** Market time of the settlement. */
  readonly fundingAt: EpochMs;
  readonly amountUsd: Usd;
  readonly rate: Rate;
  /** The mark or oracle that it was counted on, per base unit; absent where the venue does not say. */
  readonly refPrice?: Price | undefined;
}

/** Linear rescaling: domain 2.1, rh = r / I. Never compounded, because it ranks. */
export function normalizeRate(value: Decimal, intervalHours: Decimal, targetHours: Decimal): Rate {
  return rate(value.times(targetHours).div(intervalHours));
}

/** Simple APR = r × 8760 / I, and APY = (1 + r)^(8760 / I) − 1, which holds only if reinvested. */
export function annualise(value: Decimal, intervalHours: Decimal): { apr: Decimal; apy: Decimal } {
  const periods = Math.trunc(Number(decimalText(HOURS_PER_YEAR, intervalHours)));
  return {
    apr: value.times(HOURS_PER_YEAR).div(intervalHours),
    apy: powInteger(value.plus(ONE), periods).minus(ONE),
  };
}

/** An 8-hour spread as APR on one leg's notional, and on the equity that both venues hold for it. */
export function annualiseOnCapital(
  spread8h: Decimal,
  notionalPerLegUsd: Decimal,
  equityBothUsd: Decimal,
): { aprOnNotional: Decimal; aprOnCapital: Decimal } {
  const aprOnNotional = spread8h.times("1095");
  return {
    aprOnNotional,
    aprOnCapital: aprOnNotional.times(notionalPerLegUsd).div(equityBothUsd),
  };
}

export interface RateQuote {
  readonly venue: VenueId;
  readonly rate: Decimal;
  readonly intervalHours: Decimal;
}

export interface PairSpread {
  /** Null on a tie: no trade. */
  readonly short: VenueId | null;
  readonly long: VenueId | null;
  readonly spreadPerHour: Decimal;
  readonly spread8h: Rate;
  readonly apr: Decimal;
}

/** Short the higher hourly rate, long the lower (domain 2.2). */
export function pairSpread(a: RateQuote, b: RateQuote): PairSpread {
  const difference = a.rate.div(a.intervalHours).minus(b.rate.div(b.intervalHours));
  const spreadPerHour = difference.abs();
  const [short, long] = difference.gt(ZERO) ? [a, b] : [b, a];
  const tie = difference.eq(ZERO);
  return {
    short: tie ? null : short.venue,
    long: tie ? null : long.venue,
    spreadPerHour,
    spread8h: rate(spreadPerHour.times("8")),
    apr: spreadPerHour.times(HOURS_PER_YEAR),
  };
}

/** Payment to us at one settlement: −σ q P r. Positive is received (domain 2.10). */
export function fundingPayment(
  side: Side,
  sizeBase: BaseSize,
  refPrice: Price,
  settledRate: Decimal,
): Usd {
  const owedByLongs = sizeBase.times(refPrice).times(settledRate);
  return usd(side === "short" ? owedByLongs : owedByLongs.neg());
}

/** How many settlements of a UTC-aligned schedule fall in (from, to]. */
export function settlementsIn(fromMs: EpochMs, toMs: EpochMs, intervalHours: Decimal): number {
  const intervalMs = intervalToMs(intervalHours);
  return Math.max(0, Math.floor(toMs / intervalMs) - Math.floor(fromMs / intervalMs));
}

/** The first settlement of a UTC-aligned schedule strictly after `afterMs`. */
export function nextSettlement(afterMs: EpochMs, intervalHours: Decimal): EpochMs {
  const intervalMs = intervalToMs(intervalHours);
  return (Math.floor(afterMs / intervalMs) + 1) * intervalMs;
}

/** Whole milliseconds of an interval; intervals come in whole minutes, so this is exact. */
export function intervalToMs(intervalHours: Decimal): number {
  const ms = intervalHours.times(decFromInteger(HOUR_MS)).round(0);
  return Number(ms.toFixed(0));
}

function decimalText(numerator: string, denominator: Decimal): string {
  return ONE.times(numerator).div(denominator).toFixed(6);
}
