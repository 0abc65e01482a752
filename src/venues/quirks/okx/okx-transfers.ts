import type { okx as OkxExchange } from "ccxt";
import { DAY_MS, HOUR_MS } from "#src/core/funding.ts";
import type { Transfer } from "#src/core/transfer.ts";
import { type EpochMs, usd } from "#src/core/units.ts";
import { decimal, millis, text } from "#src/venues/ccxt/row.ts";
import { createValuer } from "#src/venues/spot/value-coins.ts";
import { okxPages } from "./okx-reply.ts";
import { okxPriceAt } from "./okx-spot-market.ts";

const TRANSFER = { type: "1" };
/** What the quick list reaches back, less an hour; the slow one has three months. */
const RECENT_MS = 7 * DAY_MS - HOUR_MS;

/** What came into the trading account and left it; deposits arrive in another one first. */
export function okxTransfers(exchange: OkxExchange): {
  transfers(since: EpochMs): Promise<readonly Transfer[]>;
} {
  const valueUsd = createValuer((coin, at) => okxPriceAt(exchange, coin, at));
  return {
    async transfers(since) {
      const isOld = since < exchange.nonce() - RECENT_MS;
      const lists = [
        (page: object) => exchange.privateGetAccountBills(page),
        ...(isOld ? [(page: object) => exchange.privateGetAccountBillsArchive(page)] : []),
      ];
      const pages = await Promise.all(
        lists.map((list) =>
          okxPages(
            (page) => list({ ...TRANSFER, begin: String(since), ...page }),
            (last) => text(last, "billId"),
            "transfers",
          ),
        ),
      );
      const each = new Map(pages.flat().map((one) => [text(one, "billId"), one]));
      return Promise.all(
        [...each].map(async ([transferId, one]) => {
          const at = millis(one, "ts");
          const amount = await valueUsd(text(one, "ccy"), decimal(one, "balChg"), at);
          return { venue: "okx", transferId, amountUsd: usd(amount), transferredAt: at };
        }),
      );
    },
  };
}
