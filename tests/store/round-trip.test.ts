import { expect, test } from "bun:test";
import fc from "fast-check";
import { canonicalHash } from "#src/core/canonical-hash.ts";
import type { Fill } from "#src/core/order.ts";
import type { ModelCall } from "#src/ports/model-call-store.ts";
import type { Approval, OutboxContent, Store } from "#src/ports/store.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import {
  anyAttempt,
  anyCloseProposal,
  anyHedge,
  anyLegs,
  anyMandate,
  anyOpenProposal,
  anyPrice,
  anyRate,
  anySize,
  anyText,
  anyTime,
  anyTrade,
  anyUsd,
} from "#tests/support/arbitraries.ts";

/** Writes one thing, reads it back, every digit compared. */
function givesBack<T>(
  arbitrary: fc.Arbitrary<T>,
  throughStore: (store: Store, item: T) => { readonly read: unknown; readonly written: unknown },
): void {
  fc.assert(
    fc.property(arbitrary, (item) => {
      const store = openStore({ path: ":memory:", wallNow: () => 1 });
      const { read, written } = throughStore(store, item);
      expect(read).toEqual(written);
      store.close();
    }),
    { numRuns: 60 },
  );
}

test("a proposal comes back exactly, with the hash that was approved", () => {
  givesBack(fc.oneof(anyOpenProposal, anyCloseProposal), (store, proposal) => {
    const hash = canonicalHash(proposal);
    store.transaction(() => store.insertProposal(proposal, hash));
    const stored = store.getProposal(proposal.id);
    expect(canonicalHash(stored?.proposal)).toBe(hash);
    const state = "awaiting" as const;
    return {
      read: [stored, ...store.listProposals()],
      written: [0, 1].map(() => ({ proposal, hash, state, reason: null })),
    };
  });
});

test("a mandate comes back exactly", () => {
  givesBack(anyMandate, (store, mandate) => {
    store.transaction(() => store.insertMandate(mandate));
    return { read: store.getMandate(mandate.id), written: mandate };
  });
});

test("a hedge and its legs come back exactly, before and after a change", () => {
  const parts = fc
    .tuple(anyOpenProposal, anyMandate)
    .chain(([proposal, mandate]) =>
      fc.tuple(
        fc.constant(proposal),
        fc.constant(mandate),
        anyHedge(proposal.id, mandate.id),
        anyLegs,
      ),
    );
  givesBack(parts, (store, [proposal, mandate, hedge, legs]) => {
    store.transaction(() => {
      store.insertProposal(proposal, "hash");
      store.insertMandate(mandate);
      store.insertHedge(hedge);
    });
    const before = [store.getHedge(hedge.id), ...store.listHedges([hedge.phase])];
    const changed = store.transaction(() => store.updateHedge(hedge, { legs }));
    return {
      read: [...before, store.getHedge(hedge.id), ...store.listHedges()],
      written: [hedge, hedge, changed, { ...hedge, legs, version: hedge.version + 1 }],
    };
  });
});

test("an attempt comes back exactly, with the order that was to be sent", () => {
  givesBack(anyAttempt, (store, attempt) => {
    store.transaction(() => store.insertAttempt(attempt));
    return {
      read: [store.getAttempt(attempt.clientOrderId), ...store.listAttempts({})],
      written: [attempt, attempt],
    };
  });
});

test("a fill comes back exactly, and is booked once", () => {
  const anyFill: fc.Arbitrary<Fill> = fc.record({
    ...{ venue: anyText, symbol: anyText, tradeId: anyText, clientOrderId: anyText },
    ...{ side: anyTrade, sizeBase: anySize, price: anyPrice, feeUsd: anyUsd, filledAt: anyTime },
    liquidity: fc.constantFrom("maker" as const, "taker" as const),
    cause: fc.constantFrom("order" as const, "liquidation" as const, "deleveraging" as const),
  });
  givesBack(anyFill, (store, fill) => {
    const insert = () => store.transaction(() => store.insertFill(fill, null));
    expect([insert(), insert()]).toEqual([true, false]);
    const unposted = store.unpostedFills();
    store.transaction(() => store.markFillPosted(fill.venue, fill.tradeId));
    expect(store.unpostedFills()).toEqual([]);
    return { read: unposted, written: [{ fill, hedgeId: null }] };
  });
});

