import { parseDecimal } from "#src/core/decimal.ts";
import type { ChoiceDetail, ChoiceView } from "#src/reports/choice-view.ts";
import { gateSentence, pickSentence, pickWords } from "#src/reports/choice-words.ts";
import { formatBps, formatTable, formatUsd } from "#src/reports/format.ts";
import { bold, type Part, pre, type RichText, rich } from "#src/telegram/rich-text.ts";

/** Words of a model that one message may hold. */
const COMMENT_LENGTH = 600;
const COMMENTS = 4;
// What turns text around or hides in it.
const INVISIBLE = /[\p{Cc}\p{Cf}]+/gu;

export function decisionsReply(views: readonly ChoiceView[]): RichText {
  if (views.length === 0) return rich("No scan has chosen anything yet. /scan looks now.");
  const rows = views.flatMap((view) => {
    const same = pickWords(view.choice) === pickWords(view.policy);
    return [
      [
        `${view.at.slice(8, 10)} ${view.at.slice(11, 16)}`,
        pickWords(view.choice),
        view.decidedBy ?? "nobody",
        same ? "=" : pickWords(view.policy),
      ],
    ];
  });
  return rich(
    bold("What scans chose"),
    "\n",
    pre(formatTable([["", "chose", "by", "rules"], ...rows])),
    "\n",
    ...views.map(
      (view) => `${pickWords(view.choice)}: ${resultWords(view)}/decisions ${view.id}\n`,
    ),
    "bp: what one leg had earned by then, less the costs of all four fills. They are paid once, so early figures are low. Beside hold: what was passed up, so minus means that hold was right.",
  );
}

/** "8h −22bp, 72h +4bp, ": the first horizon and the last that are known. */
function resultWords({ outcomes }: ChoiceView): string {
  const known = outcomes.filter((one) => one.netRate !== null);
  return [...new Set([known[0], known.at(-1)])]
    .map((one) => (one ? `${one.horizonHours}h ${signedBps(one.netRate, 0)}bp, ` : ""))
    .join("");
}

/** "+4", "−22.00"; empty when unknown. */
function signedBps(rate: string | null, places: number): string {
  const bps = parseDecimal(rate ?? "")?.times("10000");
  return bps ? `${bps.lt("0") ? "−" : "+"}${bps.abs().toFixed(places)}` : "";
}

/** For whoever asked for a scan: the table alone does not say what came of it. Empty without models. */
export function lastChoiceOfModels(view: ChoiceView): string {
  if (view.votes.length === 0) return "";
  const when = `${view.at.slice(5, 10)} ${view.at.slice(11, 16)}`;
  const who =
    view.decidedBy === "models" ? "The models chose" : "No model's vote counted; the rules chose";
  return `\n${who}, ${when}: ${pickSentence(view.choice)}. /decisions ${view.id} says why.`;
}

export function decisionReply(view: ChoiceDetail | null): RichText {
  if (!view) return rich("There is no such decision. /decisions lists them.");
  const parts: Part[] = [
    bold(pickSentence(view.choice)),
    `, decided by ${view.decidedBy ?? "nobody: it was cut short"}\n`,
    `${view.at.replace("T", " ").replace("Z", " UTC")}, ${view.id}\n`,
    `The rules alone: ${pickSentence(view.policy)}. ${view.offered.length} were offered.\n`,
  ];
  for (const vote of view.votes) {
    const said = vote.failure ? `no vote (${words(vote.failure)})` : pickWords(vote.choice);
    const isUnsure = parseDecimal(vote.confidence ?? "")?.lt(view.unsureBelow ?? "0") ?? false;
    const how = vote.confidence
      ? `, confidence ${vote.confidence}${isUnsure ? ` (unsure: below ${view.unsureBelow})` : ""}`
      : "";
    const risks = vote.risks.filter((risk) => risk !== "NONE").map(words);
    parts.push(`${vote.model}: ${said}${how}${risks.length > 0 ? `; ${risks.join(", ")}` : ""}\n`);
  }
  for (const gate of view.gates) parts.push(`Gate: ${gateSentence(gate)}.\n`);
  for (const { kind, asset, ref } of view.results) {
    parts.push(`Came of it: ${words(kind)} ${asset ? `${asset} ` : ""}${ref}\n`);
  }
  if (view.outcomes.length > 0) parts.push(...outcomeParts(view));
  if (view.votes.length > 0) parts.push(`Models cost ${formatUsd(microUsd(view))}.\n`);
  parts.push(...view.comments.slice(0, COMMENTS).flatMap(commentParts));
  return rich(...parts);
}

/** Funding and costs apart: that costs are paid at once and funding comes slowly is no fault of the choice. */
function outcomeParts({ outcomes, costRate }: ChoiceDetail): readonly Part[] {
  const cost = parseDecimal(costRate ?? "");
  const rows = outcomes.map((one) => {
    const net = parseDecimal(one.netRate ?? "");
    return [
      `${one.horizonHours}h`,
      ...(cost ? [net ? signedBps(net.plus(cost).toFixed(), 2) : ""] : []),
      one.state === "known" ? signedBps(one.netRate, 2) : one.state,
      signedBps(one.policyNetRate, 2),
      one.pnlUsd === null ? "" : formatUsd(one.pnlUsd, true),
    ];
  });
  const head = ["", ...(cost ? ["funding"] : []), "net", "rules", "hedge"];
  const costs = cost ? ` Net is funding less ${formatBps(cost)} of costs, paid once.` : "";
  return [pre(formatTable([head, ...rows])), `\nIn bp of one leg.${costs}\n`];
}

/** Beside the card and never in it; null when the models that won gave no reason. */
export function modelComment(view: ChoiceDetail | null): RichText | null {
  const won = view?.comments.filter((comment) => comment.won) ?? [];
  const parts = won.slice(0, COMMENTS).flatMap(commentParts);
  return parts.length > 0 ? rich(`About ${pickSentence(view?.choice ?? null)}:\n`, ...parts) : null;
}

/** In a block, where Telegram makes no link, name or command of anything. */
function commentParts({ model, text }: ChoiceDetail["comments"][number]): readonly Part[] {
  const plain = text.replace(INVISIBLE, " ").trim().slice(0, COMMENT_LENGTH);
  return plain ? [`💬 Model's comment, not checked (${model}):\n`, pre(plain), "\n"] : [];
}

function microUsd({ costMicroUsd }: ChoiceView): string {
  return (costMicroUsd / 1_000_000).toFixed(6);
}

/** "slotNotOffered", "THIN_BOOK" → "slot not offered", "thin book". */
function words(code: string): string {
  return code
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase();
}
