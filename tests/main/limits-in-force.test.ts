import { expect, test } from "bun:test";
import { loadSettings } from "#config/load.ts";
import { dec } from "#src/core/decimal.ts";
import { limitsInForce } from "#src/main/limits-in-force.ts";

test("the guard accepts no leverage above the one that the operator set", () => {
  const { settings } = loadSettings("operator");
  const leverage = (text: string) => ({ ...settings.limits, leverage: dec(text) });
  const maxFor = (text: string) =>
    limitsInForce({ ...settings, limits: leverage(text) }).maxLeverage.toFixed();
  expect(["1", "3", "10"].map(maxFor)).toEqual(["1", "3", "10"]);
});
