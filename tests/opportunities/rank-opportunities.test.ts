import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { dec } from "#src/core/decimal.ts";
import { baseSize, price, rate } from "#src/core/units.ts";
import { expectedPerHour, mayPair, pairLegs, type RankLeg } from "#src/opportunities/pair-legs.ts";
import { rankOpportunities } from "#src/opportunities/rank-opportunities.ts";
import type { EntryParameters } from "#src/opportunities/score-opportunity.ts";
import { instrument, NOW } from "#tests/support/builders.ts";

const PARAMETERS: EntryParameters = {
  horizonHours: dec("504"),
  costMultiple: dec("1.5"),
  minSpread8h: dec("0.0001"),
  minNetAprOnCapital: dec("0.05"),
  exitSlipMultiple: dec("1.5"),
};

function leg(
  venue: string,
  asset: string,
  current: string,
  trailing: string | null,
  intervalHours = "8",
): RankLeg {
  const traded = instrument({
    venue,
    asset,
    symbol: `${asset}-PERP`,
    lotStepBase: baseSize("0.001"),
  });
  return {
    instrument: traded,
    funding: {
      ...{ venue, symbol: traded.symbol, asset, fundingAt: NOW, observedAt: NOW },
      rate: rate(current),
      intervalHours: dec(intervalHours),
    },
    trailingPerHour: trailing === null ? null : rate(trailing),
    slippageRate: rate("0.0001"),
    midPrice: price("100"),
  };
}

function best(legs: readonly RankLeg[]) {
  return rankOpportunities({ legs, parameters: PARAMETERS, idFor: (asset) => asset }).ranked[0];
}

describe("ranking", () => {
  test("compares rates of different intervals by the hour", () => {
    const top = best([
      leg("alpha", "BTC", "0.00002234", null, "8"),
      leg("beta", "BTC", "0.0000125", null, "1"),
    ]);
    expect([top?.short.instrument.venue, top?.long.instrument.venue]).toEqual(["beta", "alpha"]);
    expect(top?.spread8h.toFixed()).toBe("0.00007766");
  });

  test.each([
    [null, "0.0003", "0.00004", "0"],
    ["CARRY_BELOW_COST", "0.0003", "0.000003", "0"],
    ["SPREAD_TURNED", "-0.0003", "0.00004", "0"],
    ["SPREAD_BELOW_FLOOR", "0.00005", "0.00004", "0"],
    ["HISTORY_TOO_SHORT", "0.0003", null, null],
  ])("says %p", (reason, current, trailingShort, trailingLong) => {
    const top = best([
      leg("alpha", "BTC", current, trailingShort),
      leg("beta", "BTC", "0", trailingLong),
    ]);
    expect(String(top?.reason)).toBe(String(reason));
  });

  test("names the asset that only one venue lists", () => {
    const { dropped } = rankOpportunities({
      legs: [leg("alpha", "BTC", "0.1", null)],
      parameters: PARAMETERS,
      idFor: () => "x",
    });
    expect(dropped).toEqual([{ asset: "BTC", reason: "NO_SECOND_VENUE" }]);
  });

  test("finds the pair that trying all pairs would find", () => {
    const one = fc.record({
      venue: fc.constantFrom("a", "b", "c", "d", "e"),
      trailing: fc.integer({ min: -500, max: 500 }),
      fee: fc.integer({ min: 0, max: 20 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(one, { minLength: 2, maxLength: 5, selector: (leg) => leg.venue }),
        (specs) => {
          const legs = specs.map(({ venue, trailing, fee }) => {
            const built = leg(venue, "BTC", "0", dec(String(trailing)).div("10000000").toFixed());
            return {
              ...built,
              instrument: {
                ...built.instrument,
                takerFeeRate: rate(dec(String(fee)).div("10000")),
              },
            };
          });
          const cost = (one: RankLeg) => one.instrument.takerFeeRate.times("2");
          const worth = (short: RankLeg, long: RankLeg) =>
            expectedPerHour(short)
              .minus(expectedPerHour(long))
              .minus(cost(short).plus(cost(long)).div("504"));
          const all = legs.flatMap((short) =>
            legs
              .filter((long) => mayPair(short.instrument, long.instrument))
              .map((long) => worth(short, long)),
          );
          const found = pairLegs(legs, dec("504"), cost).get("BTC");
          const most = all.reduce((top, next) => (next.gt(top) ? next : top));
          expect(found ? worth(found.short, found.long).toFixed(30) : "none").toBe(
            most.toFixed(30),
          );
        },
      ),
    );
  });
});
