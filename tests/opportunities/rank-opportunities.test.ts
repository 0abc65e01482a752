import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { dec } from "#src/core/decimal.ts";
import { baseSize, price, rate } from "#src/core/units.ts";
import { pairLegs, type RankLeg } from "#src/opportunities/pair-legs.ts";
import { rankOpportunities } from "#src/opportunities/rank-opportunities.ts";
import { instrument, NOW } from "#tests/support/builders.ts";
import { ENTRY_RULES, GOOD_MARKET, SIZE_100 } from "#tests/support/entry-rules.ts";

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
    market: GOOD_MARKET,
  };
}

function rankAll(legs: readonly RankLeg[], rules = ENTRY_RULES) {
  return rankOpportunities({ legs, rules, sizeUsdOf: SIZE_100, idFor: (asset) => asset });
}

function best(legs: readonly RankLeg[]) {
  return rankAll(legs).ranked[0];
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
    const { dropped } = rankAll([leg("alpha", "BTC", "0.1", null)]);
    expect(dropped).toEqual([{ asset: "BTC", reason: "NO_SECOND_VENUE" }]);
  });

  test("finds the pair that trying all pairs would find, also with spot that is lent or not", () => {
    const one = fc.record({
      venue: fc.constantFrom("a", "b", "c", "d", "e"),
      kind: fc.constantFrom("perp" as const, "spot" as const),
      perHour: fc.integer({ min: -500, max: 500 }),
      borrow: fc.option(fc.integer({ min: 0, max: 300 })),
      fee: fc.integer({ min: 0, max: 20 }),
    });
    const selector = ({ venue, kind }: { venue: string; kind: string }) => `${venue}:${kind}`;
    fc.assert(
      fc.property(fc.uniqueArray(one, { minLength: 1, maxLength: 7, selector }), (specs) => {
        const legs = specs.map(({ venue, kind, perHour, borrow, fee }): RankLeg => {
          const built = leg(venue, "BTC", "0", kind === "spot" ? null : tiny(perHour));
          const takerFeeRate = rate(dec(String(fee)).div("10000"));
          const instrument = { ...built.instrument, kind, takerFeeRate };
          if (kind === "perp") return { ...built, instrument };
          return {
            ...built,
            instrument,
            borrowPerHour: borrow === null ? null : rate(tiny(borrow)),
          };
        });
        const cost = (of: RankLeg) => of.instrument.takerFeeRate.times("2");
        const brings = (of: RankLeg, side: "short" | "long") => {
          if (of.instrument.kind === "perp") return of.trailingPerHour;
          return side === "long" ? dec("0") : (of.borrowPerHour?.neg() ?? null);
        };
        const worth = (short: RankLeg, long: RankLeg) => {
          const [paid, costs] = [brings(short, "short"), brings(long, "long")];
          return paid && costs
            ? paid.minus(costs).minus(cost(short).plus(cost(long)).div("504"))
            : null;
        };
        const all = legs
          .flatMap((short) =>
            legs.filter((long) => mayPair(short, long)).map((long) => worth(short, long)),
          )
          .filter((value) => value !== null);
        const found = pairLegs(legs, dec("504"), cost).get("BTC");
        const [first, ...rest] = all;
        const most = first && rest.reduce((top, next) => (next.gt(top) ? next : top), first);
        expect(found ? worth(found.short, found.long)?.toFixed(30) : undefined).toBe(
          most?.toFixed(30),
        );
        if (found) expect(mayPair(found.short, found.long)).toBe(true);
      }),
    );
  });
});

const tiny = (value: number) => dec(String(value)).div("10000000").toFixed();

/** Perps of two venues, or spot and perp of one. */
function mayPair({ instrument: a }: RankLeg, { instrument: b }: RankLeg): boolean {
  return a.venue === b.venue ? a.kind !== b.kind : a.kind === "perp" && b.kind === "perp";
}
