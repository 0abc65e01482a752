import { expect, test } from "bun:test";
import { HOUR_MS } from "#src/core/funding.ts";
import { usd } from "#src/core/units.ts";
import { createWatchedRig } from "#tests/support/watched-rig.ts";

test("a loan that outlived its hedge is told of once a day, by what it still costs", async () => {
  const rig = await createWatchedRig({ spot: "short" });
  expect(await rig.open()).toBe("opening");
  const spot = rig.hedge().legs.find(({ side }) => side === "short");
  expect(spot?.symbol.endsWith("-SPOT")).toBe(true);
  let count = 0;
  let amountUsd = usd("-0.05");
  const { interestPayments } = rig.alpha.account;
  Object.assign(rig.alpha.account, {
    interestPayments: async (since: number) => {
      count += 1;
      const charge = { venue: "alpha", paymentId: `outlived${count}`, symbol: spot?.symbol };
      const own = (await interestPayments?.(since)) ?? [];
      return [...own, { ...charge, amountUsd, chargedAt: rig.clock.marketNow() }];
    },
  });
  const hoursLater = async (hours: number) => {
    rig.clock.jump(hours * HOUR_MS);
    await rig.pipeline.bookFunding();
    return rig.told().filter((text) => text.includes("no hedge owes anything there any more"));
  };

  // Owed by the hedge, then by what it has just bought back.
  expect(await hoursLater(1)).toEqual([]);
  const approval = await rig.pipeline.proposeClose("BTC", "owner");
  expect(approval.kind).toBe("proposed");
  await rig.tap();
  expect(rig.hedge().phase).toBe("closed");
  expect(await hoursLater(1)).toEqual([]);

  const [told] = await hoursLater(2);
  expect(told).toContain(`alpha charged 0.05 USD of interest for a loan on ${spot?.symbol}`);
  expect(await hoursLater(5)).toEqual([]);
  expect(await hoursLater(20)).toHaveLength(1);
  // The end of a coin that no order could buy.
  amountUsd = usd("-0.0000001");
  expect(await hoursLater(30)).toEqual([]);
});
