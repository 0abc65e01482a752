import { describe, expect, test } from "bun:test";
import { VENUES } from "#config/venue-settings.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createCcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import { loadQuirks } from "#src/venues/ccxt/load-quirks.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { jsonReply, startLoopback } from "#tests/support/venues/loopback.ts";

describe("in mode testnet", () => {
  test.each(VENUES.filter((id) => id !== "hibachi"))(
    "%s's real hosts are never asked",
    async (id) => {
      const quirks = await loadQuirks(id);
      const { hosts, testHosts } = quirks.profile;
      const server = startLoopback({ handle: () => jsonReply({}) });
      const venue = await createCcxtVenue({
        ...{ quirks, mode: "testnet", credentials: null, builderFeeRate: null },
        ...{ loopback: server.proxyUrl, clock: createSystemClock(), saved: createMemoryRecords() },
        ourOrders: () => [],
      });
      const { data } = venue;
      await Promise.allSettled([data.time(), data.instruments(), data.fundingRates()]);
      const asked = new Set(server.seen.map(({ url }) => url.hostname));
      expect(asked.size).toBeGreaterThan(0);
      for (const host of asked) expect(testHosts).toContain(host);
      // OKX has but one host, and tells them apart by a header.
      if (id === "okx") {
        expect(server.seen.map(({ headers }) => headers.get("x-simulated-trading"))).toEqual(
          server.seen.map(() => "1"),
        );
      } else {
        expect(testHosts.filter((host) => hosts.includes(host))).toEqual([]);
      }
      await server.stop();
    },
  );

  test("a venue that has no test venue is refused in one line", async () => {
    const opening = createCcxtVenue({
      ...{ quirks: await loadQuirks("hibachi"), mode: "testnet", credentials: null },
      ...{ builderFeeRate: null, loopback: "", clock: createSystemClock() },
      ...{ saved: createMemoryRecords(), ourOrders: () => [] },
    });
    await expect(opening).rejects.toThrow("Hibachi has no test venue");
  });
});