test("payments and ledger entries come back exactly, each booked once", () => {
  const parts = fc.tuple(
    anyOpenProposal,
    anyMandate,
    fc.record({
      ...{ venue: anyText, symbol: anyText, paymentId: anyText },
      ...{ fundingAt: anyTime, amountUsd: anyUsd, rate: anyRate },
    }),
    fc.record({
      ...{ id: anyText, venue: anyText, amountUsd: anyUsd, bookedFor: anyTime },
      kind: fc.constantFrom("trade" as const, "fee" as const, "funding" as const),
      symbol: fc.option(anyText, { nil: null }),
      hedgeId: fc.constant(null),
    }),
  );
  givesBack(parts, (store, [proposal, mandate, payment, entry]) => {
    const [hedge] = fc.sample(anyHedge(proposal.id, mandate.id), { numRuns: 1, seed: 1 });
    if (!hedge) throw new Error("one hedge");
    store.transaction(() => {
      store.insertProposal(proposal, "hash");
      store.insertMandate(mandate);
      store.insertHedge(hedge);
    });
    const insert = () =>
      store.transaction(() => [
        store.insertFundingPayment(payment, hedge.id),
        store.insertLedgerEntry(entry),
      ]);
    expect([insert(), insert()]).toEqual([
      [true, true],
      [false, false],
    ]);
    return {
      read: [...store.listFundingPayments(hedge.id), ...store.listLedgerEntries()],
      written: [payment, entry],
    };
  });
});

test("a point of equity comes back exactly, a second one for its moment replacing it", () => {
  const anyPoint = fc.record({ at: anyTime, equityUsd: anyUsd, flowsUsd: anyUsd });
  givesBack(fc.tuple(anyPoint, anyUsd), (store, [first, equityUsd]) => {
    const second = { ...first, equityUsd };
    store.transaction(() => store.saveEquityPoint(first));
    store.transaction(() => store.saveEquityPoint(second));
    expect(store.listEquityPoints(first.at, first.at + 1)).toEqual([]);
    return {
      read: [...store.listEquityPoints(first.at - 1, first.at), store.latestEquityPoint()],
      written: [second, second],
    };
  });
});

test("a rate comes back exactly, the newest reading of a settlement replacing the older", () => {
  const anyFunding = fc.record({
    ...{ venue: anyText, symbol: anyText, asset: anyText, rate: anyRate },
    ...{ intervalHours: anyPrice, fundingAt: fc.integer({ min: 1 }), observedAt: anyTime },
  });
  givesBack(fc.tuple(anyFunding, anyRate, anyTime), (store, [first, rate, observedAt]) => {
    const second = { ...first, rate, observedAt };
    store.transaction(() => store.saveRates([first]));
    store.transaction(() => store.saveRates([second]));
    const { venue, symbol, fundingAt } = first;
    expect(store.listRates(venue, symbol, fundingAt, fundingAt + 1)).toEqual([]);
    return {
      read: store.listRates(venue, symbol, fundingAt - 1, fundingAt),
      written: [second],
    };
  });
});

test("an approval comes back exactly, bound to its message in its own chat only", () => {
  const anyApproval: fc.Arbitrary<Approval> = fc.record({
    ...{ nonce: anyText, subjectId: anyText, subjectHash: anyText, ownerId: anyTime },
    ...{ chatId: fc.nat(), createdAt: anyTime, expiresAt: anyTime },
    subject: fc.constantFrom("open" as const, "close" as const, "resume" as const, "live" as const),
    messageId: fc.constant(null),
    state: fc.constant("pending" as const),
  });
  givesBack(fc.tuple(anyApproval, fc.nat()), (store, [approval, messageId]) => {
    const { nonce, chatId } = approval;
    store.transaction(() => store.insertApproval(approval));
    store.transaction(() => store.bindApprovalMessage(nonce, chatId + 1, messageId));
    const before = store.getApproval(nonce);
    store.transaction(() => store.bindApprovalMessage(nonce, chatId, messageId));
    return {
      read: [before, ...store.listApprovals({ state: "pending" })],
      written: [approval, { ...approval, messageId }],
    };
  });
});

test("messages, decisions and facts come back exactly", () => {
  const anyContent: fc.Arbitrary<OutboxContent> = fc.oneof(
    fc.record({ type: fc.constant("alert" as const), text: anyText }),
    fc.record({ type: fc.constant("cardUpdate" as const), proposalId: anyText }),
    fc.record({ type: fc.constant("resumeCard" as const), nonce: anyText }),
    fc.record({ type: fc.constant("liveCard" as const), nonce: anyText }),
    fc.record({ type: fc.constant("mandateCard" as const), mandateId: anyText, nonce: anyText }),
    fc.record({ type: fc.constant("proposalCard" as const), proposalId: anyText, nonce: anyText }),
    fc.record({ type: fc.constant("answer" as const), turnId: anyText }),
  );
  const parts = fc.record({
    content: anyContent,
    chatId: fc.integer(),
    at: anyTime,
    text: anyText,
    asset: fc.option(anyText, { nil: null }),
  });
  givesBack(parts, (store, { content, chatId, at, text, asset }) => {
    const item = { severity: "warning" as const, chatId, content };
    const decision = { id: text, at, kind: "scan" as const, asset, outcome: text, detail: text };
    store.transaction(() => {
      store.enqueue(item);
      store.insertDecision(decision);
      store.setFact(text, text);
    });
    return {
      read: [store.dueOutbox(0, 5), store.listDecisions({ limit: 5 }), store.getFact(text)],
      written: [[{ ...item, id: 1, attempts: 0 }], [decision], text],
    };
  });
});

