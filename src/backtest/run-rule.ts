import type { Decimal } from "#src/core/decimal.ts";
import { accountMoney, type MoneyTerms } from "./account-money.ts";
import { accountRates, type RateAccount } from "./account-rates.ts";
import type { CarrySeries } from "./carry-series.ts";
import { type CapitalTerms, type MoneyRun, measureRun, type RunMeasures } from "./measure-run.ts";
import { moneyEquity } from "./money-equity.ts";
import type { TradeCosts } from "./trade-costs.ts";
import type { Rule, RuleRun } from "./walk-series.ts";

/** What a backtest assumes beside the recorded market. */
export interface RunTerms {
  /** Taker fee of one fill on each leg, as a fraction of its notional. */
  readonly feeFirst: Decimal;
  readonly feeSecond: Decimal;
  /** Slippage of one fill. */
  readonly slippage: Decimal;
  /** Null: coins cannot be borrowed, so spot is never sold short. */
  readonly borrowPerHour: Decimal | null;
  readonly capital: CapitalTerms;
  /** Null: rates only, no dollars. */
  readonly size: MoneyTerms["size"] | null;
}

export interface BacktestRun {
  readonly rule: string;
  readonly series: CarrySeries;
  readonly decided: RuleRun;
  readonly account: RateAccount;
  readonly money: MoneyRun | null;
  readonly measures: RunMeasures;
}

/** One rule over one series: what it chose, what that earned, and what to make of it. */
export function runRule(series: CarrySeries, rule: Rule, terms: RunTerms): BacktestRun {
  const costs = tradeCosts(terms);
  const decided = rule.run(series, costs);
  const account = accountRates(series, decided.positions, costs);
  const money = moneyRun(series, decided, terms);
  const measures = measureRun(series, account, costs, terms.capital, money);
  return { rule: rule.name, series, decided, account, money, measures };
}

export function tradeCosts(terms: RunTerms): TradeCosts {
  return {
    feeRate: terms.feeFirst.plus(terms.feeSecond),
    slippageRate: terms.slippage.times("2"),
    borrowPerHour: terms.borrowPerHour,
  };
}

function moneyRun(series: CarrySeries, { positions }: RuleRun, terms: RunTerms): MoneyRun | null {
  const { prices } = series;
  if (!prices || !terms.size) return null;
  const moneyTerms: MoneyTerms = { ...terms, size: terms.size };
  const account = accountMoney(series, prices, positions, moneyTerms);
  const points = moneyEquity(series, prices, account, moneyTerms);
  return { account, points, showsBasis: prices.first !== prices.second };
}
