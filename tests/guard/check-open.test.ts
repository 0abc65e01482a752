import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { canonicalHash } from "#src/core/canonical-hash.ts";
import { dec } from "#src/core/decimal.ts";
import type { DenialCode } from "#src/core/denial.ts";
import type { Mandate, MandateUse } from "#src/core/mandate.ts";
import type { OpenLeg } from "#src/core/proposal.ts";
import type { LegSnapshot } from "#src/core/snapshot.ts";
import { baseSize, notionalUsd, price, rate, signedBase, usd } from "#src/core/units.ts";
import { type Authority, checkOpen, reviewOpen } from "#src/guard/check.ts";
import type { OpenCheck } from "#src/guard/leg-rules.ts";
import { CEILINGS, type GuardLimits, tightenLimits } from "#src/guard/limits.ts";
import { Ticket } from "#src/guard/ticket.ts";
import { approvalOf, NOW, openCheck } from "#tests/support/builders.ts";

interface Case {
  readonly check: OpenCheck;
  readonly authority?: Authority | null;
}

/** A valid pair of random size and price, on either leg order. */
const validCheck = fc
  .record({
    lots: fc.integer({ min: 1, max: 400 }),
    priceCents: fc.integer({ min: 1_000_000, max: 9_000_000 }),
    swapped: fc.boolean(),
  })
  .map(({ lots, priceCents, swapped }) => {
    const at = dec(String(priceCents)).div("100").toFixed();
    const size = dec(String(lots)).times("0.001").toFixed();
    const equityUsd = dec(size).times(at).times("3").plus("10").toFixed();
    const legs = [
      { venue: "alpha", side: swapped ? "long" : "short", price: at, sizeBase: size, equityUsd },
      { venue: "beta", side: swapped ? "short" : "long", price: at, sizeBase: size, equityUsd },
    ] as const;
    return openCheck([legs[0], legs[1]]);
  });

