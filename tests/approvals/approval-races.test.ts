import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { consumeApproval, expireApprovals, verifyTap } from "#src/approvals/consume-approval.ts";
import { armMandate, expireMandate, revokeMandate } from "#src/approvals/mandate.ts";
import { requestApproval } from "#src/approvals/request-approval.ts";
import { notionalUsd } from "#src/core/units.ts";
import type { Store } from "#src/ports/store.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { openCheck } from "#tests/support/builders.ts";

const OWNER = 1;
const CHAT = 11;
const CARD = 7;
const LIFE_MS = 120_000;
const nonceOf = (id: string) => `nonce-of-${id}`;

/** A proposal and its pending approval, asked for at time 0. */
function ask(store: Store, id: string): void {
  store.transaction(() => {
    store.insertProposal({ ...openCheck().proposal, id, expiresAt: LIFE_MS }, "hash");
    requestApproval(store, {
      ...{ subject: "open", subjectId: id, subjectHash: "hash", nonce: nonceOf(id) },
      ...{ ownerId: OWNER, chatId: CHAT, now: 0, ttlMs: LIFE_MS },
    });
  });
}

const memory = () => openStore({ path: ":memory:", wallNow: () => 0 });

/** What one tap of the approve or decline button does, as the pipeline does it. */
function press(
  store: Store,
  tap: Parameters<typeof verifyTap>[1],
  to: "approved" | "declined",
  now: number,
): boolean {
  const verified = verifyTap(store, tap, now);
  if (!verified.ok) return false;
  return store.transaction(() => {
    if (!consumeApproval(store, verified.approval, to, now)) return false;
    store.setProposalState(verified.approval.subjectId, to);
    return true;
  });
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("tap" as const),
      nonce: fc.constantFrom(nonceOf("P-1"), nonceOf("P-1"), nonceOf("P-2"), "forged", ""),
      userId: fc.constantFrom(OWNER, OWNER, 2),
      chatId: fc.constantFrom(CHAT, CHAT, 12),
      messageId: fc.constantFrom(CARD, CARD, 8),
      to: fc.constantFrom("approved" as const, "declined" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("deliver" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("sweep" as const) }) },
);
const race = fc.array(fc.tuple(fc.integer({ min: 0, max: 50_000 }), step), { maxLength: 14 });

test("of all taps, replays and forgeries, exactly the first good one counts", () => {
  let used = 0;
  const property = fc.property(race, (steps) => {
    const store = memory();
    ask(store, "P-1");
    let [now, bound, settled] = [0, false, "awaiting"];
    for (const [wait, one] of steps) {
      now += wait;
      if (one.kind === "deliver") {
        store.transaction(() => store.bindApprovalMessage(nonceOf("P-1"), CHAT, CARD));
        bound = true;
      } else if (one.kind === "sweep") {
        store.transaction(() => expireApprovals(store, now));
        if (settled === "awaiting" && now >= LIFE_MS) settled = "expired";
      } else {
        const { kind: _, to, ...tap } = one;
        const isHis = tap.nonce === nonceOf("P-1") && tap.userId === OWNER && tap.chatId === CHAT;
        const isCard = !bound || tap.messageId === CARD;
        const counts = isHis && isCard && now < LIFE_MS && settled === "awaiting";
        expect(press(store, tap, to, now)).toBe(counts);
        if (counts) settled = to;
        if (counts) used += 1;
      }
      expect(String(store.getProposal("P-1")?.state)).toBe(settled);
    }
    expect(store.verifyAudit()).toBeNull();
    store.close();
  });
  fc.assert(property, { numRuns: 400 });
  expect(used).toBeGreaterThan(40);
}, 120_000);

test("two taps that were both found good before either was used count once", () => {
  const store = memory();
  ask(store, "P-1");
  const tap = { nonce: nonceOf("P-1"), userId: OWNER, chatId: CHAT, messageId: CARD };
  const found = [verifyTap(store, tap, 1), verifyTap(store, tap, 1)];
  const used = found.map((one) =>
    store.transaction(() => one.ok && consumeApproval(store, one.approval, "approved", 2)),
  );
  expect(used).toEqual([true, false]);
});

