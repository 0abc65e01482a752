import Anthropic, { AnthropicError } from "@anthropic-ai/sdk";
import OpenAI, { OpenAIError } from "openai";
import { describeError } from "#src/core/errors.ts";
import { ModelError, type ModelFailure } from "#src/ports/language-model.ts";

const LONGEST_DETAIL = 200;
const LONGEST_WAIT_S = 86_400;

/** Codes with which a connection never came about: nothing was sent, so nothing is billed. */
const NEVER_CONNECTED = new Set([
  ...["ConnectionRefused", "ECONNREFUSED", "FailedToOpenSocket", "ENOTFOUND", "EAI_AGAIN"],
  ...["ENETUNREACH", "EHOSTUNREACH", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "CERT_HAS_EXPIRED"],
  ...["DEPTH_ZERO_SELF_SIGNED_CERT", "ERR_TLS_CERT_ALTNAME_INVALID", "InvalidURL"],
]);

type Answered = InstanceType<typeof Anthropic.APIError> | InstanceType<typeof OpenAI.APIError>;

/**
 * Whatever an SDK throws, as one of our failures. The classes decide; their names all say "Error". The
 * text is for the log, without the key, should an endpoint repeat it.
 */
export function asModelError(error: unknown, apiKey: string | null): ModelError {
  if (error instanceof ModelError) return error;
  const text = describeError(error);
  const detail = (apiKey ? text.replaceAll(apiKey, "[key]") : text).slice(0, LONGEST_DETAIL);
  return new ModelError(failureOf(error), detail, {
    retryAfterMs: isAnswer(error) ? retryAfterMs(error.headers) : null,
    mayBeBilled: mayBeBilled(error),
  });
}

function failureOf(error: unknown): ModelFailure {
  if (error instanceof Anthropic.APIUserAbortError || error instanceof OpenAI.APIUserAbortError) {
    return "aborted";
  }
  if (
    error instanceof Anthropic.APIConnectionTimeoutError ||
    error instanceof OpenAI.APIConnectionTimeoutError
  ) {
    return "timeout";
  }
  if (error instanceof Anthropic.APIConnectionError || error instanceof OpenAI.APIConnectionError) {
    return "network";
  }
  if (isAnswer(error)) return failureOfAnswer(error);
  // The libraries' own complaints and broken JSON; whatever else the runtime throws is a cut line.
  const isNonsense =
    error instanceof AnthropicError || error instanceof OpenAIError || error instanceof SyntaxError;
  return isNonsense ? "protocol" : "network";
}

/** Providers say "no credit" with different statuses, so the words come first. */
function failureOfAnswer(error: Answered): ModelFailure {
  const { status } = error;
  const code = "errorCode" in error ? error.errorCode : error.code;
  const words = `${error.type ?? ""} ${code ?? ""}`.toLowerCase();
  const isBroke = /insufficient_quota|insufficient_balance|billing|spend_limit|credit/.test(words);
  const isFirmly = status === undefined || status < 500;
  if (isFirmly && (status === 402 || isBroke || /credit balance/i.test(error.message))) {
    return "quota";
  }
  if (status === 429 || words.includes("rate_limit")) return "rateLimited";
  if (status === 401 || status === 403) return "unauthorised";
  if (status === 408) return "timeout";
  if (typeof status === "number") return status >= 500 ? "overloaded" : "badRequest";
  // Said in the middle of a stream.
  return /overloaded|server_error|api_error|unavailable/.test(words) ? "overloaded" : "protocol";
}

function mayBeBilled(error: unknown): boolean {
  if (isAnswer(error) && typeof error.status === "number") return false;
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 4; depth += 1) {
    if ("code" in cause && NEVER_CONNECTED.has(String(cause.code))) return false;
    cause = cause.cause;
  }
  return true;
}

/** A date would need the provider's clock; all of them send seconds. */
function retryAfterMs(headers: Headers | undefined): number | null {
  const ms = Number(headers?.get("retry-after-ms") ?? "");
  if (Number.isFinite(ms) && ms > 0) return Math.min(ms, LONGEST_WAIT_S * 1_000);
  const seconds = Number(headers?.get("retry-after") ?? "");
  if (!Number.isFinite(seconds) || seconds <= 0) return null;
  return Math.min(seconds, LONGEST_WAIT_S) * 1_000;
}

function isAnswer(error: unknown): error is Answered {
  return error instanceof Anthropic.APIError || error instanceof OpenAI.APIError;
}
