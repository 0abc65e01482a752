import { describe, expect, test } from "bun:test";
import { notionalUsd } from "#src/core/units.ts";
import type { MandateFacts } from "#src/pipeline/contract.ts";
import { isOtherCard, mandateCard, resumeCard } from "#src/telegram/cards/other-cards.ts";
import { decided } from "#src/telegram/taps.ts";

const mandate = {
  ...({
    id: "M-1",
    ownerId: 7,
    state: "offered",
    armedAt: null,
    endsAt: 1_800_000_000_000,
  } as const),
  ...{ perHedgeUsd: notionalUsd("2000"), totalUsd: notionalUsd("6000"), opensPerDay: 3 },
  ...{ lossPerDayUsd: notionalUsd("100"), assets: [], venues: [], spotVenues: [] },
};

function textWith(
  voters: readonly string[],
  openWithoutModel = false,
  over: Partial<MandateFacts> = {},
): string {
  const window = { minMinutes: 15, maxMinutes: 30 };
  const facts = {
    mandate,
    voters,
    openWithoutModel,
    window,
    mode: "paper",
  } as const;
  return mandateCard({ ...facts, ...over }, "nonce").text;
}

describe("the card that arms autonomous mode says whose choice it lets through", () => {
  test("the rules', without models", () => {
    expect(textWith([])).toContain("opens and closes by its rules");
  });

  test("the models' by name, how many must agree, and who is left when they are silent", () => {
    const two = textWith(["gpt", "claude"]);
    expect(two).toContain("opens what gpt, claude choose from what its rules allow");
    expect(two).toContain("when two of them agree; when none answers, it only proposes.");
    expect(textWith(["gpt"], true)).toContain("allow; when none answers, its rules open alone.");
  });

  test("and when it opens, so that nobody takes waiting for standing still", () => {
    expect(textWith([])).toContain("hours apart it opens 15 to 30 minutes before one");
  });
});

describe("the card that arms autonomous mode says what it lets be traded", () => {
  test("coins that are bought and coins that are borrowed, and where", () => {
    const text = textWith([], false, {
      mandate: { ...mandate, spotVenues: ["binance-sim", "okx"] },
    });
    expect(text).toContain("Spot is included on binance, okx: it may buy coins");
    expect(text).toContain("or borrow coins, sell them");
  });

  test("or that there is no spot", () => {
    expect(textWith([])).toContain("It trades perps only, no spot.");
  });

  test("and whose time its end is, where the market's is another", () => {
    expect(textWith([], false, { mode: "demo" })).toContain("Until, market time");
    expect(textWith([])).not.toContain("market time");
  });

  test("its venues are named as people name them", () => {
    const named = { ...mandate, venues: ["binance-sim"] };
    expect(textWith([], false, { mandate: named })).not.toContain("-sim");
  });
});

test("a card that was tapped tells what was decided instead of asking on", () => {
  const said = (kind: "armed" | "declined", answer: string) =>
    decided({ text: textWith([]) }, { kind, answer, done: Promise.resolve() }).text;

  expect(said("armed", "Armed.")).toStartWith("🤖 Arm autonomous mode: Armed.\nPer hedge");
  expect(said("armed", "Armed.")).toContain("2027-01-15 08:00 UTC");
  expect(said("declined", "Declined.")).toBe("🤖 Arm autonomous mode: Declined.");
});

test("cards that lose their buttons with the tap are known by their text", () => {
  const resume = [[], ["DRAWDOWN"], ["DRAWDOWN", "DAILY_LOSS"]].map((stops) =>
    resumeCard("nonce", stops),
  );
  for (const { text } of [...resume, { text: textWith([]) }]) expect(isOtherCard(text)).toBe(true);
  expect(isOtherCard("Open BTC?")).toBe(false);
});
