import { describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { rate } from "#src/core/units.ts";
import { borrowRate } from "#tests/support/builders.ts";
import { createLivePaperRig, type LivePaperRig } from "#tests/support/live-paper-rig.ts";
import { fillsOf, HALF_PAST, heldOf, shortly } from "#tests/support/paper-rig.ts";

const STAMP = HALF_PAST + HOUR_MS / 2;
const MINUTE_MS = 60_000;

async function paid({ venue }: Pick<LivePaperRig, "venue">): Promise<readonly string[]> {
  const payments = await venue.account.fundingPayments(0);
  return payments.map((one) => `${(one.fundingAt - STAMP) / HOUR_MS} ${one.amountUsd.toFixed()}`);
}

/** Nothing was traded, and it said so for certain. */
const NOT_SENT = "refused NOT_SENT";

describe("a paper account on live data", () => {
  test("shows the venue's own public data", () => {
    const rig = createLivePaperRig();
    expect(rig.venue.data).toBe(rig.data);
  });

  test("fills at the book that was read after the order was placed", async () => {
    const rig = createLivePaperRig();
    await rig.place({ size: "0.1" });
    rig.data.change("BTC-PERP", { price: "60010" });
    const [fill] = fillsOf(await rig.place({ size: "0.1" }));
    expect(fill?.price.toFixed()).toBe("60010.1");
  });

  test("does not sell the same depth twice within a minute", async () => {
    const rig = createLivePaperRig({ listing: { depth: "0.1" } });
    const price = async () => fillsOf(await rig.place({ size: "0.1" }))[0]?.price.toFixed();
    expect([await price(), await price()]).toEqual(["60000.1", "60000.2"]);
    rig.jump(MINUTE_MS);
    expect(await price()).toBe("60000.1");
  });

  test("is valued at marks of the last three seconds, one question for all who ask at once", async () => {
    const rig = createLivePaperRig();
    await rig.place({ size: "0.5" });
    rig.jump(4_000);
    const before = rig.data.countOf("marketStats");
    await Promise.all([rig.venue.account.account(), rig.venue.account.positions()]);
    expect(rig.data.countOf("marketStats")).toBe(before + 1);

    rig.data.change("BTC-PERP", { price: "61000" });
    rig.jump(4_000);
    const [position] = await rig.venue.account.positions();
    expect(position?.markPrice.toFixed()).toBe("61000");
  });

  test("trades what was listed while it ran", async () => {
    const rig = createLivePaperRig();
    const order = { symbol: "NEW-PERP" } as const;
    expect(shortly(await rig.place(order))).toBe("refused MARKET_UNAVAILABLE");
    rig.data.list({ instrument: order });
    rig.jump(11 * MINUTE_MS);
    expect(shortly(await rig.place(order))).toBe("ack filled");
  });

  test("liquidates at the book of the moment at which it is seen to be due", async () => {
    const rig = createLivePaperRig({ cash: "25000" });
    await rig.place({ size: "0.5" });
    rig.data.change("BTC-PERP", { price: "10000" });
    rig.jump(MINUTE_MS);
    expect(await heldOf(rig)).toBe("0");
    const fills = await rig.venue.account.fills(0);
    expect(fills.map((fill) => [fill.cause, fill.price.toFixed()])).toEqual([
      ["order", "60000.1"],
      ["liquidation", "9999.9"],
    ]);
  });
});

describe("a venue that fails", () => {
  test("is unknown until it answers, and comes in by itself", async () => {
    const rig = createLivePaperRig();
    rig.data.failing = "all";
    const { account } = rig.venue;
    for (const ask of [account.account, account.positions, account.openOrders]) {
      await expect(ask()).rejects.toBeInstanceOf(RetryableError);
    }
    expect(shortly(await rig.place({}))).toBe(NOT_SENT);

    rig.data.failing = new Set();
    expect((await account.account()).equityUsd.toFixed()).toBe("100000");
    expect(shortly(await rig.place({}))).toBe("ack filled");
  });

  test("is down as its venue is, and well as soon as that answers: its account needs no reading again", () => {
    const rig = createLivePaperRig();
    const states = (["ok", "down", "recovering"] as const).map((state) => {
      rig.health.value = { state, reason: state };
      return rig.venue.health().state;
    });
    expect(states).toEqual(["ok", "down", "ok"]);
  });

  test("makes also an empty account unknown, never what it was", async () => {
    const rig = createLivePaperRig();
    await rig.venue.account.account();
    rig.data.failing = "all";
    rig.jump(6_000);
    await expect(rig.venue.account.account()).rejects.toBeInstanceOf(RetryableError);
  });

  test("makes a held account unknown and takes no orders, and nothing of it is lost", async () => {
    const rig = createLivePaperRig();
    await rig.place({ size: "0.5" });
    rig.data.failing = new Set(["marketStats"]);
    rig.jump(4_000);
    await expect(rig.venue.account.account()).rejects.toBeInstanceOf(RetryableError);
    expect(shortly(await rig.place({ side: "sell", limit: "59990" }))).toBe(NOT_SENT);

    rig.data.failing = new Set();
    expect(await heldOf(rig)).toBe("0.5");
    expect(await rig.venue.account.fills(0)).toHaveLength(1);
  });

  test("without a book fills nothing, and the account is still known", async () => {
    const rig = createLivePaperRig();
    rig.data.failing = new Set(["orderBook"]);
    expect(shortly(await rig.place({}))).toBe(NOT_SENT);
    expect((await rig.venue.account.account()).equityUsd.toFixed()).toBe("100000");
  });

  test("without a history lets positions be closed, and pays what it missed when it answers", async () => {
    const rig = createLivePaperRig();
    await rig.place({ size: "0.5" });
    rig.data.failing = new Set(["fundingHistory"]);
    rig.jump(HOUR_MS);
    const close = { side: "sell", size: "0.5", limit: "1", reduceOnly: true } as const;
    expect(shortly(await rig.place(close))).toBe("ack filled");
    expect(await paid(rig)).toEqual([]);

    rig.data.failing = new Set();
    rig.jump(HOUR_MS);
    expect(await paid(rig)).toEqual(["0 -3"]);
  });

  test("without a history for days loses nothing of what it owes, not even of what was closed since", async () => {
    const rig = createLivePaperRig();
    await rig.place({ size: "0.5" });
    rig.data.failing = new Set(["fundingHistory"]);
    rig.jump(2 * HOUR_MS);
    await rig.place({ side: "sell", size: "0.5", limit: "1", reduceOnly: true });
    for (let day = 0; day < 3; day += 1) {
      rig.jump(24 * HOUR_MS);
      expect(await paid(rig)).toEqual([]);
    }
    rig.data.failing = new Set();
    rig.jump(HOUR_MS);
    expect(await paid({ venue: rig.restart() })).toEqual(["0 -3", "1 -3"]);
  });
});

describe("a slow venue", () => {
  test("whose history takes its time does not keep an order waiting for it", async () => {
    const rig = createLivePaperRig();
    await rig.place({ size: "0.5" });
    rig.jump(HOUR_MS);
    rig.data.slow = { call: "fundingHistory", ms: 20_000 };
    const startedAt = rig.clock.wallNow();
    const close = { side: "sell", size: "0.5", limit: "1", reduceOnly: true } as const;
    expect(shortly(await rig.place(close))).toBe("ack filled");
    expect(rig.clock.wallNow() - startedAt).toBe(0);
    await rig.clock.sleep(30_000);
    expect(await paid(rig)).toEqual(["0 -3"]);
  });

  test("fills at the book as it was asked for", async () => {
    const rig = createLivePaperRig();
    await rig.venue.account.account();
    rig.data.delayMs = 2_000;
    const outcome = rig.place({ size: "0.1" });
    await Promise.resolve();
    expect(fillsOf(await outcome)[0]?.price.toFixed()).toBe("60000.1");
  });

  test("whose book comes after more than five seconds fills nothing", async () => {
    const rig = createLivePaperRig();
    await rig.venue.account.account();
    rig.data.delayMs = 5_500;
    expect(shortly(await rig.place({}))).toBe(NOT_SENT);
    rig.data.delayMs = 0;
    expect(await heldOf(rig)).toBe("0");
  });

  test("executes nothing that it was asked for after the order's fence", async () => {
    const rig = createLivePaperRig();
    await rig.venue.account.account();
    rig.data.delayMs = 2_000;
    const late = await rig.place({ expiresAt: rig.clock.wallNow() + 1_500 });
    expect(shortly(late)).toBe("refused EXPIRED");
  });
});

describe("a resting order", () => {
  const resting = { limit: "59990", size: "0.5", timeInForce: "gtc" } as const;

  test("fills at its own price when the book comes to it", async () => {
    const rig = createLivePaperRig();
    expect(shortly(await rig.place(resting))).toBe("ack open");
    rig.data.change("BTC-PERP", { price: "59980" });
    rig.jump(2_000);
    const [fill] = await rig.venue.account.fills(0);
    expect([fill?.price.toFixed(), fill?.liquidity]).toEqual(["59990", "maker"]);
  });

  test("is off the book after its fence, whatever the book did since", async () => {
    const rig = createLivePaperRig();
    await rig.place({ ...resting, expiresAt: rig.clock.wallNow() + 30_000 });
    rig.data.change("BTC-PERP", { price: "59980" });
    rig.jump(5 * HOUR_MS);
    const reborn = rig.restart();
    expect(await reborn.account.openOrders()).toEqual([]);
    expect(await reborn.account.fills(0)).toEqual([]);
  });
});

describe("funding on live data", () => {
  test("is paid once, whoever looks how often", async () => {
    const rig = createLivePaperRig();
    await rig.place({ side: "sell", size: "0.5", limit: "59990" });
    rig.jump(HOUR_MS);
    for (let look = 0; look < 5; look += 1) await rig.venue.account.account();
    expect(await paid(rig)).toEqual(["0 3"]);
    expect(await paid({ venue: rig.restart() })).toEqual(["0 3"]);
  });

  test("that the venue tells of late is paid on what was held at the stamp", async () => {
    const rig = createLivePaperRig();
    rig.data.historyLagMs = 10 * MINUTE_MS;
    await rig.place({ size: "0.5" });
    rig.jump(HOUR_MS / 2 + 1_000);
    await rig.place({ size: "0.7" });
    expect(await paid(rig)).toEqual([]);
    rig.jump(11 * MINUTE_MS);
    expect(await paid(rig)).toEqual(["0 -3"]);
  });

  test("that the venue tells of late is paid when the position is gone by then", async () => {
    const rig = createLivePaperRig();
    rig.data.historyLagMs = 3 * HOUR_MS;
    await rig.place({ size: "0.5" });
    rig.jump(HOUR_MS / 2 + 1_000);
    await rig.place({ side: "sell", size: "0.5", limit: "1", reduceOnly: true });
    rig.jump(4 * HOUR_MS);
    expect(await paid({ venue: rig.restart() })).toEqual(["0 -3"]);
  });

  test("of a month in which the process was down is complete, in order, and not paid again", async () => {
    const rig = createLivePaperRig();
    await rig.place({ size: "0.5" });
    rig.jump(30 * 24 * HOUR_MS);
    const stamps = async () =>
      (await rig.restart().account.fundingPayments(0)).map((one) => one.fundingAt);
    const all = Array.from({ length: 720 }, (_, hour) => STAMP + hour * HOUR_MS);
    expect(await stamps()).toEqual(all);
    expect(await stamps()).toEqual(all);
  });

  test("weighs the mark on a straight line between the readings around the stamp", async () => {
    const rig = createLivePaperRig();
    await rig.place({ size: "0.5" });
    rig.data.change("BTC-PERP", { price: "66000" });
    rig.jump(10 * HOUR_MS);
    const payments = await paid({ venue: rig.restart() });
    // Half an hour of ten after the first reading: 60,000 + 6,000 / 20; an hour adds 600.
    expect(payments.slice(0, 2)).toEqual(["0 -3.015", "1 -3.045"]);
  });

  test("asks for the history once an hour, and each minute just after it", async () => {
    const rig = createLivePaperRig();
    await rig.place({ size: "0.5" });
    rig.jump(HOUR_MS / 2);
    const count = async (minutes: number) => {
      const before = rig.data.countOf("fundingHistory");
      for (let at = 0; at < minutes * 6; at += 1) {
        rig.jump(MINUTE_MS / 6);
        await rig.venue.account.account();
      }
      return rig.data.countOf("fundingHistory") - before;
    };
    expect(await count(14)).toBeLessThanOrEqual(15);
    await count(2);
    expect(await count(40)).toBe(0);
  });
});

describe("spot of a live venue on paper", () => {
  test("is borrowed at the venue's own price, hour by hour, and no funding is asked for it", async () => {
    const spot = { symbol: "BTC-SPOT", kind: "spot", maxLeverage: dec("1") } as const;
    const rig = createLivePaperRig({ listing: { instrument: spot, price: "6000" } });
    const short = { symbol: "BTC-SPOT", size: "1", side: "sell", limit: "5999" } as const;
    expect(shortly(await rig.place(short))).toBe("refused INSUFFICIENT_MARGIN");
    const lent = borrowRate({ perHour: rate("0.00001"), maxBorrowBase: null });
    const borrowRates = async () => [lent];
    Object.assign(rig.data, { borrowRates });
    expect(shortly(await rig.place(short))).toBe("ack filled");
    rig.jump(2 * HOUR_MS);
    const charged = (await rig.venue.account.interestPayments?.(0)) ?? [];
    // The second hour is charged on what the first one added, too.
    expect(charged.map((one) => one.amountUsd.toFixed())).toEqual(["-0.06", "-0.0600006"]);
    expect(rig.data.countOf("fundingHistory")).toBe(0);
    expect(await rig.venue.account.fundingPayments(0)).toEqual([]);
  });
});