/** Each breaks exactly one rule of a valid plan, on the leg that is drawn. */
const BREAKERS: readonly (readonly [DenialCode, (check: OpenCheck, leg: 0 | 1) => Case])[] = [
  ["TRADING_HALTED", (check) => ({ check: { ...check, tradingState: "halted" } })],
  ["TRADING_REDUCING", (check) => ({ check: { ...check, tradingState: "reducing" } })],
  [
    "ENTRY_STOPPED",
    (check, at) => ({
      check: {
        ...check,
        snapshot: {
          ...check.snapshot,
          entryStops: [
            {
              ...{ reason: "COOLDOWN", asset: "BTC", venue: check.proposal.legs[at].venue },
              ...{ mixedOnly: false, until: NOW, figure: null },
            },
          ],
        },
      },
    }),
  ],
  ["PROPOSAL_EXPIRED", (check) => ({ check: plan(check, { expiresAt: NOW }) })],
  ["ASSET_MISMATCH", (check, at) => ({ check: leg(check, at, { asset: "ETH" }) })],
  [
    "SAME_DIRECTION",
    (check, at) => ({
      check: leg(check, at, { side: check.proposal.legs[at === 0 ? 1 : 0].side }),
    }),
  ],
  [
    "ASSET_ALREADY_HEDGED",
    (check) => ({ check: { ...check, snapshot: { ...check.snapshot, hedgedAssets: ["BTC"] } } }),
  ],
  ["INSTRUMENT_NOT_LINEAR", (check, at) => ({ check: instrument(check, at, { linear: false }) })],
  [
    "SIZE_OFF_LOT",
    (check, at) => ({
      check: instrument(check, at, { lotStepBase: baseSize(check.proposal.sizeBase.times("2")) }),
    }),
  ],
  [
    "SIZE_BELOW_MINIMUM",
    (check, at) => ({
      check: instrument(check, at, {
        minSizeBase: baseSize(check.proposal.sizeBase.plus("0.001")),
      }),
    }),
  ],
  [
    "NOTIONAL_EXCEEDS_HARD_CAP",
    (check) => ({
      check: { ...check, limits: { ...check.limits, hardCapUsd: notionalUsd("0.01") } },
    }),
  ],
  [
    "EQUITY_UNKNOWN",
    (check) => ({ check: { ...check, snapshot: { ...check.snapshot, portfolio: null } } }),
  ],
  ["VENUE_SHARE_EXCEEDED", (check) => limited(check, { venueShareOfEquity: dec("1e-9") })],
  ["SINGLE_POSITION_EXCEEDED", (check) => limited(check, { singlePosition: dec("1e-9") })],
  ["UTILISATION_EXCEEDED", (check) => limited(check, { maxUtilisation: dec("1e-9") })],
  ["RESERVE_EXCEEDED", (check) => limited(check, { reserve: dec("1") })],
  ["LEVERAGE_EXCEEDS_LIMIT", (check, at) => ({ check: seen(check, at, { leverage: dec("11") }) })],
  [
    "MARGIN_INSUFFICIENT",
    (check, at) => ({ check: account(check, at, { freeCollateralUsd: usd("0.01") }) }),
  ],
  [
    "LIQUIDATION_TOO_NEAR",
    (check, at) => ({
      check: account(check, at, { maintenanceUsd: usd(check.snapshot.legs[at].account.equityUsd) }),
    }),
  ],
  ["RATE_STALE", (check, at) => ({ check: funding(check, at, { observedAt: NOW - 60_001 }) })],
  ["RATE_IMPLAUSIBLE", (check, at) => ({ check: funding(check, at, { rate: rate("-0.041") }) })],
  ["BOOK_STALE", (check, at) => ({ check: book(check, at, { observedAt: NOW - 5_001 }) })],
  ["EQUITY_STALE", (check, at) => ({ check: account(check, at, { observedAt: NOW - 30_001 }) })],
  [
    "POSITION_UNEXPECTED",
    (check, at) => ({ check: seen(check, at, { positionBase: signedBase("-0.001") }) }),
  ],
  ["SNAPSHOT_MISMATCH", (check, at) => ({ check: book(check, at, { symbol: "OTHER" }) })],
  [
    "PRICE_MOVED",
    (check, at) => ({
      check: leg(check, at, { priceSeen: price(check.proposal.legs[at].priceSeen.times("1.006")) }),
    }),
  ],
  ["AUTHORITY_MISSING", (check) => ({ check, authority: null })],
  [
    "AUTHORITY_MISMATCH",
    (check) => ({ check, authority: { kind: "approval", approvalId: "n", subjectHash: "other" } }),
  ],
  ["MANDATE_NOT_ARMED", (check) => ({ check, authority: mandate(check, { state: "revoked" }) })],
  ["MANDATE_ENDED", (check) => ({ check, authority: mandate(check, { endsAt: NOW }) })],
  [
    "MANDATE_PER_HEDGE_EXCEEDED",
    (check) => ({ check, authority: mandate(check, { perHedgeUsd: notionalUsd("0.01") }) }),
  ],
  [
    "MANDATE_TOTAL_EXCEEDED",
    (check) => ({ check, authority: mandate(check, {}, { openUsd: notionalUsd("100000000") }) }),
  ],
  [
    "MANDATE_OPENS_EXCEEDED",
    (check) => ({ check, authority: mandate(check, {}, { opensToday: 2 }) }),
  ],
  [
    "MANDATE_LOSS_EXCEEDED",
    (check) => ({ check, authority: mandate(check, {}, { pnlTodayUsd: usd("-25.01") }) }),
  ],
  [
    "MANDATE_ASSET_NOT_ALLOWED",
    (check) => ({ check, authority: mandate(check, { assets: ["ETH"] }) }),
  ],
  [
    "MANDATE_VENUE_NOT_ALLOWED",
    (check) => ({ check, authority: mandate(check, { venues: ["alpha", "gamma"] }) }),
  ],
  [
    "MANDATE_VENUE_NOT_PROVABLE",
    (check, at) => ({ check: seen(check, at, { provable: false }), authority: mandate(check, {}) }),
  ],
  [
    "MANDATE_NOT_WORTHWHILE",
    (check) => {
      const bad = plan(check, { worthwhile: false });
      return { check: bad, authority: mandate(bad, {}) };
    },
  ],
];

