import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { canonicalHash } from "#src/core/canonical-hash.ts";
import { dec } from "#src/core/decimal.ts";
import type { Mandate, MandateUse } from "#src/core/mandate.ts";
import type { LegSnapshot } from "#src/core/snapshot.ts";
import { baseSize, notionalUsd, rate, signedBase, usd } from "#src/core/units.ts";
import { denialSentence } from "#src/core/words/plain-words.ts";
import { checkOpen, reviewOpen } from "#src/guard/check.ts";
import type { OpenCheck } from "#src/guard/leg-rules.ts";
import { checkMandate } from "#src/guard/mandate-rules.ts";
import { approvalOf, borrowRate, type LegSpec, NOW, openCheck } from "#tests/support/builders.ts";

const SPOT = { symbol: "BTC-SPOT", kind: "spot", maxLeverage: dec("1") } as const;

const MANDATE: Mandate = {
  ...{ id: "M-1", ownerId: 1, state: "armed", assets: [], venues: [], spotVenues: [] },
  ...{ perHedgeUsd: notionalUsd("50000"), totalUsd: notionalUsd("100000"), opensPerDay: 2 },
  ...{ lossPerDayUsd: notionalUsd("25"), armedAt: 1, endsAt: 3 },
};
const UNUSED: MandateUse = {
  ...{ marketNow: 2, openUsd: notionalUsd("0"), opensToday: 0, pnlTodayUsd: usd("0") },
};

/** Half a bitcoin of spot against the perp of the same venue: 30,000 USD a leg. */
function spotPerp(spotSide: "long" | "short", over: Partial<LegSpec> = {}): OpenCheck {
  const perpSide = spotSide === "long" ? "short" : "long";
  return openCheck([
    { venue: "alpha", side: spotSide, equityUsd: "50000", ...over, instrument: SPOT },
    { venue: "alpha", side: perpSide, equityUsd: "50000", ...over },
  ]);
}

function withLegs(check: OpenCheck, change: (leg: LegSnapshot) => Partial<LegSnapshot>): OpenCheck {
  const [a, b] = check.snapshot.legs;
  const legs = [
    { ...a, ...change(a) },
    { ...b, ...change(b) },
  ] as const;
  return { ...check, snapshot: { ...check.snapshot, legs } };
}

const onSpot = (check: OpenCheck, over: Partial<LegSnapshot>) =>
  withLegs(check, ({ instrument }) => (instrument.kind === "spot" ? over : {}));

const codes = (check: OpenCheck) => reviewOpen(check).map((one) => one.code);

