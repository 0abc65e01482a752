import { expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { adlRank } from "#src/venues/quirks/shared/adl-rank.ts";

test("places for auto-deleveraging are 1 to 5 however the venue counts, and absent where it says none", () => {
  expect(["0", "3", "4"].map((said) => adlRank(dec(said), 4).adlRank)).toEqual([1, 4, 5]);
  expect(["1", "5"].map((said) => adlRank(dec(said), 5).adlRank)).toEqual([1, 5]);
  expect([adlRank(null, 5), adlRank(dec("0"), 5), adlRank(dec("9"), 5)]).toEqual([{}, {}, {}]);
});
