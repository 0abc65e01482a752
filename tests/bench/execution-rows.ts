import { Database } from "bun:sqlite";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalJson } from "#src/core/canonical-hash.ts";
import { closeHedge } from "#src/execution/close-hedge.ts";
import { keepWatch } from "#src/execution/keep-watch.ts";
import { killSwitch } from "#src/execution/kill/kill-switch.ts";
import { wantKill } from "#src/execution/kill/kill-wish.ts";
import { openHedge } from "#src/execution/open-hedge.ts";
import { closeFile, openDatabase } from "#src/store/database.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { admitHedge, createTradingRig, type TradingRig } from "#tests/support/trading-rig.ts";
import { createManyVenues, ROUND_TRIP_MS } from "./many-venues.ts";
import { median, middle, row } from "./measure.ts";

const TURNS = 60;
const BATCH = 50;

/** A transaction of ours with one row, beside the same row through a prepared statement alone. */
export function commitRow(): readonly string[] {
  return onDisk((path) => {
    const store = openStore({ path, wallNow: () => 0 });
    let turn = 0;
    const ours = median(TURNS, () => {
      turn += 1;
      store.transaction(() => store.setFact("bench", String(turn)));
    });
    store.close();
    return row(
      "one durable commit through the store; floor: the same row, SQL alone",
      ours,
      rawCommit(),
    );
  });
}

/** From the first leg's fill being known to the second order at the venue's port. */
export async function legGapRow(): Promise<readonly string[]> {
  const gaps: number[] = [];
  const floors: number[] = [];
  await onDisk(async (path) => {
    const store = openStore({ path, wallNow: () => 0 });
    const rig = createTradingRig({ store });
    let knownAt = 0;
    watchPlace(rig.alpha, {
      after: () => {
        knownAt = performance.now();
      },
    });
    watchPlace(rig.beta, {
      before: (reduceOnly) => {
        if (!reduceOnly) gaps.push(performance.now() - knownAt);
      },
    });
    for (let turn = 0; turn < TURNS; turn += 1) {
      const { hedge } = await openHedge(rig.context, admitHedge(rig, `H-${turn}`));
      await closeHedge(rig.context, { hedge });
      floors.push(orderCommit() + signOne());
    }
    store.close();
  });
  const what =
    "leg gap: first fill known → second order out; floor: one order's commit + building and signing";
  return row(what, middle(gaps), middle(floors));
}

/** Hedges opened and closed on paper venues with a store on disk; the floor is the commits alone. */
export async function throughputRow(): Promise<readonly string[]> {
  return onDisk(async (path) => {
    const store = openStore({ path, wallNow: () => 0 });
    const rig = createTradingRig({ store });
    let commits = 0;
    const transaction = rig.store.transaction.bind(rig.store);
    rig.store.transaction = (work) => {
      commits += 1;
      return transaction(work);
    };
    const started = performance.now();
    for (let turn = 0; turn < BATCH; turn += 1) {
      const { hedge } = await openHedge(rig.context, admitHedge(rig, `H-${turn}`));
      await closeHedge(rig.context, { hedge });
    }
    const eachMs = (performance.now() - started) / BATCH;
    store.close();
    const floorMs = rawCommit() * (commits / BATCH);
    const what = `open and close a hedge (${Math.round(1_000 / eachMs)} a second); floor: its ${Math.round(commits / BATCH)} commits alone`;
    return row(what, eachMs, floorMs);
  });
}

/** /kill over 8 venues at 100 ms a round trip, in round trips; simulated time, so exact. */
export async function killRows(): Promise<readonly (readonly string[])[]> {
  const seen = await killAll(true);
  const unseen = await killAll(false);
  return [
    roundTrips(
      "/kill, 8 venues, cancel and close in one wave, until all closes are answered",
      seen,
    ),
    roundTrips(
      "/kill, 8 venues, right after a start: positions first, then cancel and close",
      unseen,
    ),
  ];
}

async function killAll(positionsKnown: boolean): Promise<number> {
  const rig = await createManyVenues(8);
  const { context, clock, store } = rig;
  if (positionsKnown) await keepWatch(context);
  const startedMs = clock.elapsedMs();
  store.transaction(() => wantKill(context));
  const { flat } = await killSwitch(context, { startedAt: clock.wallNow() });
  if (!flat || rig.answeredMs.length !== 8) throw new Error("/kill did not close everything");
  return Math.max(...rig.answeredMs) - startedMs;
}

function roundTrips(what: string, ms: number): readonly string[] {
  return [what, `${ms} ms`, `${ROUND_TRIP_MS} ms`, `${(ms / ROUND_TRIP_MS).toFixed(2)} ×`];
}

function watchPlace(
  venue: TradingRig["alpha"],
  on: { readonly before?: (reduceOnly: boolean) => void; readonly after?: () => void },
): void {
  const place = venue.trading.place;
  venue.trading.place = async (order) => {
    on.before?.(order.request.reduceOnly);
    const outcome = await place(order);
    on.after?.();
    return outcome;
  };
}

/** What SQLite itself takes for one row, WAL and FULL, on the same disk. */
function rawCommit(turns = TURNS): number {
  return onDisk((path) => {
    const db = new Database(path, { create: true, strict: true });
    db.exec("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
    db.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT");
    const insert = db.prepare("INSERT INTO orders (body) VALUES (?)");
    const body = canonicalJson(ORDER);
    insert.run(body);
    const took = median(turns, () => insert.run(body));
    db.close();
    return took;
  });
}

/** The same for an order's row in its real table, with that table's indexes. */
function orderCommit(): number {
  return onDisk((path) => {
    const { sqlite } = openDatabase(path);
    const insert = sqlite.prepare(
      "INSERT INTO order_attempts (client_order_id, leg_index, attempt_no, purpose, request, state, created_at, created_at_wall) VALUES (?, 1, 1, 'kill', ?, 'sent', 1, 1)",
    );
    const body = canonicalJson(ORDER);
    let count = 0;
    const add = () => {
      count += 1;
      insert.run(`order${count}`, body);
    };
    add();
    const took = median(5, add);
    closeFile(sqlite);
    return took;
  });
}

const ORDER = {
  ...{ symbol: "BTC-PERP", side: "buy", size: "0.5", price: "60030", reduceOnly: false },
  clientOrderId: "H1o1n2xabcdefgh",
};

function signOne(): number {
  return median(20, () => {
    const body = canonicalJson({ ...ORDER, timestamp: 1_770_000_000_000 });
    return new Bun.CryptoHasher("sha256", "a secret key of some length").update(body).digest("hex");
  });
}

let files = 0;

function onDisk<T>(work: (path: string) => T): T {
  const path = join(tmpdir(), `hedgerow-bench-${process.pid}-${files++}.db`);
  const clean = () => {
    for (const tail of ["", "-wal", "-shm"]) rmSync(`${path}${tail}`, { force: true });
  };
  const result = work(path);
  if (result instanceof Promise) void result.finally(clean);
  else clean();
  return result;
}