describe("spot and perp of one venue", () => {
  test.each(["long", "short"] as const)("pass with spot %s", (side) => {
    expect(codes(spotPerp(side))).toEqual([]);
  });

  test("pass on one venue only: spot beside another venue's perp is no hedge of ours", () => {
    const check = openCheck([
      { venue: "alpha", side: "long", instrument: SPOT },
      { venue: "beta", side: "short" },
    ]);
    expect(codes(check)).toEqual(["VENUE_PAIR_INVALID"]);
  });

  test("what is called spot must be spot, and the other way round", () => {
    const named = openCheck([
      { venue: "alpha", side: "long", instrument: { symbol: "BTC-SPOT" } },
      { venue: "beta", side: "short" },
    ]);
    expect(codes(named)).toEqual(["SNAPSHOT_MISMATCH"]);
    const unnamed = openCheck([
      { venue: "alpha", side: "long", instrument: { ...SPOT, symbol: "BTC-USDT" } },
      { venue: "alpha", side: "short" },
    ]);
    expect(codes(unnamed)).toEqual(["SNAPSHOT_MISMATCH"]);
  });

  test("under a mandate only where it names spot", () => {
    const { proposal, snapshot } = spotPerp("long");
    const breaches = (spotVenues: readonly string[]) => {
      const standing = { mandate: { ...MANDATE, spotVenues }, use: UNUSED };
      return checkMandate(proposal, standing, snapshot).map(({ code }) => code);
    };
    expect(breaches(["alpha"])).toEqual([]);
    expect(breaches([])).toEqual(["MANDATE_SPOT_NOT_ALLOWED"]);
    expect(breaches(["beta"])).toEqual(["MANDATE_SPOT_NOT_ALLOWED"]);
  });

  test("coins are paid in full, whatever leverage a venue names for spot", () => {
    const check = onSpot(spotPerp("long"), { leverage: dec("2") });
    const [spot] = check.snapshot.legs;
    const generous = onSpot(check, { instrument: { ...spot.instrument, maxLeverage: dec("5") } });
    expect(codes(generous)).toEqual(["LEVERAGE_EXCEEDS_LIMIT"]);
  });

  test("both legs' needs add up where one balance backs them, and not where wallets are apart", () => {
    // 30,000 for the coins and 10,000 for the perp at leverage 3: each alone is there, both are not.
    const poor = withLegs(spotPerp("long"), ({ account }) => ({
      account: { ...account, freeCollateralUsd: usd("35000") },
    }));
    expect(codes(poor)).toEqual(["MARGIN_INSUFFICIENT"]);
    const apart = withLegs(poor, ({ account, instrument }) => ({
      account: { ...account, wallet: instrument.kind },
    }));
    expect(codes(apart)).toEqual([]);
  });

  test("what an opening in flight takes there is not there for this one", () => {
    const check = withLegs(spotPerp("long"), ({ account }) => ({
      account: { ...account, freeCollateralUsd: usd("60000") },
    }));
    const taking = (text: string): OpenCheck => ({
      ...check,
      snapshot: { ...check.snapshot, reservedUsd: new Map([["alpha", usd(text)]]) },
    });
    // 30,000 for the coins and 10,000 for the perp: 20,000 fit beside it, and no dollar more.
    expect(codes(taking("20000"))).toEqual([]);
    expect(codes(taking("20001"))).toEqual(["MARGIN_INSUFFICIENT"]);
  });

  test("what the coins cost backs no perp: its liquidation is judged with what is left", () => {
    const poor = withLegs(spotPerp("long", { equityUsd: "36000" }), ({ account }) => ({
      account: { ...account, equityUsd: usd("37500"), freeCollateralUsd: usd("60000") },
    }));
    // 7,500 left for 30,000 of perp: a quarter away, and less 1 % of maintenance a little under.
    expect(codes(poor)).toEqual([]);
    const poorer = withLegs(poor, ({ account }) => ({
      account: { ...account, equityUsd: usd("36200") },
    }));
    expect(codes(poorer)).toEqual(["NOTIONAL_EXCEEDS_EQUITY_SHARE", "LIQUIDATION_TOO_NEAR"]);
  });

  test.each(["long", "short"] as const)(
    "an account that is past liquidation already is not far from it: spot %s",
    (side) => {
      const ruined = withLegs(spotPerp(side), ({ account }) => ({
        account: { ...account, maintenanceUsd: usd(account.equityUsd.times("2")) },
      }));
      expect(codes(ruined)).toEqual(["LIQUIDATION_TOO_NEAR"]);
    },
  );

  test("a borrowed short can be liquidated, coins that are paid for cannot", () => {
    const heavy = { maintenanceUsd: usd("48000") };
    const near = (side: "long" | "short") =>
      onSpot(spotPerp(side), {
        account: { ...spotPerp(side).snapshot.legs[0].account, ...heavy, wallet: "spot" },
      });
    expect(codes(near("short"))).toEqual(["LIQUIDATION_TOO_NEAR"]);
    expect(codes(near("long"))).toEqual([]);
  });

  test.each([
    ["BORROW_UNKNOWN", null],
    ["BORROW_UNKNOWN", borrowRate({ asset: "ETH" })],
    ["BORROW_UNKNOWN", borrowRate({ venue: "beta" })],
    ["BORROW_STALE", borrowRate({ observedAt: NOW - 60_001 })],
    ["BORROW_STALE", borrowRate({ observedAt: NOW + 60_000 })],
    ["BORROW_INSUFFICIENT", borrowRate({ maxBorrowBase: baseSize("0.4999") })],
  ] as const)("a short is denied with %s, and a long does not care", (code, borrow) => {
    expect(codes(onSpot(spotPerp("short"), { borrow }))).toEqual([code]);
    expect(codes(onSpot(spotPerp("long"), { borrow }))).toEqual([]);
  });

  test("a loan may cost a fifth more at the tap than the card said, and no more", () => {
    const atTap = (perHour: string) => {
      const check = onSpot(spotPerp("short"), { borrow: borrowRate({ perHour: rate(perHour) }) });
      const proposalHash = canonicalHash(check.proposal);
      const verdict = checkOpen({ ...check, proposalHash, authority: approvalOf(check.proposal) });
      return verdict.ok ? [] : verdict.denials.map((one) => one.code);
    };
    expect(atTap("0.0000012")).toEqual([]);
    expect(atTap("0.0000005")).toEqual([]);
    expect(atTap("0.00000121")).toEqual(["BORROW_MOVED"]);
    // A card is only shown: what it says of the loan is the reading that it is judged with.
    const dearer = onSpot(spotPerp("short"), { borrow: borrowRate({ perHour: rate("0.009") }) });
    expect(codes(dearer)).toEqual([]);
  });

  test("a venue that does not say how much it lends may still lend enough", () => {
    const borrow = borrowRate({ maxBorrowBase: null, perHour: rate("0") });
    expect(codes(onSpot(spotPerp("short"), { borrow }))).toEqual([]);
  });

  test("less coins than any order could sell are no position; more are the owner's own", () => {
    // 5 USD at 60,000 are 0.00008.., which the lot makes 0.001.
    const dust = { positionBase: signedBase("0.0009") };
    expect(codes(onSpot(spotPerp("long"), dust))).toEqual([]);
    const own = onSpot(spotPerp("long"), { positionBase: signedBase("0.001") });
    const [denial] = reviewOpen(own);
    expect(denial?.code).toBe("POSITION_UNEXPECTED");
    expect(denial && denialSentence(denial)).toContain("sub-account");
  });

  test("onto a debt no coins are bought, however small it is; another loan beside it is one", () => {
    const debt = { positionBase: signedBase("-0.0000001") };
    expect(codes(onSpot(spotPerp("short"), debt))).toEqual([]);
    const [denial] = reviewOpen(onSpot(spotPerp("long"), debt));
    expect(denial?.code).toBe("POSITION_UNEXPECTED");
    expect(denial && denialSentence(denial)).toContain("repay it there, then ask again");
  });

  test("whatever the balances are, an allowed pair survives the promised move of the perp with its coins frozen", () => {
    const balances = fc.record({
      equity: fc.integer({ min: 20_000, max: 60_000 }),
      free: fc.integer({ min: 20_000, max: 60_000 }),
    });
    fc.assert(
      fc.property(balances, ({ equity, free }) => {
        const check = withLegs(spotPerp("long"), ({ account }) => ({
          account: {
            ...account,
            equityUsd: usd(String(equity)),
            freeCollateralUsd: usd(String(free)),
          },
        }));
        if (codes(check).length > 0) return;
        // 30,000 in coins, 30,000 of perp: a rise of 20 % costs 6,000, and 1 % of 36,000 must be kept.
        expect(equity - 30_000 - 6_000).toBeGreaterThanOrEqual(360);
        expect(free).toBeGreaterThanOrEqual(40_000);
      }),
    );
  });
});
