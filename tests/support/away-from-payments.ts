import { HOUR_MS } from "#src/core/funding.ts";

const BEFORE_MS = 75_000;
const AFTER_MS = 31_000;

/** Nothing is opened about a payment, and on the real clock there may be one at every full hour. */
export async function awayFromPayments(): Promise<void> {
  for (;;) {
    const pastMs = Date.now() % HOUR_MS;
    if (pastMs > AFTER_MS && pastMs < HOUR_MS - BEFORE_MS) return;
    await Bun.sleep(500);
  }
}
