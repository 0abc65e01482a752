import { describe, expect, test } from "bun:test";
import { RetryableError } from "#src/core/errors.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { baseSize } from "#src/core/units.ts";
import { OWNER } from "#tests/support/venues/hyperliquid-rig.ts";
import {
  BTC,
  fillRow,
  mustList,
  scriptedHyperliquid,
} from "#tests/support/venues/hyperliquid-scripted.ts";

type Body = Readonly<Record<string, unknown>>;

const NONE = new Map();
const T0 = 1_770_000_000_000;

/** The venue's own cut: rows from startTime to endTime, oldest first, so many at most. */
function paged(rows: readonly Body[], most: number) {
  return (body: Body) =>
    rows
      .filter((one) => Number(one["time"]) >= Number(body["startTime"]))
      .filter((one) => Number(one["time"]) <= Number(body["endTime"] ?? Number.MAX_SAFE_INTEGER))
      .slice(0, most);
}

function manyFills(count: number, timeOf: (index: number) => number): Body[] {
  return Array.from({ length: count }, (_, index) => fillRow({ tid: index, time: timeOf(index) }));
}

describe("fills", () => {
  test("carry the wire's id, the side, the fee and who took", async () => {
    const cloid = `0x${"a".repeat(32)}`;
    const { driver, asked } = await scriptedHyperliquid({
      userFillsByTime: () => [
        fillRow({ cloid }),
        fillRow({ tid: 2, side: "A", crossed: false, fee: "-0.0012" }),
      ],
    });
    const [first, second] = await driver.fills(NONE, T0);
    expect(first).toMatchObject({
      ...{ venue: "hyperliquid", symbol: "BTC", tradeId: "1", clientOrderId: cloid },
      ...{ side: "buy", liquidity: "taker", cause: "order", filledAt: 1_770_000_000_123 },
    });
    expect(first?.feeUsd.toFixed()).toBe("0.0288");
    expect(second).toMatchObject({ side: "sell", liquidity: "maker", clientOrderId: "" });
    expect(second?.feeUsd.toFixed()).toBe("-0.0012");
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ user: OWNER.toLowerCase(), startTime: T0 });
  });

  test("are read to the end, over pages that are cut inside one millisecond", async () => {
    // Rows 1990 to 2010 share one millisecond, and the page ends after row 1999.
    const rows = manyFills(4500, (index) => T0 + (index >= 1990 && index <= 2010 ? 1990 : index));
    const { driver, asked } = await scriptedHyperliquid({ userFillsByTime: paged(rows, 2000) });
    const fills = await driver.fills(NONE, T0);
    expect(fills.map((fill) => fill.tradeId)).toEqual(rows.map((one) => String(one["tid"])));
    expect(asked.length).toBe(4);
  });

  test("are read to the end also when a page comes newest first", async () => {
    const rows = manyFills(1200, (index) => T0 + index);
    const newestFirst = (body: Body) => paged(rows.toReversed(), 500)(body);
    const { driver } = await scriptedHyperliquid({ userFillsByTime: newestFirst });
    const fills = await driver.fills(NONE, T0);
    expect(fills).toHaveLength(1200);
    expect(fills[0]?.tradeId).toBe("0");
  });

  test("are refused when more of them share a millisecond than fit a page", async () => {
    const { driver } = await scriptedHyperliquid({
      userFillsByTime: paged(
        manyFills(2100, () => T0),
        2000,
      ),
    });
    await expect(driver.fills(NONE, T0)).rejects.toBeInstanceOf(RetryableError);
  });

  test.each([
    [{ dir: "Auto-Deleveraging" }, "deleveraging"],
    [{ dir: "Settlement" }, "deleveraging"],
    [{ dir: "Liquidated Cross Long" }, "liquidation"],
    [{ liquidation: { liquidatedUser: OWNER, markPx: "1", method: "market" } }, "liquidation"],
    [{ liquidation: { liquidatedUser: `0x${"9".repeat(40)}`, markPx: "1" } }, "order"],
    [{ dir: "Long > Short" }, "order"],
  ])("tell what made them: %o is %s", async (over, cause) => {
    const { driver } = await scriptedHyperliquid({ userFillsByTime: () => [fillRow(over)] });
    expect((await driver.fills(NONE, T0))[0]?.cause).toBe(cause as "order");
  });

  test("count a builder's fee once: it is in the fee already", async () => {
    const { driver } = await scriptedHyperliquid({
      userFillsByTime: () => [fillRow({ fee: "0.0352", builderFee: "0.0064" })],
    });
    expect((await driver.fills(NONE, T0))[0]?.feeUsd.toFixed()).toBe("0.0352");
  });

  test("refuse a fee in a coin of unknown price", async () => {
    const { driver } = await scriptedHyperliquid({
      userFillsByTime: () => [fillRow({ feeToken: "HYPE" })],
    });
    await expect(driver.fills(NONE, T0)).rejects.toBeInstanceOf(RetryableError);
  });

  test("leave out spot and other dexes, which are not traded here", async () => {
    const { driver } = await scriptedHyperliquid({
      userFillsByTime: () => [
        fillRow({ coin: "@107", feeToken: "HYPE" }),
        fillRow({ tid: 2, coin: "PURR/USDC" }),
        fillRow({ tid: 3, coin: "xyz:TSLA" }),
        fillRow({ tid: 4, coin: "kPEPE", px: "0.011", sz: "500" }),
      ],
    });
    const fills = await driver.fills(NONE, T0);
    expect(fills.map((fill) => fill.symbol)).toEqual(["kPEPE"]);
    expect(fills[0]?.sizeBase.toFixed()).toBe("500000");
    expect(fills[0]?.price.toFixed()).toBe("0.000011");
  });

  test("learn their ids from the orders when they come without the field", async () => {
    const cloid = `0x${"b".repeat(32)}`;
    const { cloid: _none, ...bare } = fillRow();
    const { driver, asked } = await scriptedHyperliquid({
      userFillsByTime: () => [bare],
      historicalOrders: () => [{ order: { oid: 77, cloid }, status: "filled" }],
    });
    expect((await driver.fills(NONE, T0))[0]?.clientOrderId).toBe(cloid);
    await driver.fills(NONE, T0);
    expect(asked.map((one) => one["type"])).toEqual([
      ...["userFillsByTime", "historicalOrders", "userFillsByTime"],
    ]);
  });
});

