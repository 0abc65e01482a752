import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { consumeApproval, expireApprovals, verifyTap } from "#src/approvals/consume-approval.ts";
import { armMandate, expireMandate, mandateUse } from "#src/approvals/mandate.ts";
import { requestApproval } from "#src/approvals/request-approval.ts";
import { DAY_MS } from "#src/core/funding.ts";
import type { Mandate } from "#src/core/mandate.ts";
import { notionalUsd, usd } from "#src/core/units.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { openCheck } from "#tests/support/builders.ts";
import { admitHedge, createTradingRig } from "#tests/support/trading-rig.ts";

const NONCE = "AAAAAAAAAAAAAAAAAAAAAA";
const GOOD = { nonce: NONCE, userId: 1, chatId: 1, messageId: 7 };

function withApproval() {
  const store = openStore({ path: ":memory:", wallNow: () => 0 });
  const { proposal } = openCheck();
  store.transaction(() => {
    store.insertProposal(proposal, "hash");
    requestApproval(store, {
      subject: "open",
      subjectId: proposal.id,
      subjectHash: "hash",
      ownerId: 1,
      chatId: 1,
      nonce: NONCE,
      now: 0,
      ttlMs: 120_000,
    });
    store.bindApprovalMessage(NONCE, 1, 7);
  });
  return { store, proposal };
}

describe("a tap", () => {
  test.each([
    ["unknown", { nonce: "other" }, 0],
    ["notOwner", { userId: 2 }, 0],
    ["unknown", { chatId: 2 }, 0],
    ["unknown", { messageId: 8 }, 0],
    ["expired", {}, 120_000],
  ] as const)("is %s when it should be", (why, over, now) => {
    expect(verifyTap(withApproval().store, { ...GOOD, ...over }, now)).toEqual({ ok: false, why });
  });

  test("on a card that was taken back is told so, and is no tap on one that was used", () => {
    const { store } = withApproval();
    store.transaction(() => store.settleApproval(NONCE, "superseded"));
    expect(verifyTap(store, GOOD, 0)).toEqual({ ok: false, why: "withdrawn" });
  });

  test("counts once, in whatever order taps, forgeries, replays and expiries come", () => {
    const step = fc.record({
      nonce: fc.constantFrom(NONCE, NONCE, "forged"),
      userId: fc.constantFrom(1, 1, 2),
      messageId: fc.constantFrom(7, 7, 8),
      waitMs: fc.integer({ min: 0, max: 40_000 }),
      to: fc.constantFrom("approved", "declined"),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const { store } = withApproval();
        let now = 0;
        let used = 0;
        for (const { to, waitMs, ...tap } of steps) {
          now += waitMs;
          store.transaction(() => expireApprovals(store, now - 60_000));
          const verified = verifyTap(store, { ...tap, chatId: 1 }, now);
          if (!verified.ok) continue;
          expect([tap.nonce, tap.userId, tap.messageId, now < 120_000]).toEqual([
            NONCE,
            1,
            7,
            true,
          ]);
          const twice = [0, 1].map(() =>
            store.transaction(() =>
              consumeApproval(
                store,
                verified.approval,
                to === "approved" ? "approved" : "declined",
                now,
              ),
            ),
          );
          used += twice.filter(Boolean).length;
        }
        expect(used).toBeLessThanOrEqual(1);
        store.close();
      }),
      { numRuns: 300 },
    );
  });

  test("that never comes lets the card expire and say so", () => {
    const { store, proposal } = withApproval();
    expect(store.transaction(() => expireApprovals(store, 120_000))).toBe(1);
    expect(store.getProposal(proposal.id)?.state).toBe("expired");
    expect(store.dueOutbox(0, 5).map((item) => item.content.type)).toEqual(["cardUpdate"]);
  });
});

describe("a mandate", () => {
  const offer = (id: string): Mandate => ({
    ...{
      id,
      ownerId: 1,
      state: "offered",
      opensPerDay: 2,
      assets: [],
      venues: [],
      spotVenues: [],
      armedAt: null,
    },
    perHedgeUsd: notionalUsd("40000"),
    totalUsd: notionalUsd("50000"),
    lossPerDayUsd: notionalUsd("25"),
    endsAt: 10 * DAY_MS,
  });

  test("is armed alone: arming another ends the first", () => {
    const store = openStore({ path: ":memory:", wallNow: () => 0 });
    for (const id of ["M-1", "M-2"]) store.transaction(() => store.insertMandate(offer(id)));
    expect(store.transaction(() => armMandate(store, "M-1", 1))).toBe(true);
    expect(store.transaction(() => armMandate(store, "M-2", 2))).toBe(true);
    expect(store.transaction(() => armMandate(store, "M-1", 3))).toBe(false);
    expect([store.getMandate("M-1")?.state, store.armedMandate()?.id]).toEqual(["revoked", "M-2"]);
  });

  test("ends by itself", () => {
    const store = openStore({ path: ":memory:", wallNow: () => 0 });
    store.transaction(() => store.insertMandate(offer("M-1")));
    store.transaction(() => armMandate(store, "M-1", 1));
    expect(store.transaction(() => expireMandate(store, 10 * DAY_MS - 1))).toBe(false);
    expect(store.transaction(() => expireMandate(store, 10 * DAY_MS))).toBe(true);
    expect(store.armedMandate()).toBeNull();
  });

  test("counts its use from the database, a day being a UTC day of market time", () => {
    const rig = createTradingRig();
    const mandate = offer("M-1");
    rig.store.transaction(() => rig.store.insertMandate(mandate));
    const { hedge } = admitHedge(rig);
    const at = (marketNow: number) =>
      mandateUse(rig.store, mandate, { marketNow, pnlTodayUsd: usd("0") });
    expect(at(hedge.openedAt).opensToday).toBe(0);
    const counted = createTradingRig();
    counted.store.transaction(() => counted.store.insertMandate(mandate));
    const mine = admitHedge(counted, "H-1", "M-1");
    const use = (marketNow: number) =>
      mandateUse(counted.store, mandate, { marketNow, pnlTodayUsd: usd("0") });
    expect([
      use(mine.hedge.openedAt).opensToday,
      use(mine.hedge.openedAt + DAY_MS).opensToday,
    ]).toEqual([1, 0]);
    expect(use(mine.hedge.openedAt).openUsd.toFixed()).toBe("30000");
    // Renewing makes no room twice.
    counted.store.transaction(() => {
      counted.store.insertMandate(offer("M-2"));
      armMandate(counted.store, "M-2", 1);
    });
    expect(use(mine.hedge.openedAt).openUsd.toFixed()).toBe("30000");
  });
});
