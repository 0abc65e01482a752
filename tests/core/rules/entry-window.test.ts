import { describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { judgeWindow, type StampedLeg } from "#src/core/rules/entry-window.ts";
import { rate } from "#src/core/units.ts";

const NOON = Date.UTC(2026, 0, 5, 12);
const [SECOND, MINUTE] = [1_000, 60_000];
const WINDOW = { minMinutes: 15, maxMinutes: 30 };

/** A leg whose next payment is the first of its stamps after `now`. */
function leg(side: "short" | "long", perInterval: string, hours: number, now: number): StampedLeg {
  const ms = hours * 60 * MINUTE;
  return {
    ...{ side, rate: rate(perInterval), intervalHours: dec(String(hours)) },
    fundingAt: (Math.floor(now / ms) + 1) * ms,
  };
}

const at = (now: number, ...legs: readonly (readonly ["short" | "long", string, number])[]) =>
  judgeWindow(
    now,
    legs.map(([side, paid, hours]) => leg(side, paid, hours, now)),
    WINDOW,
  );

describe("the minute to open", () => {
  const [receives, pays] = [
    ["short", "0.0003", 4],
    ["long", "0.0001", 4],
  ] as const;

  test.each([
    [31 * MINUTE, false],
    [30 * MINUTE, true],
    [15 * MINUTE, true],
    [15 * MINUTE - 1, false],
  ])(
    "is 30 to 15 minutes before the payment to us, both included: %p ms before",
    (before, isOpen) => {
      const end = NOON + 4 * 60 * MINUTE;
      expect(at(end - before, receives, pays)).toEqual({ isOpen, stampAt: end });
    },
  );

  test.each([
    [NOON - 61 * SECOND, true],
    [NOON - 60 * SECOND, false],
    [NOON + 30 * SECOND, false],
    [NOON + 31 * SECOND, true],
  ])("is any where both settle hourly, but for the seconds around a payment", (now, isOpen) => {
    expect(at(now, ["short", "0.0003", 1], ["long", "0.0001", 1]).isOpen).toBe(isOpen);
  });

  test("goes by the payment to us that comes less often", () => {
    const now = NOON + 3.7 * 60 * MINUTE;
    const both = at(now, ["short", "0.0001", 1], ["long", "-0.0003", 4]);
    expect(both.stampAt).toBe(NOON + 4 * 60 * MINUTE);
    // The eight-hour leg costs us, so the hourly payment is the one to be there for.
    const hourly = at(now, ["short", "0.0001", 1], ["long", "0.0003", 8]);
    expect(hourly.stampAt).toBe(NOON + 4 * 60 * MINUTE);
  });

  test("is not one before which we pay more than we then receive", () => {
    const now = NOON + 4 * 60 * MINUTE - 20 * MINUTE;
    const shifted = (paid: string) => {
      const long = { ...leg("long", paid, 1, now), fundingAt: now + 10 * MINUTE };
      return judgeWindow(now, [leg("short", "0.0003", 4, now), long], WINDOW).isOpen;
    };
    expect(shifted("0.0002")).toBe(true);
    expect(shifted("0.0003")).toBe(false);
  });

  test("is not one at which the other leg settles more than is paid to us, however little apart", () => {
    const end = NOON + 4 * 60 * MINUTE;
    const open = (now: number, offMs: number) => {
      const long = leg("long", "0.0004", 8, now);
      const moved = { ...long, fundingAt: long.fundingAt + offMs };
      return judgeWindow(now, [leg("short", "0.0001", 1, now), moved], WINDOW).isOpen;
    };
    for (const off of [-5 * SECOND, 0, 5 * SECOND]) {
      expect([end - 80 * MINUTE, end - 20 * MINUTE].map((now) => open(now, off))).toEqual([
        true,
        false,
      ]);
    }
  });

  test("is not waited for where nothing pays at stamps", () => {
    expect(at(NOON + 60 * MINUTE).isOpen).toBe(true);
  });
});
