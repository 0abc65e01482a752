import { type Decimal, ONE, sum, ZERO } from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { Fill, FillCause, OrderRequest } from "#src/core/order.ts";
import { baseSize, type EpochMs, usd } from "#src/core/units.ts";
import {
  type CoinFee,
  feeRateOf,
  grossOf,
  type NetMatch,
  netMatches,
  overLot,
  paysInCoins,
  wholly,
} from "./coin-fees.ts";
import { type Match, matchOrder } from "./match-order.ts";
import { applyFill, heldBase } from "./paper-account.ts";
import type { PaperMarket } from "./paper-market.ts";
import type { PaperStateFile } from "./paper-records.ts";

type Order = Pick<OrderRequest, "symbol" | "side" | "clientOrderId"> & {
  readonly cause?: FillCause;
};

/** Where orders meet the book: what they take, what their fee leaves, and how it is written down. */
export class PaperDesk {
  readonly #venue: string;
  readonly #market: PaperMarket;
  readonly #file: PaperStateFile;

  constructor(parts: {
    readonly id: string;
    readonly market: PaperMarket;
    readonly file: PaperStateFile;
  }) {
    this.#venue = parts.id;
    this.#market = parts.market;
    this.#file = parts.file;
  }

  /** What an order of this size takes from the book; of spot that is bought, with the coins that the fee takes. */
  matches(
    order: Pick<OrderRequest, "symbol" | "side" | "limitPrice">,
    sizeBase: Decimal,
    liquidity: Fill["liquidity"],
    at: EpochMs,
  ): readonly Match[] {
    const { symbol, side } = order;
    const instrument = this.#market.require(symbol);
    const coins = paysInCoins(instrument, side);
    const size = coins ? grossOf(sizeBase, this.#coinFee(instrument, liquidity)) : sizeBase;
    return matchOrder(order, size, this.#market.levels(symbol, side, at));
  }

  /** Books matches of an order that still wants `askedBase`. */
  fill(
    order: Order,
    matches: readonly Match[],
    askedBase: Decimal,
    liquidity: Fill["liquidity"],
    at: EpochMs,
  ): readonly Fill[] {
    const instrument = this.#market.require(order.symbol);
    const net = paysInCoins(instrument, order.side)
      ? netMatches(matches, askedBase, this.#coinFee(instrument, liquidity))
      : matches.map((match) => ({ ...match, ...wholly(match) }));
    return net.map((match) => this.book(order, match, liquidity, at));
  }

  book(order: Order, match: NetMatch, liquidity: Fill["liquidity"], at: EpochMs): Fill {
    const instrument = this.#market.require(order.symbol);
    const feeRate = feeRateOf(instrument, liquidity);
    const { symbol, side, clientOrderId } = order;
    const inCoins = paysInCoins(instrument, side) && order.cause === undefined;
    const feeUsd = inCoins
      ? match.costUsd.minus(match.netBase.times(match.price))
      : match.costUsd.times(feeRate);
    const fill: Fill = {
      ...{ venue: this.#venue, symbol, side, clientOrderId, liquidity, filledAt: at },
      cause: order.cause ?? "order",
      tradeId: `${this.#venue}:${this.#file.state.nextSequence++}`,
      sizeBase: baseSize(match.netBase),
      price: match.price,
      feeUsd: usd(feeUsd),
    };
    const movedBase = inCoins ? match.sizeBase.times(ONE.minus(feeRate)) : match.netBase;
    applyFill(this.#file.state.account, instrument, fill, movedBase);
    // The book gave what was bought, the fee in coins with it.
    this.#market.remember({ ...fill, sizeBase: baseSize(match.sizeBase) });
    this.#file.addFill(fill);
    return fill;
  }

  #coinFee(instrument: Instrument, liquidity: Fill["liquidity"]): CoinFee {
    const { lotStepBase: lotBase } = instrument;
    // What interest added to a loan is off the lot, and no coin in the wallet.
    const coins = heldBase(this.#file.state.account, instrument).plus(this.#grown(instrument));
    return {
      feeRate: feeRateOf(instrument, liquidity),
      lotBase,
      overBase: overLot(coins, lotBase),
    };
  }

  /** Interest since everything was last closed to the last digit, as only a liquidation does. */
  #grown({ symbol }: Instrument): Decimal {
    const { fills, interests } = this.#file.state;
    const closed = fills.findLast((one) => one.symbol === symbol && one.cause === "liquidation");
    const since = interests.filter(
      (one) => one.symbol === symbol && one.chargedAt > (closed?.filledAt ?? 0),
    );
    return sum(since.map((one) => one.grownBase ?? ZERO));
  }
}
