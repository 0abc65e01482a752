import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Decimal, dec, isMultipleOf, sum } from "#src/core/decimal.ts";
import type { HeldLeg } from "#src/core/rules/allocation.ts";
import { baseSize, notionalUsd, usd } from "#src/core/units.ts";
import { tightenLimits } from "#src/guard/limits.ts";
import { type BoundedLeg, boundSize } from "#src/proposals/bound-size.ts";
import { sizeHedge, withHeadroom } from "#src/proposals/size-hedge.ts";
import { legSnapshot, portfolio } from "#tests/support/builders.ts";
import { anyMaintenance, venueKeeps } from "#tests/support/maintenance-tiers.ts";

const PRICE = dec("100");
const LIMITS = tightenLimits({
  hardCapUsd: notionalUsd("50000"),
  venueShareOfEquity: dec("0.5"),
  singlePosition: dec("0.3"),
  maxUtilisation: dec("0.85"),
  reserve: dec("0.1"),
});
const SETTINGS = {
  depthUseFraction: dec("0.25"),
  oiFraction: dec("0.005"),
  shock: dec("0.3"),
  minPositionUsd: dec("20"),
};

const dollars = (min: number, max: number) =>
  fc.integer({ min, max }).map((value) => dec(String(value)));
const bounded = (venue: string, side: "short" | "long") =>
  fc
    .record({
      equity: dollars(0, 20_000),
      free: fc.integer({ min: 0, max: 100 }).map((value) => dec(String(value)).div("100")),
      maintenance: dollars(0, 300),
      interest: fc.option(dollars(0, 2_000_000), { nil: null }),
      depthUsd: dollars(0, 40_000),
      kept: anyMaintenance,
      lot: fc.constantFrom("0.001", "0.03", "0.5", "1"),
      leverage: dollars(1, 10),
    })
    .map((drawn): BoundedLeg => {
      const lotStepBase = baseSize(drawn.lot);
      const one = legSnapshot({
        ...{ venue, side, price: PRICE.toFixed() },
        instrument: { lotStepBase, minSizeBase: lotStepBase, ...drawn.kept },
      });
      const leg = {
        ...one,
        leverage: drawn.leverage,
        openInterestUsd: drawn.interest && notionalUsd(drawn.interest),
        account: {
          ...one.account,
          equityUsd: usd(drawn.equity),
          freeCollateralUsd: usd(drawn.equity.times(drawn.free)),
          maintenanceUsd: usd(drawn.maintenance),
        },
      };
      return { leg, side, depthUsd: drawn.depthUsd, limitPrice: PRICE };
    });
const neighbour = fc
  .record({
    venue: fc.constantFrom("alpha", "beta", "gamma"),
    other: fc.constantFrom("alpha", "beta", "gamma"),
    size: dollars(0, 5_000),
  })
  .map(({ venue, other, size }): readonly [HeldLeg, HeldLeg] => [
    { venue, side: "short", notionalUsd: notionalUsd(size) },
    { venue: other, side: "long", notionalUsd: notionalUsd(size) },
  ]);

test("a size is on both lots, below every bound, and outlives the shock beside its neighbours", () => {
  const boundBy = new Set<string>();
  fc.assert(
    fc.property(
      bounded("alpha", "short"),
      bounded("beta", "long"),
      fc.array(neighbour, { maxLength: 3 }),
      dollars(0, 10_000),
      (short, long, hedges, elsewhere) => {
        const legs = [short, long] as const;
        const equities = legs.map(({ leg }) => leg.account.equityUsd);
        const frees = legs.map(({ leg }) => leg.account.freeCollateralUsd);
        const book = portfolio({
          equityUsd: usd(sum([...equities, elsewhere])),
          freeUsd: usd(sum([...frees, elsewhere])),
          hedges,
        });
        const sized = sizeBoth(legs, book);
        if (!sized.ok) return;
        boundBy.add(sized.boundBy);
        const notional = sized.sizeBase.times(PRICE);
        expect(notional.gte(SETTINGS.minPositionUsd)).toBe(true);
        expect(notional.lte(book.equityUsd.times("0.3"))).toBe(true);
        for (const one of legs) expectFits(one, sized.sizeBase, hedges, book.equityUsd);
      },
    ),
    { numRuns: 700 },
  );
  // All that a random case can be bound by, often enough to be sure of.
  for (const name of ["openInterest", "venueRoom", "depthUsd"]) expect(boundBy).toContain(name);
});

test("one hedge is no more of all equity than it may be, however much one pair of accounts holds", () => {
  const leg = (venue: string, side: "short" | "long"): BoundedLeg => ({
    leg: legSnapshot({ venue, side, equityUsd: "5000", price: "100" }),
    ...{ side, depthUsd: dec("1000000"), limitPrice: PRICE },
  });
  const legs = [leg("alpha", "short"), leg("beta", "long")] as const;

  const sized = sizeBoth(legs, portfolio({ equityUsd: usd("10000"), freeUsd: usd("10000") }));

  expect(sized).toMatchObject({ ok: true, boundBy: "singlePosition" });
  expect(String(Object(sized).sizeBase)).toBe("30");
});

