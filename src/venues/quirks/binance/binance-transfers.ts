import type { binanceusdm } from "ccxt";
import type { Decimal } from "#src/core/decimal.ts";
import type { Transfer } from "#src/core/transfer.ts";
import { type EpochMs, usd } from "#src/core/units.ts";
import { decimal, millis, type Row, text } from "#src/venues/ccxt/row.ts";
import { createValuer } from "#src/venues/spot/value-coins.ts";
import { readIncome } from "./binance-income.ts";
import { binanceRowPages } from "./binance-spot-account.ts";
import { binancePriceAt } from "./binance-spot-market.ts";

/** The two ends of one move between our wallets are written, and told, this close to each other. */
const SAME_MOVE_MS = 60_000;

interface Move {
  readonly id: string;
  readonly coin: string;
  readonly amount: Decimal;
  readonly at: EpochMs;
}

/**
 * What came into the wallet of USD-M futures and left it, and with a margin account that the key may use the
 * same of that; what went from one of the two to the other is none.
 */
export function binanceTransfers(
  api: binanceusdm,
  hasMargin: (() => Promise<boolean>) | null,
): { transfers(since: EpochMs): Promise<readonly Transfer[]> } {
  const valueUsd = createValuer((coin, at) => binancePriceAt(api, coin, at));
  return {
    async transfers(since) {
      const moved = (await hasMargin?.())
        ? await betweenWallets(api, since)
        : await futuresMoves(api, since);
      return Promise.all(
        moved.map(async ({ id, coin, amount, at }) => ({
          ...{ venue: "binance", transferId: id, transferredAt: at },
          amountUsd: usd(await valueUsd(coin, amount, at)),
        })),
      );
    },
  };
}

/** An end may be told before its other: what has none is told when that would be known. */
async function betweenWallets(api: binanceusdm, since: EpochMs): Promise<readonly Move[]> {
  const until = api.milliseconds() - SAME_MOVE_MS;
  const [futures, margin] = await Promise.all([
    futuresMoves(api, since - SAME_MOVE_MS),
    marginMoves(api, since - SAME_MOVE_MS),
  ]);
  return withoutPairs(futures, margin).filter(({ at }) => at >= since && at <= until);
}

/** Kinds of income that nobody earned: to and from other wallets, other users and the venue's own strategies. */
const MOVES = [
  "TRANSFER",
  "INTERNAL_TRANSFER",
  "STRATEGY_UMFUTURES_TRANSFER",
  "CROSS_COLLATERAL_TRANSFER",
];

async function futuresMoves(api: binanceusdm, since: EpochMs): Promise<readonly Move[]> {
  const moved = await Promise.all(MOVES.map((kind) => readIncome(api, since, kind)));
  return moved.flat().map((one) => ({
    ...{ id: `futures:${numberOf(one)}`, coin: text(one, "asset") },
    ...{ amount: decimal(one, "income"), at: millis(one, "time") },
  }));
}

/** Each kind is numbered by itself; plain transfers have no kind in front. */
function numberOf(one: Row): string {
  const [kind, number] = [text(one, "incomeType"), text(one, "tranId")];
  return kind === "TRANSFER" ? number : `${kind}:${number}`;
}

async function marginMoves(api: binanceusdm, since: EpochMs): Promise<readonly Move[]> {
  const found = await binanceRowPages(since, api.milliseconds(), (span) =>
    api.sapiGetMarginTransfer(span),
  );
  const done = found.filter((one) => text(one, "status") === "CONFIRMED");
  return done.map((one) => {
    const amount = decimal(one, "amount");
    return {
      ...{ id: `margin:${text(one, "txId")}`, coin: text(one, "asset") },
      amount: text(one, "type") === "ROLL_OUT" ? amount.neg() : amount,
      at: millis(one, "timestamp"),
    };
  });
}

function withoutPairs(futures: readonly Move[], margin: readonly Move[]): readonly Move[] {
  const unmatched = [...margin];
  const left = futures.filter((one) => {
    const other = unmatched.findIndex(
      ({ coin, amount, at }) =>
        coin === one.coin && amount.eq(one.amount.neg()) && Math.abs(at - one.at) <= SAME_MOVE_MS,
    );
    if (other >= 0) unmatched.splice(other, 1);
    return other < 0;
  });
  return [...left, ...unmatched];
}
