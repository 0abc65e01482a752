import { describe, expect, test } from "bun:test";
import { loadSettings } from "#config/load.ts";
import { dec, ZERO } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { composePipeline } from "#src/main/compose-pipeline.ts";
import { createSyntheticMarket } from "#src/sandbox/synthetic-market.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createPaperVenue } from "#src/venues/paper/paper-venue.ts";
import { createJumpingClock } from "#tests/support/fake-clock.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";

/** One venue of the sandbox that trades perps and spot: nothing but spot and perp can be paired. */
async function createRig() {
  const feed = createSyntheticMarket({ seed: 7 });
  const clock = createJumpingClock(feed.startAt);
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  store.transaction(() => {
    store.setFact("ownerId", "1");
    store.setFact("chatId", "1");
  });
  const parts = { id: "binance-sim", feed, records: createMemoryRecords(), clock };
  const venue = createPaperVenue({ ...parts, startingCashUsd: "10000", leverage: dec("3") });
  const pipeline = composePipeline({
    ...{ mode: "paper", venues: new Map([["binance-sim", venue]]), store, clock },
    ...loadSettings("demo"),
    ...{ log: silentLogger, shout: () => undefined, spotVenues: ["binance-sim"] },
  });
  await pipeline.recover();
  await pipeline.watch();
  await pipeline.bookFunding();
  const tap = async () => {
    const [approval] = store.listApprovals({ state: "pending" });
    if (!approval) throw new Error("no card");
    store.transaction(() => store.bindApprovalMessage(approval.nonce, 1, 7));
    const answer = await pipeline.approve({
      ...{ nonce: approval.nonce, userId: 1, chatId: 1, messageId: 7 },
    });
    await answer.done;
    return answer.kind;
  };
  return { pipeline, store, clock, venue, tap };
}

/** What is open, as "short BTC-SPOT, long BTC". */
const legsOf = ({ store }: Awaited<ReturnType<typeof createRig>>) =>
  store.listHedges(["open"]).map(({ legs }) =>
    legs
      .map(({ side, symbol }) => `${side} ${symbol}`)
      .sort()
      .join(", "),
  );

/** What the last line of the exported books leaves unexplained. */
async function unexplainedIn({ pipeline }: Awaited<ReturnType<typeof createRig>>) {
  const last = (await pipeline.exportCsv()).trimEnd().split("\r\n").at(-1) ?? "";
  return /,unexplained,+([^,]+),+$/.exec(last)?.[1];
}

describe("spot and perp of one venue, from the question to the ledger", () => {
  test.each([
    ["ARB", "long ARBUSDT-SPOT, short ARBUSDT", false],
    ["SUI", "long SUIUSDT, short SUIUSDT-SPOT", true],
  ] as const)(
    "%s opens by a tap as %s, earns, and ends with every cent explained",
    async (asset, legs, borrows) => {
      const rig = await createRig();
      const { pipeline, clock, store } = rig;
      expect((await pipeline.proposeOpen({ asset }, "owner")).kind).toBe("proposed");
      expect(await rig.tap()).toBe("opening");
      expect(legsOf(rig)).toEqual([legs]);
      for (let hours = 0; hours < 24; hours += 6) {
        clock.jump(6 * HOUR_MS);
        await pipeline.tend();
        await pipeline.bookFunding();
      }
      expect(legsOf(rig)).toEqual([legs]);
      const held = await pipeline.performance();
      expect(dec(held.total?.fundingUsd ?? "0").gt(ZERO)).toBe(true);
      expect(dec(held.total?.interestUsd ?? "0").lt(ZERO)).toBe(borrows);
      expect(dec(held.unexplainedUsd ?? "1").eq(ZERO)).toBe(true);
      expect(await unexplainedIn(rig)).toBe("0");

      expect((await pipeline.proposeClose(asset, "owner")).kind).toBe("proposed");
      expect(await rig.tap()).toBe("closing");
      await pipeline.tend();
      await pipeline.bookFunding();
      expect(store.listHedges(["closed"])).toHaveLength(1);
      // What is shown of accounts may be some seconds old.
      clock.jump(10_000);
      const closed = await pipeline.performance();
      expect(closed.unexplainedUsd).toBe("0");
      expect(await unexplainedIn(rig)).toBe("0");
      const [hedge] = store.listHedges(["closed"]);
      const alerts = store.alertsAbout(hedge?.id ?? "");
      expect(alerts).not.toContain("UNEXPLAINED_POSITION");
      expect(alerts).not.toContain("POSITION_CHANGED");
    },
  );
});

test("a mandate says on which of its own venues spot is traded", async () => {
  const { pipeline, store } = await createRig();
  pipeline.offerMandate();
  const id = store.listApprovals({ state: "pending" }).at(-1)?.subjectId ?? "";
  expect(pipeline.mandateFacts(id)?.mandate.spotVenues).toEqual(["binance-sim"]);
});
