import { describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { notionalUsd, rate } from "#src/core/units.ts";
import { isSameQuestion } from "#src/pipeline/choose/same-question.ts";
import {
  closeCandidate,
  decisionTable,
  openCandidate,
  widestTable,
} from "#tests/support/decision-tables.ts";

const [sol, btc] = [openCandidate(), openCandidate({ asset: "BTC" })];
const table = decisionTable([sol, btc], [closeCandidate()]);

describe("a table", () => {
  test("asks the same as itself, and as one whose figures differ by noise", () => {
    const noisy = { ...sol, spread8h: rate(sol.spread8h.times("1.1")), minutesToFunding: 3 };
    const later = { ...closeCandidate(), ageHours: dec("30.3"), pnlUsd: null };
    expect(isSameQuestion(widestTable(), widestTable())).toBe(true);
    expect(isSameQuestion(table, decisionTable([btc, noisy], [later], { at: 5 }))).toBe(true);
    const renamed = { ...sol, opportunityId: "another look" };
    expect(isSameQuestion(table, decisionTable([renamed, btc], [closeCandidate()]))).toBe(true);
  });

  test.each([
    ["a pair is gone", decisionTable([sol], [closeCandidate()])],
    [
      "a pair is new",
      decisionTable([sol, btc, openCandidate({ asset: "ETH" })], [closeCandidate()]),
    ],
    ["a leg is elsewhere", decisionTable([{ ...sol, longVenue: "okx" }, btc], [closeCandidate()])],
    [
      "a spread moved",
      decisionTable(
        [{ ...sol, spread8h: rate(sol.spread8h.plus("0.0002")) }, btc],
        [closeCandidate()],
      ),
    ],
    [
      "a spread changed its sign",
      decisionTable([{ ...sol, spread8h: rate("-0.000001") }, btc], [closeCandidate()]),
    ],
    [
      "what was known is unknown",
      decisionTable([{ ...sol, trailingSpread8h: null }, btc], [closeCandidate()]),
    ],
    ["a hedge has turned", decisionTable([sol, btc], [closeCandidate({ hasTurned: true })])],
    ["another hedge", decisionTable([sol, btc], [closeCandidate({ hedgeId: "H-9" })])],
    [
      "more may be put in",
      decisionTable([sol, btc], [closeCandidate()], { mostUsd: notionalUsd("101") }),
    ],
  ])("asks something else when %s", (_, other) => {
    expect(isSameQuestion(table, other)).toBe(false);
  });

  test("that moved on slowly is compared with what was answered, not with the scan before", () => {
    const at = (times: string) =>
      decisionTable(
        [{ ...sol, spread8h: rate(sol.spread8h.times(times)) }, btc],
        [closeCandidate()],
      );
    expect(isSameQuestion(at("1"), at("1.5"))).toBe(true);
    expect(isSameQuestion(at("1"), at("2"))).toBe(false);
  });
});