test("a tap found good in time is refused when its use comes too late", () => {
  const store = memory();
  ask(store, "P-1");
  const tap = { nonce: nonceOf("P-1"), userId: OWNER, chatId: CHAT, messageId: CARD };
  const found = verifyTap(store, tap, LIFE_MS - 1);
  if (!found.ok) throw new Error(found.why);
  expect(store.transaction(() => consumeApproval(store, found.approval, "approved", LIFE_MS))).toBe(
    false,
  );
  expect(store.getApproval(tap.nonce)?.state).toBe("pending");
});

test("an approval is not used when what it allows could not be written", () => {
  const store = memory();
  ask(store, "P-1");
  const tap = { nonce: nonceOf("P-1"), userId: OWNER, chatId: CHAT, messageId: CARD };
  const fail = () =>
    store.transaction(() => {
      const found = verifyTap(store, tap, 1);
      expect(found.ok && consumeApproval(store, found.approval, "approved", 1)).toBe(true);
      throw new Error("disk full");
    });
  expect(fail).toThrow("disk full");
  expect(press(store, tap, "approved", 2)).toBe(true);
});

describe("expiry", () => {
  test("says so on the card of what was asked, and quietly ends a plan that never was", () => {
    const store = memory();
    ask(store, "P-1");
    const unasked = { ...openCheck().proposal, id: "P-2", expiresAt: LIFE_MS };
    store.transaction(() => store.insertProposal(unasked, "hash"));
    expect(store.transaction(() => expireApprovals(store, LIFE_MS - 1))).toBe(0);
    expect(store.transaction(() => expireApprovals(store, LIFE_MS))).toBe(1);
    expect(store.transaction(() => expireApprovals(store, LIFE_MS))).toBe(0);
    expect(["P-1", "P-2"].map((id) => store.getProposal(id)?.state)).toEqual([
      "expired",
      "expired",
    ]);
    expect(store.dueOutbox(0, 5).map((item) => item.content)).toEqual([
      { type: "cardUpdate", proposalId: "P-1" },
    ]);
  });

  test("ends the offer of a mandate, but never one that was armed", () => {
    const store = memory();
    offer(store, "M-1");
    store.transaction(() =>
      requestApproval(store, {
        ...{ subject: "mandate", subjectId: "M-1", subjectHash: "hash", nonce: nonceOf("M-1") },
        ...{ ownerId: OWNER, chatId: CHAT, now: 0, ttlMs: LIFE_MS },
      }),
    );
    store.transaction(() => expireApprovals(store, LIFE_MS));
    expect(store.getMandate("M-1")?.state).toBe("expired");
    expect(store.transaction(() => armMandate(store, "M-1", 1))).toBe(false);
  });
});

test("however mandates are offered, armed, revoked and ended, at most one is armed", () => {
  const move = fc.record({
    id: fc.constantFrom("M-1", "M-2", "M-3"),
    action: fc.constantFrom("arm" as const, "revoke" as const, "expire" as const),
    at: fc.integer({ min: 0, max: 12 }),
  });
  const property = fc.property(fc.array(move, { maxLength: 12 }), (moves) => {
    const store = memory();
    const ids = ["M-1", "M-2", "M-3"];
    for (const id of ids) offer(store, id);
    const spent = new Set<string>();
    for (const { id, action, at } of moves) {
      const before = store.armedMandate()?.id;
      const done = store.transaction(() => {
        if (action === "arm") return armMandate(store, id, at);
        return action === "revoke" ? revokeMandate(store, "owner", at) : expireMandate(store, at);
      });
      if (action === "arm") expect(done).toBe(!spent.has(id) && at < 10);
      if (done && before) expect(store.getMandate(before)?.state).not.toBe("armed");
      if (done && action === "arm") spent.add(id);
      const armed = ids.filter((one) => store.getMandate(one)?.state === "armed");
      expect(armed.length).toBeLessThanOrEqual(1);
      expect(store.armedMandate()?.id).toBe(armed[0]);
    }
    store.close();
  });
  fc.assert(property, { numRuns: 200 });
});

/** Ends at market time 10. */
function offer(store: Store, id: string): void {
  store.transaction(() =>
    store.insertMandate({
      ...{
        id,
        ownerId: OWNER,
        state: "offered",
        opensPerDay: 2,
        assets: [],
        venues: [],
        spotVenues: [],
      },
      ...{ perHedgeUsd: notionalUsd("10"), totalUsd: notionalUsd("20"), armedAt: null, endsAt: 10 },
      lossPerDayUsd: notionalUsd("5"),
    }),
  );
}
