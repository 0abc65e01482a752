import { describe, expect, test } from "bun:test";
import type { DecisionTable, Slot } from "#src/core/decision.ts";
import { DAY_MS, HOUR_MS } from "#src/core/funding.ts";
import { createDecidingRig } from "#tests/support/deciding-rig.ts";
import { createScriptedAdvisor } from "#tests/support/scripted-advisor.ts";

const slotOf =
  (asset: string) =>
  ({ opens }: DecisionTable): Slot =>
    opens.find((row) => row.asset === asset)?.slot ?? "HOLD";

const saying = (pick: (table: DecisionTable) => Slot) =>
  createScriptedAdvisor((table) => ({ m1: pick(table) }));

describe("what a choice came to", () => {
  test("is measured after 8, 24 and 72 hours, beside what the rules would have made", async () => {
    const { pipeline, clock, newest } = await createDecidingRig({ advisor: saying(slotOf("BBB")) });
    await pipeline.scan();
    const cost = newest().table.opens[0]?.costRate;
    if (!cost) throw new Error("no row");
    const { id } = newest();
    const outcomes = () =>
      pipeline
        .decision(id)
        ?.outcomes.map((one) => [one.horizonHours, one.state, one.netRate, one.policyNetRate]);
    const net = (gross: string) => cost.neg().plus(gross).toFixed();

    clock.jump(8 * HOUR_MS - 1);
    await pipeline.followUpDecisions();
    expect(outcomes()?.map((one) => one[1])).toEqual(["waiting", "waiting", "waiting"]);

    clock.jump(1);
    await pipeline.followUpDecisions();
    expect(outcomes()?.[0]).toEqual([8, "known", net("0.0016"), net("0.0024")]);

    clock.jump(64 * HOUR_MS);
    await pipeline.followUpDecisions();
    expect(outcomes()).toEqual([
      [8, "known", net("0.0016"), net("0.0024")],
      [24, "known", net("0.0048"), net("0.0072")],
      [72, "known", net("0.0144"), net("0.0216")],
    ]);
  });

  test("counts what was settled inside the horizon, not what came after it", async () => {
    const { pipeline, clock, market, newest } = await createDecidingRig({
      advisor: saying(slotOf("AAA")),
    });
    await pipeline.scan();
    const { id, table } = newest();
    clock.jump(8 * HOUR_MS);
    market.setRate("AAA", "-0.02");
    clock.jump(10 * HOUR_MS);
    await pipeline.followUpDecisions();
    const cost = table.opens[0]?.costRate;
    expect(pipeline.decision(id)?.outcomes[0]?.netRate).toBe(
      cost?.neg().plus("0.0024").toFixed() ?? "",
    );
  });

  test("of HOLD is what the best that was offered would have made", async () => {
    const { pipeline, clock, newest } = await createDecidingRig({ advisor: saying(() => "HOLD") });
    await pipeline.scan();
    clock.jump(24 * HOUR_MS);
    await pipeline.followUpDecisions();
    const [, day] = pipeline.decision(newest().id)?.outcomes ?? [];
    expect(day?.netRate).toBe(day?.policyNetRate ?? "");
    expect(Number(day?.netRate)).toBeGreaterThan(0);
  });

  test("of closing is what keeping the hedge would have cost", async () => {
    const rig = await createDecidingRig({
      advisor: saying(({ closes }) => closes[0]?.slot ?? "HOLD"),
      assets: { AAA: "0.0003", BBB: "0.000001" },
    });
    await rig.openByTap("AAA");
    rig.clock.jump(DAY_MS);
    await rig.pipeline.scan();
    rig.clock.jump(8 * HOUR_MS);
    await rig.pipeline.followUpDecisions();
    expect(rig.pipeline.decision(rig.newest().id)?.outcomes[0]).toMatchObject({
      netRate: "-0.0024",
      policyNetRate: null,
    });
  });

  test("of the rules alone is measured too", async () => {
    const { pipeline, clock, newest } = await createDecidingRig();
    await pipeline.scan();
    const { id } = newest();
    clock.jump(72 * HOUR_MS);
    await pipeline.followUpDecisions();
    const states = pipeline.decision(id)?.outcomes.map((one) => one.state);
    expect(states).toEqual(["known", "known", "known"]);
  });
});

