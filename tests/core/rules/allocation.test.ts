import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Decimal, dec, floorToStep, minOf, ZERO } from "#src/core/decimal.ts";
import {
  type AllocationLimits,
  allocationRoom,
  type HeldLeg,
  type Portfolio,
  wantedLeg,
} from "#src/core/rules/allocation.ts";
import { notionalUsd, usd } from "#src/core/units.ts";
import { instrument, portfolio } from "#tests/support/builders.ts";

const VENUES = ["alpha", "beta", "gamma", "delta"];
const CENT = dec("0.01");

const dollars = (max: number) => fc.integer({ min: 0, max }).map((value) => dec(String(value)));
const share = (min: number) =>
  fc.integer({ min, max: 100 }).map((value) => dec(String(value)).div("100"));
const venue = fc.constantFrom(...VENUES);

const limits: fc.Arbitrary<AllocationLimits> = fc.record({
  venueShareOfEquity: share(1),
  singlePosition: share(1),
  maxUtilisation: share(1),
  reserve: fc.integer({ min: 0, max: 60 }).map((value) => dec(String(value)).div("100")),
});

const held = fc
  .record({ a: venue, b: venue, first: dollars(4_000), second: dollars(4_000) })
  .map(({ a, b, first, second }): readonly [HeldLeg, HeldLeg] => [
    { venue: a, side: "short", notionalUsd: notionalUsd(first) },
    { venue: b, side: "long", notionalUsd: notionalUsd(second) },
  ]);

const wish = fc.record({
  short: venue,
  long: venue,
  leverage: fc.integer({ min: 1, max: 10 }).map((value) => dec(String(value))),
  /** What the other bounds leave of it. */
  part: share(1),
});
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;

test("whatever is opened in whatever order, no limit across hedges is ever passed", () => {
  let opened = 0;
  fc.assert(
    fc.property(
      dollars(50_000),
      share(0),
      fc.array(held, { maxLength: 3 }),
      fc.array(wish, { maxLength: 12 }),
      limits,
      (equity, free, hedges, wishes, rules) => {
        let now = portfolio({ equityUsd: usd(equity), freeUsd: usd(equity.times(free)), hedges });
        for (const one of wishes) {
          const after = openLargest(now, one, rules);
          if (!after) continue;
          opened += 1;
          now = after;
          expectWithin(now, one, rules);
        }
      },
    ),
    { numRuns: 400 },
  );
  expect(opened).toBeGreaterThan(200);
});

test("an account that falls silent leaves no limit more room than it had, whatever was free there", () => {
  fc.assert(
    fc.property(
      dollars(50_000),
      dollars(50_000),
      share(0),
      share(0),
      fc.array(held, { maxLength: 4 }),
      wish,
      limits,
      (answers, silent, free, freeThere, hedges, one, rules) => {
        const legs = [one.short, one.long].map((place) =>
          wantedLeg({ leverage: one.leverage, instrument: instrument({ venue: place }) }),
        );
        const [a, b] = legs;
        if (!a || !b) throw new Error("two legs");
        const freeUsd = answers.times(free);
        const all = portfolio({
          equityUsd: usd(answers.plus(silent)),
          freeUsd: usd(freeUsd.plus(silent.times(freeThere))),
          hedges,
        });
        const half = portfolio({
          ...{ equityUsd: usd(answers), freeUsd: usd(freeUsd), silentUsd: usd(silent), hedges },
        });
        const [before, now] = [
          allocationRoom(all, [a, b], rules),
          allocationRoom(half, [a, b], rules),
        ];
        for (const bound of ["venueRoom", "singlePosition", "utilisation", "reserve"] as const) {
          expect(now[bound].lte(before[bound])).toBe(true);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("the room is what each limit leaves, and two legs on one venue share it", () => {
  const rules = {
    venueShareOfEquity: dec("0.5"),
    singlePosition: dec("0.3"),
    maxUtilisation: dec("0.85"),
    reserve: dec("0.1"),
  };
  const [held3, held2] = [3_000, 2_000].map((value) => notionalUsd(String(value)));
  if (!held3 || !held2) throw new Error("two figures");
  const book = portfolio({
    equityUsd: usd("10000"),
    freeUsd: usd("2000"),
    inFlightUsd: usd("100"),
    hedges: [
      [
        { venue: "alpha", side: "short", notionalUsd: held3 },
        { venue: "beta", side: "long", notionalUsd: held2 },
      ],
    ],
  });
  const perp = { leverage: dec("4"), instrument: instrument({ venue: "alpha" }) };
  const far = { leverage: dec("4"), instrument: instrument({ venue: "beta" }) };
  const room = allocationRoom(book, [wantedLeg(perp), wantedLeg(far)], rules);
  const shared = allocationRoom(book, [wantedLeg(perp), wantedLeg(perp)], rules);

  expect(show(room)).toEqual({
    venueRoom: "2000",
    singlePosition: "3000",
    utilisation: "5500",
    reserve: "1800",
  });
  // Both legs on alpha share what alpha has left.
  expect(shared.venueRoom.toFixed()).toBe("1000");
});

function show(room: Readonly<Record<string, Decimal>>) {
  return Object.fromEntries(Object.entries(room).map(([name, value]) => [name, value.toFixed()]));
}

/** The portfolio with the largest hedge that the room allows, in cents; null when there is none. */
function openLargest(
  now: Portfolio,
  { short, long, leverage, part }: Wish,
  rules: AllocationLimits,
) {
  const legs = [short, long].map((one) =>
    wantedLeg({ leverage, instrument: instrument({ venue: one }) }),
  );
  const [a, b] = legs;
  if (!a || !b) throw new Error("two legs");
  const room = allocationRoom(now, [a, b], rules);
  const least = minOf(room.venueRoom, room.singlePosition, room.utilisation, room.reserve);
  if (least.lte(ZERO)) return null;
  const size = notionalUsd(floorToStep(least.times(part), CENT));
  if (size.eq(ZERO)) return null;
  // The venues have counted one leg, the other is still in flight.
  const posted = size.div(leverage);
  return {
    ...now,
    freeUsd: usd(now.freeUsd.minus(posted)),
    inFlightUsd: usd(now.inFlightUsd.plus(posted)),
    hedges: [
      ...now.hedges,
      [
        { venue: short, side: "short", notionalUsd: size },
        { venue: long, side: "long", notionalUsd: size },
      ],
    ],
  } satisfies Portfolio;
}

/** Counted anew, without the product's own sums. */
function expectWithin(now: Portfolio, { short, long }: Wish, rules: AllocationLimits): void {
  const legs = now.hedges.flat();
  for (const place of [short, long]) {
    let on = ZERO;
    for (const leg of legs) if (leg.venue === place) on = on.plus(leg.notionalUsd);
    expect(on.lte(now.equityUsd.times(rules.venueShareOfEquity))).toBe(true);
  }
  let all = ZERO;
  for (const [a, b] of now.hedges) {
    all = all.plus(a.notionalUsd.gt(b.notionalUsd) ? a.notionalUsd : b.notionalUsd);
  }
  expect(all.lte(now.equityUsd.times(rules.maxUtilisation))).toBe(true);
  const last = now.hedges.at(-1)?.[0].notionalUsd ?? ZERO;
  expect(last.lte(now.equityUsd.times(rules.singlePosition))).toBe(true);
  const left = now.freeUsd.minus(now.inFlightUsd).plus(CENT.times("1e-20"));
  expect(left.gte(now.equityUsd.times(rules.reserve))).toBe(true);
}
