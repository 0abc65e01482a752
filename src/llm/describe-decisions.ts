import { z } from "zod";
import { figuresWords } from "#src/core/words/figures-words.ts";
import {
  denialSentence,
  isDenial,
  opportunityReasonSentence,
} from "#src/core/words/plain-words.ts";
import { bp, figure, figuresSchema, stamp } from "./tool-figures.ts";

export const decisionsSchema = z.object({
  asset: figure,
  decisions: z.array(
    z.object({
      at: z.string(),
      kind: z.string(),
      asset: figure,
      outcome: z.string(),
      detail: z.record(z.string(), z.unknown()),
    }),
  ),
  choices: z
    .array(
      z.object({
        at: z.string(),
        choice: z.object({ action: z.string(), asset: figure }).nullable(),
        decidedBy: z.string().nullable(),
      }),
    )
    .default([]),
});

type Decisions = z.infer<typeof decisionsSchema>;

const SHOWN = 6;
const waitSchema = z.object({
  ...{ paymentAt: z.string(), fromMinutesBefore: z.number(), toMinutesBefore: z.number() },
});
const deniedSchema = z.object({
  denials: z.array(
    z.object({ code: z.string(), context: z.record(z.string(), z.string().nullable()) }),
  ),
});

/** What scans, the guard and the rules said, newest first, with the figures that decided. */
export function describeDecisions({ asset, decisions, choices }: Decisions): string {
  if (decisions.length === 0) {
    return asset
      ? `Nothing was decided about ${asset} yet. The next scan will; /scan looks now.`
      : "Nothing was decided yet. /scan looks now.";
  }
  const lines = decisions
    .slice(0, SHOWN)
    .map((one) => `${stamp(one.at)} ${one.asset ?? ""}: ${decisionWords(one)}`);
  const chosen = choices.filter(({ choice }) => choice !== null);
  const own = chosen.find(({ choice }) => asset !== null && choice?.asset === asset);
  const last = own ?? chosen[0];
  if (last?.choice) {
    const what = last.choice.asset ? `${last.choice.action} ${last.choice.asset}` : "hold";
    lines.push(
      `Last choice of a scan${own ? ` about ${asset}` : ""}: ${what}, by the ${last.decidedBy}, ${stamp(last.at)}; /decisions has them all.`,
    );
  }
  return lines.join("\n");
}

function decisionWords({ outcome, detail }: Decisions["decisions"][number]): string {
  const denied = deniedSchema.safeParse(detail);
  if (denied.success) {
    // That there is a hedge already is no refusal to whoever asks why it was opened.
    const isHeld = denied.data.denials[0]?.code === "ASSET_ALREADY_HEDGED";
    return `${isHeld ? "" : "denied: "}${denialWords(denied.data)}`;
  }
  const waits = waitSchema.safeParse(detail);
  if (waits.success) {
    const { paymentAt, fromMinutesBefore: from, toMinutesBefore: to } = waits.data;
    return `${opportunityReasonSentence(outcome)} at ${paymentAt.slice(11, 16)} UTC: it opens ${from} to ${to} minutes before`;
  }
  const figures = figuresSchema.safeParse(detail);
  const found = figures.success ? figuresWords(outcome, figures.data) : "";
  const { costRate: cost } = detail;
  const costs = typeof cost === "string" ? `all four fills cost ${bp(cost)} of one leg` : "";
  const known = [found, costs].filter((one) => one !== "").join("; ");
  return `${opportunityReasonSentence(outcome)}${known === "" ? "" : ` (${known})`}`;
}

function denialWords({ denials }: z.infer<typeof deniedSchema>): string {
  const said = denials.flatMap(({ code, context }) => {
    const known = Object.entries(context).filter((one): one is [string, string] => one[1] !== null);
    const one = { code, context: Object.fromEntries(known) };
    return isDenial(one) ? [denialSentence(one)] : [];
  });
  return said.length === 0 ? "the guard said no" : said.join("; ");
}