describe("a plan that breaks exactly one rule", () => {
  test.each(BREAKERS)("is denied with %s", (code, breakIt) => {
    fc.assert(
      fc.property(validCheck, fc.constantFrom(0, 1), (check, at) => {
        const broken = breakIt(check, at === 0 ? 0 : 1);
        expect(codesOf(broken)).toEqual([code]);
      }),
      { numRuns: 40 },
    );
  });

  test("is denied with UNEQUAL_BASE for any other size, however near", () => {
    fc.assert(
      fc.property(
        validCheck,
        fc.constantFrom(0, 1),
        fc.integer({ min: 1, max: 50 }),
        (check, at, lots) => {
          const other = check.proposal.sizeBase.plus(dec(String(lots)).times("0.001"));
          expect(
            codesOf({ check: leg(check, at === 0 ? 0 : 1, { sizeBase: baseSize(other) }) }),
          ).toContain("UNEQUAL_BASE");
        },
      ),
    );
  });

  test("is denied with NOTIONAL_EXCEEDS_EQUITY_SHARE just above 80 % of the smaller equity", () => {
    const check = openCheck();
    const tight = account(check, 1, { equityUsd: usd("37499.99") });
    expect(codesOf({ check: tight })).toEqual(["NOTIONAL_EXCEEDS_EQUITY_SHARE"]);
    expect(codesOf({ check: account(check, 1, { equityUsd: usd("37500") }) })).toEqual([]);
  });

  test("is denied with PRICE_MISMATCH when the legs are priced for different things", () => {
    const check = openCheck([
      { venue: "alpha", side: "short", price: "60000" },
      { venue: "beta", side: "long", price: "58000" },
    ]);
    expect(codesOf({ check })).toEqual(["PRICE_MISMATCH"]);
  });

  test("is denied with VENUE_PAIR_INVALID for two perps on one venue", () => {
    const check = openCheck([
      { venue: "alpha", side: "short" },
      { venue: "alpha", side: "long" },
    ]);
    expect(codesOf({ check })).toEqual(["VENUE_PAIR_INVALID"]);
  });

  test("is denied with LEG_COUNT when it has one leg or three", () => {
    const check = openCheck();
    for (const legs of [
      [check.proposal.legs[0]],
      [...check.proposal.legs, check.proposal.legs[0]],
    ]) {
      const bent = { ...check, proposal: Object.assign({}, check.proposal, { legs }) };
      expect(reviewOpen(bent).map((one) => one.code)).toEqual(["LEG_COUNT"]);
    }
  });

  test("hears every reason, not only the first", () => {
    const check = { ...openCheck(), tradingState: "halted" as const };
    const codes = codesOf({ check: seen(check, 0, { leverage: dec("20") }), authority: null });
    expect(codes).toEqual(["TRADING_HALTED", "LEVERAGE_EXCEEDS_LIMIT", "AUTHORITY_MISSING"]);
  });
});

describe("a valid plan", () => {
  test("gets a ticket, for any size, price and side", () => {
    fc.assert(fc.property(validCheck, (check) => expect(codesOf({ check })).toEqual([])));
  });

  test("gets one from an armed mandate with room", () => {
    const check = openCheck();
    expect(codesOf({ check, authority: mandate(check, {}) })).toEqual([]);
  });

  test("whose card was changed afterwards does not match its approval", () => {
    const check = openCheck();
    const authority = approvalOf(check.proposal);
    const altered = plan(check, { asset: "BTC", expiresAt: NOW + 999_999 });
    expect(codesOf({ check: altered, authority })).toEqual(["AUTHORITY_MISMATCH"]);
  });
});