describe("one order", () => {
  const cloid = `0x${"c".repeat(32)}`;
  const order = {
    ...{ coin: "BTC", side: "B", limitPx: "64000.0", oid: 77, timestamp: T0, cloid },
    ...{ origSz: "0.003", sz: "0.001", reduceOnly: false, tif: "Ioc", orderType: "Limit" },
  };
  const said = (status: string) => ({
    orderStatus: () => ({ status: "order", order: { order, status, statusTimestamp: T0 } }),
  });

  test.each([
    ["open", "open"],
    ["triggered", "open"],
    ["filled", "filled"],
    ["canceled", "cancelled"],
    ["marginCanceled", "cancelled"],
    ["reduceOnlyCanceled", "cancelled"],
    ["iocCancelRejected", "cancelled"],
    ["rejected", "cancelled"],
    ["scheduledCancel", "cancelled"],
  ])("that is %s is %s to us", async (status, ours) => {
    const { driver, asked } = await scriptedHyperliquid(said(status));
    const found = await driver.lookupOrder(mustList(driver, BTC), {
      ...{ wireId: cloid, venueOrderId: "" },
    });
    expect(found).toMatchObject({
      venueOrderId: "77",
      clientOrderId: cloid,
      status: ours as "open",
    });
    expect(found?.filledBase.toFixed()).toBe("0.002");
    expect(asked[0]).toEqual({ type: "orderStatus", user: OWNER.toLowerCase(), oid: cloid });
  });

  test("in a state that we do not know is no answer", async () => {
    const { driver } = await scriptedHyperliquid(said("hibernating"));
    const name = { wireId: cloid, venueOrderId: "" };
    await expect(driver.lookupOrder(mustList(driver, BTC), name)).rejects.toBeInstanceOf(
      RetryableError,
    );
  });

  test("that the venue never saw is null, and by its number too", async () => {
    const { driver, asked } = await scriptedHyperliquid({
      orderStatus: () => ({ status: "unknownOid" }),
    });
    const of = mustList(driver, BTC);
    expect(await driver.lookupOrder(of, { wireId: cloid, venueOrderId: "" })).toBeNull();
    expect(await driver.lookupOrder(of, { wireId: "", venueOrderId: "77" })).toBeNull();
    expect(asked[1]?.["oid"]).toBe(77);
  });

  test("has the fills of its number and no others, from its own time on", async () => {
    const { driver, asked } = await scriptedHyperliquid({
      ...said("filled"),
      userFillsByTime: () => [fillRow({ oid: 76 }), fillRow({ tid: 2 }), fillRow({ tid: 3 })],
    });
    const of = mustList(driver, BTC);
    const found = {
      ...{ clientOrderId: cloid, venueOrderId: "77", symbol: "BTC", side: "buy" as const },
      ...{ status: "filled" as const, reduceOnly: false },
      ...{ sizeBase: baseSize("0.002"), filledBase: baseSize("0.002") },
    };
    const fills = await driver.fillsOf(of, found);
    expect(fills.map((fill) => [fill.tradeId, fill.clientOrderId])).toEqual([
      ["2", cloid],
      ["3", cloid],
    ]);
    expect(asked.map((one) => one["type"])).toEqual(["orderStatus", "userFillsByTime"]);
    expect(asked[1]?.["startTime"]).toBe(T0);
  });
});

