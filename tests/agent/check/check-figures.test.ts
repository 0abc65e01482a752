import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { checkAnswer } from "#src/agent/check/check-answer.ts";
import { findForeignFigures } from "#src/agent/check/check-figures.ts";
import { dec } from "#src/core/decimal.ts";

const RESULT = JSON.stringify({
  asOf: "2026-02-03T10:30:00Z",
  equityUsd: "64012.34",
  opportunities: [
    {
      ...{ candidateId: "C-x7k2mq4p", asset: "BTC", shortVenue: "okx", spread8h: "0.0003142" },
      ...{ netAprOnCapital: "0.12437", breakEvenHours: "88.4", costRate: "0.0022" },
    },
    { candidateId: "C-9rt4wa2b", asset: "1INCH", spread8h: "-0.00012", breakEvenHours: null },
  ],
  hedges: [
    { id: "H-8kd3", legs: [{ sizeBase: "0.512", entryPrice: "61234.5" }], pnlUsd: "-3.204" },
  ],
  minutesToFunding: 150,
  costMicroUsd: 12345,
});
const none = { results: [], facts: "", question: "" };
const sources = { ...none, results: [RESULT] };

describe("a figure of an answer", () => {
  test.each([
    ["as it is, rounded or in another unit of its field", "3.14 bp, 0.031 %, 12.4 % net, 88.4 h"],
    [
      "in days and hours and minutes",
      "back in 3.7 days; the next payment in 150 min, that is 2.5 hours",
    ],
    ["in money, in thousands or about", "$64,012.34, 64.0K USD, about 64k USD, roughly $64,000"],
    ["as a European writes it", "64.012,34 USD, 12,4 %, 64 012,34 USD"],
    ["with the sign that it has", "it lost −3.20 USD, that is a loss of $3.20"],
    ["of a cost with any sign", "costs −22 bp, or 0.22 %"],
    ["of a size and a price", "0.512 BTC at 61,234.5, or 61.2K USD"],
    ["in millionths of a dollar", "this cost $0.0123"],
    ["that counts what was listed", "2 opportunities, 1 hedge, both of 2 legs"],
    ["that numbers a list", "1. BTC\n2. 1INCH\n3) and no more"],
    ["in a name or an id", "1INCH, H-8kd3, C-9rt4wa2b, 1000PEPE-PERP"],
    ["in the name of a model", "claude-opus-5-5, claude-haiku-4-5-20251001, gpt-6.1-sol, qwen3:8b"],
    ["of an interval or a look-back", "per 8 h, the 14-day mean, within 24 h, 21 days, 1 h"],
    ["of a returned time", "at 10:30 UTC on 3 Feb, 2026-02-03 10:30, February 3, 02-03 10:30"],
    ["in German", "Netto 12,4 % im Jahr, zurück in 88,4 Stunden, 3,14 Basispunkte"],
    ["in Spanish and French", "12,4 por ciento, 88,4 horas; 12,4 pour cent, 88,4 heures"],
    ["in Russian and Chinese", "12,4 процента, 88,4 часа; 净收益 12.4%，约 64000 美元，88.4小时"],
    ["with an exponent", "3.142e-4 per 8 h, 6.4e4 USD"],
    ["in marks", "**12.4 %** and `3.14 bp`"],
    ["that is nothing", "0 USD, 0 %, 0 hedges"],
  ])("may stand %s", (_, answer) => {
    expect(findForeignFigures(answer, sources)).toEqual([]);
  });

  test.each([
    ["is in no source", "It pays 5.27 bp.", ["5.27 bp"]],
    ["has the wrong sign", "It made +3.20 USD.", ["+3.20 USD"]],
    ["has another unit", "A spread of 88.4 bp, 3.14 %.", ["88.4 bp", "3.14 %"]],
    ["has an exponent", "It pays 5e2 USD, or 1.2e-3.", ["5e2 USD", "1.2e-3"]],
    ["is rounded wrongly", "net 12.5 %, 88 days", ["12.5 %", "88 days"]],
    ["is a time that nobody returned", "at 11:15 on 4 Mar", ["11:15", "4 Mar"]],
    ["counts more than was listed", "17 opportunities", ["17"]],
    ["is made up in another language", "Прибыль 9,7 %", ["9,7 %"]],
    ["hides in a range", "between 3.14 and 7.77 bp", ["7.77 bp"]],
  ])("is foreign when it %s", (_, answer, foreign) => {
    expect(findForeignFigures(answer, sources)).toEqual(foreign);
  });

  test("may come from the question and from the facts", () => {
    const asked = { ...none, question: "what of 5,000 USD at 10 %?", facts: "equity 812.55 USD" };
    expect(findForeignFigures("5000 USD, 10 %, 812.6 USD, 813 USD", asked)).toEqual([]);
    expect(findForeignFigures("It is 12.4 %.", asked)).toEqual(["12.4 %"]);
  });

  test("is named beneath the answer, five at most, and how many more there are", () => {
    const answer = "1.11 bp, 2.22 bp, 3.33 bp, 4.44 bp, 5.55 bp, 6.66 bp";
    const checked = checkAnswer({ ...sources, answer, executedSince: false, openAssets: [] });
    expect(checked).toEndWith(
      "(Not from this turn's data: 1.11 bp, 2.22 bp, 3.33 bp, 4.44 bp, 5.55 bp and 1 more.)",
    );
  });
});

