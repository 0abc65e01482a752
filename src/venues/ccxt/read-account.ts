import type { Fill, OrderLookup, OrderReport } from "#src/core/order.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { VenueAccount } from "#src/ports/venue.ts";
import { createReader, type Reader } from "./read-venue.ts";
import type { VenueParts } from "./venue-parts.ts";

/** What the account holds, with order ids in our own form. */
export function createAccountReader(parts: VenueParts): VenueAccount {
  const { driver, instruments, ids, clock, gate } = parts;
  const watcher = createReader(parts, "watch");
  const reader: Omit<Reader, "readAhead"> = {
    read: (what, question) => parts.timed().then(() => watcher.read(what, question)),
    readOrNull: (what, question) => parts.timed().then(() => watcher.readOrNull(what, question)),
  };
  const { id } = driver.profile;
  const { interestPayments, transfers } = driver;
  const ours = <T extends OrderReport | Fill>(one: T): T => ({
    ...one,
    clientOrderId: ids.fromWire(one.clientOrderId),
  });

  async function lookupOrder(symbol: string, clientOrderId: string): Promise<OrderLookup> {
    const of = await instruments.require(symbol);
    const askedMs = clock.elapsedMs();
    const found = await reader.readOrNull("order", () =>
      driver.lookupOrder(of, ids.nameOf(clientOrderId)),
    );
    if (found === null) {
      const venueTime = await reader.read("time", () => driver.time());
      // No later than the moment at which it was looked for.
      return { kind: "notFound", venueTime: venueTime - (clock.elapsedMs() - askedMs) };
    }
    const fills = await reader.read("fills", () => driver.fillsOf(of, found));
    return { kind: "found", order: ours(found), fills: fills.map(ours) };
  }

  return {
    async account(kind) {
      const observedAt = clock.wallNow();
      const state = await reader.read("account", () => driver.account(kind));
      return { ...state, venue: id, observedAt };
    },
    async setup(symbol) {
      const of = await instruments.require(symbol);
      return reader.read("account settings", () => driver.setup(of));
    },
    async feeRates(symbol) {
      const of = await instruments.require(symbol);
      return reader.read("fees", () => driver.feeRates(of));
    },
    async positions() {
      const listings = await instruments.all();
      const positions = await reader.read("positions", () => driver.positions(listings));
      gate.positionsRead();
      return positions.filter((position) => !position.sizeBase.eq("0"));
    },
    async openOrders() {
      const listings = await instruments.all();
      return (await reader.read("open orders", () => driver.openOrders(listings))).map(ours);
    },
    lookupOrder,
    async fills(since) {
      const listings = await instruments.all();
      const all = await reader.read("fills", () => driver.fills(listings, since));
      return all
        .filter((fill) => fill.filledAt >= since)
        .map(ours)
        .toSorted((a, b) => a.filledAt - b.filledAt);
    },
    async fundingPayments(since) {
      const listings = await instruments.all();
      const all = await reader.read("payments", () => driver.fundingPayments(listings, since));
      return all
        .filter((payment) => payment.fundingAt > since)
        .toSorted((a, b) => a.fundingAt - b.fundingAt);
    },
    ...(interestPayments && {
      async interestPayments(since: EpochMs) {
        const listings = await instruments.all();
        const all = await reader.read("interest", () => interestPayments(listings, since));
        return all
          .filter((one) => one.chargedAt > since)
          .toSorted((a, b) => a.chargedAt - b.chargedAt);
      },
    }),
    ...(transfers && {
      async transfers(since: EpochMs) {
        const all = await reader.read("transfers", () => transfers(since));
        return all
          .filter((one) => one.transferredAt > since)
          .toSorted((a, b) => a.transferredAt - b.transferredAt);
      },
    }),
  };
}