test("a price shock decides where neighbours on the same side would lose with it", () => {
  const leg = (venue: string, side: "short" | "long"): BoundedLeg => ({
    leg: legSnapshot({ venue, side, equityUsd: "2000", price: "100" }),
    ...{ side, depthUsd: dec("1000000"), limitPrice: PRICE },
  });
  const legs = [leg("alpha", "short"), leg("beta", "long")] as const;
  const beside = (side: "short" | "long", size: string): readonly [HeldLeg, HeldLeg] => [
    { venue: "alpha", side, notionalUsd: notionalUsd(size) },
    { venue: "gamma", side: side === "short" ? "long" : "short", notionalUsd: notionalUsd(size) },
  ];
  const sizedBeside = (side: "short" | "long") =>
    sizeBoth(legs, portfolio({ equityUsd: usd("100000"), hedges: [beside(side, "5000")] }));

  // 5,000 short beside it lose 1,500 of the 2,000 in a rise of 30 %: 500 / (0.3 + 0.01 × 1.3) are left.
  expect(sizedBeside("short")).toMatchObject({ ok: true, boundBy: "shock" });
  expect(String(Object(sizedBeside("short")).sizeBase)).toBe("15.974");
  expect(sizedBeside("long")).toMatchObject({ ok: true, boundBy: "equityShare" });
});

test("open interest that nobody tells bounds nothing; what one leg tells bounds both", () => {
  const at = (openInterestUsd: string | null, venue: string, side: "short" | "long") => ({
    leg: {
      ...legSnapshot({ venue, side, price: "100" }),
      openInterestUsd: openInterestUsd === null ? null : notionalUsd(openInterestUsd),
    },
    ...{ side, depthUsd: dec("1000000"), limitPrice: PRICE },
  });
  const boundOf = (first: string | null, second: string | null) =>
    boundSize(
      [at(first, "alpha", "short"), at(second, "beta", "long")],
      ...([{ portfolio: portfolio(), reservedUsd: new Map() }, LIMITS, SETTINGS, null] as const),
    ).openInterest?.toFixed();

  expect(boundOf(null, null)).toBeUndefined();
  expect(boundOf("1000000", null)).toBe("5000");
  expect(boundOf("1000000", "400000")).toBe("2000");
});

function sizeBoth(
  legs: readonly [BoundedLeg, BoundedLeg],
  book: ReturnType<typeof portfolio>,
): ReturnType<typeof sizeHedge> {
  const sizeLeg = ({ leg, limitPrice }: BoundedLeg) => ({
    equityUsd: leg.account.equityUsd,
    price: limitPrice,
    lotStepBase: leg.instrument.lotStepBase,
    minSizeBase: leg.instrument.minSizeBase,
    minNotionalUsd: withHeadroom(SETTINGS.minPositionUsd),
  });
  return sizeHedge({
    legs: [sizeLeg(legs[0]), sizeLeg(legs[1])],
    equityShare: LIMITS.equityShare,
    hardCapUsd: LIMITS.hardCapUsd,
    bounds: boundSize(legs, { portfolio: book, reservedUsd: new Map() }, LIMITS, SETTINGS, null),
  });
}

/** Each limit worked out anew, from what it protects. */
function expectFits(
  { leg, side, depthUsd }: BoundedLeg,
  sizeBase: Decimal,
  hedges: readonly (readonly [HeldLeg, HeldLeg])[],
  totalUsd: Decimal,
): void {
  const { account, instrument, openInterestUsd, leverage } = leg;
  const notional = sizeBase.times(PRICE);
  expect(isMultipleOf(sizeBase, instrument.lotStepBase)).toBe(true);
  expect(notional.lte(depthUsd.div("4"))).toBe(true);
  expect(notional.lte(account.equityUsd.times("0.8"))).toBe(true);
  if (openInterestUsd) expect(notional.times("200").lte(openInterestUsd)).toBe(true);
  expect(notional.lte(account.freeCollateralUsd.times("0.9").times(leverage))).toBe(true);
  const here = hedges.flat().filter((one) => one.venue === instrument.venue);
  const held = sum(here.map((one) => one.notionalUsd));
  expect(held.plus(notional).lte(totalUsd.div("2"))).toBe(true);
  const neighbours = sum(here.filter((one) => one.side === side).map((one) => one.notionalUsd));
  const left = account.equityUsd.minus(notional.plus(neighbours).times(SETTINGS.shock));
  const shocked = PRICE.times(side === "short" ? "1.3" : "0.7");
  const kept = venueKeeps(instrument, sizeBase, shocked).plus(account.maintenanceUsd);
  expect(left.gte(kept)).toBe(true);
}
