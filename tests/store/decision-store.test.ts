import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { canonicalHash } from "#src/core/canonical-hash.ts";
import { dec } from "#src/core/decimal.ts";
import {
  CLOSE_SLOTS,
  DECISION_GATES,
  DECISION_RISKS,
  OPEN_SLOTS,
  SLOTS,
} from "#src/core/decision.ts";
import { notionalUsd, rate, usd } from "#src/core/units.ts";
import { VOTE_FAILURES } from "#src/ports/advisor.ts";
import type { ScanDecision } from "#src/ports/decision-store.ts";
import { openStore } from "#src/store/sqlite-store.ts";

const digits = fc.tuple(fc.integer(), fc.nat(10 ** 9)).map(([whole, part]) => `${whole}.${part}`);
const anyDecimal = digits.map((text) => dec(text));
const anyRate = digits.map((text) => rate(text));
const anyUsd = digits.map((text) => usd(text));
const anyNotional = digits.map((text) => notionalUsd(text.replace("-", "")));
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one);
const text = fc.string({ unit: "grapheme" });

const anyTable = fc.record({
  at: fc.nat(),
  opens: fc.array(
    fc.record({
      slot: fc.constantFrom(...OPEN_SLOTS),
      ...{ opportunityId: text, asset: text, shortVenue: text, shortSymbol: text },
      ...{ longVenue: text, longSymbol: text, minutesToFunding: fc.nat() },
      ...{ spread8h: anyRate, trailingSpread8h: maybe(anyRate), costRate: anyRate },
      ...{ netAprOnCapital: maybe(anyDecimal), breakEvenHours: maybe(anyDecimal) },
      ...{ depthUsd: maybe(anyNotional), basis: maybe(anyDecimal) },
      evidence: fc.record({
        ...{ rsi14: maybe(anyDecimal), macdHistogram: maybe(anyDecimal) },
        ...{ emaGap: maybe(anyDecimal), openInterestUsd: maybe(anyNotional) },
        ...{ persistence: maybe(anyDecimal), spread8hByDay: fc.array(anyRate) },
      }),
    }),
    { maxLength: 2 },
  ),
  closes: fc.array(
    fc.record({
      slot: fc.constantFrom(...CLOSE_SLOTS),
      ...{ hedgeId: text, asset: text, shortVenue: text, longVenue: text, ageHours: anyDecimal },
      ...{ openedAtSpread8h: maybe(anyRate), spread8h: maybe(anyRate) },
      ...{ trailingSpread8h: maybe(anyRate), fundingUsd: anyUsd, feesUsd: anyUsd },
      ...{ pnlUsd: maybe(anyUsd), hasTurned: fc.boolean() },
    }),
    { maxLength: 2 },
  ),
  mostUsd: anyNotional,
  record: fc.array(
    fc.record({
      ...{ horizonHours: fc.nat(), count: fc.nat() },
      ...{ hitShare: maybe(anyDecimal), meanNetRate: maybe(anyRate) },
    }),
  ),
});

const anyDecision: fc.Arbitrary<ScanDecision> = fc.record({
  ...{ id: fc.constant("S-1"), at: fc.nat(), table: anyTable, tableHash: text },
  ...{ promptHash: maybe(text), policyChoice: fc.constantFrom(...SLOTS) },
  choice: fc.constantFrom(...SLOTS),
  decidedBy: fc.constantFrom("rules" as const, "models" as const),
  votes: fc.array(
    fc.record({
      ...{ model: text, raw: maybe(text), failure: maybe(fc.constantFrom(...VOTE_FAILURES)) },
      ...{ choice: maybe(fc.constantFrom(...SLOTS)), confidence: maybe(anyDecimal) },
      ...{ reasoning: maybe(text), risks: fc.subarray([...DECISION_RISKS]), elapsedMs: fc.nat() },
    }),
  ),
  gates: fc.subarray([...DECISION_GATES]),
  results: fc.constant([]),
});