describe("a hedge that was opened", () => {
  test("shows what it really made, from the ledger", async () => {
    const rig = await createDecidingRig({ advisor: saying(slotOf("AAA")) });
    rig.arm();
    await rig.pipeline.scan();
    const { id } = rig.newest();
    rig.clock.jump(8 * HOUR_MS);
    await rig.pipeline.bookFunding();
    await rig.pipeline.followUpDecisions();
    const { hedges } = await rig.pipeline.status();
    const [first] = rig.pipeline.decision(id)?.outcomes ?? [];
    expect(first?.pnlUsd).toBe(hedges[0]?.pnlUsd ?? "");
  });

  test("that is still open has no result of a horizon that is long over", async () => {
    const rig = await createDecidingRig({ advisor: saying(slotOf("AAA")) });
    rig.arm();
    await rig.pipeline.scan();
    const { id } = rig.newest();
    rig.clock.jump(20 * HOUR_MS);
    await rig.pipeline.followUpDecisions();
    expect(rig.pipeline.decision(id)?.outcomes[0]).toMatchObject({ state: "known", pnlUsd: null });
  });
});

describe("a history that is missing", () => {
  async function without(hours: number) {
    const rig = await createDecidingRig({ advisor: saying(slotOf("AAA")) });
    await rig.pipeline.scan();
    const { id } = rig.newest();
    rig.clock.jump(hours * HOUR_MS);
    rig.market.silent = true;
    await rig.pipeline.followUpDecisions();
    return { ...rig, id, outcome: () => rig.pipeline.decision(id)?.outcomes[0] };
  }

  test("is waited for, and measured when it is there, also by another process", async () => {
    const { market, again, outcome } = await without(30);
    expect(outcome()).toMatchObject({ state: "waiting", netRate: null });
    market.silent = false;
    await (await again()).followUpDecisions();
    expect(outcome()?.state).toBe("known");
  });

  test("keeps nobody else waiting, and its venue is asked once a round", async () => {
    const { pipeline, store, venues, clock, newest } = await createDecidingRig({
      advisor: saying(slotOf("AAA")),
    });
    await pipeline.scan();
    const decision = newest();
    const gone = decision.table.opens.map((row) => ({ ...row, shortSymbol: "GONE-PERP" }));
    store.transaction(() => {
      for (let index = 0; index < 120; index += 1) {
        const [id, at] = [`S-gone${index}`, decision.at - index];
        store.insertScanDecision({
          ...decision,
          id,
          at,
          table: { ...decision.table, opens: gone },
        });
        store.expectOutcome(id, 72, at);
      }
    });
    const asked: string[] = [];
    for (const { data } of venues.values()) {
      const read = data.fundingHistory.bind(data);
      Object.assign(data, {
        fundingHistory(symbol: string, since: number) {
          asked.push(symbol);
          return symbol === "GONE-PERP"
            ? Promise.reject(new Error("delisted"))
            : read(symbol, since);
        },
      });
    }
    clock.jump(8 * HOUR_MS);
    await pipeline.followUpDecisions();
    expect(pipeline.decision(decision.id)?.outcomes[0]?.state).toBe("known");
    expect(asked.filter((symbol) => symbol === "GONE-PERP")).toHaveLength(1);
  });

  test("is given up after a week: unknown, never 0", async () => {
    const { outcome } = await without(8 + 7 * 24);
    expect(outcome()).toMatchObject({ state: "unknown", netRate: null, policyNetRate: null });
  });
});

describe("what models are told of it", () => {
  test("is how many choices to open there were, how many earned, and their mean", async () => {
    const advisor = saying(slotOf("AAA"));
    const rig = await createDecidingRig({ advisor, assets: { AAA: "0.0003", BBB: "0.0002" } });
    await rig.pipeline.scan();
    const before = advisor.asked[0]?.table.record.map((one) => `${one.count} ${one.hitShare}`);
    expect(before).toEqual(["0 null", "0 null", "0 null"]);
    const cost = rig.newest().table.opens[0]?.costRate;
    rig.clock.jump(24 * HOUR_MS);
    await rig.pipeline.followUpDecisions();
    await rig.pipeline.scan();

    const { record } = advisor.asked[1]?.table ?? { record: [] };
    expect(record.map((one) => [one.horizonHours, one.count, one.hitShare?.toFixed()])).toEqual([
      [8, 1, "0"],
      [24, 1, "1"],
      [72, 0, undefined],
    ]);
    expect(record[1]?.meanNetRate?.toFixed()).toBe(cost?.neg().plus("0.0072").toFixed() ?? "");
    expect(JSON.stringify(advisor.asked[1]?.table)).not.toContain("because");
  });

  test("counts no HOLD and no closing", async () => {
    const advisor = saying(() => "HOLD");
    const rig = await createDecidingRig({ advisor });
    await rig.pipeline.scan();
    rig.clock.jump(24 * HOUR_MS);
    await rig.pipeline.followUpDecisions();
    await rig.pipeline.scan();
    expect(advisor.asked[1]?.table.record.map((one) => one.count)).toEqual([0, 0, 0]);
  });
});
