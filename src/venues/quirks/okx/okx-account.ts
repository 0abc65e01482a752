import type { okx as OkxExchange } from "ccxt";
import { type Decimal, ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { AccountState } from "#src/core/snapshot.ts";
import { rate, usd } from "#src/core/units.ts";
import type { TradingSetup } from "#src/ports/venue.ts";
import type { Listed, VenueDriver } from "#src/venues/ccxt/driver.ts";
import { decimal, decimalOrNull, type Row, rows, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { endsSomeday } from "./okx-listing.ts";
import { okxPositions } from "./okx-positions.ts";
import { okxRow, okxRows } from "./okx-reply.ts";

type AccountReads = Pick<VenueDriver, "account" | "setup" | "feeRates" | "positions" | "keyFacts">;

/** `withCoins`: its equity counts coins as they trade, not as the collateral that they are good for. */
export function accountOfOkx(exchange: OkxExchange, withCoins: boolean): AccountReads {
  return {
    async account() {
      const balance = okxRow(await exchange.privateGetAccountBalance(), "balance");
      if (textOrNull(balance, "adjEq") === null) return usdtPool(balance);
      const whole = wholePool(balance);
      return withCoins ? { ...whole, equityUsd: usd(decimal(balance, "totalEq")) } : whole;
    },

    async setup(of) {
      const instId = of.instrument.symbol;
      const [config, leverage, instrument] = await Promise.all([
        exchange.privateGetAccountConfig(),
        exchange.privateGetAccountLeverageInfo({ instId, mgnMode: "cross" }),
        exchange.publicGetPublicInstruments({ instType: "SWAP", instId }),
      ]);
      return setupOf(
        okxRow(config, "account config"),
        okxRows(leverage, "leverage"),
        okxRow(instrument, "instrument"),
      );
    },

    async feeRates(of) {
      const answer = await exchange.privateGetAccountTradeFee({
        instType: "SWAP",
        instFamily: text(of.info, "uly"),
      });
      return okxFeesOf(okxRow(answer, "fees"), of, ["takerU", "makerU"]);
    },

    positions: (listings) => okxPositions(exchange, listings),

    async keyFacts() {
      const config = okxRow(await exchange.privateGetAccountConfig(), "account config");
      const permissions = textOrNull(config, "perm")?.split(",") ?? null;
      return {
        canTrade: permissions?.includes("trade") ?? null,
        canWithdraw: permissions?.includes("withdraw") ?? null,
        accountId: textOrNull(config, "uid"),
      };
    },
  };
}

type Pool = Omit<AccountState, "venue" | "observedAt">;

/** Every currency backs every contract; adjEq is what they are worth as margin, with unrealised P&L. */
function wholePool(balance: Row): Pool {
  return {
    equityUsd: usd(decimal(balance, "adjEq")),
    freeCollateralUsd: usd(decimal(balance, "availEq")),
    maintenanceUsd: usd(decimal(balance, "mmr")),
    ...ownRatio(balance),
  };
}

/** Account mode for futures: the venue leaves the totals blank, and USDT alone backs our contracts. */
function usdtPool(balance: Row): Pool {
  const details = rows(balance["details"], "balance details");
  const usdt = details.find((one) => one["ccy"] === "USDT");
  // The venue lists no currency of which there is nothing.
  if (!usdt) return { equityUsd: usd("0"), freeCollateralUsd: usd("0"), maintenanceUsd: usd("0") };
  return {
    equityUsd: usd(decimal(usdt, "eq")),
    freeCollateralUsd: usd(decimal(usdt, "availEq")),
    maintenanceUsd: usd(maintenanceOf(usdt)),
    ...ownRatio(usdt),
  };
}

/** What counts as margin over maintenance and what a liquidation would cost; blank without a position. */
function ownRatio(from: Row) {
  const ratio = decimalOrNull(from, "mgnRatio");
  return ratio?.gt(ZERO) ? { marginRatio: ratio } : {};
}

/** Blank while there is no cross position; but then no unrealised P&L may be there either. */
function maintenanceOf(usdt: Row): Decimal {
  const idle = textOrNull(usdt, "mmr") === null && (decimalOrNull(usdt, "upl") ?? ZERO).eq(ZERO);
  return idle ? ZERO : decimal(usdt, "mmr");
}

const POSITION_MODES: Readonly<Record<string, TradingSetup["positionMode"]>> = {
  net_mode: "oneWay",
  long_short_mode: "hedge",
};

function setupOf(config: Row, leverages: readonly Row[], instrument: Row): TradingSetup {
  if (text(config, "acctLv") === "1") {
    throw new RetryableError("the account is in spot mode: set its account mode to futures");
  }
  const positionMode = POSITION_MODES[text(config, "posMode")];
  if (!positionMode) throw new RetryableError(`unknown position mode ${text(config, "posMode")}`);
  // In hedge mode there is one row a side; the higher one is what a position could have.
  const [first, ...others] = leverages.map((one) => decimal(one, "lever"));
  if (!first) throw new RetryableError("leverage: no row");
  const leverage = others.reduce((most, next) => (next.gt(most) ? next : most), first);
  return { leverage, positionMode, marginMode: "cross", status: statusOf(instrument) };
}

function statusOf(instrument: Row): TradingSetup["status"] {
  if (text(instrument, "state") !== "live") return "halted";
  return endsSomeday(instrument) ? "reduceOnly" : "trading";
}

/** The venue writes what it charges as a negative number. */
export function okxFeesOf(
  fees: Row,
  { info }: Listed,
  [takerKey, makerKey]: readonly [taker: string, maker: string],
) {
  const group = textOrNull(info, "groupId");
  const groups = Array.isArray(fees["feeGroup"]) ? rows(fees["feeGroup"], "fee groups") : [];
  const own =
    group === null ? undefined : groups.find((one) => textOrNull(one, "groupId") === group);
  const [taker, maker] = own
    ? [decimal(own, "taker"), decimal(own, "maker")]
    : [decimal(fees, takerKey), decimal(fees, makerKey)];
  return { takerFeeRate: rate(taker.neg()), makerFeeRate: rate(maker.neg()) };
}
