import {
  type Decimal,
  floorToStep,
  minOf,
  ONE,
  roundToStep,
  sum,
  ZERO,
} from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { Fill, OrderSide } from "#src/core/order.ts";
import type { Match } from "./match-order.ts";

/** How a buy on spot is paid for: the venue keeps its fee from the coins. */
export interface CoinFee {
  readonly feeRate: Decimal;
  readonly lotBase: Decimal;
  /** Coins of an earlier rounding that lie in the wallet: less than a lot. */
  readonly overBase: Decimal;
}

/** A match with what the account ends up with, and all the USD that it cost. */
export interface NetMatch extends Match {
  /** What of `sizeBase` is reported as filled, on the lot. */
  readonly netBase: Decimal;
  readonly costUsd: Decimal;
}

/** As real venues: spot buys pay in coins, all else pays in the quote currency. */
export function paysInCoins({ kind }: Instrument, side: OrderSide): boolean {
  return kind === "spot" && side === "buy";
}

/** The part of a balance that is less than a lot: what nobody can sell. */
export function overLot(heldBase: Decimal, lotBase: Decimal): Decimal {
  const rest = heldBase.mod(lotBase);
  return rest.lt(ZERO) ? rest.plus(lotBase) : rest;
}

/** How much to buy so that the fee in coins leaves `netBase` more, on the lot. */
export function grossOf(netBase: Decimal, { feeRate, lotBase, overBase }: CoinFee): Decimal {
  const wanted = netBase.minus(overBase).div(ONE.minus(feeRate));
  return wanted.lte(ZERO) ? ZERO : roundToStep(wanted, lotBase, "up");
}

/**
 * What matches of gross sizes come to after the fee in coins: whole lots, never more than was asked for. A
 * match that makes no whole lot is a cost of its neighbour; together they may come to nothing at all.
 */
export function netMatches(
  matches: readonly Match[],
  askedBase: Decimal,
  { feeRate, lotBase, overBase }: CoinFee,
): readonly NetMatch[] {
  const found: NetMatch[] = [];
  let [gross, net, carriedBase, carriedUsd] = [ZERO, ZERO, ZERO, ZERO];
  for (const match of matches) {
    gross = gross.plus(match.sizeBase);
    const left = overBase.plus(gross.times(ONE.minus(feeRate)));
    const total = minOf(floorToStep(left, lotBase), askedBase);
    carriedBase = carriedBase.plus(match.sizeBase);
    carriedUsd = carriedUsd.plus(match.sizeBase.times(match.price));
    if (total.lte(net)) continue;
    const { price } = match;
    found.push({ price, sizeBase: carriedBase, netBase: total.minus(net), costUsd: carriedUsd });
    [net, carriedBase, carriedUsd] = [total, ZERO, ZERO];
  }
  const last = found.pop();
  if (!last) return [];
  const sizeBase = last.sizeBase.plus(carriedBase);
  return [...found, { ...last, sizeBase, costUsd: last.costUsd.plus(carriedUsd) }];
}

export function feeRateOf(instrument: Instrument, liquidity: Fill["liquidity"]): Decimal {
  return liquidity === "taker" ? instrument.takerFeeRate : instrument.makerFeeRate;
}

/** A match whose fee is paid in money. */
export function wholly({ price, sizeBase }: Match): Pick<NetMatch, "netBase" | "costUsd"> {
  return { netBase: sizeBase, costUsd: sizeBase.times(price) };
}

export function filledIn(fills: readonly Fill[]): Decimal {
  return sum(fills.map((fill) => fill.sizeBase));
}
