import { describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { type HeldPair, judgeHold } from "#src/core/rules/judge-hold.ts";

const LIMITS = {
  tolerance8h: dec("-0.0001"),
  maxAdverseBasis: dec("0.005"),
  maxAgeMs: 60 * 86_400_000,
};
const WELL: HeldPair = {
  ...{ spread8h: dec("0.0002"), trailing8h: dec("0.0001"), adverseBasis: dec("0") },
  ...{ borrowReadings: 0, isEnding: false, ageMs: 0 },
};

function judge(
  over: Partial<Record<"spread8h" | "trailing8h" | "adverseBasis", string | null>>,
  more: Partial<HeldPair> = {},
) {
  const of = (name: keyof typeof over) => {
    const text = over[name];
    return text === undefined ? WELL[name] : text === null ? null : dec(text);
  };
  const pair = {
    ...WELL,
    spread8h: of("spread8h"),
    trailing8h: of("trailing8h"),
    adverseBasis: of("adverseBasis"),
  };
  const { action, reason } = judgeHold({ ...pair, ...more }, LIMITS);
  return [action, reason];
}

describe("a held hedge", () => {
  test.each([
    ["at the tolerance exactly", { spread8h: "-0.0001", trailing8h: "-0.0001" }, "hold", null],
    [
      "beyond it while the mean pays",
      { spread8h: "-0.00010001", trailing8h: "0" },
      "watch",
      "SPREAD_WATCHED",
    ],
    [
      "beyond it without history",
      { spread8h: "-0.0002", trailing8h: null },
      "watch",
      "SPREAD_WATCHED",
    ],
    [
      "beyond it, the mean against it",
      { spread8h: "-0.00010001", trailing8h: "-0.00000001" },
      "leave",
      "SPREAD_TURNED_FOR_LONG",
    ],
    ["with no rate at all", { spread8h: null, trailing8h: "-0.001" }, "hold", null],
    [
      "whose gap moved by the limit exactly",
      { adverseBasis: "0.005", spread8h: "-0.00001" },
      "hold",
      null,
    ],
    ["whose gap moved further", { adverseBasis: "0.0051" }, "watch", "ADVERSE_BASIS"],
    ["whose gap moved in its favour", { adverseBasis: "-0.2" }, "hold", null],
    [
      "whose gap moved and spread turned",
      { adverseBasis: "0.0051", spread8h: "-0.00000001" },
      "leave",
      "BASIS_AND_SPREAD_AGAINST",
    ],
    [
      "whose gap moved and spread is nothing",
      { adverseBasis: "0.0051", spread8h: "0" },
      "watch",
      "ADVERSE_BASIS",
    ],
  ] as const)("%s", (_, over, action, reason) => {
    expect(judge(over)).toEqual([action, reason]);
  });

  test("whose borrow is dearer than its funding is left at the third reading", () => {
    expect(judge({ spread8h: "-0.00001" }, { borrowReadings: 2 })).toEqual(["hold", null]);
    expect(judge({ spread8h: "-0.00001" }, { borrowReadings: 3 })).toEqual([
      "leave",
      "BORROW_ABOVE_FUNDING",
    ]);
  });

  test("on an instrument that its venue will take off its list is left, however it pays", () => {
    expect(judge({}, { isEnding: true })).toEqual(["leave", "DELISTING"]);
    expect(judge({ adverseBasis: "0.01" }, { isEnding: true })[1]).toBe("DELISTING");
    expect(judge({}, { isEnding: true, ageMs: LIMITS.maxAgeMs + 1 })[1]).toBe("DELISTING");
  });

  test("that is older than the limit is asked about, unless something else is the matter", () => {
    expect(judge({}, { ageMs: LIMITS.maxAgeMs })).toEqual(["hold", null]);
    expect(judge({}, { ageMs: LIMITS.maxAgeMs + 1 })).toEqual(["ask", "TOO_OLD"]);
    expect(judge({ adverseBasis: "0.01" }, { ageMs: LIMITS.maxAgeMs + 1 })[1]).toBe(
      "ADVERSE_BASIS",
    );
  });

  test("of a conservative owner has no tolerance, of an aggressive one more", () => {
    const pair = { ...WELL, spread8h: dec("-0.00001"), trailing8h: dec("-0.00001") };
    const at = (tolerance8h: string) =>
      judgeHold(pair, { ...LIMITS, tolerance8h: dec(tolerance8h) }).action;
    expect([at("0"), at("-0.0001"), at("-0.0005")]).toEqual(["leave", "hold", "hold"]);
  });
});
