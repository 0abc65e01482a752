import { dec } from "#src/core/decimal.ts";
import {
  loAnnualisation,
  maxDrawdown,
  sharpe,
  twrDrawdown,
  utilisation,
  winRates,
} from "#src/core/figures/metrics.ts";
import { decimals, Fields } from "#tests/vectors/fields.ts";

/** The reports' part of the vectors: return, risk and use of the capital. */
export const METRIC_ADAPTERS: Readonly<Record<string, (input: Fields) => unknown>> = {
  sharpe: (input) =>
    sharpe(
      decimals(input.list("returns")),
      input.decimal("periodsPerYear"),
      input.decimal("riskFree", "0"),
    ),
  loAnnualisation: (input) => loAnnualisation(Number(input.text("periods")), input.decimal("ar1")),
  maxDrawdown: (input) => ({ mdd: maxDrawdown(decimals(input.list("equity"))) }),
  twrDrawdown: (input) =>
    twrDrawdown(
      input.list("points").map((point) => {
        const [equity = "0", flow = "0"] = Array.isArray(point) ? point : [];
        return { equity: dec(String(equity)), flow: dec(String(flow)) };
      }),
    ),
  winRates: (input) =>
    winRates(decimals(input.list("fundingPeriodsNet")), decimals(input.list("positionsNet"))),
  utilisation: (input) =>
    utilisation(
      input.decimal("equity"),
      input.list("legs").map((one) => {
        const leg = new Fields(one);
        return { notionalUsd: leg.decimal("notional"), marginUsd: leg.decimal("margin") };
      }),
    ),
};
