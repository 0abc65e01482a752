import { expect, test } from "bun:test";
import { loadSettings } from "#config/load.ts";
import { dec } from "#src/core/decimal.ts";
import { ruleSetOf } from "#src/main/rule-set-of-settings.ts";
import { rulesInForce } from "#src/main/rules-in-force.ts";

test("a backtest asks of the bot's rules what the bot asks, cash yield and all", () => {
  const { settings } = loadSettings("operator");
  const dear = { ...settings, report: { ...settings.report, cashYield: dec("0.09") } };
  const rules = ruleSetOf(dear, { size: null, sees: "settled" });
  expect(rules.minNetAprOnCapital.toFixed()).toBe("0.09");
  const { horizonHours, ...gate } = rulesInForce(dear).entry;
  expect(rules).toMatchObject(gate);
  expect(dec(String(rules.horizonHours)).eq(horizonHours)).toBe(true);
});
