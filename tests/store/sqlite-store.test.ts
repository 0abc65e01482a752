import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalHash } from "#src/core/canonical-hash.ts";
import { OperatorError } from "#src/core/errors.ts";
import { openDatabase } from "#src/store/database.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { openCheck } from "#tests/support/builders.ts";
import { admitHedge, createTradingRig } from "#tests/support/trading-rig.ts";

const folder = mkdtempSync(join(tmpdir(), "hedgerow-store-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
function newPath(): string {
  files += 1;
  return join(folder, `${files}.db`);
}
const open = (path: string) => openStore({ path, wallNow: () => 1 });

describe("the store", () => {
  test("is durable by default: WAL, FULL, foreign keys, alone on its file", () => {
    const { sqlite } = openDatabase(newPath());
    const pragma = (name: string) => Object.values(sqlite.query(`PRAGMA ${name}`).get() ?? {})[0];
    const settings = ["journal_mode", "synchronous", "foreign_keys", "locking_mode"].map(pragma);
    sqlite.close();
    expect(settings).toEqual(["wal", 2, 1, "exclusive"]);
  });

  test("gives back a proposal exactly, decimals and all", () => {
    const store = open(":memory:");
    const { proposal } = openCheck();
    const hash = canonicalHash(proposal);

    store.transaction(() => store.insertProposal(proposal, hash));

    const stored = store.getProposal(proposal.id);
    expect(canonicalHash(stored?.proposal)).toBe(hash);
    expect(stored?.state).toBe("awaiting");
  });

  test("refuses a write outside a transaction", () => {
    expect(() => open(":memory:").setFact("a", "b")).toThrow("outside a transaction");
  });

  test("leaves nothing of a transaction that failed", () => {
    const store = open(":memory:");
    const broken = () =>
      store.transaction(() => {
        store.setFact("a", "b");
        store.audit("k", "me", {}, 1);
        throw new Error("no");
      });

    expect(broken).toThrow("no");
    expect(store.getFact("a")).toBeNull();
    expect(store.verifyAudit()).toBeNull();
  });

  test("keeps attempts on the published edges, and terminal states for ever", async () => {
    const rig = createTradingRig();
    admitHedge(rig);
    const request = {
      ...{ venue: "alpha", symbol: "BTC-PERP", clientOrderId: "a1", side: "sell" as const },
      ...{ timeInForce: "ioc" as const, reduceOnly: false, expiresAt: 1 },
      sizeBase: openCheck().proposal.sizeBase,
      limitPrice: openCheck().proposal.legs[0].priceSeen,
    };
    const { store } = rig;
    store.transaction(() => {
      const state = "intent" as const;
      store.insertAttempt({
        clientOrderId: "a1",
        hedgeId: "H-1",
        legIndex: 0,
        attemptNo: 1,
        purpose: "open",
        request,
        state,
        outcomeDetail: null,
        createdAt: 1,
        createdAtWall: 1,
      });
    });
    const move = (to: "sent" | "done" | "dead" | "unknown") =>
      store.transaction(() => store.moveAttempt("a1", to));

    expect(() => move("done")).toThrow("cannot become done");
    move("sent");
    move("unknown");
    move("dead");
    expect(() => move("done")).toThrow("cannot become done");
    expect(canonicalHash(store.getAttempt("a1")?.request)).toBe(canonicalHash(request));
  });

  test("holds one live hedge an asset and one armed mandate, whoever asks", () => {
    const rig = createTradingRig();
    admitHedge(rig, "H-1");
    expect(() => admitHedge(rig, "H-2")).toThrow("UNIQUE");
  });

  test("changes a hedge only from the version that was read, along legal phases", () => {
    const rig = createTradingRig();
    const { hedge } = admitHedge(rig);
    const { store } = rig;
    const opened = store.transaction(() => store.updateHedge(hedge, { phase: "open" }));

    expect(() => store.transaction(() => store.updateHedge(hedge, { phase: "closed" }))).toThrow(
      "changed meanwhile",
    );
    expect(() => store.transaction(() => store.updateHedge(opened, { phase: "opening" }))).toThrow(
      "cannot go from open to opening",
    );
  });

  test("notices an audit row that was edited", () => {
    const path = newPath();
    const store = open(path);
    for (const name of ["a", "b", "c"])
      store.transaction(() => store.audit("k", name, { name }, 1));
    expect(store.verifyAudit()).toBeNull();
    store.close();
    const raw = new Database(path);
    raw.run("UPDATE audit SET actor = 'x' WHERE id = 2");
    raw.close();

    expect(open(path).verifyAudit()).toBe(1);
  });

  test("stays whole and usable when the disk is full", () => {
    const path = newPath();
    const store = open(path);
    store.transaction(() => store.setFact("before", "kept"));
    store.close();
    const raw = new Database(path);
    const pages = raw.query<{ page_count: number }, []>("PRAGMA page_count").get()?.page_count ?? 0;
    raw.close();
    const full = openStore({ path, wallNow: () => 1, maxPages: pages + 2 });
    const flood = () =>
      full.transaction(() => {
        for (let index = 0; index < 1_000; index += 1)
          full.setFact(`fill${index}`, "x".repeat(1_000));
      });

    expect(flood).toThrow(/full/i);
    expect(full.getFact("fill0")).toBeNull();
    expect(full.getFact("before")).toBe("kept");
    full.transaction(() => full.setFact("before", "changed"));
    expect(full.getFact("before")).toBe("changed");
  });
});

describe("opening the file", () => {
  test("a second process is told in one line that the first one has it", async () => {
    const path = newPath();
    const store = open(path);
    const code = `import { openDatabase } from "#src/store/database.ts";
import { openStore } from "#src/store/sqlite-store.ts"; openStore({ path: ${JSON.stringify(path)}, wallNow: () => 1 });`;
    const child = Bun.spawn([process.execPath, "-e", code], { stderr: "pipe", stdout: "pipe" });

    const [text] = await Promise.all([new Response(child.stderr).text(), child.exited]);

    expect(text).toContain("is in use by another Hedgerow process");
    store.close();
  });

  test.each([["damaged", "this is not a database at all, ".repeat(200)]])(
    "a %s file is refused in one line and left alone",
    async (_what, content) => {
      const path = newPath();
      writeFileSync(path, content);

      expect(() => open(path)).toThrow(OperatorError);
      expect(() => open(path)).toThrow("is damaged; nothing was changed");
      expect(await Bun.file(path).text()).toBe(content);
    },
  );

  test("a file of a newer version is refused", () => {
    const path = newPath();
    open(path).close();
    const raw = new Database(path);
    raw.run("PRAGMA user_version = 99");
    raw.close();

    expect(() => open(path)).toThrow("newer version");
  });

  test("a process that is killed in the middle of a transaction loses only that one", async () => {
    const path = newPath();
    const code = `import { openDatabase } from "#src/store/database.ts";
import { openStore } from "#src/store/sqlite-store.ts";
      const store = openStore({ path: ${JSON.stringify(path)}, wallNow: () => 1 });
      store.transaction(() => store.setFact("first", "kept"));
      store.transaction(() => { store.setFact("second", "lost"); process.kill(process.pid, "SIGKILL"); });`;
    await Bun.spawn([process.execPath, "-e", code], { stderr: "ignore", stdout: "ignore" }).exited;

    const store = open(path);
    expect([store.getFact("first"), store.getFact("second")]).toEqual(["kept", null]);
  });
});
