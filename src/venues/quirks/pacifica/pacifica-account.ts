import { rate, usd } from "#src/core/units.ts";
import type { VenueDriver } from "#src/venues/ccxt/driver.ts";
import { decimal, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { fundingPayment } from "#src/venues/quirks/shared/funding-payment.ts";
import { accountOf, dataOf, listOf, type Pacifica, rowsSince } from "./pacifica-api.ts";
import { pacificaPositions } from "./pacifica-positions.ts";

type Account = Pick<
  VenueDriver,
  "account" | "setup" | "feeRates" | "positions" | "fundingPayments" | "keyFacts"
>;

export function pacificaAccount(exchange: Pacifica): Account {
  return {
    async account() {
      const info = dataOf(await exchange.publicGetAccount(accountOf(exchange)));
      return {
        // `balance` is cash alone.
        equityUsd: usd(decimal(info, "account_equity")),
        freeCollateralUsd: usd(decimal(info, "available_to_spend")),
        maintenanceUsd: usd(decimal(info, "cross_mmr")),
      };
    },
    async setup({ instrument, info }) {
      const all = listOf(await exchange.publicGetAccountSettings(accountOf(exchange)));
      const own = all.find((one) => text(one, "symbol") === instrument.symbol);
      const isolated = textOrNull(own ?? {}, "isolated") ?? textOrNull(info, "isolated_only");
      return {
        // What was never set is not in the list: then it is the highest.
        leverage: own ? decimal(own, "leverage") : instrument.maxLeverage,
        positionMode: "oneWay",
        marginMode: isolated === "true" ? "isolated" : "cross",
        status: "trading",
      };
    },
    async feeRates() {
      const info = dataOf(await exchange.publicGetAccount(accountOf(exchange)));
      return {
        takerFeeRate: rate(decimal(info, "taker_fee")),
        makerFeeRate: rate(decimal(info, "maker_fee")),
      };
    },
    positions: (listings) => pacificaPositions(exchange, listings),
    async fundingPayments(_listings, since) {
      const all = await rowsSince(
        (page) => exchange.publicGetFundingHistory({ ...accountOf(exchange), ...page }),
        since,
      );
      return all.map((one) => fundingPayment("pacifica", text(one, "symbol"), one));
    },
    async keyFacts() {
      // Nothing is asked: whoever signs with the wallet's own key can do everything with it.
      const isAgent = exchange.options["agentAddress"] !== undefined;
      const { account } = accountOf(exchange);
      return { canTrade: null, canWithdraw: isAgent ? null : true, accountId: account };
    },
  };
}
