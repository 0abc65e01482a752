import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { dec } from "#src/core/decimal.ts";
import type { Slot } from "#src/core/decision.ts";
import { gateVotes } from "#src/pipeline/choose/gate-votes.ts";
import { VOTE_FAILURES, type Vote } from "#src/ports/advisor.ts";
import { voteOf } from "#tests/support/scripted-advisor.ts";

const OFFERED = new Set<Slot>(["O1", "O2", "O3", "C1"]);
const said = fc.oneof(
  fc.constantFrom<Slot>("O1", "O2", "O3", "C1", "HOLD", "O9", "C8"),
  fc.constantFrom(...VOTE_FAILURES),
);

/** Two to six models, some of whom may keep silent. */
const ballots = fc.integer({ min: 2, max: 6 }).chain((count) => {
  const models = Array.from({ length: count }, (_, at) => `m${at}`);
  return fc
    .tuple(...models.map((model) => fc.option(said.map((what) => voteOf(model, what)))))
    .map((votes) => ({ models, votes: votes.filter((vote) => vote !== null) }));
});

function choose(models: readonly string[], votes: readonly Vote[]): Slot {
  return gateVotes({ models, votes, offered: OFFERED }).choice;
}

function saying(...what: readonly Parameters<typeof voteOf>[1][]): readonly Vote[] {
  return what.map((one, at) => voteOf(`m${at}`, one));
}

const named = (count: number) => Array.from({ length: count }, (_, at) => `m${at}`);

describe("votes of several models", () => {
  test("open nothing without two valid votes for the same slot", () => {
    fc.assert(
      fc.property(ballots, ({ models, votes }) => {
        const choice = choose(models, votes);
        const equal = votes.filter((vote) => vote.failure === null && vote.choice === choice);
        expect(choice === "HOLD" || (OFFERED.has(choice) && equal.length >= 2)).toBe(true);
      }),
    );
  });

  test("never lose to a slot with as many or more HOLDs, silence counted as HOLD", () => {
    fc.assert(
      fc.property(ballots, ({ models, votes }) => {
        const choice = choose(models, votes);
        if (choice === "HOLD") return;
        const forIt = votes.filter((vote) => vote.choice === choice).length;
        const forOthers = votes.filter(
          ({ choice: own }) => own !== null && own !== choice && own !== "HOLD" && OFFERED.has(own),
        ).length;
        expect(forIt).toBeGreaterThan(models.length - forIt - forOthers);
      }),
    );
  });

  test("do not depend on the order of the models or of their votes", () => {
    const shuffled = ballots.chain(({ models, votes }) =>
      fc.record({
        models: fc.constant(models),
        votes: fc.constant(votes),
        otherModels: fc.shuffledSubarray(models, { minLength: models.length }),
        otherVotes: fc.shuffledSubarray(votes, { minLength: votes.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ models, votes, otherModels, otherVotes }) => {
        expect(choose(otherModels, otherVotes)).toBe(choose(models, votes));
      }),
    );
  });

  test("an invalid vote more never turns HOLD into anything else", () => {
    const invalid = fc.oneof(
      fc.constantFrom(...VOTE_FAILURES),
      fc.constantFrom<Slot>("O9", "O16", "C8"),
    );
    fc.assert(
      fc.property(ballots, fc.nat(7), invalid, ({ models, votes }, who, what) => {
        fc.pre(choose(models, votes) === "HOLD");
        expect(choose(models, [...votes, voteOf(`m${who}`, what)])).toBe("HOLD");
      }),
    );
  });

  test("a model that speaks twice, or that nobody asked, opens nothing", () => {
    const twice = [...saying("O1"), voteOf("m0", "O1")];
    expect(choose(named(2), twice)).toBe("HOLD");
    expect(choose(["m0"], twice)).toBe("HOLD");
    expect(choose(named(2), [...saying("O1"), voteOf("stranger", "O1")])).toBe("HOLD");
    expect(choose(["m0", "m0"], saying("O1"))).toBe("HOLD");
    const tie = saying("O1", "O1", "O2", "O2");
    expect(choose(named(4), [voteOf("m3", "network"), ...tie])).toBe("HOLD");
  });

  test.each([
    ["one of six that answers is not unanimity", 6, saying("O1"), "HOLD"],
    ["two of six are outvoted by four that failed", 6, saying("O1", "O1"), "HOLD"],
    ["two of three agree", 3, saying("O1", "O1", "HOLD"), "O1"],
    ["two of three agree and the third is late", 3, saying("O1", "O1", "timeout"), "O1"],
    ["a tie of two slots", 4, saying("O1", "O1", "O2", "O2"), "HOLD"],
    ["a tie of a slot and HOLD", 4, saying("O1", "O1", "HOLD", "network"), "HOLD"],
    ["everybody wants something else", 3, saying("O1", "O2", "O3"), "HOLD"],
    ["agreed on a slot that was not offered", 2, saying("O9", "O9"), "HOLD"],
  ] as const)("%s", (_, count, votes, expected) => {
    expect(choose(named(count), votes)).toBe(expected);
  });
});

describe("the vote of one model", () => {
  test("counts alone when it is valid, and is HOLD otherwise", () => {
    expect(choose(["m0"], saying("O2"))).toBe("O2");
    for (const failure of VOTE_FAILURES) expect(choose(["m0"], saying(failure))).toBe("HOLD");
    expect(choose(["m0"], [])).toBe("HOLD");
  });

  test("counts the same whatever confidence it claims", () => {
    for (const text of ["0", "0.01", "1"]) {
      expect(choose(["m0"], [voteOf("m0", "O1", { confidence: dec(text) })])).toBe("O1");
    }
  });

  test("a failure that carries a choice all the same is a failure", () => {
    expect(choose(["m0"], [voteOf("m0", "O1", { failure: "cut" })])).toBe("HOLD");
  });
});

test("who is missing is said", () => {
  const gates = (count: number, votes: readonly Vote[]) =>
    gateVotes({ models: named(count), votes, offered: OFFERED }).gates;
  expect(gates(2, [])).toEqual(["NO_VALID_VOTE"]);
  expect(gates(2, saying("O1"))).toEqual(["VOTE_MISSING", "NO_QUORUM"]);
  expect(gates(4, saying("O1", "O1", "O2", "O2"))).toEqual(["TIE"]);
  expect(gates(2, saying("O1", "O1"))).toEqual([]);
});
