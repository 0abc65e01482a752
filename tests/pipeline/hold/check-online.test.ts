import { describe, expect, test } from "bun:test";
import { openHedge } from "#src/execution/open-hedge.ts";
import { tendHedge } from "#src/execution/tend-hedge.ts";
import { checkOnline } from "#src/pipeline/hold/check-online.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { admitHedge, createTradingRig, type TradingRig } from "#tests/support/trading-rig.ts";

function contextOf({ context, clock, store }: TradingRig) {
  const gate = {
    ...{
      recovering: false,
      scanning: null,
      asking: null,
      checked: new Map(),
      passedOver: new Map(),
    },
    ...{ audit: null, killDurableMs: null, judging: null, judgedMarks: new Map() },
  };
  return { store, clock, log: silentLogger, limits: context.limits, execution: context, gate };
}

/** An open hedge that the owner's tap allowed, or one that nobody did. */
async function opened(allowed: boolean): Promise<TradingRig> {
  const rig = createTradingRig();
  const plan = admitHedge(rig);
  const { store } = rig;
  store.transaction(() =>
    store.insertApproval({
      ...{ nonce: "n", subject: "open", subjectId: plan.proposal.id, subjectHash: "hash" },
      ...{ ownerId: 1, chatId: 1, messageId: 1, createdAt: 0, expiresAt: 1 },
      state: allowed ? "approved" : "declined",
    }),
  );
  const { hedge } = await openHedge(rig.context, plan);
  await tendHedge(rig.context, hedge);
  return rig;
}

describe("the contract, checked while the engine runs", () => {
  test("finds nothing wrong with a hedge that was allowed and opened", async () => {
    const rig = await opened(true);

    expect(checkOnline(contextOf(rig))).toEqual([]);
    expect(rig.store.tradingState()).toBe("active");
  });

  test("halts and tells the owner, once, when a rule is broken", async () => {
    const rig = await opened(false);
    const context = contextOf(rig);

    const found = [checkOnline(context), checkOnline(context)];

    expect(found.map((one) => one.map(({ rule }) => rule))).toEqual([["S7"], ["S7"]]);
    expect(rig.store.tradingState()).toBe("halted");
    const told = rig.store.recentAlerts(10);
    expect(told.map(({ severity }) => severity)).toEqual(["critical"]);
    expect(told[0]?.text).toContain("A rule of the engine does not hold (S7");
  });

  test("halts when the audit chain is broken, or /kill was long in reaching the disk", async () => {
    const rig = await opened(true);
    Object.assign(rig.store, { verifyAudit: () => 3 });
    const context = contextOf(rig);
    Object.assign(context.gate, { killDurableMs: 2_500 });

    expect(checkOnline(context).map(({ rule }) => rule)).toEqual(["T6", "L4"]);
    expect(rig.store.tradingState()).toBe("halted");
  });
});
