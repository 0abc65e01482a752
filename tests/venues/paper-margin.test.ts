import { describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import type { Instrument } from "#src/core/instrument.ts";
import { createPaperRig, heldOf, shortly } from "#tests/support/paper-rig.ts";

const AWAY = { limit: "59000", timeInForce: "gtc" } as const;

describe("initial margin", () => {
  test("refuses an order that the account cannot post margin for at its leverage", async () => {
    const rig = createPaperRig({ cash: "1000" });
    expect(shortly(await rig.place({ size: "0.051" }))).toBe("refused INSUFFICIENT_MARGIN");
    expect(shortly(await rig.place({ size: "0.049" }))).toBe("ack filled");
  });

  test("never counts more leverage than the instrument allows", async () => {
    const rig = createPaperRig({
      ...{ cash: "1000", leverage: "10" },
      market: { instrument: { maxLeverage: dec("2") } },
    });
    expect(shortly(await rig.place({ size: "0.04" }))).toBe("refused INSUFFICIENT_MARGIN");
    expect(shortly(await rig.place({ size: "0.033" }))).toBe("ack filled");
  });

  test("is held for what rests on the book", async () => {
    const rig = createPaperRig({ cash: "1000" });
    const before = (await rig.venue.account.account()).freeCollateralUsd;
    expect(shortly(await rig.place({ ...AWAY, size: "0.03" }))).toBe("ack open");
    const after = (await rig.venue.account.account()).freeCollateralUsd;
    expect(before.minus(after).toFixed()).toBe("600");
    expect(shortly(await rig.place({ ...AWAY, size: "0.03" }))).toBe("refused INSUFFICIENT_MARGIN");
  });

  test("is never asked for by an order that makes the position smaller", async () => {
    const rig = createPaperRig({ cash: "1000" });
    await rig.place({ size: "0.049" });
    rig.market.setPrice("alpha", "50000");
    expect(shortly(await rig.place({ size: "0.001", limit: "50010" }))).toBe(
      "refused INSUFFICIENT_MARGIN",
    );
    const smaller = { side: "sell", size: "0.04", limit: "49000" } as const;
    expect(shortly(await rig.place(smaller))).toBe("ack filled");
  });
});

describe("liquidation", () => {
  async function nearTheEdge(instrument: Partial<Instrument> = {}) {
    const rig = createPaperRig({ cash: "1000", market: { instrument } });
    await rig.place({ size: "0.049", clientOrderId: "entry" });
    await rig.place({ ...AWAY, limit: "30000", size: "0.001", clientOrderId: "resting" });
    return rig;
  }

  const steps = { lowerBase: ["0", "0.04"], lowerUsd: ["0", "1500"] } as const;
  const tiersOf = (lowers: readonly [string, string]) =>
    [dec("0.004"), dec("0.1")].map((rate, index) => ({ lower: dec(lowers[index] ?? "0"), rate }));
  test.each<[string, Partial<Instrument>]>([
    ["one rate", {}],
    [
      "tiers by notional",
      {
        maintenanceTiers: {
          by: "notional",
          tiers: tiersOf(steps.lowerUsd).map(({ lower, rate }) => ({ lowerUsd: lower, rate })),
        },
      },
    ],
    [
      "tiers by size",
      {
        maintenanceTiers: {
          by: "size",
          tiers: tiersOf(steps.lowerBase).map(({ lower, rate }) => ({ lowerBase: lower, rate })),
        },
      },
    ],
  ])("happens below the reported price and not above it, with %s", async (_what, instrument) => {
    const rig = await nearTheEdge(instrument);
    const [position] = await rig.venue.account.positions();
    const level = position?.liquidationPrice?.round(1, 0) ?? dec("0");
    rig.market.setPrice("alpha", level.plus("0.2").toFixed());
    expect(await heldOf(rig)).toBe("0.049");
    rig.market.setPrice("alpha", level.minus("0.1").toFixed());
    expect(await heldOf(rig)).toBe("0");
  });

  test("closes at the book with the taker's fee under a name of its own, and takes orders off the book", async () => {
    const rig = await nearTheEdge();
    rig.market.setPrice("alpha", "40000");
    rig.market.setDepth("alpha", "0.01");
    const [, ...fills] = await rig.venue.account.fills(0);
    expect(fills.map((fill) => [fill.price.toFixed(), fill.sizeBase.toFixed()])).toEqual([
      ["39999.9", "0.01"],
      ["39999.8", "0.01"],
      ["39999.7", "0.01"],
      // What the book could not take goes at its worst price.
      ["39999.7", "0.019"],
    ]);
    for (const fill of fills) {
      expect(fill.clientOrderId).toStartWith("liquidation:BTC-PERP:");
      expect(fill.liquidity).toBe("taker");
      expect(fill.feeUsd.eq(fill.sizeBase.times(fill.price).times("0.0005"))).toBe(true);
    }
    expect(await rig.venue.account.openOrders()).toEqual([]);
    const after = await rig.restart().account.fills(0);
    expect(after.map((fill) => fill.tradeId)).toHaveLength(5);
  });

  test("that funding brings about ends the payments at that settlement", async () => {
    // 1 % an hour on about 2,940 USD eats the 400 USD of room in about thirteen hours.
    const rig = createPaperRig({ cash: "1000", market: { rate: "0.01" } });
    await rig.place({ size: "0.049" });
    rig.jump(100 * HOUR_MS);
    const paid = await rig.venue.account.fundingPayments(0);
    expect(await heldOf(rig)).toBe("0");
    expect(paid.length).toBeGreaterThan(20);
    expect(paid.length).toBeLessThan(40);
    const last = (await rig.venue.account.fills(0)).at(-1);
    expect(last?.filledAt).toBe(paid.at(-1)?.fundingAt ?? 0);
  });
});
