import { sum, ZERO } from "#src/core/decimal.ts";
import type { FundingPayment } from "#src/core/funding.ts";
import type { Position } from "#src/core/order.ts";
import { type Rate, rate, signedBase, usd } from "#src/core/units.ts";
import type { TradingSetup } from "#src/ports/venue.ts";
import type { Listings, VenueDriver, VenueProfile } from "#src/venues/ccxt/driver.ts";
import { decimal, decimalOrNull, type Row, row, rows, text } from "#src/venues/ccxt/row.ts";
import { hourOf } from "#src/venues/quirks/shared/hour-of.ts";
import { refPriceIn } from "#src/venues/quirks/shared/units-of.ts";
import {
  type Dydx,
  dydxUnits,
  isoMillis,
  marketRow,
  marketRows,
  ofAccount,
} from "./dydx-client.ts";
import { newestFills } from "./dydx-fills.ts";
import { ownsItsAccount } from "./dydx-key.ts";
import { dydxPages } from "./dydx-pages.ts";

type AccountSide = Pick<
  VenueDriver,
  "account" | "setup" | "feeRates" | "positions" | "fundingPayments" | "keyFacts"
>;

export function dydxAccount(exchange: Dydx, { id, listFees }: VenueProfile): AccountSide {
  return {
    async account() {
      const [answer, markets] = await Promise.all([
        exchange.indexerGetAddressesAddressSubaccountNumberSubaccountNumber(ofAccount(exchange)),
        marketRows(exchange),
      ]);
      const subaccount = row(answer["subaccount"], "subaccount");
      const open = Object.values(row(subaccount["openPerpetualPositions"], "positions"));
      const needs = open.map((one) => {
        const held = row(one, "position");
        const market = marketRow(markets, text(held, "market"));
        return decimal(held, "size")
          .abs()
          .times(decimal(market, "oraclePrice"))
          .times(decimal(market, "maintenanceMarginFraction"));
      });
      return {
        equityUsd: usd(decimal(subaccount, "equity")),
        freeCollateralUsd: usd(decimal(subaccount, "freeCollateral")),
        maintenanceUsd: usd(sum(needs)),
      };
    },
    async setup({ instrument: { symbol } }) {
      const market = marketRow(await marketRows(exchange, symbol), symbol);
      return { ...CROSS, status: statusOf(text(market, "status")) };
    },
    feeRates: async ({ instrument: { symbol } }) => {
      const fills = await newestFills(exchange, symbol);
      return {
        takerFeeRate: paidRate(fills, "TAKER") ?? rate(listFees.taker),
        makerFeeRate: paidRate(fills, "MAKER") ?? rate(listFees.maker),
      };
    },
    async positions(listings) {
      const [answer, markets] = await Promise.all([
        exchange.indexerGetPerpetualPositions({ ...ofAccount(exchange), status: "OPEN" }),
        marketRows(exchange),
      ]);
      return rows(answer["positions"], "positions").map((one) =>
        positionOf(one, marketRow(markets, text(one, "market")), listings, id),
      );
    },
    fundingPayments: (listings, since) => fundingPayments(exchange, listings, { venue: id, since }),
    async keyFacts() {
      const { address, subaccountNumber } = ofAccount(exchange);
      return {
        canTrade: await ownsItsAccount(exchange),
        // A chain key signs whatever it is asked to; there is no permission to read.
        canWithdraw: null,
        accountId: `${address}/${subaccountNumber}`,
      };
    },
  };
}

/** One account's collateral backs everything; there is no leverage to set. */
const CROSS: Omit<TradingSetup, "status"> = {
  leverage: null,
  positionMode: "oneWay",
  marginMode: "cross",
};

function statusOf(status: string): TradingSetup["status"] {
  return status === "ACTIVE" ? "trading" : "halted";
}

/**
 * What the last trade on this market paid, to a hundredth of a basis point: fees are rounded to a millionth of
 * a dollar, so a small fill says too little and is passed over.
 */
function paidRate(fills: readonly Row[], liquidity: "TAKER" | "MAKER"): Rate | null {
  for (const fill of fills) {
    if (text(fill, "liquidity") !== liquidity || text(fill, "type") !== "LIMIT") continue;
    const notional = decimal(fill, "size").times(decimal(fill, "price"));
    if (notional.gte("10")) return rate(decimal(fill, "fee").div(notional).round(6));
  }
  return null;
}

function positionOf(held: Row, market: Row, listings: Listings, venue: string): Position {
  const symbol = text(held, "market");
  const units = dydxUnits(listings, symbol);
  const size = units.size(decimal(held, "size").abs());
  const entry = decimalOrNull(held, "entryPrice");
  return {
    ...{ venue, symbol },
    sizeBase: signedBase(text(held, "side") === "SHORT" ? size.neg() : size),
    entryPrice: entry?.gt(ZERO) ? units.price(entry) : null,
    markPrice: units.price(decimal(market, "oraclePrice")),
    // Not said by the venue: it is computed from the account (Q13).
    liquidationPrice: null,
  };
}

async function fundingPayments(
  exchange: Dydx,
  listings: Listings,
  { venue, since }: { readonly venue: string; readonly since: number },
): Promise<readonly FundingPayment[]> {
  const account = ofAccount(exchange);
  const afterOrAt = exchange.iso8601(since);
  // They have no id of their own.
  const idOf = (one: Row) =>
    `${account.address}:${account.subaccountNumber}:${text(one, "ticker")}:${text(one, "createdAtHeight")}`;
  const paid = await dydxPages(async (page) => {
    const answer = await exchange.indexerGetFundingPayments({ ...account, ...page, afterOrAt });
    return rows(answer["fundingPayments"], "funding payments");
  }, idOf);
  return paid.map((one) => {
    const symbol = text(one, "ticker");
    return {
      ...{ venue, symbol, paymentId: idOf(one) },
      fundingAt: hourOf(isoMillis(one, "createdAt")),
      // −size × price × rate: positive is received.
      amountUsd: usd(decimal(one, "payment")),
      rate: rate(decimal(one, "rate")),
      refPrice: refPriceIn(one, "oraclePrice", dydxUnits(listings, symbol)),
    };
  });
}
