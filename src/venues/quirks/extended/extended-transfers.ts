import { usd } from "#src/core/units.ts";
import type { VenueDriver } from "#src/venues/ccxt/driver.ts";
import { decimal, millis, text } from "#src/venues/ccxt/row.ts";
import { type Extended, pagesSince } from "./extended-api.ts";

/** The collateral; other assets lie in the spot wallet. */
const COLLATERAL = "1";
/** What is to be claimed on its chain has left the account. */
const DONE = ["COMPLETED", "READY_FOR_CLAIM"];

/** What came into the account and left it. What is under way is told when it is done. */
export function extendedTransfers(exchange: Extended): Required<Pick<VenueDriver, "transfers">> {
  return {
    async transfers(since) {
      const all = await pagesSince(
        (page) => exchange.v1PrivateGetUserAssetOperations({ ...page }),
        since,
        "time",
      );
      const done = all.filter(
        (one) => DONE.includes(text(one, "status")) && text(one, "asset") === COLLATERAL,
      );
      return done.map((one) => {
        const amount = decimal(one, "amount");
        // Only of transfers between accounts both directions go by one name, and the sign tells which.
        const leaves = text(one, "type").endsWith("WITHDRAWAL");
        return {
          ...{ venue: "extended", transferId: text(one, "id"), transferredAt: millis(one, "time") },
          amountUsd: usd(leaves ? amount.abs().neg() : amount),
        };
      });
    },
  };
}
