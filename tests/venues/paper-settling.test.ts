import { describe, expect, test } from "bun:test";
import { dec, sum } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { createPaperRig, HALF_PAST, heldOf } from "#tests/support/paper-rig.ts";

const STAMP = HALF_PAST + HOUR_MS / 2;

describe("funding", () => {
  test("is paid on what was held before the stamp, not on what was opened exactly at it", async () => {
    const rig = createPaperRig();
    rig.jump(HOUR_MS / 2);
    await rig.place({ size: "0.1" });
    expect(await rig.venue.account.fundingPayments(0)).toEqual([]);

    rig.jump(HOUR_MS);
    const payments = await rig.venue.account.fundingPayments(0);
    expect(payments.map((payment) => payment.fundingAt)).toEqual([STAMP + HOUR_MS]);
  });

  test("is paid on a position that is closed exactly at the stamp", async () => {
    const rig = createPaperRig();
    await rig.place({ size: "0.1" });
    rig.jump(HOUR_MS / 2);
    await rig.place({ side: "sell", size: "0.1", limit: "100", reduceOnly: true });
    const payments = await rig.venue.account.fundingPayments(0);
    expect(payments.map((payment) => payment.amountUsd.toFixed())).toEqual(["-0.6"]);
  });

  test("is paid on exactly what was held, whenever in the course of an order the stamp passes", async () => {
    for (let seconds = 1; seconds <= 40; seconds += 1) {
      // Each look at this clock takes a second, and the stamp is some looks away.
      let market = STAMP - seconds * 1_000;
      const clock = {
        wallNow: () => HALF_PAST,
        marketNow: () => {
          market += 1_000;
          return market;
        },
        elapsedMs: () => market,
        later: () => () => undefined,
        sleep: () => Promise.resolve(),
      };
      const rig = createPaperRig({ clock });
      for (let order = 0; order < 40; order += 1) await rig.place({ size: "0.001" });

      const fills = await rig.venue.account.fills(0);
      const held = fills.filter((fill) => fill.filledAt < STAMP).length;
      const paid = sum((await rig.venue.account.fundingPayments(0)).map((one) => one.amountUsd));
      expect(`${seconds} s: ${paid.toFixed()}`).toBe(
        `${seconds} s: ${dec(String(held)).times("-0.006").toFixed()}`,
      );
    }
  });

  test("is received by shorts when the rate is positive", async () => {
    const rig = createPaperRig();
    await rig.place({ side: "sell", size: "0.1", limit: "59990" });
    rig.jump(HOUR_MS);
    const [payment] = await rig.venue.account.fundingPayments(0);
    expect(payment?.amountUsd.toFixed()).toBe("0.6");
    expect(payment?.paymentId).toBe(`alpha:BTC-PERP:${STAMP}`);
  });

  test("of a month is booked in time order, once, when nobody looked and the process was down", async () => {
    const rig = createPaperRig();
    await rig.place({ size: "0.1" });
    rig.jump(30 * 24 * HOUR_MS);
    const reborn = rig.restart();
    const payments = await reborn.account.fundingPayments(0);
    const stamps = payments.map((payment) => payment.fundingAt);
    expect(stamps).toEqual(Array.from({ length: 720 }, (_, hour) => STAMP + hour * HOUR_MS));
    expect(await reborn.account.fundingPayments(0)).toHaveLength(720);
    expect(await rig.restart().account.fundingPayments(STAMP)).toHaveLength(719);
  });

  test("stops with the position: a resting close that fills at one stamp is not charged at the next", async () => {
    const rig = createPaperRig();
    await rig.place({ size: "0.1" });
    const close = { side: "sell", limit: "60500", timeInForce: "gtc", reduceOnly: true } as const;
    await rig.place({ ...close, size: "0.1" });
    rig.market.setPrice("alpha", "61000");
    rig.jump(5 * HOUR_MS);
    expect(await heldOf(rig)).toBe("0");
    expect(await rig.venue.account.fundingPayments(0)).toHaveLength(1);
  });

  test("goes on when market time does not, and never runs backwards", async () => {
    const rig = createPaperRig();
    await rig.place({ size: "0.1" });
    rig.jump(2 * HOUR_MS);
    rig.venue.settle();
    rig.jump(-HOUR_MS);
    expect(await rig.venue.account.fundingPayments(0)).toHaveLength(2);
    rig.jump(HOUR_MS);
    expect(await rig.venue.account.fundingPayments(0)).toHaveLength(2);
  });
});
