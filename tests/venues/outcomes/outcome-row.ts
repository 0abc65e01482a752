import type { RefusalCode } from "#src/core/order.ts";

/** A venue's reply to a new order, and what it proves. */
export interface OutcomeRow {
  readonly name: string;
  /** Of HTTP. */
  readonly status: number;
  readonly body: string;
  readonly expect: "ACK" | "REFUSED" | "UNKNOWN";
  /** Of a refusal. */
  readonly code?: RefusalCode;
}
