import { describe, expect, test } from "bun:test";
import { HOUR_MS } from "#src/core/funding.ts";
import { createDecidingRig } from "#tests/support/deciding-rig.ts";

type Rig = Awaited<ReturnType<typeof createDecidingRig>>;

function pairs({ store }: Rig): readonly string[] {
  return store.listHedges().map(({ phase, legs }) => {
    const venueOf = (side: string) => legs.find((leg) => leg.side === side)?.venue;
    return `${venueOf("short")} over ${venueOf("long")}, ${phase}`;
  });
}

function outcomes({ pipeline }: Rig): readonly string[] {
  return pipeline.explain("AAA").map(({ outcome }) => outcome);
}

/** Everything that was told, as one text. */
function told({ store }: Rig): string {
  return store
    .dueOutbox(Number.MAX_SAFE_INTEGER, 1_000)
    .flatMap(({ content }) => (content.type === "alert" ? [content.text] : []))
    .join("\n");
}

async function held({
  byMandate,
  ...options
}: {
  readonly byMandate: boolean;
  readonly flip?: boolean;
  readonly lookbackDays?: number;
}) {
  const rig = await createDecidingRig({ assets: { AAA: "0.0001" }, withGamma: true, ...options });
  if (byMandate) {
    rig.arm();
    await rig.pipeline.scan();
  } else await rig.openByTap("AAA");
  expect(pairs(rig)).toEqual(["alpha over beta, open"]);
  return rig;
}

describe("a better pair of the same asset", () => {
  test("takes the place of one that a mandate holds, closed first, and explains why", async () => {
    const rig = await held({ byMandate: true });
    rig.clock.jump(25 * HOUR_MS);
    rig.market.gamma = "-0.0003";
    await rig.pipeline.scan();
    expect(pairs(rig).toSorted()).toEqual(["alpha over beta, closed", "alpha over gamma, open"]);
    expect(outcomes(rig)).toContain("ROTATE");
    expect(told(rig)).toContain(
      "pays more than this pair, by more than changing costs (gain over the horizon, of one leg: 1,512.00 bp, more than ",
    );
  });

  test("closes nothing while something forbids opening it", async () => {
    const rig = await held({ byMandate: true });
    rig.clock.jump(25 * HOUR_MS);
    rig.market.gamma = "-0.0003";
    rig.store.transaction(() => rig.store.setFact("stop:drawdown", "0.0600"));
    await rig.pipeline.scan();
    expect(pairs(rig)).toEqual(["alpha over beta, open"]);
    expect(outcomes(rig)).not.toContain("ROTATE");
  });

  test("waits for its minute like whatever a mandate opens: nothing is filled beside a payment", async () => {
    const rig = await held({ byMandate: true });
    rig.clock.jump(25.5 * HOUR_MS - 30_000);
    rig.market.gamma = "-0.0003";
    await rig.pipeline.scan();
    expect(pairs(rig)).toEqual(["alpha over beta, open"]);
    rig.clock.jump(90_000);
    await rig.pipeline.scan();
    expect(pairs(rig).toSorted()).toEqual(["alpha over beta, closed", "alpha over gamma, open"]);
  });

  test("closes nothing where the mandate would not open it", async () => {
    const rig = await held({ byMandate: true });
    const gamma = rig.venues.get("gamma");
    if (!gamma) throw new Error("gamma");
    rig.venues.set("gamma", { ...gamma, capabilities: { ...gamma.capabilities, provable: false } });
    const pipeline = await rig.again();
    rig.clock.jump(25 * HOUR_MS);
    rig.market.gamma = "-0.0003";
    await pipeline.scan();
    expect(pairs(rig)).toEqual(["alpha over beta, open"]);
  });

  test("is not looked for before a hedge was held for a day", async () => {
    const rig = await held({ byMandate: true });
    rig.clock.jump(23 * HOUR_MS);
    rig.market.gamma = "-0.0003";
    await rig.pipeline.scan();
    expect(pairs(rig)).toEqual(["alpha over beta, open"]);
  });

  test("that gains less than closing and opening cost is left", async () => {
    const rig = await held({ byMandate: true });
    rig.clock.jump(25 * HOUR_MS);
    // 504 hours of it are 10 bp; four taker fills of the rig cost 20.
    rig.market.gamma = "-0.000002";
    await rig.pipeline.scan();
    expect(pairs(rig)).toEqual(["alpha over beta, open"]);
  });

  test.each([
    [true, ["alpha over beta, closed", "beta over alpha, open"]],
    [false, ["alpha over beta, closed"]],
  ])(
    "that is the same one turned round is taken at once only where that is switched on: %p",
    async (flip, left) => {
      const rig = await held({ byMandate: true, flip });
      rig.market.setRate("AAA", "-0.0001");
      rig.clock.jump(15 * 24 * HOUR_MS);
      await rig.pipeline.scan();
      expect(pairs(rig).toSorted()).toEqual(left);
    },
  );

  test("that is the same one turned round waits for the mean of all days that leaving asks for", async () => {
    const rig = await held({ byMandate: true, flip: true, lookbackDays: 7 });
    rig.market.setRate("AAA", "-0.00005");
    rig.clock.jump(8 * 24 * HOUR_MS);
    await rig.pipeline.scan();
    expect(pairs(rig)).toEqual(["alpha over beta, open"]);
    rig.clock.jump(6 * 24 * HOUR_MS);
    await rig.pipeline.scan();
    expect(pairs(rig).toSorted()).toEqual(["alpha over beta, closed", "beta over alpha, open"]);
  });

  test("is two cards for an owner, and the second comes only when the first is done", async () => {
    const rig = await held({ byMandate: false });
    rig.clock.jump(25 * HOUR_MS);
    rig.market.gamma = "-0.0003";
    await rig.pipeline.scan();
    expect(rig.cards().slice(1)).toEqual(["close AAA"]);
    expect(told(rig)).toContain("Two cards");
    await rig.pipeline.scan();
    expect(rig.cards().slice(1)).toEqual(["close AAA"]);
    await (await rig.tap()).done;
    await rig.pipeline.scan();
    expect(rig.cards().slice(1)).toEqual(["close AAA", "open AAA"]);
    await (await rig.tap()).done;
    expect(pairs(rig).toSorted()).toEqual(["alpha over beta, closed", "alpha over gamma, open"]);
  });
});