describe("funding", () => {
  const payment = (coin: string, time: number, usdc = "75.635093") => ({
    ...{ time, hash: `0x${"0".repeat(64)}` },
    delta: { type: "funding", coin, usdc, szi: "-7375.9", fundingRate: "0.00004381" },
  });

  test("payments are told apart by coin and time, as their hash is zero (Q4)", async () => {
    const { driver } = await scriptedHyperliquid({
      userFunding: () => [
        payment("SOL", 1_734_026_400_057),
        payment("BTC", 1_734_026_400_057, "-1.5"),
      ],
    });
    const [sol, btc] = await driver.fundingPayments(NONE, 0);
    expect(sol).toMatchObject({ paymentId: "SOL:1734026400057", fundingAt: 1_734_026_400_000 });
    expect(sol?.amountUsd.toFixed()).toBe("75.635093");
    expect(btc?.paymentId).toBe("BTC:1734026400057");
    // Negative is paid.
    expect(btc?.amountUsd.toFixed()).toBe("-1.5");
  });

  test("payments of one millisecond are all read when a page ends inside of it", async () => {
    const hours = Array.from({ length: 20 }, (_, hour) => T0 + hour * HOUR_MS + 57);
    const rows = hours.flatMap((time) =>
      Array.from({ length: 60 }, (_, index) => payment(`C${index}`, time)),
    );
    const { driver } = await scriptedHyperliquid({ userFunding: paged(rows, 500) });
    const payments = await driver.fundingPayments(NONE, T0);
    expect(new Set(payments.map((one) => one.paymentId)).size).toBe(1200);
    expect(payments).toHaveLength(1200);
  });

  test("history is read over all pages and floored to the hour", async () => {
    const rows = Array.from({ length: 1300 }, (_, hour) => ({
      ...{ coin: "BTC", fundingRate: "0.0000125", premium: "0.0" },
      time: hour * HOUR_MS + HOUR_MS * 490_000 + (hour % 90),
    }));
    const { driver } = await scriptedHyperliquid({ fundingHistory: paged(rows, 500) });
    const settled = await driver.fundingHistory(mustList(driver, BTC), HOUR_MS * 490_000);
    expect(settled).toHaveLength(1300);
    expect(settled.every((one) => one.fundingAt % HOUR_MS === 0)).toBe(true);
    expect(settled.at(-1)?.fundingAt).toBe(HOUR_MS * 491_299);
    expect(settled[0]).toMatchObject({ symbol: "BTC", intervalHours: "1" });
  });
});
