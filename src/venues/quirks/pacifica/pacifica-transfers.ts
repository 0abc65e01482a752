import { type Decimal, ZERO } from "#src/core/decimal.ts";
import { usd } from "#src/core/units.ts";
import type { VenueDriver } from "#src/venues/ccxt/driver.ts";
import { decimal, millis, type Row, text } from "#src/venues/ccxt/row.ts";
import { accountOf, type Pacifica, rowsSince } from "./pacifica-api.ts";

/** What came into the account and left it; payouts are earned. */
export function pacificaTransfers(exchange: Pacifica): Required<Pick<VenueDriver, "transfers">> {
  return {
    async transfers(since) {
      const all = await rowsSince(
        (page) => exchange.publicGetAccountBalanceHistory({ ...accountOf(exchange), ...page }),
        since,
      );
      return all.flatMap((one) => {
        const amount = cameIn(one);
        const [at, kind] = [millis(one, "created_at"), text(one, "event_type")];
        if (amount.eq(ZERO)) return [];
        return {
          // They have no id; the balance after each tells two of one moment apart.
          transferId: [at, kind, amount.toFixed(), text(one, "balance")].join(":"),
          ...{ venue: "pacifica", transferredAt: at, amountUsd: usd(amount) },
        };
      });
    },
  };
}

/** What still waits for its release is not in the balance yet: the release is told by itself. */
function cameIn(one: Row): Decimal {
  const amount = decimal(one, "amount");
  switch (text(one, "event_type")) {
    case "deposit":
      return decimal(one, "pending_balance").gte(amount.abs()) ? ZERO : amount.abs();
    case "deposit_release":
      return amount.abs();
    case "withdraw":
      return amount.abs().neg();
    case "subaccount_transfer":
      return amount;
    default:
      return ZERO;
  }
}
