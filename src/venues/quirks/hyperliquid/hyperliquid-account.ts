import { type Decimal, sum } from "#src/core/decimal.ts";
import { OperatorError, RetryableError } from "#src/core/errors.ts";
import type { Position } from "#src/core/order.ts";
import { rate, signedBase, usd } from "#src/core/units.ts";
import type { TradingSetup } from "#src/ports/venue.ts";
import type { KeyFacts, VenueDriver } from "#src/venues/ccxt/driver.ts";
import { decimal, decimalOrNull, type Row, row, rows, text } from "#src/venues/ccxt/row.ts";
import { type HyperliquidClient, isMainPerp, priceOf, unitOf } from "./hyperliquid-client.ts";
import { readContexts } from "./hyperliquid-market.ts";

type AccountReads = Pick<VenueDriver, "account" | "setup" | "feeRates" | "positions" | "keyFacts">;

/** What the main account holds on the main dex. */
export function hyperliquidAccount(client: HyperliquidClient): AccountReads {
  const askState = async () =>
    row(await client.ask({ type: "clearinghouseState", user: client.user() }), "account");

  return {
    async account() {
      const state = await askState();
      return {
        equityUsd: usd(decimal(row(state["marginSummary"], "marginSummary"), "accountValue")),
        freeCollateralUsd: usd(decimal(state, "withdrawable")),
        maintenanceUsd: usd(
          sum([decimal(state, "crossMaintenanceMarginUsed"), ...isolated(state)]),
        ),
      };
    },

    async setup({ instrument: { symbol } }) {
      const [data, capped, listed] = await Promise.all([
        client.ask({ type: "activeAssetData", user: client.user(), coin: symbol }),
        client.ask({ type: "perpsAtOpenInterestCap" }),
        readContexts(client),
      ]);
      const leverage = row(row(data, "activeAssetData")["leverage"], "leverage");
      return {
        leverage: decimal(leverage, "value"),
        positionMode: "oneWay",
        marginMode: marginModeOf(text(leverage, "type")),
        status: statusOf(symbol, { capped, isListed: listed.has(symbol) }),
      };
    },

    async feeRates() {
      const fees = row(await client.ask({ type: "userFees", user: client.user() }), "userFees");
      return {
        takerFeeRate: rate(decimal(fees, "userCrossRate")),
        makerFeeRate: rate(decimal(fees, "userAddRate")),
      };
    },

    // Also those in coins that are not listed any more: they are held all the same.
    positions: async () => held(await askState()).map(positionOf),

    keyFacts: () => readKeyFacts(client),
  };
}

function held(state: Row): readonly Row[] {
  return rows(state["assetPositions"], "positions")
    .map((one) => row(one["position"], "position"))
    .filter((one) => isMainPerp(text(one, "coin")) && !decimal(one, "szi").eq("0"));
}

function positionOf(one: Row): Position {
  const symbol = text(one, "coin");
  const size = decimal(one, "szi");
  const [entry, liquidation] = [decimalOrNull(one, "entryPx"), decimalOrNull(one, "liquidationPx")];
  const mark = decimal(one, "positionValue").div(size.abs());
  if (mark.lte("0")) throw new RetryableError(`${symbol} is held, but has no value`);
  return {
    ...{ venue: "hyperliquid", symbol },
    sizeBase: signedBase(size.times(unitOf(symbol))),
    entryPrice: entry ? priceOf(symbol, entry) : null,
    markPrice: priceOf(symbol, mark),
    liquidationPrice: liquidation?.gt("0") ? priceOf(symbol, liquidation) : null,
  };
}

/** The venue sums up the cross positions only; an isolated one needs half of its least initial margin. */
function isolated(state: Row): readonly Decimal[] {
  return held(state)
    .filter((one) => text(row(one["leverage"], "leverage"), "type") === "isolated")
    .map((one) => decimal(one, "positionValue").div(decimal(one, "maxLeverage").times("2")));
}

function marginModeOf(type: string): "cross" | "isolated" {
  if (type === "cross" || type === "isolated") return type;
  throw new RetryableError(`unknown margin mode ${type}`);
}

/** At its open-interest cap the venue takes only what reduces. */
function statusOf(
  symbol: string,
  { capped, isListed }: { readonly capped: unknown; readonly isListed: boolean },
): TradingSetup["status"] {
  if (!Array.isArray(capped)) throw new RetryableError("coins at their cap: not a list");
  if (!isListed) return "halted";
  return capped.includes(symbol) ? "reduceOnly" : "trading";
}

/** An agent's key trades and cannot withdraw; the account's own key can do everything. */
async function readKeyFacts(client: HyperliquidClient): Promise<KeyFacts> {
  const user = client.user();
  const { exchange } = client;
  const signer = exchange.ethGetAddressFromPrivateKey(exchange.privateKey).toLowerCase();
  const roleOf = async (address: string) =>
    row(await client.ask({ type: "userRole", user: address }), "userRole");
  const [account, key] = await Promise.all([roleOf(user), roleOf(signer)]);
  const kind = text(account, "role");
  if (kind === "agent") {
    throw new OperatorError(
      "walletAddress is an API wallet; name the main account that approved it",
    );
  }
  if (kind === "vault" || kind === "subAccount") {
    throw new OperatorError(`walletAddress is a ${kind}; only a main account can be traded`);
  }
  const isOwner = signer === user;
  const isItsAgent = text(key, "role") === "agent" && masterOf(key) === user;
  return { canTrade: isOwner || isItsAgent, canWithdraw: isOwner, accountId: user };
}

function masterOf(role: Row): string {
  return text(row(role["data"], "agent"), "user").toLowerCase();
}
