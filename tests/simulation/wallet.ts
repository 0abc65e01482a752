import { type Decimal, dec, floorToStep, maxOf, minOf, sum, ZERO } from "#src/core/decimal.ts";
import type { InterestPayment } from "#src/core/figures/borrow.ts";
import type { OrderRequest, OrderSide } from "#src/core/order.ts";
import { type BaseSize, baseSize, type Price, usd } from "#src/core/units.ts";
import { type GrossTrade, grossUp, netSizes } from "#src/venues/spot/net-size.ts";

/** How many of the coins at a symbol may be the owner's own: a hand that sold may have sold either's. */
interface OwnCoins {
  readonly least: Decimal;
  readonly most: Decimal;
}

/** Three hundredths of half a coin. */
export const LIKE_INTEREST = dec("0.015");

const NO_COINS: OwnCoins = { least: ZERO, most: ZERO };

/** What lies in a wallet of coins beside what hedges bought or borrowed, by symbol; empty on a venue of perps. */
export class Wallet {
  /** The part of a purchase that the venue keeps. */
  feeRate: Decimal = ZERO;
  readonly interest: InterestPayment[] = [];
  readonly #own = new Map<string, OwnCoins>();
  readonly #handSold = new Set<string>();
  readonly #spare = new Map<string, Decimal>();
  readonly #traded = new Map<string, Decimal>();

  own(symbol: string): OwnCoins {
    return this.#own.get(symbol) ?? NO_COINS;
  }

  /** The owner brings coins of his own, or takes them away again */
  ownMoved(symbol: string, by: Decimal): void {
    const { least, most } = this.own(symbol);
    // What he sold of a hedge's may be paid back by it.
    const perhaps = by.gt(ZERO) && this.#handSold.has(symbol);
    this.#own.set(symbol, { least: perhaps ? least : least.plus(by), most: most.plus(by) });
  }

  /** Coins came to a loan: it is smaller by them, or they are still the owner's. */
  camePerhaps(symbol: string, size: Decimal): void {
    const { least, most } = this.own(symbol);
    this.#own.set(symbol, { least, most: most.plus(size) });
  }

  /** A hand borrowed beside a hedge: as much of it as interest may come to nobody can tell from interest. */
  borrowedByHand(symbol: string, size: Decimal): void {
    const { least, most } = this.own(symbol);
    const beyond = maxOf(size.minus(LIKE_INTEREST), ZERO);
    // What was charged before is on a loan that is one with this.
    const both = size.plus(least.lt(ZERO) ? ZERO : this.grown(symbol));
    this.#own.set(symbol, { least: least.minus(both), most: most.minus(beyond) });
  }

  /** The venue has bought back all that was owed, whoever borrowed it. */
  loanTaken(symbol: string): void {
    const { least, most } = this.own(symbol);
    this.#own.set(symbol, { least: maxOf(least, ZERO), most: maxOf(most, ZERO) });
  }

  /** Who borrows sells what is there first: of the owner's coins all may be gone, or none. */
  soldWithLoan(symbol: string): void {
    const { least, most } = this.own(symbol);
    this.#own.set(symbol, { least: minOf<Decimal>(least, ZERO), most });
  }

  /** A hand sold coins: whose they were nobody can say. */
  sold(symbol: string, size: Decimal, leftBase: Decimal): void {
    const { least, most } = this.own(symbol);
    this.#handSold.add(symbol);
    if (most.lte(ZERO)) return;
    const left = maxOf(leftBase, ZERO);
    this.#own.set(symbol, {
      least: maxOf(least.minus(size), ZERO),
      most: minOf<Decimal>(most, left),
    });
  }

  /** Bought for the fee and not told of as filled: exact, and nobody's. */
  spare(symbol: string): Decimal {
    return this.#spare.get(symbol) ?? ZERO;
  }

  /** What our own orders brought, less what they took. */
  tradedByUs(symbol: string): Decimal {
    return this.#traded.get(symbol) ?? ZERO;
  }

  grown(symbol: string): Decimal {
    if (this.interest.length === 0) return ZERO;
    const charged = this.interest.filter((one) => one.symbol === symbol);
    return sum(charged.map((one) => one.grownBase ?? ZERO));
  }

  traded(symbol: string, side: OrderSide, movedBase: Decimal, toldBase: Decimal): void {
    const sign = side === "buy" ? movedBase : movedBase.neg();
    this.#traded.set(symbol, this.tradedByUs(symbol).plus(sign));
    if (side === "buy") {
      this.#spare.set(symbol, this.spare(symbol).plus(movedBase).minus(toldBase));
    }
  }

  charge(one: {
    readonly venue: string;
    readonly symbol: string;
    readonly grownBase: BaseSize;
    readonly price: Price;
    readonly at: number;
  }): void {
    const { venue, symbol, grownBase, at } = one;
    const { least, most } = this.own(symbol);
    // Of interest on a hand's loan and a hedge's nobody can say which is whose.
    if (least.lt(ZERO)) this.#own.set(symbol, { least: least.minus(grownBase), most });
    this.interest.push({
      ...{ venue, symbol, grownBase, chargedAt: at, paymentId: `${this.interest.length + 1}` },
      amountUsd: usd(grownBase.times(one.price).neg()),
    });
  }
}

/** An order on spot as an adapter sends it: so much more is bought that the fee leaves the wanted size. */
export class CoinOrder {
  readonly netBase: BaseSize;
  readonly grossBase: Decimal;
  readonly #side: OrderSide;
  readonly #feeRate: Decimal;
  readonly #trades: GrossTrade[] = [];
  #told: Decimal = ZERO;

  /** Of what closes no more is asked for than there is; the last of a loan is bought back with a lot on top. */
  constructor(
    { side, sizeBase, reduceOnly }: OrderRequest,
    heldBase: Decimal,
    parts: { readonly feeRate: Decimal; readonly lot: Decimal; readonly least: Decimal },
  ) {
    const { feeRate, lot, least } = parts;
    const there = maxOf(side === "sell" ? heldBase : heldBase.neg(), ZERO);
    const inLots = floorToStep(there, lot);
    const net = reduceOnly ? minOf<Decimal>(sizeBase, inLots) : sizeBase;
    const isLast = reduceOnly && side === "buy" && net.eq(inLots);
    this.netBase = baseSize(net.lt(least) ? ZERO : net);
    this.#side = side;
    this.#feeRate = side === "buy" ? feeRate : ZERO;
    this.grossBase = grossUp(isLast ? there : net, this.#feeRate, lot);
  }

  tradedBase(): Decimal {
    return sum(this.#trades.map((one) => one.size));
  }

  toldBase(): Decimal {
    return this.#told;
  }

  /** What one more trade moves, and what an adapter tells of it. */
  trade(size: Decimal, lot: Decimal): { readonly toldBase: Decimal; readonly movedBase: Decimal } {
    this.#trades.push({ size, feeCoins: size.times(this.#feeRate) });
    const sizes = netSizes(this.#trades, { side: this.#side, lot, asked: this.netBase });
    const toldBase = sizes.at(-1) ?? ZERO;
    this.#told = this.#told.plus(toldBase);
    return { toldBase, movedBase: size.minus(size.times(this.#feeRate)) };
  }
}
