import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Decimal, dec, ONE, ZERO } from "#src/core/decimal.ts";
import {
  liquidationLevel,
  type Maintenance,
  maintenanceUsd,
  survivableNotional,
} from "#src/core/figures/maintenance.ts";
import { distanceLeft } from "#src/core/figures/margin.ts";
import { baseSize, price, rate, usd } from "#src/core/units.ts";
import { liquidationFar } from "#src/guard/leg-rules.ts";
import { openCheck } from "#tests/support/builders.ts";
import { anyMaintenance, venueKeeps } from "#tests/support/maintenance-tiers.ts";

const MARK = price("100");
const whole = (min: number, max: number) =>
  fc.integer({ min, max }).map((value) => dec(String(value)));
const anyPosition = fc.record({
  maintenance: anyMaintenance,
  side: fc.constantFrom<"short" | "long">("short", "long"),
  sizeBase: whole(1, 40_000).map(baseSize),
  equityUsd: whole(1, 4_000_000),
  otherMaintenanceUsd: whole(0, 50_000),
});
type Held = typeof anyPosition extends fc.Arbitrary<infer T> ? T : never;

/** What an account has beyond what it must keep, once the price has come to `at`: below 0 it is liquidated. */
function slackAt({ maintenance, side, sizeBase, ...account }: Held, at: Decimal): Decimal {
  const move = side === "short" ? MARK.minus(at) : at.minus(MARK);
  const equity = account.equityUsd.plus(sizeBase.times(move));
  return equity.minus(account.otherMaintenanceUsd).minus(venueKeeps(maintenance, sizeBase, at));
}

test("maintenance is what each part of a position keeps in its own tier", () => {
  fc.assert(
    fc.property(anyPosition, ({ maintenance, sizeBase }) => {
      const kept = maintenanceUsd(maintenance, sizeBase, MARK);
      expect(
        kept
          .minus(venueKeeps(maintenance, sizeBase, MARK))
          .abs()
          .lt("1e-20"),
      ).toBe(true);
    }),
  );
});

test("a larger position never keeps less, nor a smaller share of itself", () => {
  fc.assert(
    fc.property(anyPosition, whole(1, 20_000), ({ maintenance, sizeBase }, more) => {
      const [less, kept] = [sizeBase, sizeBase.plus(more)].map((size) =>
        maintenanceUsd(maintenance, size, MARK),
      );
      if (!less || !kept) throw new Error("two sizes");
      expect(kept.gte(less)).toBe(true);
      expect(
        kept
          .times(sizeBase)
          .plus("1e-20")
          .gte(less.times(sizeBase.plus(more))),
      ).toBe(true);
    }),
  );
});

test("the liquidation price is where the venue's own tiers liquidate, and no nearer price is", () => {
  let found = 0;
  fc.assert(
    fc.property(anyPosition, whole(1, 99), (held, percent) => {
      if (slackAt(held, MARK).lte(ZERO)) return;
      const level = liquidationLevel({ ...held, markPrice: MARK });
      if (!level) return;
      found += 1;
      expect(slackAt(held, level).abs().lt("1e-15")).toBe(true);
      const nearer = MARK.plus(level.minus(MARK).times(percent).div("100"));
      expect(slackAt(held, nearer).gt(ZERO)).toBe(true);
    }),
    { numRuns: 500 },
  );
  expect(found).toBeGreaterThan(100);
});

test("whoever is liquidated already has no distance left, in whatever tier", () => {
  fc.assert(
    fc.property(anyPosition, whole(-8_000_000, 100_000), (held, equityUsd) => {
      if (slackAt({ ...held, equityUsd }, MARK).gt(ZERO)) return;
      const level = liquidationLevel({ ...held, equityUsd, markPrice: MARK });
      expect(distanceLeft(held.side, MARK, level).toFixed()).toBe("0");
    }),
    { numRuns: 500 },
  );
});

test("what is said to survive a move survives it under the venue's own tiers, and little more would", () => {
  const anyMove = fc.integer({ min: 5, max: 60 }).map((value) => dec(String(value)).div("100"));
  fc.assert(
    fc.property(anyPosition, anyMove, (held, adverseMove) => {
      const most = survivableNotional({ ...held, markPrice: MARK, adverseMove });
      if (most.eq(ZERO)) return;
      const moved = held.side === "short" ? ONE.plus(adverseMove) : ONE.minus(adverseMove);
      const slackOf = (notional: Decimal) =>
        slackAt({ ...held, sizeBase: baseSize(notional.div(MARK)) }, MARK.times(moved));
      expect(slackOf(most).gt("-1e-15")).toBe(true);
      const isSmooth = held.maintenance.maintenanceTiers?.by !== "size";
      if (isSmooth) expect(slackOf(most.times("1.0001")).lt(ZERO)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("no tiers let the guard pass a leg that its venue would liquidate within the least distance", () => {
  const verdicts = { passed: 0, denied: 0 };
  const anyCase = fc.record({
    maintenance: anyMaintenance,
    at: fc.constantFrom(0 as const, 1 as const),
    lots: fc.integer({ min: 1, max: 40_000 }),
    times: fc.integer({ min: 10, max: 80 }),
  });
  fc.assert(
    fc.property(anyCase, ({ maintenance, at, lots, times }) => {
      const sizeBase = baseSize(dec(String(lots)).div("100"));
      const equityUsd = sizeBase.times("60000").times(String(times)).div("100").toFixed();
      const spec = { sizeBase: sizeBase.toFixed(), equityUsd, instrument: maintenance };
      const check = openCheck([
        { venue: "alpha", side: "short", ...spec },
        { venue: "beta", side: "long", ...spec },
      ]);
      const [leg, seen] = [check.proposal.legs[at], check.snapshot.legs[at]];
      if (liquidationFar(leg, seen, check) !== null) {
        verdicts.denied += 1;
        return;
      }
      verdicts.passed += 1;
      const least = check.limits.minLiquidationDistance.minus("1e-15");
      const move = seen.markPrice.times(least);
      const moved = leg.side === "short" ? seen.markPrice.plus(move) : seen.markPrice.minus(move);
      const left = seen.account.equityUsd.minus(sizeBase.times(move));
      expect(left.gte(venueKeeps(maintenance, sizeBase, moved))).toBe(true);
    }),
    { numRuns: 500 },
  );
  expect(Math.min(verdicts.passed, verdicts.denied)).toBeGreaterThan(50);
});

test("an account that is beyond liquidation already is too near it, however far", () => {
  const check = openCheck([
    { venue: "alpha", side: "short", equityUsd: "30000" },
    { venue: "beta", side: "long", equityUsd: "30000" },
  ]);
  for (const at of [0, 1] as const) {
    const [leg, seen] = [check.proposal.legs[at], check.snapshot.legs[at]];
    const account = { ...seen.account, maintenanceUsd: usd("60000") };
    expect(liquidationFar(leg, { ...seen, account }, check)?.code).toBe("LIQUIDATION_TOO_NEAR");
  }
});

test("where tiers are unknown the one rate counts for all of it", () => {
  const flat: Maintenance = { maintenanceRate: rate("0.02") };
  expect(maintenanceUsd(flat, dec("5"), MARK).toFixed()).toBe("10");
});
