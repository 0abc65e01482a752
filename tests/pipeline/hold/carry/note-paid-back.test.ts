import { expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { HOUR_MS } from "#src/core/funding.ts";
import { rate, usd } from "#src/core/units.ts";
import { createWatchedRig } from "#tests/support/watched-rig.ts";

test("a hedge has paid for itself once its funding reached all its costs, and for good", async () => {
  const rig = await createWatchedRig();
  expect(await rig.open()).toBe("opening");
  const shown = async () => {
    const [view] = (await rig.pipeline.status()).hedges;
    if (!view) throw new Error("no hedge");
    return view;
  };
  const hourLater = async () => {
    rig.clock.jump(HOUR_MS);
    await rig.pipeline.bookFunding();
    return shown();
  };
  const costs = dec((await shown()).costsUsd ?? "0");
  expect(costs.gt("0")).toBe(true);
  let view = await hourLater();
  while (dec(view.fundingUsd).lt(costs)) {
    expect(view.paidBackAt).toBeNull();
    view = await hourLater();
  }
  const { paidBackAt } = view;
  expect(paidBackAt).not.toBeNull();

  const symbol = view.legs.find(({ venue }) => venue === "alpha")?.instrument;
  const charged = {
    venue: "alpha",
    paymentId: "late",
    symbol,
    amountUsd: usd("-9999"),
    rate: rate("-0.01"),
  };
  Object.assign(rig.alpha.account, {
    fundingPayments: async () => [{ ...charged, fundingAt: rig.clock.marketNow() }],
  });
  view = await hourLater();
  expect(dec(view.fundingUsd).lt(costs)).toBe(true);
  expect(view.paidBackAt).toBe(paidBackAt);
});
