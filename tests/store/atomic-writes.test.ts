import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperatorError } from "#src/core/errors.ts";
import type { Store } from "#src/ports/store.ts";
import { closeFile, openDatabase } from "#src/store/database.ts";
import initial from "#src/store/migrations/0001-initial.sql" with { type: "text" };
import orderOutcomes from "#src/store/migrations/0002-order-outcomes.sql" with { type: "text" };
import agent from "#src/store/migrations/0003-agent.sql" with { type: "text" };
import performance from "#src/store/migrations/0004-performance.sql" with { type: "text" };
import { openStore } from "#src/store/sqlite-store.ts";

const folder = mkdtempSync(join(tmpdir(), "hedgerow-atomic-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
function newPath(): string {
  files += 1;
  return join(folder, `${files}.db`);
}
const open = (path: string, maxPages?: number) =>
  openStore({ path, wallNow: () => 1, ...(maxPages ? { maxPages } : {}) });

describe("a transaction", () => {
  test("writes nothing when a part of it failed, even if somebody caught that", () => {
    const store = open(":memory:");
    const half = () => {
      store.setFact("inner", "half");
      throw new Error("no");
    };
    const swallow = () =>
      store.transaction(() => {
        store.setFact("outer", "1");
        try {
          store.transaction(half);
        } catch {}
      });
    expect(swallow).toThrow("a part of this transaction failed; nothing was written");
    expect([store.getFact("outer"), store.getFact("inner")]).toEqual([null, null]);
    store.transaction(() => store.setFact("outer", "again"));
    expect(store.getFact("outer")).toBe("again");
  });

  test("lets a nested one join it: both are written, or neither", () => {
    const store = open(":memory:");
    const nested = (fails: boolean) =>
      store.transaction(() => {
        store.transaction(() => store.setFact("inner", "1"));
        if (fails) throw new Error("no");
        return "done";
      });
    expect(() => nested(true)).toThrow("no");
    expect(store.getFact("inner")).toBeNull();
    expect(nested(false)).toBe("done");
    expect(store.getFact("inner")).toBe("1");
  });

  test("is never hidden in a journal entry, which is not synced; the other way round it joins", () => {
    const { sqlite, transaction, journal } = openDatabase(newPath());
    const mode = () => sqlite.query("PRAGMA synchronous").get();
    const [full, normal] = [{ synchronous: 2 }, { synchronous: 1 }];
    expect([journal(mode), mode(), transaction(() => journal(mode))]).toEqual([normal, full, full]);
    expect(() => journal(() => transaction(mode))).toThrow("inside a journal entry");
    expect(() => journal(() => Promise.resolve())).toThrow("must not be async");
    expect(mode()).toEqual(full);
  });

  test("refuses work that would go on after it has ended", () => {
    const store = open(":memory:");
    const early = () => store.transaction(async () => store.setFact("a", "1"));
    expect(early).toThrow("must not be async");
    expect(store.getFact("a")).toBeNull();
  });

  test("writes nothing after the disk was full, even if somebody caught that", () => {
    const path = newPath();
    const store = open(path, pagesOf(path) + 2);
    const goOn = () =>
      store.transaction(() => {
        store.setFact("one", "1");
        try {
          for (let index = 0; index < 1_000; index += 1) store.setFact(`${index}`, "x".repeat(1e3));
        } catch {}
        store.setFact("two", "2");
      });
    expect(goOn).toThrow();
    expect([store.getFact("one"), store.getFact("0"), store.getFact("two")]).toEqual([
      null,
      null,
      null,
    ]);
    store.transaction(() => store.setFact("one", "1"));
    store.close();
    expect(open(path).verifyAudit()).toBeNull();
  });
});

test("every write refuses to stand alone", () => {
  const store = open(":memory:");
  const writes: readonly (keyof Store)[] = [
    ...(["insertHedge", "updateHedge", "insertAttempt", "moveAttempt", "insertFill"] as const),
    ...(["insertProposal", "setProposalState", "insertApproval", "settleApproval"] as const),
    ...(["bindApprovalMessage", "insertMandate", "moveMandate", "insertLedgerEntry"] as const),
    ...(["insertFundingPayment", "markFillPosted", "saveRates", "enqueue", "audit"] as const),
    ...(["markDelivered", "markRetry", "insertDecision"] as const),
    ...(["insertTurn", "moveTurn", "attemptCall", "returnCall", "saveSummary"] as const),
    ...(["insertModelCall", "settleModelCall", "setTradingState", "setFact"] as const),
  ];
  for (const name of writes) {
    expect(() => Reflect.apply(store[name], store, [{}, {}, {}, {}])).toThrow(
      "outside a transaction",
    );
  }
});

test("whatever was acknowledged before a kill is there afterwards, whole", async () => {
  const path = newPath();
  open(path).close();
  const code = `import { writeSync } from "node:fs";
    import { openStore } from "#src/store/sqlite-store.ts";
    const store = openStore({ path: ${JSON.stringify(path)}, wallNow: () => 1 });
    for (let count = Number(store.getFact("left") ?? "0") + 1; ; count += 1) {
      store.transaction(() => {
        store.setFact("left", String(count));
        store.audit("count", "me", { count }, count);
        store.setFact("right", String(count));
      });
      store.journal(() => store.setFact("noted", String(count)));
      writeSync(1, count + "\\n");
    }`;
  let last = 0;
  for (let round = 0; round < 6; round += 1) {
    const child = Bun.spawn([process.execPath, "-e", code], { stdout: "pipe", stderr: "inherit" });
    let heard = "";
    for await (const chunk of child.stdout) {
      heard += new TextDecoder().decode(chunk);
      if (heard.length > 40 + 97 * round) child.kill("SIGKILL");
    }
    await child.exited;
    const acknowledged = Number(heard.trimEnd().split("\n").at(-2));
    const store = open(path);
    const [left, right] = [Number(store.getFact("left")), Number(store.getFact("right"))];
    expect(acknowledged).toBeGreaterThan(last);
    expect(left).toBeGreaterThanOrEqual(acknowledged);
    expect(Number(store.getFact("noted"))).toBeGreaterThanOrEqual(acknowledged);
    expect(right).toBe(left);
    expect(store.verifyAudit()).toBeNull();
    store.close();
    last = left;
  }
}, 120_000);

describe("the file", () => {
  test("can be read by its owner alone, and so can its log", () => {
    const path = newPath();
    const store = open(path);
    store.transaction(() => store.setFact("a", "1"));
    expect([path, `${path}-wal`].map((one) => statSync(one).mode & 0o777)).toEqual([0o600, 0o600]);
    store.close();
  });

  test("is refused in one line when a page in its middle is damaged", () => {
    const path = newPath();
    const store = open(path);
    store.transaction(() => {
      for (let index = 0; index < 200; index += 1) store.setFact(`${index}`, "x".repeat(500));
    });
    store.close();
    const bytes = readFileSync(path);
    for (let page = 20; page < 60; page += 1) bytes.fill(0xff, page * 4096, page * 4096 + 64);
    writeFileSync(path, bytes);
    expect(() => open(path)).toThrow(OperatorError);
    expect(() => open(path)).toThrow(/^[^\n]* is damaged; nothing was changed[^\n]*$/);
  });

  test("is let go of when it is refused, so that the same answer comes again", () => {
    const path = newPath();
    open(path).close();
    const raw = new Database(path);
    raw.run("PRAGMA user_version = 99");
    raw.close();
    for (let turn = 0; turn < 2; turn += 1) expect(() => open(path)).toThrow("newer version");
  });

  test("of an older version keeps what was said, as turns in their order", () => {
    const path = newPath();
    const older = openDatabase(path, [initial, orderOutcomes]);
    const said = (chat: number, role: string, text: string, at: number) =>
      older.sqlite.run("INSERT INTO conversations (chat_id, role, body, at) VALUES (?, ?, ?, ?)", [
        ...[chat, role, JSON.stringify({ role, text }), at],
      ]);
    older.transaction(() => {
      for (const [chat, at] of [
        [1, 10],
        [2, 11],
        [1, 12],
      ] as const) {
        said(chat, "user", `question "${at}" ü`, at);
        said(chat, "assistant", at === 12 ? "" : `answer ${at}`, at);
      }
      said(1, "user", "never answered", 13);
    });
    closeFile(older.sqlite);

    const store = open(path);
    const turns = (chat: number) =>
      store
        .endedTurns(chat, 0, 9)
        .map(({ question, answer, askedAt }) => [question, answer, askedAt]);
    expect(turns(1)).toEqual([
      ['question "10" ü', "answer 10", 10],
      ['question "12" ü', "", 12],
    ]);
    expect(turns(2)).toEqual([['question "11" ü', "answer 11", 11]]);
    expect(store.liveTurns()).toEqual([]);
  });

  test("keeps its version and its content when a step to a newer one fails", () => {
    const path = newPath();
    const first = "CREATE TABLE a (x TEXT NOT NULL) STRICT; INSERT INTO a VALUES ('kept')";
    const broken = "CREATE TABLE b (x TEXT) STRICT; UPDATE a SET x = 'lost'; nonsense";
    const upgrade = () => openDatabase(path, [first, broken]);
    expect(upgrade).toThrow(OperatorError);
    expect(upgrade).toThrow(/could not be brought up to date .*unchanged/);
    const raw = new Database(path);
    expect(raw.query("SELECT x FROM a").all()).toEqual([{ x: "kept" }]);
    expect(raw.query("PRAGMA user_version").get()).toEqual({ user_version: 1 });
    expect(raw.query("SELECT name FROM sqlite_schema WHERE name = 'b'").all()).toEqual([]);
    raw.close();
  });
});

/** Of a new store in this file. */
function pagesOf(path: string): number {
  open(path).close();
  const raw = new Database(path);
  const row = raw.query<{ page_count: number }, []>("PRAGMA page_count").get();
  raw.close();
  return row?.page_count ?? 0;
}

test("approvals of an older version are kept, and still count once", () => {
  const path = newPath();
  const older = openDatabase(path, [initial, orderOutcomes, agent, performance]);
  older.sqlite.exec(
    "INSERT INTO approvals VALUES ('N', 'resume', 'trading-state', 'h', 1, 2, 3, 'pending', 4, 5)",
  );
  closeFile(older.sqlite);
  const store = open(path);
  expect(store.getApproval("N")).toMatchObject({ subject: "resume", messageId: 3, expiresAt: 5 });
  const settle = () => store.transaction(() => store.settleApproval("N", "approved"));
  expect([settle(), settle()]).toEqual([true, false]);
});
