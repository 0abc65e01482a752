import { describe, expect, test } from "bun:test";
import { usd } from "#src/core/units.ts";
import { createWatchedRig } from "#tests/support/watched-rig.ts";

const DAY_MS = 86_400_000;

/** The alpha account loses this much beside what hedges do: its share of the short moves alone. */
async function lose(rig: Awaited<ReturnType<typeof createWatchedRig>>): Promise<void> {
  rig.market.setPrice("alpha", "60600");
  await rig.watch();
}

async function lossRig() {
  const rig = await createWatchedRig();
  await rig.watch();
  expect(await rig.open()).toBe("opening");
  await rig.watch();
  rig.told();
  await lose(rig);
  return rig;
}

describe("past the day's loss limit", () => {
  test("nothing opens, closing does, and it is said once", async () => {
    const rig = await lossRig();
    const told = rig.told();
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/Today's result is −\d+\.\d\d USD, past the limit of 25\.00 USD/);
    expect(told[0]).toContain("Nothing opens until midnight UTC");
    await rig.watch();
    expect(rig.told()).toEqual([]);
    const { entryStops } = await rig.pipeline.status();
    expect(entryStops).toMatchObject([{ reason: "DAILY_LOSS", until: "2026-02-03T00:00:00Z" }]);
    expect(rig.pipeline.explain("BTC")[0]?.detail).toMatchObject({
      denials: [
        { code: "ASSET_ALREADY_HEDGED", context: { asset: "BTC" } },
        { code: "ENTRY_STOPPED", context: { reason: "DAILY_LOSS" } },
      ],
    });
    expect((await rig.pipeline.proposeClose("BTC", "owner")).kind).toBe("proposed");
    expect((await rig.tap()).kind).toBe("closing");
    rig.market.setPrice("alpha", "60000");
    const again = await rig.pipeline.proposeOpen({ asset: "BTC" }, "owner");
    expect(again).toMatchObject({
      kind: "denied",
      denials: [{ code: "ENTRY_STOPPED" }],
    });
  });

  test("a card from before opens nothing when it is tapped", async () => {
    const rig = await createWatchedRig();
    await rig.watch();
    expect(await rig.open()).toBe("opening");
    await rig.pipeline.proposeClose("BTC", "owner");
    await rig.tap();
    expect((await rig.pipeline.proposeOpen({ asset: "BTC" }, "owner")).kind).toBe("proposed");
    rig.store.transaction(() => rig.store.setFact("stop:drawdown", "0.0600"));
    const { kind, answer } = await rig.tap();
    expect(kind).toBe("denied");
    expect(answer).toContain("the drawdown limit is passed; /resume");
    expect(rig.store.listHedges(["opening", "open"])).toEqual([]);
  });

  test("the next day opens again by itself", async () => {
    const rig = await lossRig();
    await rig.pipeline.proposeClose("BTC", "owner");
    await rig.tap();
    rig.market.setPrice("alpha", "60000");
    rig.clock.jump(DAY_MS);
    rig.told();
    await rig.pipeline.watch();
    expect(await rig.open()).toBe("opening");
  });

  test("/resume asks the owner, whose tap lifts it and measures anew", async () => {
    const rig = await lossRig();
    await rig.pipeline.proposeClose("BTC", "owner");
    await rig.tap();
    rig.market.setPrice("alpha", "60000");
    expect(rig.pipeline.offerResume()).toBe(true);
    expect((await rig.tap()).answer).toContain("Lifted");
    await rig.watch();
    expect(rig.pipeline.offerResume()).toBe(false);
    expect(await rig.open()).toBe("opening");
  });
});

test("money that was paid in meanwhile does not make up for a loss", async () => {
  const rig = await createWatchedRig();
  await rig.watch();
  expect(await rig.open()).toBe("opening");
  await rig.pipeline.keepEquity();
  await rig.watch();
  rig.told();
  const { account } = rig.beta.account;
  const transferredAt = rig.clock.marketNow();
  Object.assign(rig.beta.account, {
    transfers: async () => [
      { venue: "beta", transferId: "T-1", amountUsd: usd("1000"), transferredAt },
    ],
    account: async (wallet?: "spot" | "perp") => {
      const seen = await account(wallet);
      return { ...seen, equityUsd: usd(seen.equityUsd.plus("1000")) };
    },
  });
  await lose(rig);
  expect(rig.told().join("\n")).toContain("past the limit of 25.00 USD");
});

test("a result that nobody can read for a quarter of an hour holds back openings, and both are said once", async () => {
  const rig = await createWatchedRig();
  await rig.watch();
  expect(await rig.open()).toBe("opening");
  rig.told();
  const { account } = rig.beta.account;
  Object.assign(rig.beta.account, { account: () => Promise.reject(new Error("503")) });
  for (let minute = 0; minute < 20; minute += 1) await rig.watch();
  const said = "Nothing opens anywhere until it answers";
  expect(rig.told().filter((text) => text.includes(said))).toHaveLength(1);
  const { entryStops } = await rig.pipeline.status();
  expect(entryStops.map(({ reason }) => reason)).toEqual(["LOSS_UNKNOWN"]);
  Object.assign(rig.beta.account, { account });
  await rig.watch();
  expect(rig.told().filter((text) => text.includes("known again"))).toHaveLength(1);
  expect((await rig.pipeline.status()).entryStops).toEqual([]);
});

