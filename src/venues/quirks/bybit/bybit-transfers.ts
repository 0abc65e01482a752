import type { Transfer } from "#src/core/transfer.ts";
import { type EpochMs, usd } from "#src/core/units.ts";
import { decimal, millis, text } from "#src/venues/ccxt/row.ts";
import { createValuer } from "#src/venues/spot/value-coins.ts";
import { allWindows, type Bybit } from "./bybit-replies.ts";
import { bybitPriceAt } from "./bybit-spot-market.ts";

const KINDS = [
  "TRANSFER_IN",
  "TRANSFER_OUT",
  // To the venue's savings and back, also where it did not take all of it.
  "FLEXIBLE_STAKING_SUBSCRIPTION",
  "FLEXIBLE_STAKING_REDEMPTION",
  "FLEXIBLE_STAKING_REFUND",
  "FIXED_STAKING_SUBSCRIPTION",
  "FIXED_STAKING_REFUND",
  "ONCHAINEARN_SUBSCRIPTION",
  "ONCHAINEARN_REDEMPTION",
  "ONCHAINEARN_REFUND",
];

/** What came into the unified account and left it, also by deposit and withdrawal. */
export function bybitTransfers(exchange: Bybit): {
  transfers(since: EpochMs): Promise<readonly Transfer[]>;
} {
  const valueUsd = createValuer((coin, at) => bybitPriceAt(exchange, coin, at));
  const log = (params: object) => exchange.privateGetV5AccountTransactionLog(params);
  return {
    async transfers(since) {
      const span = { since, now: exchange.nonce() };
      const kinds = KINDS.map((type) =>
        allWindows(log, { accountType: "UNIFIED", type, limit: 50 }, span),
      );
      const moved = (await Promise.all(kinds)).flat();
      const each = new Map(moved.map((one) => [text(one, "id"), one]));
      return Promise.all(
        [...each].map(async ([transferId, one]) => {
          const at = millis(one, "transactionTime");
          const amount = await valueUsd(text(one, "currency"), decimal(one, "change"), at);
          return { venue: "bybit", transferId, amountUsd: usd(amount), transferredAt: at };
        }),
      );
    },
  };
}