const SHAPES = [
  { field: "spread8h", unit: " bp", times: "10000" },
  { field: "netAprOnCapital", unit: " %", times: "100" },
  { field: "equityUsd", unit: " USD", times: "1" },
  { field: "breakEvenHours", unit: " h", times: "1" },
] as const;

/** A result of a usual size, with figures of four kinds. */
const results = fc.array(
  fc.record({
    spread8h: fraction(30_000, 8),
    netAprOnCapital: fraction(900_000, 6),
    equityUsd: fraction(90_000_000, 2),
    breakEvenHours: fraction(90_000, 1),
  }),
  { minLength: 3, maxLength: 12 },
);

function fraction(most: number, places: number) {
  return fc.integer({ min: 100, max: most }).map((n) =>
    dec(String(n))
      .div(`1${"0".repeat(places)}`)
      .toFixed(),
  );
}

test("any figure of a result is accepted, however it is rounded and in whichever of its units", () => {
  const shown = fc.tuple(
    results,
    fc.nat(),
    fc.constantFrom(...SHAPES),
    fc.integer({ min: 1, max: 4 }),
  );
  fc.assert(
    fc.property(shown, ([rows, which, { field, unit, times }, places]) => {
      const value = rows[which % rows.length]?.[field] ?? "0";
      const text = `${dec(value).times(times).toFixed(places)}${unit}`;
      expect(
        findForeignFigures(`It is ${text}.`, { ...none, results: [JSON.stringify(rows)] }),
      ).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("more than 95 of 100 other figures of three digits and more are marked", () => {
  let marked = 0;
  let all = 0;
  const other = fc.tuple(
    results,
    fc.integer({ min: 1_000, max: 99_999 }),
    fc.constantFrom(...SHAPES),
  );
  fc.assert(
    fc.property(other, ([rows, digits, { unit }]) => {
      const figure = dec(String(digits)).div("100").toFixed(2);
      all += 1;
      const json = [JSON.stringify({ rows })];
      marked += findForeignFigures(`It is ${figure}${unit}.`, { ...none, results: json }).length;
    }),
    { numRuns: 500 },
  );
  expect(marked / all).toBeGreaterThan(0.95);
});

test("any text at all is an answer, a question and a fact", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.stringMatching(/^[-+$~.,\d %kKMhx\n:]{0,60}$/),
  );
  fc.assert(
    fc.property(text, text, (answer, other) => {
      const input = { results: [other, JSON.stringify({ other })], facts: other, question: other };
      const checked = checkAnswer({ ...input, answer, executedSince: false, openAssets: [] });
      expect(checked.startsWith(answer)).toBe(true);
    }),
    { numRuns: 500 },
  );
});