describe("after a fall from the highest point", () => {
  test("nothing opens on the next day either, until the owner lifts it", async () => {
    const rig = await createWatchedRig();
    await rig.watch();
    expect(await rig.open()).toBe("opening");
    await rig.pipeline.keepEquity();
    rig.clock.jump(3_600_000);
    rig.market.setPrice("alpha", "70000");
    await rig.watch();
    expect(rig.told().join("\n")).toMatch(/The accounts fell \d+\.\d % from their highest point/);
    rig.clock.jump(DAY_MS);
    await rig.watch();
    const answer = await rig.pipeline.proposeOpen({ asset: "BTC" }, "owner");
    expect(answer.kind).toBe("denied");
    expect(rig.pipeline.offerResume()).toBe(true);
  });
});

describe("when USDT and USDC are apart", () => {
  test("nothing opens until they agree again, and both are said once", async () => {
    const rig = await createWatchedRig();
    rig.dollars.price = "0.9940";
    await rig.watch();
    await rig.watch();
    expect(rig.told()).toEqual([expect.stringContaining("one USDC costs 0.9940 USDT")]);
    expect(await rig.open()).toBe("denied");
    rig.dollars.price = "0.9955";
    await rig.watch();
    expect(await rig.open()).toBe("denied");
    rig.dollars.price = "0.9990";
    await rig.watch();
    expect(rig.told()).toEqual([expect.stringContaining("agree again")]);
    expect(await rig.open()).toBe("opening");
  });

  test("far apart, a hedge with legs in both is proposed for closing, once", async () => {
    const rig = await createWatchedRig({ mixed: true });
    rig.dollars.price = "1.0001";
    await rig.watch();
    expect(await rig.open()).toBe("opening");
    rig.told();
    rig.dollars.price = "1.0301";
    await rig.watch();
    await rig.watch();
    const told = rig.told();
    expect(told.filter((text) => text.includes("settles in both USDT and USDC"))).toHaveLength(1);
    expect(rig.hedge().phase).toBe("open");
    expect((await rig.tap()).kind).toBe("closing");
  });

  test("what used to be told and is not any more holds back hedges with legs in both, and no others", async () => {
    for (const mixed of [true, false]) {
      const rig = await createWatchedRig({ mixed });
      rig.dollars.price = "1.0001";
      await rig.watch();
      rig.dollars.price = null;
      rig.clock.jump(11 * 60_000);
      expect(await rig.open()).toBe(mixed ? "denied" : "opening");
    }
  });

  test("where no venue ever told, that is said once and mixed hedges open", async () => {
    const rig = await createWatchedRig({ mixed: true });
    expect(await rig.open()).toBe("opening");
    rig.told();
    await rig.watch();
    await rig.watch();
    expect(rig.told()).toEqual([expect.stringContaining("No connected venue tells")]);
  });
});

describe("after a liquidation", () => {
  test("the other leg is closed and nothing opens on the asset for an hour", async () => {
    const rig = await createWatchedRig();
    expect(await rig.open()).toBe("opening");
    rig.setPrice("2.3");
    for (let round = 0; round < 4; round += 1) {
      await rig.pipeline.tend();
      rig.clock.jump(5_000);
    }
    expect(rig.hedge().phase).toBe("closed");
    expect(rig.told().join("\n")).toContain("liquidation on alpha");
    rig.setPrice("1");
    const { store } = rig;
    store.transaction(() => store.setFact("stop:drawdown", ""));
    expect(Number(store.getFact("cooldown:BTC"))).toBeGreaterThan(rig.clock.marketNow());
  });
});

test("a liquidation that the start finds cools its asset down, too", async () => {
  const rig = await createWatchedRig();
  expect(await rig.open()).toBe("opening");
  rig.setPrice("2.3");
  await rig.pipeline.recover();
  expect(rig.told().join("\n")).toContain("liquidation on alpha");
  expect(Number(rig.store.getFact("cooldown:BTC"))).toBeGreaterThan(rig.clock.marketNow());
});

describe("after a second leg that would not fill", () => {
  test("nothing opens on the asset for a quarter of an hour", async () => {
    const rig = await createWatchedRig();
    const { faults } = rig.beta;
    faults.push("rejected", "rejected", "rejected", "rejected");
    expect(await rig.open()).toBe("opening");
    expect(rig.hedge().phase).toBe("closed");
    faults.length = 0;
    expect(await rig.open()).toBe("denied");
    rig.clock.jump(15 * 60_000);
    expect(await rig.open()).toBe("opening");
  });
});

describe("a venue that is paused, or an asset that cools down", () => {
  test("opens nothing there", async () => {
    const rig = await createWatchedRig();
    rig.beta.state = "recovering";
    expect(await rig.open()).toBe("denied");
    rig.beta.state = "ok";
    rig.store.transaction(() => {
      rig.store.setFact("cooldown:BTC", String(rig.clock.marketNow() + 60_000));
      rig.store.setFact("cooldownAssets", "BTC");
    });
    expect(await rig.open()).toBe("denied");
    rig.clock.jump(61_000);
    expect(await rig.open()).toBe("opening");
  });
});
