import { RetryableError } from "#src/core/errors.ts";
import type { Transfer } from "#src/core/transfer.ts";
import { usd } from "#src/core/units.ts";
import type { VenueDriver, VenueProfile } from "#src/venues/ccxt/driver.ts";
import { decimal, type Row, rows, text } from "#src/venues/ccxt/row.ts";
import { type Dydx, isoMillis, ofAccount } from "./dydx-client.ts";
import { dydxPages } from "./dydx-pages.ts";

/** By type, as the subaccount that was asked about sees it. */
const COMES_IN: ReadonlyMap<string, boolean> = new Map([
  ["DEPOSIT", true],
  ["TRANSFER_IN", true],
  ["WITHDRAWAL", false],
  ["TRANSFER_OUT", false],
]);

/** What came into the subaccount and left it, also from and to others of the same owner. */
export function dydxTransfers(
  exchange: Dydx,
  { id }: VenueProfile,
): Required<Pick<VenueDriver, "transfers">> {
  return {
    async transfers(since) {
      const moved = await dydxPages(
        async (page) => {
          const answer = await exchange.indexerGetTransfers({ ...ofAccount(exchange), ...page });
          return rows(answer["transfers"], "transfers");
        },
        (one) => text(one, "id"),
        (one) => isoMillis(one, "createdAt") >= since,
      );
      return moved.map((one) => transferOf(one, id));
    },
  };
}

function transferOf(one: Row, venue: string): Transfer {
  const comesIn = COMES_IN.get(text(one, "type"));
  if (comesIn === undefined) throw new RetryableError(`a transfer is ${text(one, "type")}`);
  const size = decimal(one, "size");
  return {
    ...{ venue, transferId: text(one, "id"), transferredAt: isoMillis(one, "createdAt") },
    amountUsd: usd(comesIn ? size : size.neg()),
  };
}
