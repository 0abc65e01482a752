import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { describeError } from "#src/core/errors.ts";
import { ModelError, type ModelFailure } from "#src/ports/language-model.ts";

/** Whatever an SDK throws, as one of our failures. The classes decide; their names all say "Error". */
export function asModelError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  return new ModelError(failureOf(error), describeError(error), { cause: error });
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
  if (error instanceof Anthropic.APIError || error instanceof OpenAI.APIError) {
    return failureOfStatus(error.status);
  }
  // A cut stream or a broken body arrives as whatever the runtime throws.
  return error instanceof SyntaxError ? "protocol" : "network";
}

function failureOfStatus(status: unknown): ModelFailure {
  if (status === 429) return "rateLimited";
  if (status === 401 || status === 402 || status === 403) return "unauthorised";
  if (typeof status === "number" && status >= 500) return "overloaded";
  return typeof status === "number" ? "badRequest" : "protocol";
}
