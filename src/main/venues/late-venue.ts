import type { VenueId } from "#src/core/instrument.ts";
import type { Venue, VenueAccount, VenueMarketData, VenueTrading } from "#src/ports/venue.ts";

/**
 * A venue that is still being opened, so that /kill can be heard before ccxt is loaded: every question waits
 * for it; until then it is down, and can promise nothing.
 */
export function createLateVenue(id: VenueId, opening: Promise<Venue>): Venue {
  let opened: Venue | null = null;
  opening.then(
    (venue) => {
      opened = venue;
    },
    // Whoever asks hears of it.
    () => undefined,
  );
  const data = async () => (await opening).data;
  const account = async () => (await opening).account;
  const trading = async () => (await opening).trading;
  return {
    id,
    get capabilities() {
      return opened?.capabilities ?? { provable: false, restingFence: false };
    },
    health: () => opened?.health() ?? { state: "down", reason: "it is being opened" },
    data: lateData(id, data),
    account: lateAccount(account),
    trading: lateTrading(trading),
    streams: {
      async follow(options) {
        const venue = await opening.catch(() => null);
        await venue?.streams?.follow(options);
      },
    },
  };
}

function lateData(venue: VenueId, data: () => Promise<VenueMarketData>): VenueMarketData {
  return {
    venue,
    time: async () => (await data()).time(),
    instruments: async () => (await data()).instruments(),
    fundingRates: async () => (await data()).fundingRates(),
    fundingHistory: async (symbol, since) => (await data()).fundingHistory(symbol, since),
    orderBook: async (symbol) => (await data()).orderBook(symbol),
    marketStats: async (symbol) => (await data()).marketStats(symbol),
    usdcInUsdt: async () => (await (await data()).usdcInUsdt?.()) ?? null,
    hourlyCloses: async (symbol, count) => (await data()).hourlyCloses(symbol, count),
    borrowRates: async () => (await (await data()).borrowRates?.()) ?? [],
  };
}

function lateAccount(account: () => Promise<VenueAccount>): VenueAccount {
  return {
    account: async (kind) => (await account()).account(kind),
    setup: async (symbol) => (await account()).setup(symbol),
    feeRates: async (symbol) => (await account()).feeRates(symbol),
    positions: async () => (await account()).positions(),
    openOrders: async () => (await account()).openOrders(),
    lookupOrder: async (symbol, id) => (await account()).lookupOrder(symbol, id),
    fills: async (since) => (await account()).fills(since),
    fundingPayments: async (since) => (await account()).fundingPayments(since),
    interestPayments: async (since) => (await (await account()).interestPayments?.(since)) ?? [],
    transfers: async (since) => (await (await account()).transfers?.(since)) ?? [],
  };
}

function lateTrading(trading: () => Promise<VenueTrading>): VenueTrading {
  return {
    place: async (order) => (await trading()).place(order),
    cancel: async (cancel) => (await trading()).cancel(cancel),
    cancelAll: async (cancel) => (await trading()).cancelAll(cancel),
    setLeverage: async (request) => (await trading()).setLeverage(request),
  };
}
