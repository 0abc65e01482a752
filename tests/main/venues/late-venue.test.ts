import { describe, expect, test } from "bun:test";
import type { Hedge } from "#src/core/hedge.ts";
import { baseSize } from "#src/core/units.ts";
import { followVenues } from "#src/main/venues/follow-venues.ts";
import { createLateVenue } from "#src/main/venues/late-venue.ts";
import type { Venue } from "#src/ports/venue.ts";
import { createPaperRig } from "#tests/support/paper-rig.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";

describe("a venue that is still being opened", () => {
  test("is down and promises nothing, and answers once it is open", async () => {
    const { venue } = createPaperRig();
    const opening = Promise.withResolvers<Venue>();
    const late = createLateVenue("alpha", opening.promise);
    const account = late.account.account();

    expect(late.health().state).toBe("down");
    expect(late.capabilities).toEqual({ provable: false, restingFence: false });

    opening.resolve(venue);
    expect((await account).equityUsd.toFixed()).toBe("100000");
    expect(late.health().state).toBe("ok");
    expect(late.capabilities).toEqual(venue.capabilities);
    expect(await late.data.instruments()).toEqual(await venue.data.instruments());
  });

  test("is followed as soon as it is open", async () => {
    const { venue } = createPaperRig();
    const rings: string[] = [];
    const streams: Venue["streams"] = {
      async follow({ symbols, ring }) {
        ring("connected");
        rings.push(`follows ${symbols().join()}`);
      },
    };
    const opening = Promise.withResolvers<Venue>();
    const late = createLateVenue("alpha", opening.promise);
    const hedges = [hedgeOn("alpha", "ETH"), hedgeOn("alpha", "BTC"), hedgeOn("beta", "SOL")];
    const following = followVenues({
      venues: new Map([["alpha", late]]),
      store: { listHedges: () => [...hedges, ...hedges] },
      ring: (what) => void rings.push(what),
      log: silentLogger,
      signal: new AbortController().signal,
    });
    expect(rings).toEqual([]);
    opening.resolve({ ...venue, streams });
    await following;
    expect(rings).toEqual(["connected", "follows ETH,BTC"]);
  });

  test("without streams, or that cannot be opened, is followed by nobody", async () => {
    const { venue } = createPaperRig();
    for (const opening of [Promise.resolve(venue), Promise.reject(new Error("no key"))]) {
      const following = createLateVenue("alpha", opening).streams?.follow({
        ...{ symbols: () => [], ring: () => undefined, log: silentLogger },
        signal: new AbortController().signal,
      });
      expect(await following).toBeUndefined();
    }
  });

  test("that cannot be opened fails every question", async () => {
    const late = createLateVenue("alpha", Promise.reject(new Error("no such key file")));
    await expect(late.account.positions()).rejects.toThrow("no such key file");
    expect(late.health().state).toBe("down");
  });
});

function hedgeOn(venue: string, symbol: string): Hedge {
  const leg = {
    ...{ venue, symbol, targetBase: baseSize("1"), heldBase: baseSize("1"), entryPrice: null },
  };
  return {
    ...{ id: `H-${symbol}`, asset: symbol, phase: "open", proposalId: "P-1", mandateId: null },
    legs: [
      { ...leg, index: 0, side: "long" },
      { ...leg, venue: "gamma", index: 1, side: "short" },
    ],
    ...{ openedAt: 1, closedAt: null, createdAtWall: 1, version: 1 },
  };
}