const empty = { opens: [], closes: [], mostUsd: notionalUsd("1"), record: [] };
const decision = (id: string, over: Partial<ScanDecision> = {}): ScanDecision => ({
  ...{ id, at: 1, table: { at: 1, ...empty }, tableHash: "t", promptHash: null },
  ...{ policyChoice: "HOLD", choice: null, decidedBy: null, votes: [], gates: [], results: [] },
  ...over,
});

const open = () => openStore({ path: ":memory:", wallNow: () => 1 });

describe("a scan's decision", () => {
  test("comes back exactly, with every digit of its table", () => {
    fc.assert(
      fc.property(anyDecision, (written) => {
        const store = open();
        store.transaction(() => store.insertScanDecision(written));
        const read = [store.getScanDecision("S-1"), ...store.listScanDecisions({ limit: 5 })];
        expect(read.map((one) => canonicalHash(one))).toEqual([
          ...[canonicalHash(written), canonicalHash(written)],
        ]);
        store.close();
      }),
      { numRuns: 60 },
    );
  });

  test("ends once, and the audit chain holds its end", () => {
    const store = open();
    const end = { choice: "HOLD", decidedBy: "models", votes: [], gates: ["TIE"] } as const;
    store.transaction(() => store.insertScanDecision(decision("S-1")));
    store.transaction(() => store.endScanDecision("S-1", end));
    expect(store.getScanDecision("S-1")).toMatchObject(end);
    expect(() => store.transaction(() => store.endScanDecision("S-1", end))).toThrow("ended");
    expect(() => store.transaction(() => store.endScanDecision("S-9", end))).toThrow("ended");
    expect(store.verifyAudit()).toBeNull();
  });

  test("keeps what came of it in order", () => {
    const store = open();
    store.transaction(() => store.insertScanDecision(decision("S-1")));
    for (const ref of ["P-1", "P-2"]) {
      store.transaction(() => store.addDecisionResult("S-1", { kind: "proposed", ref }));
    }
    expect(store.getScanDecision("S-1")?.results.map((one) => one.ref)).toEqual(["P-1", "P-2"]);
  });
});

test("an outcome is settled once, and only known choices to open are counted", () => {
  const store = open();
  store.transaction(() => {
    store.insertScanDecision(decision("S-1", { choice: "O2", decidedBy: "models" }));
    store.insertScanDecision(decision("S-2", { choice: "HOLD", decidedBy: "models" }));
    for (const id of ["S-1", "S-2"]) store.expectOutcome(id, 8, 100);
  });
  expect(store.dueOutcomes(99)).toEqual([]);
  const [due, other] = store.dueOutcomes(100);
  if (!due || !other) throw new Error("two are due");
  const known = {
    state: "known",
    netRate: rate("0.01"),
    policyNetRate: null,
    pnlUsd: null,
  } as const;
  store.transaction(() => {
    expect(store.settleOutcome({ ...due, ...known })).toBe(true);
    expect(store.settleOutcome({ ...due, ...known, netRate: rate("9") })).toBe(false);
    expect(store.settleOutcome({ ...other, ...known })).toBe(true);
  });
  expect(store.openOutcomes(8, 10).map((one) => one.toFixed())).toEqual(["0.01"]);
  expect(store.dueOutcomes(1_000)).toEqual([]);
});

test("every write about decisions refuses to stand alone", () => {
  const store = open();
  const outcome = { decisionId: "S-1", horizonHours: 8, dueAt: 1, state: "known" } as const;
  const none = { netRate: null, policyNetRate: null, pnlUsd: null };
  for (const write of [
    () => store.insertScanDecision(decision("S-1")),
    () =>
      store.endScanDecision("S-1", { choice: "HOLD", decidedBy: "rules", votes: [], gates: [] }),
    () => store.addDecisionResult("S-1", { kind: "denied", ref: "X" }),
    () => store.expectOutcome("S-1", 8, 1),
    () => store.settleOutcome({ ...outcome, ...none }),
  ]) {
    expect(write).toThrow("outside a transaction");
  }
});
