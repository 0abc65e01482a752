import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { dec, ONE, ZERO } from "#src/core/decimal.ts";
import { maintenanceUsd } from "#src/core/figures/maintenance.ts";
import { equalisingTransfer } from "#src/core/rules/equalising-transfer.ts";
import {
  distanceOf,
  judgeMargin,
  type LegMargin,
  type MarginRules,
  settledBand,
  shareToCut,
} from "#src/core/rules/judge-margin.ts";
import { baseSize, price, rate } from "#src/core/units.ts";

const RULES: MarginRules = {
  ratio: { green: dec("5"), yellow: dec("3"), orange: dec("2") },
  distance: { green: dec("0.3"), yellow: dec("0.2"), orange: dec("0.1") },
  leastCut: dec("0.25"),
};

/** One leg alone in its account. */
function leg(
  over: Partial<Omit<LegMargin, "equityUsd">> & { readonly equityUsd: string },
): LegMargin {
  const sizeBase = over.sizeBase ?? baseSize("1");
  const markPrice = over.markPrice ?? price("100");
  const maintenance = over.maintenance ?? { maintenanceRate: rate("0.01") };
  return {
    ...{ side: "short", sizeBase, markPrice, maintenance, liquidationPrice: null },
    maintenanceUsd: maintenanceUsd(maintenance, sizeBase, markPrice),
    ...over,
    equityUsd: dec(over.equityUsd),
  };
}

const anyLeg = fc
  .record({
    side: fc.constantFrom<"short" | "long">("short", "long"),
    equity: fc.integer({ min: 102, max: 6_000 }),
    lots: fc.integer({ min: 1, max: 400 }),
    maintenance: fc.constantFrom("0.004", "0.01", "0.05"),
  })
  .map(({ side, equity, lots, maintenance }) =>
    leg({
      ...{ side, maintenance: { maintenanceRate: rate(maintenance) } },
      sizeBase: baseSize(dec(String(lots)).div("100")),
      equityUsd: dec(String(equity)).div("100").toFixed(),
    }),
  );

describe("the band of a leg", () => {
  test("is the worse of ratio and distance, and a boundary belongs to the better one", () => {
    const at = (liquidation: string) =>
      judgeMargin(leg({ equityUsd: "50", liquidationPrice: price(liquidation) }), RULES).band;
    expect([at("130"), at("129.9"), at("120"), at("119.9"), at("110"), at("109.9")]).toEqual([
      ...(["green", "yellow", "yellow", "orange", "orange", "red"] as const),
    ]);
    const far = leg({ equityUsd: "2", liquidationPrice: price("200") });
    expect(judgeMargin(far, RULES).band).toBe("orange");
    expect(judgeMargin({ ...far, equityUsd: dec("1.99") }, RULES).band).toBe("red");
  });

  test("is red where the liquidation price lies behind the mark, or the equity is gone", () => {
    expect(judgeMargin(leg({ equityUsd: "50", liquidationPrice: price("99") }), RULES).band).toBe(
      "red",
    );
    expect(judgeMargin(leg({ equityUsd: "-500" }), RULES).band).toBe("red");
    const long = leg({ side: "long", equityUsd: "50", liquidationPrice: price("101") });
    expect(judgeMargin(long, RULES).distance.toFixed()).toBe("0");
  });

  test("believes the venue's own ratio where it is the worse one, and cuts by it", () => {
    const calm = leg({ equityUsd: "50", liquidationPrice: price("150") });
    expect(judgeMargin({ ...calm, venueRatio: dec("500") }, RULES).band).toBe("green");
    const worried = { ...calm, venueRatio: dec("2.5") };
    expect(judgeMargin(worried, RULES)).toMatchObject({ band: "orange", ratio: dec("2.5") });
    expect(shareToCut(worried, RULES).toFixed(4)).toBe("0.5455");
    // Where it names no price, what it does not count backs nothing either.
    const unnamed = leg({ equityUsd: "50", venueRatio: dec("12") });
    expect(judgeMargin(unnamed, RULES).distance.toFixed(4)).toBe("0.1089");
  });

  test("is told of as better only when it is clearly so, and as worse at once", () => {
    const at = (was: "green" | "yellow" | "orange", liquidation: string) =>
      settledBand(was, leg({ equityUsd: "50", liquidationPrice: price(liquidation) }), RULES);
    expect([
      at("green", "130"),
      at("green", "129.9"),
      at("yellow", "130"),
      at("yellow", "133"),
    ]).toEqual(["green", "yellow", "yellow", "green"]);
    expect([at("orange", "121"), at("orange", "122"), at("orange", "133")]).toEqual([
      ...(["orange", "yellow", "green"] as const),
    ]);
  });
});

describe("cutting a leg to its target", () => {
  test("with ideal fills leaves it green, whatever it was, and never turns it around", () => {
    fc.assert(
      fc.property(anyLeg, (before) => {
        const share = shareToCut(before, RULES);
        expect(share.gte(RULES.leastCut) && share.lte(ONE)).toBe(true);
        const left = before.sizeBase.times(ONE.minus(share));
        if (left.lte(ZERO)) return;
        const after = leg({
          ...before,
          sizeBase: baseSize(left),
          equityUsd: before.equityUsd.toFixed(),
          maintenanceUsd: before.maintenanceUsd.times(ONE.minus(share)),
        });
        const { band, ratio, distance } = judgeMargin(after, RULES);
        expect(band).toBe("green");
        expect(ratio === null || ratio.gte(RULES.ratio.green)).toBe(true);
        expect(distance.gte(RULES.distance.green)).toBe(true);
      }),
    );
  });
});

describe("a transfer between two accounts", () => {
  test("makes both legs equally far from liquidation, to a dollar, and takes no more than is free", () => {
    fc.assert(
      fc.property(anyLeg, anyLeg, (first, second) => {
        const [poor, rich] = [first, second].toSorted((a, b) => distanceOf(a).cmp(distanceOf(b)));
        if (!poor || !rich) return;
        const freeUsd = rich.equityUsd;
        const plan = equalisingTransfer({ poor, rich, freeUsd });
        // Nearer than nothing is no distance, and red: that is closed, not topped up.
        if (!plan || distanceOf(rich).eq(ONE) || distanceOf(poor).eq(ZERO)) return;
        const [a, b] = [
          distanceOf({ ...poor, equityUsd: poor.equityUsd.plus(plan.amountUsd) }),
          distanceOf({ ...rich, equityUsd: rich.equityUsd.minus(plan.amountUsd) }),
        ];
        expect(plan.amountUsd.lte(freeUsd)).toBe(true);
        const isNear = (x: typeof a, y: typeof a) => x.minus(y).abs().lt("1e-20");
        // A well-covered long has no price that liquidates it: there distance ends at 1.
        if (a.lt(ONE) && b.lt(ONE)) {
          expect(isNear(a, plan.poorAfter) && isNear(b, plan.richAfter)).toBe(true);
          expect(a.lte(b.plus("1e-20")) || plan.amountUsd.eq(freeUsd)).toBe(true);
        }
      }),
    );
  });
});
