import { type Decimal, maxOf, sum, ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { InterestPayment } from "#src/core/figures/borrow.ts";
import type { Fill, OrderReport, Position } from "#src/core/order.ts";
import {
  type BaseSize,
  baseSize,
  type EpochMs,
  type Price,
  signedBase,
  usd,
} from "#src/core/units.ts";
import type { Listed, Listings, OrderName } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice, toBase } from "#src/venues/ccxt/listed.ts";
import { netFills } from "./net-fills.ts";
import type { OwnSpotOrders, SpotDriver, SpotTrade } from "./spot-driver.ts";
import { coinOf, wireSymbolOf } from "./spot-symbols.ts";
import { createValuer } from "./value-coins.ts";

/** No order of ours lives longer: trades this much earlier may belong to an order that traded since. */
const ORDER_LIFE_MS = 11 * 60_000;

/** What an account holds and did on spot, net of fees in coins. */
export function createSpotReads(spot: SpotDriver, own: Pick<OwnSpotOrders, "asked">) {
  const valueUsd = createValuer(spot.priceAt);
  // What a look-up read anyway, for whoever asks for the fills of the very order that it answered.
  const fillsRead = new WeakMap<OrderReport, readonly Fill[]>();

  const fillsFrom = (of: Listed, trades: readonly SpotTrade[]) =>
    netFills(of, trades, { asked: own.asked(trades[0]?.clientOrderId ?? ""), valueUsd });

  async function netReport(of: Listed, gross: OrderReport): Promise<OrderReport> {
    const asked = own.asked(gross.clientOrderId);
    const fills = await fillsOf(of, gross);
    const sizeBase = asked ?? gross.sizeBase;
    const filledBase = baseSize(sum(fills.map((fill) => fill.sizeBase)));
    // Its last lot may have gone into the fee: then it is over, and not filled.
    const short = gross.status === "filled" && filledBase.lt(sizeBase);
    const status = short ? "cancelled" : gross.status;
    const report = { ...gross, sizeBase, filledBase, status };
    fillsRead.set(report, fills);
    return report;
  }

  async function fillsOf(of: Listed, gross: OrderReport): Promise<readonly Fill[]> {
    if (gross.filledBase.eq(ZERO)) return [];
    const trades = await spot.tradesOf(of, gross);
    if (sum(trades.map((one) => one.size)).lt(gross.filledBase)) {
      throw new RetryableError(`not all fills of ${gross.venueOrderId} are told yet`);
    }
    return fillsFrom(of, trades);
  }

  return {
    async lookupOrder(of: Listed, name: OrderName): Promise<OrderReport | null> {
      const gross = await spot.lookupOrder(of, name);
      return gross && netReport(of, gross);
    },

    async openOrders(listings: Listings): Promise<readonly OrderReport[]> {
      const resting = await spot.openOrders(listings);
      return Promise.all(
        resting.map((gross) => {
          const of = listings.get(gross.symbol);
          return of ? netReport(of, gross) : gross;
        }),
      );
    },

    fillsOf: async (of: Listed, order: OrderReport) => fillsRead.get(order) ?? fillsOf(of, order),

    async fills(listings: Listings, since: EpochMs): Promise<readonly Fill[]> {
      const found = await spot.trades(listings, since - ORDER_LIFE_MS);
      const orders = [...found].flatMap(([of, trades]) => {
        const byOrder = Map.groupBy(trades, (one) => one.venueOrderId);
        return [...byOrder.values()].map((one) => fillsFrom(of, one));
      });
      return (await Promise.all(orders)).flat().filter((fill) => fill.filledAt >= since);
    },

    async positions(listings: Listings): Promise<readonly Position[]> {
      const balances = await spot.balances();
      const held = [...listings.values()].flatMap((of) => {
        const size = of.instrument.kind === "spot" ? heldOf(of, balances) : ZERO;
        // However small a debt is, coins that are bought pay it off first: who opens there must know.
        const isTold = size.lt(ZERO) || (size.gte(of.instrument.minSizeBase) && size.gt(ZERO));
        return isTold ? [{ of, size }] : [];
      });
      if (held.length === 0) return [];
      const marks = await spot.marks();
      return held.flatMap(({ of, size }) => positionOf(of, size, markOf(of, marks)));
    },

    async interestPayments(
      listings: Listings,
      since: EpochMs,
    ): Promise<readonly InterestPayment[]> {
      const charges = await spot.interest(since);
      const byCoin = new Map(
        [...listings.values()].flatMap((of) =>
          of.instrument.kind === "spot" ? [[coinOf(of), of] as const] : [],
        ),
      );
      return Promise.all(
        charges.map(async ({ id, coin, amount, at, chargedFor = coin }) => ({
          venue: spot.venue,
          ...{
            paymentId: id,
            symbol: byCoin.get(chargedFor)?.instrument.symbol ?? null,
            chargedAt: at,
          },
          amountUsd: usd(await valueUsd(coin, amount, at)),
          // What is charged in another coin leaves the loan as it is.
          ...(coin === chargedFor ? { grownBase: grownBy(byCoin.get(coin), amount) } : {}),
        })),
      );
    },

    /** What a closing order may move, to the last digit: coins that are held for a sell, owed ones for a buy. */
    async closable(of: Listed, side: "buy" | "sell"): Promise<Decimal> {
      const size = heldOf(of, await spot.balances());
      return maxOf(ZERO, side === "sell" ? size : size.neg());
    },
  };
}

/** To the last digit: what a fee in coins left over is in it, and what interest added to what is owed. */
function heldOf(of: Listed, balances: ReadonlyMap<string, Decimal>): Decimal {
  const balance = balances.get(coinOf(of)) ?? ZERO;
  const size = toBase(of, balance.abs());
  return balance.lt(ZERO) ? size.neg() : size;
}

/** Charged amounts are negative. */
function grownBy(of: Listed | undefined, charged: Decimal): BaseSize | undefined {
  return of && baseSize(toBase(of, charged.neg()));
}

function markOf(of: Listed, marks: ReadonlyMap<string, Decimal>): Price {
  const mark = marks.get(wireSymbolOf(of));
  if (!mark) throw new RetryableError(`no price of ${wireSymbolOf(of)}`);
  return fromWirePrice(of, mark);
}

/** None for coins that are less than a smallest order: they could not be sold. */
function positionOf({ instrument }: Listed, size: Decimal, mark: Price): readonly Position[] {
  if (size.gt(ZERO) && size.times(mark).lt(instrument.minNotionalUsd)) return [];
  const { venue, symbol } = instrument;
  return [
    {
      ...{ venue, symbol, sizeBase: signedBase(size), markPrice: mark },
      // Coins have neither: what they cost is in our books, and one pool is liquidated, not a coin.
      ...{ entryPrice: null, liquidationPrice: null },
    },
  ];
}
