import { and, asc, desc, eq, sql } from "drizzle-orm";
import { canonicalHash, canonicalJson } from "#src/core/canonical-hash.ts";
import type { OpenDatabase } from "./database.ts";
import { audit } from "./schema.ts";

export interface AuditTrail {
  append(kind: string, actor: string, body: Readonly<Record<string, unknown>>, at?: number): void;
  /** Index (from 0) of the first row that does not follow from the one before; null when all do. */
  verify(): number | null;
  holds(kind: string, actor: string, body: Readonly<Record<string, unknown>>): boolean;
}

const GENESIS = "hedgerow";

/** hash(i) = SHA-256(hash(i−1), row i): a changed or removed row breaks every later one. */
export function createAuditTrail(database: OpenDatabase, wallNow: () => number): AuditTrail {
  const { db, assertWriting } = database;
  const last = db
    .select({ hash: audit.hash })
    .from(audit)
    .orderBy(desc(audit.id))
    .limit(1)
    .prepare();
  const insert = db
    .insert(audit)
    .values({
      at: sql.placeholder("at"),
      kind: sql.placeholder("kind"),
      actor: sql.placeholder("actor"),
      body: sql.placeholder("body"),
      hash: sql.placeholder("hash"),
    })
    .prepare();
  return {
    append(kind, actor, body, at = wallNow()) {
      assertWriting();
      const row = { at, kind, actor, body: canonicalJson(body) };
      const previous = last.get()?.hash ?? GENESIS;
      insert.run({ ...row, hash: link(previous, row) });
    },
    verify() {
      let previous = GENESIS;
      const rows = db.select().from(audit).orderBy(asc(audit.id)).all();
      for (const [index, { at, kind, actor, body, hash }] of rows.entries()) {
        previous = link(previous, { at, kind, actor, body });
        if (previous !== hash) return index;
      }
      return null;
    },
    holds(kind, actor, body) {
      const same = and(
        ...[eq(audit.kind, kind), eq(audit.actor, actor), eq(audit.body, canonicalJson(body))],
      );
      return db.select({ id: audit.id }).from(audit).where(same).limit(1).get() !== undefined;
    },
  };
}

function link(
  previous: string,
  row: {
    readonly at: number;
    readonly kind: string;
    readonly actor: string;
    readonly body: string;
  },
): string {
  return canonicalHash([previous, row.at, row.kind, row.actor, row.body]);
}
