import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AttemptState, OrderAttempt } from "#src/core/order.ts";
import type { ProposalState } from "#src/core/proposal.ts";
import { baseSize, notionalUsd, price, usd } from "#src/core/units.ts";
import type { Approval, ApprovalState, Store } from "#src/ports/store.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { openCheck } from "#tests/support/builders.ts";
import { admitHedge, createTradingRig } from "#tests/support/trading-rig.ts";

const folder = mkdtempSync(join(tmpdir(), "hedgerow-states-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NONCE = "a-secret-of-128-bits!!";
const memory = () => openStore({ path: ":memory:", wallNow: () => 1 });

/** Every edge that the table lists goes through; every other one throws and changes nothing. */
function expectEdges<S extends string>(table: {
  readonly states: readonly S[];
  readonly legal: readonly (readonly [S, S])[];
  readonly paths: Readonly<Record<S, readonly S[]>>;
  readonly begin: (store: Store) => void;
  readonly move: (store: Store, to: S) => void;
  readonly read: (store: Store) => S | undefined;
}): void {
  for (const from of table.states) {
    for (const to of table.states) {
      const store = memory();
      store.transaction(() => table.begin(store));
      for (const step of table.paths[from]) store.transaction(() => table.move(store, step));
      const isLegal = table.legal.some(([a, b]) => a === from && b === to);
      const go = () => store.transaction(() => table.move(store, to));
      if (isLegal) go();
      else expect(go).toThrow(`cannot become ${to}`);
      expect(`${from} ${to} ${table.read(store)}`).toBe(`${from} ${to} ${isLegal ? to : from}`);
      store.close();
    }
  }
}

function attempt(clientOrderId: string, hedgeId: string | null = null): OrderAttempt {
  return {
    ...{ clientOrderId, hedgeId, legIndex: 0, attemptNo: 1, purpose: "open", state: "intent" },
    request: {
      ...{ venue: "alpha", symbol: "BTC-PERP", clientOrderId, side: "sell", reduceOnly: false },
      ...{ sizeBase: baseSize("0.5"), limitPrice: price("60000"), timeInForce: "ioc" },
      expiresAt: 1,
    },
    outcomeDetail: null,
    createdAt: 1,
    createdAtWall: 1,
  };
}

function pending(over: Partial<Approval> = {}): Approval {
  return {
    ...{ nonce: NONCE, subject: "open", subjectId: "P-1", subjectHash: "hash" },
    ...{ ownerId: 1, chatId: 1, messageId: null, state: "pending", createdAt: 0, expiresAt: 9 },
    ...over,
  };
}

describe("states", () => {
  test("of an attempt move along the published edges alone", () => {
    expectEdges<AttemptState>({
      states: ["intent", "sent", "unknown", "done", "dead"],
      legal: [
        ...([["intent", "sent"] as const, ["intent", "dead"] as const] as const),
        ...(["done", "dead", "unknown"] as const).map((to) => ["sent", to] as const),
        ...(["done", "dead"] as const).map((to) => ["unknown", to] as const),
      ],
      paths: {
        intent: [],
        sent: ["sent"],
        unknown: ["sent", "unknown"],
        done: ["sent", "done"],
        dead: ["dead"],
      },
      begin: (store) => store.insertAttempt(attempt("a")),
      move: (store, to) => store.moveAttempt("a", to),
      read: (store) => store.getAttempt("a")?.state,
    });
  });

  test("of a proposal move along the published edges alone", () => {
    const final = ["declined", "expired", "superseded", "denied"] as const;
    expectEdges<ProposalState>({
      states: ["awaiting", "approved", ...final, "executed", "failed"],
      legal: [
        ...(["approved", ...final] as const).map((to) => ["awaiting", to] as const),
        ...(["executed", "denied", "failed"] as const).map((to) => ["approved", to] as const),
      ],
      paths: {
        awaiting: [],
        approved: ["approved"],
        declined: ["declined"],
        expired: ["expired"],
        superseded: ["superseded"],
        denied: ["denied"],
        executed: ["approved", "executed"],
        failed: ["approved", "failed"],
      },
      begin: (store) => store.insertProposal(openCheck().proposal, "hash"),
      move: (store, to) => store.setProposalState("P-1", to),
      read: (store) => store.getProposal("P-1")?.state,
    });
  });

  test("of an approval are settled once, whatever comes after", () => {
    const states = ["approved", "declined", "expired", "superseded"] as const;
    for (const first of states) {
      for (const second of states) {
        const store = memory();
        store.transaction(() => store.insertApproval(pending()));
        const settle = (to: Exclude<ApprovalState, "pending">) =>
          store.transaction(() => store.settleApproval(NONCE, to));
        expect([settle(first), settle(second)]).toEqual([true, false]);
        expect(store.getApproval(NONCE)?.state).toBe(first);
        store.close();
      }
    }
  });

  test("of one leg allow a new attempt only when the last one is done or dead", () => {
    const rig = createTradingRig();
    admitHedge(rig);
    const { store } = rig;
    const insert = (id: string) => store.transaction(() => store.insertAttempt(attempt(id, "H-1")));
    insert("a1");
    expect(() => insert("a2")).toThrow("UNIQUE");
    store.transaction(() => store.moveAttempt("a1", "dead"));
    insert("a2");
    expect(store.listAttempts({ hedgeId: "H-1" }).map((one) => one.state)).toEqual([
      "dead",
      "intent",
    ]);
  });
});

describe("the audit trail", () => {
  const path = join(folder, "audit.db");

  test("gains a row with every change of state, none of which the caller has to think of", () => {
    const store = openStore({ path, wallNow: () => 1 });
    const changes = changeEverything(store);
    expect(store.verifyAudit()).toBeNull();
    store.close();
    const raw = new Database(path);
    const rows = raw.query<{ kind: string; body: string }, []>("SELECT * FROM audit").all();
    raw.close();
    expect(rows.map((row) => row.kind)).toEqual([...changes]);
    expect(JSON.stringify(rows)).not.toContain(NONCE);
  });

  test.each([
    ["changed", "UPDATE audit SET body = replace(body, '60000', '60001') WHERE id = 1"],
    ["removed", "DELETE FROM audit WHERE id = 1"],
    [
      "slipped in",
      "INSERT INTO audit SELECT 99, at, kind, actor, body, hash FROM audit WHERE id = 3",
    ],
  ])("shows that a row was %s", (_what, sql) => {
    const copy = join(folder, "copy.db");
    const raw = new Database(path);
    raw.run(`VACUUM INTO '${copy}'`);
    raw.close();
    const edited = new Database(copy);
    edited.exec(sql);
    edited.close();
    const store = openStore({ path: copy, wallNow: () => 1 });
    expect(store.verifyAudit()).not.toBeNull();
    store.close();
    rmSync(copy);
  });
});

/** Changes one of each; answers the kinds of audit rows that must follow. */
function changeEverything(store: Store): readonly string[] {
  const { proposal } = openCheck();
  const leg = (index: 0 | 1) => {
    const { venue, symbol, side, sizeBase } = proposal.legs[index];
    const heldBase = baseSize("0");
    return { index, venue, symbol, side, targetBase: sizeBase, heldBase, entryPrice: null };
  };
  const hedge = {
    ...{ id: "H-1", asset: "BTC", phase: "opening" as const, proposalId: "P-1", mandateId: "M-1" },
    ...{ openedAt: 1, closedAt: null, createdAtWall: 1, version: 1 },
    legs: [leg(0), leg(1)] as const,
  };
  const steps: readonly (readonly [string, () => unknown])[] = [
    ["proposal", () => store.insertProposal(proposal, "hash")],
    ["approval", () => store.insertApproval(pending())],
    ["approval", () => store.settleApproval(NONCE, "approved")],
    ["proposal", () => store.setProposalState("P-1", "approved")],
    [
      "mandate",
      () =>
        store.insertMandate({
          ...{ id: "M-1", ownerId: 1, state: "offered", opensPerDay: 1, endsAt: 9, armedAt: null },
          ...{ perHedgeUsd: notionalUsd("1"), totalUsd: notionalUsd("1"), assets: [], venues: [] },
          ...{ lossPerDayUsd: notionalUsd("1"), spotVenues: [] },
        }),
    ],
    ["mandate", () => store.moveMandate("M-1", "armed", 1)],
    ["hedge", () => store.insertHedge(hedge)],
    ["hedge", () => store.updateHedge(hedge, { phase: "open" })],
    ["attempt", () => store.insertAttempt(attempt("a", "H-1"))],
    ["attempt", () => store.moveAttempt("a", "sent")],
    [
      "fill",
      () =>
        store.insertFill(
          {
            ...{ venue: "alpha", symbol: "BTC-PERP", tradeId: "t", clientOrderId: "a" },
            ...{ side: "sell", liquidity: "taker", filledAt: 1, feeUsd: usd("0.1") },
            cause: "order",
            ...{ sizeBase: baseSize("0.5"), price: price("60000") },
          },
          "H-1",
        ),
    ],
    ["tradingState", () => store.setTradingState("halted")],
  ];
  for (const [, step] of steps) store.transaction(step);
  return steps.map(([kind]) => kind);
}
