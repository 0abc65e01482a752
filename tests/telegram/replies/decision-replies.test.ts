import { describe, expect, test } from "bun:test";
import type { ChoiceDetail } from "#src/reports/choice-view.ts";
import {
  decisionReply,
  decisionsReply,
  lastChoiceOfModels,
  modelComment,
} from "#src/telegram/replies/decision-replies.ts";

const hold = { action: "hold", asset: null, shortVenue: null, longVenue: null } as const;
const btc = { action: "open", asset: "BTC", shortVenue: "bybit", longVenue: "okx" } as const;

function detail(over: Partial<ChoiceDetail> = {}): ChoiceDetail {
  return {
    ...{ id: "S-abcd2345", at: "2026-02-02T10:30:00Z", choice: btc, policy: hold },
    ...{ decidedBy: "models", gates: ["VOTE_MISSING"], costMicroUsd: 1_500, promptHash: "p" },
    votes: [
      { model: "m1", choice: btc, confidence: "0.7", failure: null, risks: ["THIN_BOOK"] },
      { model: "m2", choice: null, confidence: null, failure: "slotNotOffered", risks: [] },
    ],
    results: [{ kind: "opening", ref: "H-1", asset: "BTC" }],
    costRate: "0.0022",
    outcomes: [
      { horizonHours: 8, state: "known", netRate: "-0.0012", policyNetRate: null, pnlUsd: "-0.5" },
      { horizonHours: 24, state: "waiting", netRate: null, policyNetRate: null, pnlUsd: null },
    ],
    offered: [],
    comments: [
      { model: "m1", won: true, text: "Pays well. https://evil.example /kill @someone" },
      { model: "m2", won: false, text: "I would wait." },
    ],
    ...over,
  };
}

describe("/decisions", () => {
  test("fits a phone: one line each with who chose what, and what it came to", () => {
    const { text, entities } = decisionsReply([
      detail(),
      detail({ choice: null, decidedBy: null }),
    ]);
    const table = entities.find((entity) => entity.type === "pre");
    const lines = text
      .slice(table?.offset, (table?.offset ?? 0) + (table?.length ?? 0))
      .split("\n");
    expect(lines[1]).toBe("02 10:30  open BTC models  hold");
    expect(lines[2]).toContain("cut short nobody  hold");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
    expect(text).toContain("\nopen BTC: 8h −12bp, /decisions S-abcd2345\n");
  });

  test("tells the horizon beside the figure, first and last: costs come at once and funding later", () => {
    const at = (horizonHours: number, netRate: string) => ({
      ...{ horizonHours, netRate, state: "known" as const, policyNetRate: netRate, pnlUsd: null },
    });
    const outcomes = [at(8, "-0.0022"), at(24, "-0.001"), at(72, "0.0004")];
    const { text } = decisionsReply([detail({ outcomes })]);
    expect(text).toContain("open BTC: 8h −22bp, 72h +4bp, /decisions");
    expect(decisionsReply([detail({ outcomes: [] })]).text).toContain("open BTC: /decisions");

    const one = decisionReply(detail({ outcomes })).text;
    expect(one).toMatch(/72h +\+26\.00 +\+4\.00/);
    expect(one).toContain("Net is funding less 22.00 bp of costs, paid once.");
    expect(decisionReply(detail({ outcomes, costRate: null })).text).not.toContain("funding");
  });

  test("whoever asked for a scan is told what its models chose", () => {
    expect(lastChoiceOfModels(detail())).toContain("The models chose, 02-02 10:30: open BTC");
    expect(lastChoiceOfModels(detail({ decidedBy: "rules" }))).toContain("No model's vote counted");
    expect(lastChoiceOfModels(detail({ votes: [] }))).toBe("");
  });

  test("without any says what to do", () => {
    expect(decisionsReply([]).text).toContain("/scan");
    expect(decisionReply(null).text).toContain("/decisions");
  });
});

describe("one decision", () => {
  test("says who voted for what, what code had against it, and what is not known yet", () => {
    const { text } = decisionReply(detail());
    expect(text).toContain("open BTC (short bybit, long okx), decided by models");
    expect(text).toContain("m1: open BTC, confidence 0.7; thin book");
    expect(text).toContain("m2: no vote (slot not offered)");
    expect(text).toContain("a missing one is HOLD");
    expect(text).toContain("waiting");
    expect(text).toContain("Came of it: opening BTC H-1");
    expect(text).toContain("Models cost 0.0015 USD");
  });
});

describe("a model's words", () => {
  test("are marked as unchecked, and stand in a block where nothing can be tapped", () => {
    for (const message of [decisionReply(detail()), modelComment(detail())]) {
      const { text, entities } = message ?? { text: "", entities: [] };
      expect(text).toContain("Model's comment, not checked (m1)");
      const at = text.indexOf("Pays well");
      const block = entities.find((one) => one.type === "pre" && one.offset === at);
      expect(block?.length).toBe("Pays well. https://evil.example /kill @someone".length);
    }
  });

  test("beside a card are only those of the models that voted for it", () => {
    expect(modelComment(detail())?.text).not.toContain("I would wait");
    expect(modelComment(detail({ comments: [] }))).toBeNull();
    expect(modelComment(null)).toBeNull();
  });

  test("are cut, and hide nothing that turns text around", () => {
    const comments = [{ model: "m1", won: true, text: `a\u202Eb\u200B${"x".repeat(5_000)}` }];
    const text = modelComment(detail({ comments }))?.text ?? "";
    expect(text.length).toBeLessThan(800);
    expect(text).not.toMatch(/[\u202E\u200B]/);
  });
});
