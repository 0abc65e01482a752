import { type Decimal, floorToStep, maxOf, minOf, roundToStep, ZERO } from "#src/core/decimal.ts";
import { type BaseSize, baseSize } from "#src/core/units.ts";
import type { FeeRates } from "#src/ports/venue.ts";
import type { Listed, Placed, VenueDriver, WireOrder } from "#src/venues/ccxt/driver.ts";
import { toAmount } from "#src/venues/ccxt/listed.ts";
import { NotSentError } from "#src/venues/ccxt/not-sent.ts";
import { askApart } from "#src/venues/quirks/shared/ask-apart.ts";
import { grossUp } from "./net-size.ts";
import { createSpotReads } from "./read-spot.ts";
import type { OwnSpotOrders, SpotDriver } from "./spot-driver.ts";

/** A venue's perps and its spot as one driver, whose sizes on spot are what the account ends up with. */
export function withSpot(perps: VenueDriver, spot: SpotDriver, own: OwnSpotOrders): VenueDriver {
  const sent = new Map<string, BaseSize>();
  const asked = (wireId: string) => sent.get(wireId) ?? own.asked(wireId);
  const reads = createSpotReads(spot, { asked });
  const place = createPlace(spot, reads, sent);
  const isFit = createFitness(spot, own);
  const none = async () => [];
  /** A key without the right to spot must not hide the perps that it sees. */
  const readable = async () => ((await isFit()) ? reads : { ...reads, ...blind(none) });
  const isSpot = ({ instrument }: Listed) => instrument.kind === "spot";
  const { setLeverage } = perps;
  const { borrowRates, account } = spot;
  return {
    ...perps,
    list: (market) => perps.list(market) ?? spot.list(market),
    fundingHistory: async (of, since) => (isSpot(of) ? [] : perps.fundingHistory(of, since)),
    orderBook: (of) => (isSpot(of) ? spot : perps).orderBook(of),
    marketStats: (of) => (isSpot(of) ? spot : perps).marketStats(of),
    ...(borrowRates ? { borrowRates } : {}),
    async account(kind = "perp") {
      if (!account || !(await isFit())) return perps.account();
      const wallet = kind === "spot" ? await account() : await perps.account();
      return { ...wallet, wallet: kind };
    },
    async setup(of) {
      if (!isSpot(of)) return perps.setup(of);
      const setup = await spot.setup(of);
      return (await isFit()) ? setup : { ...setup, status: "halted" };
    },
    feeRates: (of) => (isSpot(of) ? spot.feeRates(of).then(bare) : perps.feeRates(of)),
    positions: async (listings) =>
      both(
        perps.positions(listings),
        readable().then((one) => one.positions(listings)),
      ),
    openOrders: async (listings) =>
      both(
        perps.openOrders(listings),
        readable().then((one) => one.openOrders(listings)),
      ),
    lookupOrder: (of, name) => (isSpot(of) ? reads : perps).lookupOrder(of, name),
    fillsOf: (of, order) => (isSpot(of) ? reads : perps).fillsOf(of, order),
    fills: async (listings, since) =>
      both(
        perps.fills(listings, since),
        readable().then((one) => one.fills(listings, since)),
      ),
    interestPayments: async (listings, since) =>
      (await readable()).interestPayments(listings, since),
    async keyFacts() {
      const [facts, noSpot] = [await perps.keyFacts(), await spot.unfit()];
      return { ...facts, noSpot, noLoans: noSpot === null ? await spot.noLoans() : null };
    },
    place: (of, order) => (isSpot(of) ? place(of, order) : perps.place(of, order)),
    cancel: (of, name) => (isSpot(of) ? spot : perps).cancel(of, name),
    cancelAll: (of) => (isSpot(of) ? spot : perps).cancelAll(of),
    setLeverage:
      setLeverage &&
      (async (of, leverage) => {
        if (isSpot(of)) throw new NotSentError("spot has no leverage to set");
        await setLeverage(of, leverage);
      }),
  };
}

/**
 * Whether the account may be asked about its spot: asked once. Where we have traded spot before it always is:
 * what may be held there must not look like nothing because a right was taken away.
 */
function createFitness(spot: SpotDriver, own: OwnSpotOrders): () => Promise<boolean> {
  let asked: Promise<boolean> | null = null;
  return async () => {
    const [traded] = own.symbols();
    if (traded !== undefined) return true;
    asked ??= spot.unfit().then((why) => why === null);
    asked.catch(() => {
      asked = null;
    });
    return asked;
  };
}

function blind<T>(none: () => Promise<readonly T[]>) {
  return { positions: none, openOrders: none, fills: none, interestPayments: none };
}

async function both<T>(
  first: Promise<readonly T[]>,
  second: Promise<readonly T[]>,
): Promise<readonly T[]> {
  return (await Promise.all([first, second])).flat();
}

function createPlace(
  spot: SpotDriver,
  reads: ReturnType<typeof createSpotReads>,
  sent: Map<string, BaseSize>,
) {
  return async (of: Listed, order: WireOrder): Promise<Placed> => {
    const { side, reduceOnly, sizeBase, timeInForce } = order.request;
    const { lotStepBase, minSizeBase } = of.instrument;
    // Asked before it is sent, in calls of their own: while only that was asked, nothing has left.
    const [fees, most] = await Promise.all([
      side === "buy" ? askApart(() => spot.feeRates(of)) : null,
      reduceOnly ? askApart(() => reads.closable(of, side)) : sizeBase,
    ]);
    const inLots = floorToStep(most, lotStepBase);
    // A begun lot of a debt may be bought back whole: coins too few for an order may lie beside it.
    const isCovered = side === "buy" && sizeBase.lte(roundToStep(most, lotStepBase, "up"));
    const net = isCovered ? sizeBase : minOf(sizeBase, baseSize(inLots));
    if (net.lt(minSizeBase) || net.eq(ZERO)) {
      throw new NotSentError(`nothing is left to ${side === "sell" ? "sell" : "buy back"}`);
    }
    // What may only make pays no taker's fee; of what may do both the dearer is counted with.
    const fee = timeInForce === "postOnly" ? fees?.makerFeeRate : fees?.takerFeeRate;
    // The last of a loan is bought back with a lot on top: less than a lot could never be, and costs for ever.
    const wanted = net.gte(inLots) ? maxOf<Decimal>(net, most) : net;
    const gross =
      side === "buy" ? grossUp(wanted, (fees?.inCoins && fee) || ZERO, lotStepBase) : net;
    sent.set(order.wireId, net);
    // What it filled is known net of its fees only: the look-up says it.
    const { venueOrderId } = await spot.place(of, {
      ...order,
      amount: toAmount(of, baseSize(gross)),
    });
    return { venueOrderId, status: null, filledBase: null };
  };
}

function bare({ takerFeeRate, makerFeeRate }: FeeRates): FeeRates {
  return { takerFeeRate, makerFeeRate };
}