describe("limits", () => {
  test("can be tightened and never loosened", () => {
    const loose = tightenLimits({
      equityShare: dec("5"),
      hardCapUsd: notionalUsd("1000000"),
      maxLeverage: dec("125"),
      minLiquidationDistance: dec("0"),
      maxRateAgeMs: 10 ** 9,
      maxPriceGap: dec("1"),
    });
    expect(canonicalHash(loose)).toBe(canonicalHash(CEILINGS));
    expect(tightenLimits({}).hardCapUsd.toFixed()).toBe("100");
  });
});

function codesOf({ check, authority }: Case): readonly DenialCode[] {
  const proposalHash = canonicalHash(check.proposal);
  const by = authority === undefined ? approvalOf(check.proposal) : authority;
  const verdict = checkOpen({ ...check, proposalHash, authority: by });
  if (verdict.ok) expect(Ticket.isTicket(verdict.ticket)).toBe(true);
  return verdict.ok ? [] : verdict.denials.map((one) => one.code);
}

function mandate(
  check: OpenCheck,
  over: Partial<Mandate>,
  use: Partial<MandateUse> = {},
): Authority {
  expect(check.proposal.kind).toBe("open");
  return {
    kind: "mandate",
    mandate: {
      id: "M-1",
      ownerId: 1,
      state: "armed",
      perHedgeUsd: notionalUsd("50000"),
      totalUsd: notionalUsd("100000"),
      opensPerDay: 2,
      lossPerDayUsd: notionalUsd("25"),
      assets: [],
      venues: [],
      spotVenues: ["alpha", "beta", "gamma"],
      armedAt: NOW - 1,
      endsAt: NOW + 1,
      ...over,
    },
    use: {
      marketNow: NOW,
      openUsd: notionalUsd("0"),
      opensToday: 0,
      pnlTodayUsd: usd("0"),
      ...use,
    },
  };
}

function plan(check: OpenCheck, over: Partial<OpenCheck["proposal"]>): OpenCheck {
  return { ...check, proposal: { ...check.proposal, ...over } };
}

function limited(check: OpenCheck, over: Partial<GuardLimits>): Case {
  return { check: { ...check, limits: { ...check.limits, ...over } } };
}

function leg(check: OpenCheck, at: 0 | 1, over: Partial<OpenLeg>): OpenCheck {
  const [a, b] = check.proposal.legs;
  return plan(check, { legs: at === 0 ? [{ ...a, ...over }, b] : [a, { ...b, ...over }] });
}

function seen(check: OpenCheck, at: 0 | 1, over: Partial<LegSnapshot>): OpenCheck {
  const [a, b] = check.snapshot.legs;
  const legs = at === 0 ? ([{ ...a, ...over }, b] as const) : ([a, { ...b, ...over }] as const);
  return { ...check, snapshot: { ...check.snapshot, legs } };
}

function instrument(
  check: OpenCheck,
  at: 0 | 1,
  over: Partial<LegSnapshot["instrument"]>,
): OpenCheck {
  return seen(check, at, { instrument: { ...check.snapshot.legs[at].instrument, ...over } });
}

function account(check: OpenCheck, at: 0 | 1, over: Partial<LegSnapshot["account"]>): OpenCheck {
  return seen(check, at, { account: { ...check.snapshot.legs[at].account, ...over } });
}

function funding(check: OpenCheck, at: 0 | 1, over: Partial<LegSnapshot["funding"]>): OpenCheck {
  return seen(check, at, { funding: { ...check.snapshot.legs[at].funding, ...over } });
}

function book(check: OpenCheck, at: 0 | 1, over: Partial<LegSnapshot["book"]>): OpenCheck {
  return seen(check, at, { book: { ...check.snapshot.legs[at].book, ...over } });
}