test("a turn comes back exactly, living and ended, with its calls and what older ones came to", () => {
  const parts = fc.record({
    ...{ id: anyText, chatId: fc.integer(), question: anyText, answer: anyText },
    ...{ askedAt: anyTime, endedAt: anyTime, callId: anyText, name: anyText, notes: anyText },
    end: fc.constantFrom("answered" as const, "failed" as const, "stopped" as const),
  });
  givesBack(parts, (store, { id, chatId, question, answer, askedAt, endedAt, end, ...call }) => {
    const asked = { id, chatId, question, askedAt };
    const { callId, name, notes } = call;
    const attempt = { turnId: id, callId, name, argumentsJson: notes, attemptedAt: askedAt };
    const insert = (other: string, state: "running" | "waiting") =>
      store.transaction(() => store.insertTurn({ ...asked, id: other, state }));
    insert(id, "running");
    expect(() => insert(`${id}2`, "running")).toThrow();
    insert(`${id}2`, "waiting");
    expect(() => insert(`${id}3`, "waiting")).toThrow();
    const live = store.liveTurns(chatId);
    store.transaction(() => {
      expect([store.attemptCall(attempt), store.attemptCall(attempt)]).toEqual([true, false]);
      expect(store.callsOf(id)).toEqual([{ ...attempt, returnedAt: null, resultJson: null }]);
      store.returnCall(id, callId, answer, endedAt);
      store.returnCall(id, callId, "too late", 0);
      expect(store.moveTurn(id, end, { answer, endedAt })).toBe(true);
      expect(store.moveTurn(id, "answered", { answer: "again", endedAt })).toBe(false);
      store.saveSummary(chatId, { throughSeq: 0, text: "older" });
      store.saveSummary(chatId, { throughSeq: 1, text: notes });
    });
    const turn = { ...asked, seq: 1, state: "running", answer: null, endedAt: null };
    const ended = { ...turn, state: end, answer, endedAt };
    return {
      read: [
        ...[live, store.getTurn(id), store.endedTurns(chatId, 0, 5)],
        ...[store.endedTurns(chatId, 1, 5), store.callsOf(id), store.getSummary(chatId)],
      ],
      written: [
        ...[[turn, { ...turn, id: `${id}2`, seq: 2, state: "waiting" }], ended, [ended], []],
        ...[[{ ...attempt, returnedAt: endedAt, resultJson: answer }]],
        { throughSeq: 1, text: notes },
      ],
    };
  });
});

test("a model's call comes back exactly, and what was spent is counted by purpose and turn", () => {
  const tokens = fc.nat(1_000_000);
  const anyCall: fc.Arbitrary<ModelCall> = fc.record({
    ...{ at: fc.integer({ min: 1, max: 1_000 }), subjectId: anyText, provider: anyText },
    ...{ model: anyText, elapsedMs: fc.nat(), costMicroUsd: fc.nat(1_000_000) },
    purpose: fc.constantFrom("chat" as const, "scan" as const),
    failure: fc.constantFrom(null, "timeout" as const, "overBudget" as const),
    costIsEstimate: fc.boolean(),
    usage: fc.option(
      fc.record({
        ...{ inputTokens: tokens, cacheReadTokens: tokens },
        ...{ cacheWriteTokens: tokens, outputTokens: tokens },
      }),
      { nil: null },
    ),
  });
  givesBack(anyCall, (store, call) => {
    store.transaction(() => {
      const row = store.insertModelCall({ ...call, usage: null, costMicroUsd: 7, elapsedMs: null });
      store.settleModelCall(row, call);
    });
    const { purpose, subjectId, at, costMicroUsd, provider, model } = call;
    const other = purpose === "chat" ? ("scan" as const) : ("chat" as const);
    return {
      read: [
        store.listModelCalls(subjectId),
        store.spentMicroUsd({ purpose, subjectId, since: at }),
        store.spentMicroUsd({ purpose: other }) + store.spentMicroUsd({ since: at + 1 }),
        store.spending(at).map((row) => [row.provider, row.model, row.calls, row.failures]),
        store.spending(at).map((row) => row.outputTokens),
      ],
      written: [
        ...[[call], costMicroUsd, 0],
        [[provider, model, 1, call.failure === null ? 0 : 1]],
        [call.usage?.outputTokens ?? 0],
      ],
    };
  });
});
