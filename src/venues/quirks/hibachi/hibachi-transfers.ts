import { RetryableError } from "#src/core/errors.ts";
import { usd } from "#src/core/units.ts";
import type { VenueDriver, VenueProfile } from "#src/venues/ccxt/driver.ts";
import { decimal, type Row, row, rows, text } from "#src/venues/ccxt/row.ts";
import { type Hibachi, secondsAsMillis } from "./hibachi-client.ts";

/** What came into the account and left it. What is under way is told when it is done. */
export function hibachiTransfers(
  exchange: Hibachi,
  { id }: VenueProfile,
): Required<Pick<VenueDriver, "transfers">> {
  return {
    async transfers(since) {
      const { accountId } = exchange;
      const answer = row(await exchange.privateGetCapitalHistory({ accountId }), "history");
      return rows(answer["transactions"], "transactions").flatMap((one) => {
        const transferredAt = secondsAsMillis(one, "timestampSec");
        if (wordOf(one, "status") !== "completed" || transferredAt < since) return [];
        const kind = wordOf(one, "transactionType");
        const quantity = decimal(one, "quantity");
        return {
          // Each kind is numbered by itself.
          ...{ venue: id, transferId: `${kind}:${text(one, "id")}`, transferredAt },
          amountUsd: usd(comesIn(kind) ? quantity : quantity.neg()),
        };
      });
    },
  };
}

function comesIn(kind: string): boolean {
  if (kind === "deposit" || kind === "transfer-in") return true;
  if (kind === "withdrawal" || kind === "transfer-out") return false;
  throw new RetryableError(`a transaction is ${kind}`);
}

/** The documents write them in capitals, the venue does not. */
function wordOf(one: Row, key: string): string {
  return text(one, key).toLowerCase();
}
