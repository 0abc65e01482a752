import { type Decimal, dec, decFromInteger, ONE, roundToStep, sum } from "#src/core/decimal.ts";
import type { ModelReply, ModelRequest, ModelUsage } from "#src/ports/language-model.ts";

/** USD for a million tokens, which is micro-dollars for one. */
export interface ModelPrices {
  readonly input: Decimal;
  readonly cachedInput: Decimal;
  readonly cacheWrite: Decimal;
  readonly output: Decimal;
}

/** Text of ours is never denser than this. */
const BYTES_PER_TOKEN = 3;

/** Micro-dollars, rounded up. */
export function costMicroUsd(usage: ModelUsage, prices: ModelPrices): number {
  const exact = sum([
    decFromInteger(usage.inputTokens).times(prices.input),
    decFromInteger(usage.cacheReadTokens).times(prices.cachedInput),
    decFromInteger(usage.cacheWriteTokens).times(prices.cacheWrite),
    decFromInteger(usage.outputTokens).times(prices.output),
  ]);
  return Number(roundToStep(exact, ONE, "up").toFixed());
}

/**
 * What a request cost at most when nobody says: by the length of all that was sent, and of the answer, or
 * the longest that was allowed when nothing of it is known.
 */
export function estimateCostMicroUsd(
  request: ModelRequest,
  reply: ModelReply | null,
  prices: ModelPrices,
): number {
  const sent = tokensOf([
    request.system,
    request.facts ?? "",
    JSON.stringify([request.messages, request.tools, request.answer ?? null]),
  ]);
  const answered = reply
    ? tokensOf([reply.text, ...reply.calls.map((call) => call.name + call.argumentsJson)])
    : request.maxOutputTokens;
  const writing = prices.cacheWrite.gt(prices.input);
  return costMicroUsd(
    {
      inputTokens: writing ? 0 : sent,
      cacheWriteTokens: writing ? sent : 0,
      cacheReadTokens: 0,
      outputTokens: answered,
    },
    prices,
  );
}

export function isFree(prices: ModelPrices): boolean {
  return Object.values(prices).every((price: Decimal) => price.eq("0"));
}

/** Whole micro-dollars of an amount, rounded down. */
export function microUsd(amount: Decimal): number {
  return Number(roundToStep(amount.times(dec("1000000")), ONE, "down").toFixed());
}

function tokensOf(texts: readonly string[]): number {
  const bytes = texts.reduce((total, text) => total + Buffer.byteLength(text), 0);
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}
