import { type Decimal, ZERO } from "#src/core/decimal.ts";
import { usd } from "#src/core/units.ts";
import type { VenueDriver } from "#src/venues/ccxt/driver.ts";
import { decimal, decimalOrNull, millis, type Row, row, text } from "#src/venues/ccxt/row.ts";
import type { HyperliquidClient } from "./hyperliquid-client.ts";
import { hyperliquidPages } from "./hyperliquid-pages.ts";

/** The main dex has no name; what lies in spot or in another dex backs nothing here. */
const MAIN_DEX = "";

/** What came into the perps' account and left it; what only moved within spot is none of its business. */
export function hyperliquidTransfers(
  client: HyperliquidClient,
): Required<Pick<VenueDriver, "transfers">> {
  return {
    async transfers(since) {
      const request = { type: "userNonFundingLedgerUpdates", user: client.user() };
      const all = await hyperliquidPages(
        (range) => client.askRows({ ...request, ...range }),
        since,
        idOf,
      );
      return all.flatMap((one) => {
        const amount = cameIn(row(one["delta"], "delta"), client.user());
        if (amount.eq(ZERO)) return [];
        const transferredAt = millis(one, "time");
        return {
          ...{ venue: "hyperliquid", transferId: idOf(one), transferredAt },
          // It writes floats, of a coin with six decimals.
          amountUsd: usd(amount.round(6)),
        };
      });
    },
  };
}

/** One transaction may move money twice, and some have no hash of their own. */
function idOf(one: Row): string {
  const delta = row(one["delta"], "delta");
  const amount = decimalOrNull(delta, "usdc") ?? decimalOrNull(delta, "amount");
  return [text(one, "hash"), text(one, "time"), text(delta, "type"), amount?.toFixed()].join(":");
}

type Read = (delta: Row, user: string) => Decimal;

const out: Read = (delta) => decimal(delta, "usdc").neg();
const into: Read = (delta) => decimal(delta, "usdc");

/** By type, what the account has more. Types that are not here are of spot, of staking, or trading's own. */
const KINDS: Readonly<Record<string, Read>> = {
  deposit: into,
  // Its fee comes on top: of 2 dollars 1 arrives, and both ones are told.
  withdraw: (delta) => withFee(delta, "usdc").neg(),
  accountClassTransfer: (delta, user) =>
    (text(delta, "toPerp") === "true" ? into : out)(delta, user),
  internalTransfer: (delta, user) =>
    isUser(delta, "user", user) ? withFee(delta, "usdc").neg() : into(delta, user),
  subAccountTransfer: (delta, user) => (isUser(delta, "user", user) ? out : into)(delta, user),
  send: sentIn,
  vaultCreate: (delta) => withFee(delta, "usdc").neg(),
  vaultDeposit: out,
  vaultDistribution: into,
  vaultWithdraw: (delta) => decimal(delta, "netWithdrawnUsd"),
  vaultLeaderCommission: into,
};

function cameIn(delta: Row, user: string): Decimal {
  return KINDS[text(delta, "type")]?.(delta, user) ?? ZERO;
}

/** Between dexes and people; both ends may be ours, and only the main dex counts. */
function sentIn(delta: Row, user: string): Decimal {
  const isEnd = (who: string, dex: string) =>
    isUser(delta, who, user) && delta[dex] === MAIN_DEX && text(delta, "token") === "USDC";
  const left = isEnd("user", "sourceDex") ? withFee(delta, "amount") : ZERO;
  const came = isEnd("destination", "destinationDex") ? decimal(delta, "amount") : ZERO;
  return came.minus(left);
}

function withFee(delta: Row, key: string): Decimal {
  return decimal(delta, key).plus(decimalOrNull(delta, "fee") ?? ZERO);
}

function isUser(delta: Row, key: string, user: string): boolean {
  return text(delta, key).toLowerCase() === user;
}
