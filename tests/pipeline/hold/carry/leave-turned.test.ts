import { describe, expect, test } from "bun:test";
import { HOUR_MS } from "#src/core/funding.ts";
import { price, rate } from "#src/core/units.ts";
import { createDecidingRig } from "#tests/support/deciding-rig.ts";
import { createWatchedRig } from "#tests/support/watched-rig.ts";

type Rig = Awaited<ReturnType<typeof createWatchedRig>>;

async function scan({ clock, pipeline }: Rig): Promise<void> {
  clock.jump(300_000);
  await pipeline.scan();
}

describe("a hedge whose spot is borrowed", () => {
  /** Funding pays 0.0009 an hour for the long perp. */
  async function borrowed() {
    const rig = await createWatchedRig({ spot: "short" });
    expect(await rig.open()).toBe("opening");
    const { data } = rig.alpha;
    const { borrowRates } = data;
    const lendAt = (perHour: string) =>
      Object.assign(data, {
        borrowRates: async () =>
          ((await borrowRates?.()) ?? []).map((one) => ({ ...one, perHour: rate(perHour) })),
      });
    return { ...rig, lendAt };
  }

  test("is left at the third reading in a row at which the loan costs more", async () => {
    const rig = await borrowed();
    rig.lendAt("0.00091");
    await scan(rig);
    await scan(rig);
    expect(rig.store.listApprovals({ state: "pending" })).toEqual([]);
    await scan(rig);
    expect(rig.told().join("\n")).toContain("borrowing cost more than funding paid, three times");
    expect(rig.store.listApprovals({ state: "pending" })).toHaveLength(1);
  });

  test("is kept when funding pays the loan again before that", async () => {
    const rig = await borrowed();
    for (const perHour of ["0.00091", "0.00091", "0.00089", "0.00091", "0.00091"]) {
      rig.lendAt(perHour);
      await scan(rig);
    }
    rig.lendAt("0.00001");
    await scan(rig);
    expect(rig.store.listApprovals({ state: "pending" })).toEqual([]);
  });
});

describe("what the rules leave", () => {
  /** Held, turned for longer than its trailing mean, and a card of a model has just been let expire. */
  async function turned(byMandate: boolean) {
    const rig = await createDecidingRig({ assets: { AAA: "0.0001" } });
    if (byMandate) {
      rig.arm();
      await rig.pipeline.scan();
    } else await rig.openByTap("AAA");
    expect(rig.hedges()).toEqual(["AAA open"]);
    rig.market.setRate("AAA", "-0.0003");
    rig.clock.jump(15 * 24 * HOUR_MS);
    const [hedge] = rig.store.listHedges();
    const now = String(rig.clock.marketNow());
    rig.store.transaction(() => rig.store.setFact(`closeProposedAt:${hedge?.id}`, now));
    await rig.pipeline.scan();
    return rig;
  }

  test("is left alone under the mandate that opened it, whatever card was shown before", async () => {
    expect((await turned(true)).hedges()).toEqual(["AAA closed"]);
  });

  test("gets its card, whatever other card was shown before, and not at every scan", async () => {
    const rig = await turned(false);
    const closes = () => rig.cards().filter((card) => card === "close AAA");
    expect(closes()).toHaveLength(1);
    rig.clock.jump(HOUR_MS);
    await rig.pipeline.scan();
    expect(closes()).toHaveLength(1);
    rig.clock.jump(4 * HOUR_MS);
    await rig.pipeline.scan();
    expect(closes()).toHaveLength(2);
  });
});

test("a hedge on an instrument that its venue will take off its list gets a card to close it", async () => {
  const rig = await createWatchedRig();
  expect(await rig.open()).toBe("opening");
  const { data } = rig.alpha;
  const { instruments } = data;
  const endsAt = rig.clock.marketNow() + 72 * HOUR_MS;
  Object.assign(data, {
    instruments: async () => (await instruments()).map((one) => ({ ...one, endsAt })),
  });
  await scan(rig);
  const told = rig.told().join("\n");
  expect(told).toContain("take it off its list. A card to close it follows.");
  expect((await rig.tap()).kind).toBe("closing");
  expect(rig.hedge().phase).toBe("closed");
});

test("what is watched is told with what would end it: a gap by the spread, a spread by its mean", async () => {
  const rig = await createWatchedRig();
  expect(await rig.open()).toBe("opening");
  rig.market.setPrice("alpha", "60400");
  await scan(rig);
  expect(rig.told().join("\n")).toContain("it is left when its spread turns against it, too");
  rig.market.setPrice("alpha", price("60000").toFixed());
  const { data } = rig.alpha;
  const { fundingRates } = data;
  Object.assign(data, {
    fundingRates: async () =>
      (await fundingRates()).map((one) => ({ ...one, rate: rate("-0.0009") })),
  });
  rig.clock.jump(HOUR_MS);
  await scan(rig);
  expect(rig.told().join("\n")).toContain("it is left when its trailing mean turns, too");
});

test("what was done alone is told with what comes next", async () => {
  const rig = await createDecidingRig({ assets: { AAA: "0.0001" } });
  const texts = () =>
    rig.store
      .dueOutbox(Number.MAX_SAFE_INTEGER, 100)
      .flatMap(({ content }) => (content.type === "alert" ? [content.text] : []))
      .join("\n");
  rig.arm();
  await rig.pipeline.scan();
  expect(texts()).toContain("open. It is watched; /hedges shows it.");
  rig.market.setRate("AAA", "-0.0003");
  rig.clock.jump(15 * 24 * HOUR_MS);
  await rig.pipeline.scan();
  expect(texts()).toContain("/pnl shows what it made.");
});
