import { RetryableError } from "#src/core/errors.ts";
import type { RefusalCode } from "#src/core/order.ts";
import type { Call } from "./call-context.ts";
import type { VenueDriver } from "./driver.ts";
import { NotSentError } from "./not-sent.ts";
import { codesIn, proofsIn } from "./read-venue.ts";

export type Failed =
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly detail: string }
  | { readonly kind: "unknown"; readonly detail: string };

/**
 * What a mutation that threw came to. Refused only when nothing left this machine, or when the venue's code
 * is on its list of proofs; the class of the error proves nothing (reliability 2).
 */
export function outcomeOf(driver: VenueDriver, call: Call, error: unknown): Failed {
  if (!call.sent) return { kind: "refused", code: "NOT_SENT", detail: whyNotSent(error) };
  const codes = codesIn(driver, call);
  const detail = codes[0] ?? "no answer";
  for (const code of proofsIn(driver, call)) {
    const refusal = driver.profile.refusals[code];
    if (refusal) return { kind: "refused", code: refusal, detail };
  }
  return { kind: "unknown", detail };
}

/** Only our own words are safe to show: ccxt's carry what it wanted to send. */
function whyNotSent(error: unknown): string {
  if (error instanceof NotSentError || error instanceof RetryableError) return error.message;
  return error instanceof Error ? error.constructor.name : "it could not be sent";
}
