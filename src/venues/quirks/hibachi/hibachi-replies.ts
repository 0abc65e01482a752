import type { RefusalCode } from "#src/core/order.ts";
import type { Reply } from "#src/venues/ccxt/driver.ts";

/** `{"errorCode":4,"message":"Invalid input: Invalid quantity: 0","status":"failed"}` → "4 quantity". */
export function hibachiCodeOf({ json }: Reply): string | null {
  const code = fieldOf(json, "errorCode");
  if (code === undefined || code === null) return null;
  const what = /^Invalid input: Invalid (quantity|price)\b/.exec(String(fieldOf(json, "message")));
  return what?.[1] ? `${code} ${what[1]}` : String(code);
}

/**
 * What is refused at the door. Its other codes are documented nowhere, and what the engine refuses comes
 * later, as an order of status REJECTED.
 */
export const HIBACHI_REFUSALS: Readonly<Record<string, RefusalCode>> = {
  "2": "UNAUTHORISED",
  "3": "UNKNOWN_ORDER",
  "4 quantity": "OFF_LOT",
  "4 price": "OFF_TICK",
  "http 401": "UNAUTHORISED",
  "http 429": "RATE_LIMITED",
};

/** "Not found: order ID 33". */
export const HIBACHI_NOT_FOUND = ["3"];

export function fieldOf(from: unknown, key: string): unknown {
  return typeof from === "object" && from !== null ? Reflect.get(from, key) : undefined;
}
