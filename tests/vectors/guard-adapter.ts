import { dec } from "#src/core/decimal.ts";
import type { DenialCode } from "#src/core/denial.ts";
import { baseSize, notionalUsd } from "#src/core/units.ts";
import { checkOpen } from "#src/guard/check.ts";
import type { OpenCheck } from "#src/guard/leg-rules.ts";
import { tightenLimits } from "#src/guard/limits.ts";
import { approvalOf, type LegSpec, openCheck } from "#tests/support/builders.ts";
import { Fields } from "#tests/vectors/fields.ts";

/** Cases say nothing of lots: theirs is finer than any size in them. */
const FINE_LOT = baseSize("0.000000000001");

/** The vectors' labels for our codes. */
const LABELS: Readonly<Partial<Record<DenialCode, string>>> = {
  NOTIONAL_EXCEEDS_EQUITY_SHARE: "EXCEEDS_80PCT",
  NOTIONAL_EXCEEDS_HARD_CAP: "EXCEEDS_HARD_CAP",
  SIZE_ZERO: "ZERO_QTY",
};

/** Puts a case's legs into a complete, otherwise faultless plan and asks the real guard. */
export function judgeLegs(input: Fields): unknown {
  const given = input.list("legs").map((leg) => new Fields(leg));
  const check = buildCheck(input, given);
  const verdict = checkOpen({
    ...check,
    proposalHash: approvalHash(check),
    authority: approvalOf(check.proposal),
  });
  if (verdict.ok) return { ok: true };
  const code = verdict.denials[0]?.code ?? "LEG_COUNT";
  return { ok: false, code: LABELS[code] ?? code };
}

function buildCheck(input: Fields, given: readonly Fields[]): OpenCheck {
  const specs = given.map((leg, index): LegSpec => specOf(input, leg, index));
  const [first, second] = specs;
  const spare: LegSpec = { venue: "beta", side: "long" };
  const check = openCheck([first ?? spare, second ?? spare]);
  const legs =
    given.length === 2 ? check.proposal.legs : check.proposal.legs.slice(0, given.length);
  const [leg] = given;
  const asset = leg?.text("asset") ?? "BTC";
  return {
    ...check,
    // Only a case with too few or too many legs bends the type: that is what it is about.
    proposal: Object.assign({}, check.proposal, { asset, legs }),
    limits: tightenLimits({ hardCapUsd: notionalUsd(input.decimal("hardCapUsd", "50000")) }),
  };
}

function specOf(input: Fields, leg: Fields, index: number): LegSpec {
  const size = leg.decimal("qty");
  const notional = leg.decimal("notional");
  const price = size.gt("0") ? notional.div(size).round(30, 0) : dec("60000");
  return {
    venue: leg.text("venue") ?? (index === 0 ? "alpha" : "beta"),
    side: leg.text("side") === "short" ? "short" : "long",
    price: price.toFixed(),
    sizeBase: size.toFixed(),
    equityUsd: input.decimal(index === 0 ? "equityA" : "equityB").toFixed(),
    instrument: { asset: leg.text("asset") ?? "BTC", lotStepBase: FINE_LOT, minSizeBase: FINE_LOT },
  };
}

function approvalHash(check: OpenCheck): string {
  const authority = approvalOf(check.proposal);
  return authority.kind === "approval" ? authority.subjectHash : "";
}
