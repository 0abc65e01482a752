import { describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import type { Hedge } from "#src/core/hedge.ts";
import { price } from "#src/core/units.ts";
import { facts } from "#src/pipeline/show/facts.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { NOW, openCheck } from "#tests/support/builders.ts";
import { createFakeClock } from "#tests/support/fake-clock.ts";
import { admitHedge, createTradingRig } from "#tests/support/trading-rig.ts";

const settings = { models: { usdPerDay: { chat: dec("1"), scan: dec("2") } } };

describe("what is true now", () => {
  test("comes from the database alone: the waiting cards, and never what approves them", () => {
    const clock = createFakeClock(NOW);
    const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
    const { proposal } = openCheck();
    store.transaction(() => {
      store.insertProposal(proposal, "hash");
      store.insertProposal({ ...proposal, id: "P-late", expiresAt: NOW }, "hash");
      store.insertApproval({
        ...{ nonce: "n0nce", subject: "open", subjectId: proposal.id, subjectHash: "hash" },
        ...{ ownerId: 1, chatId: 1, messageId: null, state: "pending" },
        ...{ createdAt: NOW, expiresAt: proposal.expiresAt },
      });
    });
    const call = { provider: "p", model: "m", failure: null, usage: null, elapsedMs: 1 };
    const spend = (purpose: "chat" | "scan", at: number, costMicroUsd: number) =>
      store.transaction(() =>
        store.insertModelCall({
          ...{ ...call, at, purpose, costMicroUsd, subjectId: "T-1", costIsEstimate: false },
        }),
      );
    spend("chat", NOW, 250_000);
    spend("chat", NOW - 86_400_000, 999_999);
    spend("scan", NOW, 999_999);
    const now = facts({ store, clock, mode: "paper", settings });
    expect(now.modelBudgetLeftUsd).toBe("0.75");
    spend("chat", NOW, 800_000);
    expect(facts({ store, clock, mode: "paper", settings }).modelBudgetLeftUsd).toBe("0.00");
    expect(now.cards).toEqual([{ id: "P-1", kind: "open", asset: "BTC", minutesLeft: 2 }]);
    expect(now).toMatchObject({ mode: "paper", tradingState: "active", mandate: null });
    expect(JSON.stringify(now)).not.toContain("n0nce");
  });

  test("tells what was opened and closed from what had to be taken back, the newest first", () => {
    const rig = createTradingRig();
    const { store, context } = rig;
    const entryPrice = price("100");
    const admit = (id: string, isWhole: boolean) => {
      const { hedge } = admitHedge(rig, id);
      const [first, second] = hedge.legs;
      const legs = [
        { ...first, entryPrice },
        isWhole ? { ...second, entryPrice } : second,
      ] as const;
      return store.transaction(() => store.updateHedge(hedge, { legs }));
    };
    const end = (hedge: Hedge, closedAt: number) =>
      store.transaction(() => store.updateHedge(hedge, { phase: "closed", closedAt }));
    end(admit("H-1", true), NOW + 1_000);
    end(admit("H-2", false), NOW + 2_000);
    for (let count = 3; count < 20; count += 1) end(admit(`H-${count}`, true), NOW + count * 1_000);
    const open = store.transaction(() => store.updateHedge(admit("H-20", true), { phase: "open" }));
    const now = () => facts({ store, clock: context.clock, mode: "demo", settings });
    expect(now().hedges).toMatchObject([{ id: "H-20", phase: "open" }]);
    expect(now().executions).toHaveLength(5);
    const did = now().executions.map((one) => `${one.did} ${one.hedgeId}`);
    expect(did.slice(0, 3)).toEqual(["closed H-19", "closed H-18", "closed H-17"]);
    expect(open.closedAt).toBeNull();
  });

  test("does not call opened what was taken back", () => {
    const rig = createTradingRig();
    const { hedge } = admitHedge(rig);
    const { store, context } = rig;
    store.transaction(() => store.updateHedge(hedge, { phase: "closed", closedAt: NOW }));
    const { executions, hedges } = facts({ store, clock: context.clock, mode: "demo", settings });
    expect(executions.map(({ did }) => did)).toEqual(["unwound"]);
    expect(hedges).toEqual([]);
  });
});
