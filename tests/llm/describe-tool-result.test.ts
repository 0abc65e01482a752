import { describe, expect, test } from "bun:test";
import { describeToolResult } from "#src/llm/describe-tool-result.ts";

const leg = { venue: "okx-sim", side: "long", sizeBase: "12345.5", instrument: "SUI/USDT:USDT" };
const hedge = (asset: string, id: string) => ({
  ...{ id, asset, phase: "open", legs: [leg], notionalUsd: "1990.1" },
  ...{ fundingUsd: "0.5", feesUsd: "1.25", pnlUsd: "-2.5" },
});
const HEDGES = [hedge("SUI", "H-abcd2345"), hedge("APT", "H-xyz98765")];

function status(question: string, hedges: readonly object[], more = {}): string {
  const known = { tradingState: "active", equityUsd: "40000", hedges, ...more };
  return describeToolResult("get_status", JSON.stringify(known), question);
}

describe("a question about a hedge", () => {
  test.each([
    "how is the SUI hedge doing?",
    "how is my sui hedge?",
    "status of H-abcd2345",
    "Wie läuft der SUI-Hedge?",
  ])("%s is answered about that one alone", (question) => {
    const answer = status(question, HEDGES);

    expect(answer).toContain("SUI (H-abcd2345) is open: long 12,345.5 on okx, 1,990.10 USD a leg.");
    expect(answer).toContain("Result −2.50 USD");
    expect(answer).not.toContain("APT");
  });

  test("about two is answered about both, and about none in particular with all", () => {
    const both = status("how are SUI and APT doing?", [...HEDGES, hedge("ARB", "H-arb23456")]);
    expect(both).toContain("SUI (H-abcd2345)");
    expect(both).toContain("APT (H-xyz98765)");
    expect(both).not.toContain("ARB");

    const all = status("how are my hedges doing?", HEDGES);
    expect(all).toStartWith("Trading is active, equity 40,000.00 USD.");
    expect(all).toContain("APT (H-xyz98765)");
  });

  test("that there is not is answered plainly, with what there is instead", () => {
    const others = status("how is the BTC hedge doing?", HEDGES);
    expect(others).toStartWith("No BTC hedge is open. Open: SUI, APT.");
    expect(others).toContain('"hedge BTC" proposes one');
    expect(others).not.toContain("H-abcd2345");

    const waiting = { proposals: [{ kind: "open", asset: "BTC" }] };
    expect(status("how is the BTC hedge doing?", [], waiting)).toContain(
      "A card for BTC waits for your tap.",
    );
  });
});

describe("why something was not chosen", () => {
  const why = (decision: object) =>
    describeToolResult(
      "explain_decision",
      JSON.stringify({
        asset: "SOL",
        decisions: [{ at: "2026-01-05T07:29:00Z", kind: "scan", asset: "SOL", ...decision }],
      }),
    );

  test("says what each figure is", () => {
    const detail = { have: "0.000029", need: "0.000056", unit: "rate8h", venue: null };
    expect(why({ outcome: "CARRY_BELOW_COST", detail: { ...detail, costRate: "0.00237" } })).toBe(
      "01-05 07:29 SOL: trailing carry does not pay the costs (trailing mean: 0.29 bp per 8 h, at least 0.56 bp per 8 h pays the costs; all four fills cost 23.70 bp of one leg)",
    );
  });

  test("gives the guard's reasons, not the word alone", () => {
    const denials = [
      { code: "NOTIONAL_EXCEEDS_HARD_CAP", context: { notionalUsd: "5100", limitUsd: "5000" } },
      { code: "SOMETHING_ELSE", context: {} },
    ];
    expect(why({ outcome: "denied", detail: { denials } })).toEndWith(
      "denied: 5,100 USD is above the hard cap of 5,000 USD a leg",
    );
  });

  test("says which payment is waited for", () => {
    const detail = {
      paymentAt: "2026-01-05T08:00:00Z",
      fromMinutesBefore: 30,
      toMinutesBefore: 15,
    };
    expect(why({ outcome: "WAITS_FOR_WINDOW", detail })).toEndWith(
      "the payment at 08:00 UTC: it opens 30 to 15 minutes before",
    );
  });
});
