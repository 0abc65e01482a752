import { parseDecimal, sum } from "#src/core/decimal.ts";
import type {
  ConfiguredModelView,
  CostsView,
  ModelSpendingView,
  SpendingPeriodView,
} from "#src/reports/costs-view.ts";
import { formatPercent, formatTable, formatUsd } from "#src/reports/format.ts";
import { bold, pre, type RichText, rich } from "#src/telegram/rich-text.ts";

const LONGEST_NAME = 18;

/** What language models cost, today and in a week, and what they may. */
export function costReply(view: CostsView): RichText {
  const configured = [...view.configured.chat, ...view.configured.scan];
  const isUnused = configured.length === 0 && view.sevenDays.models.every(isOffline);
  if (isUnused) {
    return rich(
      "No language model is configured: plain rules answer, and nothing is spent. [model] in config/settings.toml names one.",
    );
  }
  const models = view.sevenDays.models.filter((one) => !isOffline(one));
  const budgets = [
    ["", "today", "budget", "7 days"],
    ...view.budgets.map(({ purpose, perDayUsd, usedUsd, usedShare }) => [
      purpose,
      bare(usedUsd),
      usedShare === null ? bare(perDayUsd) : `${bare(perDayUsd)} ${formatPercent(usedShare, 0)}`,
      bare(spentOn(view.sevenDays, purpose)),
    ]),
  ];
  return rich(
    bold("Language models, in USD"),
    "\n",
    pre(formatTable(budgets)),
    `\nOne question may cost ${formatUsd(view.chatUsdPerTurn)}. Days are UTC.`,
    ...(models.length > 0 ? ["\n", bold("7 days"), "\n", pre(formatTable(byModel(models)))] : []),
    ...estimateNote(models),
    ...missingNote(configured),
  );
}

function byModel(models: readonly ModelSpendingView[]): readonly (readonly string[])[] {
  return [
    ["", "calls", "tokens", "USD"],
    ...models.map((one) => [
      `${one.purpose} ${shorten(one.model)}`,
      one.failures > 0 ? `${one.calls} (${one.failures}✗)` : String(one.calls),
      tokens(one.inputTokens + one.cacheReadTokens + one.outputTokens),
      `${one.isEstimate ? "≈" : ""}${bare(one.costUsd)}`,
    ]),
  ];
}

function estimateNote(models: readonly ModelSpendingView[]): readonly string[] {
  return models.some((one) => one.isEstimate)
    ? ["\n≈: partly estimated, upwards, where the provider did not say. ✗: failed."]
    : [];
}

function missingNote(configured: readonly ConfiguredModelView[]): readonly string[] {
  const missing = new Set(configured.flatMap((one) => one.missingKey ?? []));
  return [...missing].map((name) => `\nNot asked, because ${name} is not set.`);
}

function spentOn({ models }: SpendingPeriodView, purpose: string): string {
  const costs = models.filter((one) => one.purpose === purpose);
  return sum(costs.flatMap((one) => parseDecimal(one.costUsd) ?? [])).toFixed();
}

/** "0.41": the unit stands above. */
function bare(usd: string): string {
  return formatUsd(usd).replace(/ USD$/, "");
}

function tokens(count: number): string {
  return count < 10_000 ? String(count) : `${Math.round(count / 1_000)}k`;
}

function shorten(name: string): string {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;
}

function isOffline(one: ModelSpendingView): boolean {
  return one.provider === "offline";
}
