import { type Decimal, dec, ONE } from "#src/core/decimal.ts";
import {
  liquidationPrice,
  maintenanceMargin,
  maxNotionalForShock,
} from "#src/core/figures/margin.ts";
import {
  liqDistanceFromRatio,
  marginRatioFromCcxt,
  marginTier,
  reductionToTarget,
} from "#src/core/rules/margin-bands.ts";
import { baseSize, price } from "#src/core/units.ts";
import { type Fields, sideOf } from "#tests/vectors/fields.ts";

/** The margin's part of the vectors: liquidation, tiers, bands, shocks. */
export const MARGIN_ADAPTERS: Readonly<Record<string, (input: Fields) => unknown>> = {
  liquidationPrice: (input) => {
    const level = liquidationPrice({
      side: sideOf(input),
      sizeBase: baseSize(input.decimal("qty")),
      markPrice: price(input.decimal("entry")),
      equityUsd: input.decimal("walletBalance").plus(input.decimal("otherUpnl", "0")),
      otherMaintenanceUsd: input.decimal("otherMaint", "0"),
      maintenanceRate: input.decimal("mmr"),
      deductionUsd: input.decimal("maintAmount", "0"),
    });
    // The cases write 0 where no price liquidates.
    return { price: level ?? dec("0"), published: level?.round(2) };
  },
  maintenanceMargin: (input) => {
    const asRate = (value: Decimal) =>
      input.text("tierValue") === "maxLeverage" ? ONE.div(value.times("2")) : value;
    const tiers = input.list("tiers").map((tier) => {
      const [lower = "0", value = "0"] = Array.isArray(tier) ? tier : [];
      return { lowerUsd: dec(String(lower)), rate: asRate(dec(String(value))) };
    });
    return maintenanceMargin(input.decimal("notional"), tiers);
  },
  maxNotionalForShock: (input) => ({
    notional: maxNotionalForShock({
      side: sideOf(input),
      equityUsd: input.decimal("equity"),
      otherMaintenanceUsd: input.decimal("otherMaint", "0"),
      maintenanceRate: input.decimal("mmr"),
      adverseMove: input.decimal("adverseMove"),
      deductionUsd: input.decimal("maintAmount", "0"),
    }),
  }),
  marginTier: (input) =>
    marginTier(input.decimal("equity"), input.decimal("maintenance"), {
      green: input.decimal("ratioGreen", "5"),
      yellow: input.decimal("ratioYellow", "3"),
      orange: input.decimal("ratioOrange", "2"),
    }),
  marginRatioFromCcxt: (input) => ({
    ratio: marginRatioFromCcxt(input.decimal("ccxtMarginRatio")),
  }),
  reductionToTarget: (input) => ({
    fraction: reductionToTarget(
      input.decimal("equity"),
      input.decimal("maintenance"),
      input.decimal("targetRatio"),
    ),
  }),
  liqDistanceFromRatio: (input) =>
    liqDistanceFromRatio(input.decimal("ratio"), input.decimal("mmr")),
};
