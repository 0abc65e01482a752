import { RetryableError } from "#src/core/errors.ts";
import type { EpochMs } from "#src/core/units.ts";

/**
 * The venue's clock as the `Date` of its last answer, for venues that tell the time nowhere else. It has
 * whole seconds, so it is up to one second behind, never ahead: that can delay a proof, not fake one.
 */
export function httpDate(exchange: { readonly last_response_headers: unknown }): EpochMs {
  const headers = new Map(Object.entries(Object(exchange.last_response_headers)));
  const at = Date.parse(String(headers.get("Date") ?? headers.get("date") ?? ""));
  if (!Number.isSafeInteger(at)) throw new RetryableError("the answer carries no date");
  return at;
}
