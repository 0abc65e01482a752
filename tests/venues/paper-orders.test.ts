import { describe, expect, test } from "bun:test";
import { notionalUsd } from "#src/core/units.ts";
import type { Records } from "#src/ports/records.ts";
import { guarded, orderRequest } from "#tests/support/guarded-orders.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";
import { cancelOf, createPaperRig, fillsOf, heldOf, shortly } from "#tests/support/paper-rig.ts";

const RESTING = { limit: "59990", timeInForce: "gtc" } as const;

describe("what a paper venue refuses", () => {
  test.each([
    ["BELOW_MIN_NOTIONAL", { size: "0.001" }],
    ["MARKET_UNAVAILABLE", { symbol: "NOPE-PERP" }],
    ["MARKET_UNAVAILABLE", { venue: "beta" }],
  ] as const)("%s", async (code, over) => {
    const rig = createPaperRig({
      market: { instrument: { minNotionalUsd: notionalUsd("100") } },
    });
    const sealed = guarded(orderRequest(over));
    expect(shortly(await rig.venue.trading.place(sealed))).toBe(`refused ${code}`);
    expect(await heldOf(rig)).toBe("0");
  });

  test("a client order id comes back neither after a fill nor after a cancel", async () => {
    const rig = createPaperRig();
    await rig.place({ clientOrderId: "once" });
    await rig.place({ ...RESTING, clientOrderId: "rested" });
    await cancelOf(rig, "rested");
    for (const clientOrderId of ["once", "rested"]) {
      const again = await rig.place({ clientOrderId }, rig.restart());
      expect(shortly(again)).toBe("refused DUPLICATE_CLIENT_ORDER_ID");
    }
  });
});

describe("a reduce-only order", () => {
  test("is trimmed to the position and cannot turn it round", async () => {
    const rig = createPaperRig();
    await rig.place({ size: "0.2" });
    const outcome = await rig.place({ side: "sell", size: "0.5", limit: "100", reduceOnly: true });
    expect(fillsOf(outcome)[0]?.sizeBase.toFixed()).toBe("0.2");
    expect(await heldOf(rig)).toBe("0");
  });

  test.each(["buy", "sell"] as const)("of side %s is refused without a position", async (side) => {
    const rig = createPaperRig();
    const outcome = await rig.place({ side, reduceOnly: true });
    expect(shortly(outcome)).toBe("refused REDUCE_ONLY_WOULD_INCREASE");
  });

  test("on the book goes when the position that it was to reduce is gone", async () => {
    const rig = createPaperRig();
    await rig.place({ size: "0.2" });
    await rig.place({
      side: "sell",
      size: "0.2",
      limit: "61000",
      timeInForce: "gtc",
      reduceOnly: true,
    });
    expect(await rig.venue.account.openOrders()).toHaveLength(1);
    await rig.place({ side: "sell", size: "0.2", limit: "100", reduceOnly: true });
    expect(await rig.venue.account.openOrders()).toHaveLength(0);
    rig.market.setPrice("alpha", "62000");
    expect(await heldOf(rig)).toBe("0");
  });
});

describe("a resting order", () => {
  test("pays the taker's fee on what crosses and the maker's on what fills later", async () => {
    const rig = createPaperRig({ market: { depth: "0.1" } });
    await rig.place({ size: "0.5", limit: "60000.1", timeInForce: "gtc", clientOrderId: "g" });
    rig.market.setDepth("alpha", "5");
    rig.market.setPrice("alpha", "59000");
    const fills = await rig.venue.account.fills(0);
    expect(
      fills.map((fill) => [fill.liquidity, fill.sizeBase.toFixed(), fill.feeUsd.toFixed()]),
    ).toEqual([
      ["taker", "0.1", "3.000005"],
      ["maker", "0.4", "4.800008"],
    ]);
    expect(await rig.venue.account.lookupOrder("BTC-PERP", "g")).toMatchObject({
      kind: "found",
      order: { status: "filled" },
    });
  });

  test("takes the depth that crosses it once, however often anyone looks", async () => {
    const rig = createPaperRig({ market: { depth: "0.1" } });
    await rig.place({ ...RESTING, size: "0.5" });
    rig.market.setPrice("alpha", "59989.8");
    for (let look = 0; look < 5; look += 1) await rig.venue.account.positions();
    expect(await heldOf(rig)).toBe("0.2");
  });

  test("is over once it is cancelled, and what it filled stays", async () => {
    const rig = createPaperRig();
    await rig.place({ ...RESTING, clientOrderId: "r" });
    expect(shortly(await cancelOf(rig, "r"))).toBe("ack cancelled");
    expect(shortly(await cancelOf(rig, "r"))).toBe("ack cancelled");
    rig.market.setPrice("alpha", "50000");
    expect(await rig.venue.account.fills(0)).toEqual([]);
    expect(shortly(await cancelOf(rig, "never-sent"))).toBe("refused UNKNOWN_ORDER");
  });
});

describe("depth", () => {
  test("that we took is gone although the book has moved by a tick since", async () => {
    const rig = createPaperRig({ market: { depth: "0.1" } });
    await rig.place({ size: "0.3", limit: "60100" });
    rig.market.setPrice("alpha", "60000.1");
    expect(fillsOf(await rig.place({ size: "0.3", limit: "60100" }))).toEqual([]);
  });

  test("comes back evenly over a market minute, on the lot", async () => {
    const rig = createPaperRig({ market: { depth: "0.1" } });
    await rig.place({ size: "0.3", limit: "60100" });
    rig.jump(20_000);
    const back = async () =>
      (await rig.venue.data.orderBook("BTC-PERP")).asks.map((level) => level.sizeBase.toFixed());
    expect(await back()).toEqual(["0.1"]);
    rig.jump(40_000);
    expect(await back()).toEqual(["0.1", "0.1", "0.1"]);
  });

  test("on the other side of the book is untouched", async () => {
    const rig = createPaperRig({ market: { depth: "0.1" } });
    await rig.place({ size: "0.3", limit: "60100" });
    expect((await rig.venue.data.orderBook("BTC-PERP")).bids).toHaveLength(3);
  });
});

describe("a disk that fails", () => {
  function failing(): { records: Records; broken: boolean } {
    const inner = createMemoryRecords();
    const state = {
      broken: false,
      records: {
        load: inner.load,
        write(changes: Parameters<Records["write"]>[0]) {
          if (state.broken) throw new Error("disk full");
          inner.write(changes);
        },
      },
    };
    return state;
  }

  test("makes the outcome unknown, and memory never runs ahead of it", async () => {
    const disk = failing();
    const rig = createPaperRig({ records: disk.records });
    await rig.place({ size: "0.1" });
    disk.broken = true;
    const outcome = await rig.place({ size: "0.2", clientOrderId: "lost" });
    disk.broken = false;
    expect(shortly(outcome)).toBe("unknown");
    expect(await heldOf(rig)).toBe("0.1");
    expect(await rig.venue.account.lookupOrder("BTC-PERP", "lost")).toMatchObject({
      kind: "notFound",
    });
    expect(await heldOf({ venue: rig.restart() })).toBe("0.1");
  });
});

test("an account of another market is refused with one line, not opened with a hole in it", async () => {
  const rig = createPaperRig();
  await rig.place({ size: "0.1" });
  const other = () =>
    createPaperRig({ records: rig.records, market: { instrument: { symbol: "ETH-PERP" } } });
  expect(other).toThrow("the saved account of alpha does not fit this market");
});
