import { describe, expect, test } from "bun:test";
import { notionalUsd } from "#src/core/units.ts";
import { mandateCard } from "#src/telegram/cards/other-cards.ts";

const mandate = {
  ...({
    id: "M-1",
    ownerId: 7,
    state: "offered",
    armedAt: null,
    endsAt: 1_800_000_000_000,
  } as const),
  ...{ perHedgeUsd: notionalUsd("2000"), totalUsd: notionalUsd("6000"), opensPerDay: 3 },
  ...{ lossPerDayUsd: notionalUsd("100"), assets: [], venues: [] },
};

function textWith(voters: readonly string[], openWithoutModel = false): string {
  return mandateCard({ mandate, voters, openWithoutModel }, "nonce").text;
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
});
