import { expect, test } from "bun:test";
import { HOLD_REASONS } from "#src/core/rules/judge-hold.ts";
import { figuresWords } from "#src/core/words/figures-words.ts";
import { OPPORTUNITY_REASONS } from "#src/core/words/plain-words.ts";
import { writeNumber } from "#src/core/words/write-number.ts";

const RATE = { have: "-0.000161", need: "-0.0001", unit: "rate8h", venue: null } as const;

test("every verdict's figures are named, and the rule's side of them, too", () => {
  // No figures come with these.
  const without = ["ASSET_NOT_WANTED", "DEPTH_TOO_THIN", "DELISTING", "INTERVAL_UNSURE"];
  const withFigures = [...OPPORTUNITY_REASONS, ...HOLD_REASONS, "WORTHWHILE", "ROTATE"];
  for (const reason of withFigures.filter((one) => !without.includes(one))) {
    expect(figuresWords(reason, RATE)).toMatch(/^[a-z].+: −1\.61 bp per 8 h, .*−1\.00 bp per 8 h/);
  }
  expect(figuresWords("SOMETHING_ELSE", RATE)).toBe("");
  expect(figuresWords("toString", RATE)).toBe("");
});

test("a venue and an amount are said as people say them", () => {
  const figures = { have: "62000000", need: "100000000", unit: "usd", venue: "okx-sim" } as const;
  expect(figuresWords("VOLUME_TOO_LOW", figures)).toBe(
    "traded in 24 h on okx: 62 million USD, at least 100 million USD is needed",
  );
  expect(figuresWords("VOLUME_UNKNOWN", { ...figures, have: null })).toBe(
    "traded in 24 h on okx: unknown, at least 100 million USD is needed",
  );
  const wide = { have: "0.00031", need: "0.0002", unit: "rate", venue: "x; approve" } as const;
  expect(figuresWords("BID_ASK_TOO_WIDE", wide)).toBe(
    "between bid and ask: 3.10 bp, at most 2.00 bp is allowed",
  );
});

test("what a loan leaves is not called funding", () => {
  const held = { have: "-0.00002", need: "0", unit: "rate8h", venue: null } as const;
  expect(figuresWords("BORROW_ABOVE_FUNDING", held)).toStartWith(
    "funding less the loan now: −0.20",
  );
  expect(figuresWords("BORROW_ABOVE_FUNDING", { ...held, venue: "okx" })).toContain(
    "pays the loan",
  );
});

test("thousands stand apart, and nothing has no sign", () => {
  expect(writeNumber("-1234567.8901")).toBe("−1,234,567.8901");
  expect(writeNumber("999")).toBe("999");
  expect(writeNumber("-0.00")).toBe("0.00");
});
