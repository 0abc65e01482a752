import { Database } from "bun:sqlite";
import { chmodSync } from "node:fs";
import { type BunSQLiteDatabase, drizzle } from "drizzle-orm/bun-sqlite";
import { describeError, OperatorError } from "#src/core/errors.ts";
import initial from "./migrations/0001-initial.sql" with { type: "text" };
import orderOutcomes from "./migrations/0002-order-outcomes.sql" with { type: "text" };
import agent from "./migrations/0003-agent.sql" with { type: "text" };
import performance from "./migrations/0004-performance.sql" with { type: "text" };
import liveApproval from "./migrations/0005-live-approval.sql" with { type: "text" };
import mandateSpot from "./migrations/0006-mandate-spot.sql" with { type: "text" };

const MIGRATIONS: readonly string[] = [
  ...[initial, orderOutcomes, agent, performance, liveApproval, mandateSpot],
];

export interface OpenDatabase {
  readonly sqlite: Database;
  readonly db: BunSQLiteDatabase;
  transaction<T>(work: () => T): T;
  journal<T>(work: () => T): T;
  /** Throws unless a transaction is running: no write stands alone. */
  assertWriting(): void;
}

/**
 * Opens the file durably (WAL, FULL), alone (exclusive lock), checked, and brought up to date. Throws an
 * OperatorError in one line when another process holds it, it is damaged, or it is newer than we are.
 */
export function openDatabase(
  path: string,
  migrations: readonly string[] = MIGRATIONS,
): OpenDatabase {
  const sqlite = openFile(path);
  try {
    migrate(sqlite, path, migrations);
  } catch (error) {
    closeFile(sqlite);
    throw error;
  }
  return { sqlite, db: drizzle(sqlite), ...createTransactions(sqlite) };
}

function createTransactions(
  sqlite: Database,
): Pick<OpenDatabase, "transaction" | "journal" | "assertWriting"> {
  /** The failures of nested calls: they spoil the outer one, even when its work catches them. */
  let running: { readonly failures: unknown[]; readonly isDurable: boolean } | null = null;
  const [begin, commit] = [sqlite.prepare("BEGIN IMMEDIATE"), sqlite.prepare("COMMIT")];

  function join<T>(outer: { readonly failures: unknown[] }, work: () => T): T {
    try {
      return work();
    } catch (error) {
      outer.failures.push(error);
      throw error;
    }
  }

  function transaction<T>(work: () => T): T {
    if (running && !running.isDurable) throw new Error("a transaction inside a journal entry");
    return running ? join(running, work) : commitAfter(work, true);
  }

  function journal<T>(work: () => T): T {
    if (running) return join(running, work);
    sqlite.exec("PRAGMA synchronous = NORMAL");
    try {
      return commitAfter(work, false);
    } finally {
      sqlite.exec("PRAGMA synchronous = FULL");
    }
  }

  function commitAfter<T>(work: () => T, isDurable: boolean): T {
    begin.run();
    running = { failures: [], isDurable };
    try {
      const result = work();
      if (result instanceof Promise) throw new Error("the work of a transaction must not be async");
      if (running.failures.length > 0) {
        const [cause] = running.failures;
        throw new Error("a part of this transaction failed; nothing was written", { cause });
      }
      commit.run();
      return result;
    } catch (error) {
      if (sqlite.inTransaction) sqlite.exec("ROLLBACK");
      throw error;
    } finally {
      running = null;
    }
  }

  function assertWriting() {
    // A full disk ends the transaction by itself: what came after would be written alone.
    if (!running || !sqlite.inTransaction) throw new Error("a write outside a transaction");
  }

  return { transaction, journal, assertWriting };
}

/** Durable and exclusive, whatever it is used for. */
export function openFile(path: string): Database {
  let sqlite: Database | null = null;
  try {
    sqlite = new Database(path, { create: true, strict: true });
    if (path !== ":memory:") chmodSync(path, 0o600);
    for (const pragma of [
      // Exclusive before WAL: the lock is then held for as long as we live.
      "locking_mode = EXCLUSIVE",
      "busy_timeout = 1000",
      "journal_mode = WAL",
      "synchronous = FULL",
      "foreign_keys = ON",
      "trusted_schema = OFF",
    ]) {
      sqlite.exec(`PRAGMA ${pragma}`);
    }
    sqlite.exec("BEGIN IMMEDIATE; COMMIT");
    sqlite.exec("PRAGMA busy_timeout = 5000");
    const check = sqlite.query("PRAGMA quick_check").get();
    if (JSON.stringify(check) !== '{"quick_check":"ok"}') throw new Error("quick_check failed");
    return sqlite;
  } catch (error) {
    sqlite?.close();
    throw new OperatorError(explainOpen(path, error), { cause: error });
  }
}

/**
 * Closes and lets go of the lock at once: statements that are still cached would hold it until they are
 * collected, and an exclusive WAL is only left by leaving WAL first.
 */
export function closeFile(sqlite: Database): void {
  try {
    for (const pragma of ["journal_mode = DELETE", "locking_mode = NORMAL"]) {
      sqlite.exec(`PRAGMA ${pragma}`);
    }
    sqlite.exec("SELECT count(*) FROM sqlite_schema");
  } finally {
    sqlite.close();
  }
}

function explainOpen(path: string, error: unknown): string {
  const text = describeError(error);
  if (/locked|busy/i.test(text)) {
    return `${path} is in use by another Hedgerow process; stop that one first, or choose another state folder`;
  }
  if (/malformed|not a database|quick_check/i.test(text)) {
    return `${path} is damaged; nothing was changed. Restore a backup, or move the file away and start again: open positions are then found on the venues`;
  }
  return `${path} cannot be opened: ${text}`;
}

function migrate(sqlite: Database, path: string, migrations: readonly string[]): void {
  const row = sqlite.query<{ user_version: number }, []>("PRAGMA user_version").get();
  const version = row?.user_version ?? 0;
  if (version > migrations.length) {
    throw new OperatorError(
      `${path} was written by a newer version of Hedgerow; update Hedgerow, nothing was changed`,
    );
  }
  try {
    migrations.slice(version).forEach((sql, index) => {
      sqlite.exec(`BEGIN IMMEDIATE;${sql};PRAGMA user_version = ${version + index + 1};COMMIT`);
    });
  } catch (error) {
    if (sqlite.inTransaction) sqlite.exec("ROLLBACK");
    throw new OperatorError(
      `${path} could not be brought up to date (${describeError(error)}); what was in it is unchanged. Free some disk space, or go back to the version of Hedgerow that wrote it`,
      { cause: error },
    );
  }
}
