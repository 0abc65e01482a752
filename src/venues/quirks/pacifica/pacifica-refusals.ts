import type { RefusalCode } from "#src/core/order.ts";

/**
 * What Pacifica says of an order that it did not take. Not here: 0 without more words, 14 (database), 26
 * (channel closed), 27 (response dropped), 409 and 5xx, which do not say how far it came.
 */
export const PACIFICA_REFUSALS: Readonly<Record<string, RefusalCode>> = {
  ...same("UNAUTHORISED", [
    ...["1", "signature_verification_failed", "agent_not_authorised", "access_code_required"],
  ]),
  ...same("MARKET_UNAVAILABLE", [
    // No such book, trading disabled, not active, no mark or oracle price.
    ...["3", "38", "56", "63", "119"],
    // Above the largest order, the most orders or the largest open interest; too far from the mark.
    ...["8", "10", "20", "25", "30", "41", "53"],
    // A leverage that it does not allow; one that is lower cannot be set on an open position.
    ...["11", "12"],
  ]),
  ...same("OFF_TICK", ["4", "52"]),
  ...same("OFF_LOT", ["59"]),
  ...same("INSUFFICIENT_MARGIN", ["5", "28"]),
  ...same("BELOW_MIN_NOTIONAL", ["7", "invalid_amount"]),
  ...same("REDUCE_ONLY_WOULD_INCREASE", ["21", "22", "23"]),
  ...same("UNKNOWN_ORDER", ["6", "37"]),
  ...same("DUPLICATE_CLIENT_ORDER_ID", ["36"]),
  ...same("EXPIRED", ["invalid_message"]),
  ...same("RATE_LIMITED", ["429", "http 429"]),
};

/** Its words, where its codes only repeat the status of HTTP. */
const WORDS: readonly (readonly [start: string, code: string])[] = [
  ["Verification failed", "signature_verification_failed"],
  ["Invalid signature", "signature_verification_failed"],
  ["Invalid public key", "signature_verification_failed"],
  ["Agent not authorized", "agent_not_authorised"],
  ["Beta access required", "access_code_required"],
  // Documented as: past its time, or not a message at all.
  ["Invalid message", "invalid_message"],
];

/** The code of a refusal: its words say more than its name, and that more than its number. */
export function pacificaCode(error: {
  readonly words: string | null;
  readonly name: string | null;
  readonly number: string | null;
}): string | null {
  const known = WORDS.find(([start]) => error.words?.startsWith(start));
  if (known) return known[1];
  return error.name !== null && error.name !== "unspecified" ? error.name : error.number;
}

function same(
  refusal: RefusalCode,
  codes: readonly string[],
): Readonly<Record<string, RefusalCode>> {
  return Object.fromEntries(codes.map((code) => [code, refusal]));
}
