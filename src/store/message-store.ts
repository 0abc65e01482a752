import { and, asc, desc, eq, isNull, lte, sql } from "drizzle-orm";
import { ALERT_REASONS, type MessageStore } from "#src/ports/store.ts";
import type { OpenDatabase } from "./database.ts";
import { decodeOutboxContent, encodeJson } from "./json-codec.ts";
import { outbox } from "./schema.ts";

export function createMessageStore(database: OpenDatabase): MessageStore {
  const { db, assertWriting } = database;
  const due = db
    .select()
    .from(outbox)
    .where(and(isNull(outbox.deliveredAt), lte(outbox.nextTryAt, sql.placeholder("now"))))
    .orderBy(desc(sql`${outbox.severity} = 'critical'`), asc(outbox.id))
    .limit(sql.placeholder("limit"))
    .prepare();
  return {
    alertsAbout(hedgeId) {
      return db
        .select({ reason: sql<string>`json_extract(${outbox.content}, '$.reason')` })
        .from(outbox)
        .where(eq(sql`json_extract(${outbox.content}, '$.hedgeId')`, hedgeId))
        .orderBy(asc(outbox.id))
        .all()
        .flatMap(({ reason }) => ALERT_REASONS.filter((known) => known === reason));
    },
    enqueue({ severity, chatId, content }) {
      assertWriting();
      db.insert(outbox)
        .values({ severity, chatId, content: encodeJson(content) })
        .run();
    },
    dueOutbox(now, limit) {
      return due.all({ now, limit }).map((row) => ({
        id: row.id,
        severity: row.severity,
        chatId: row.chatId,
        attempts: row.attempts,
        content: decodeOutboxContent(row.content),
      }));
    },
    markDelivered(id, wallNow) {
      assertWriting();
      db.update(outbox).set({ deliveredAt: wallNow }).where(eq(outbox.id, id)).run();
    },
    markRetry(id, nextTryAt) {
      assertWriting();
      db.update(outbox)
        .set({ nextTryAt, attempts: sql`${outbox.attempts} + 1` })
        .where(eq(outbox.id, id))
        .run();
    },
    recentAlerts(limit) {
      return db
        .select()
        .from(outbox)
        .where(sql`${outbox.content} LIKE '%"type":"alert"}'`)
        .orderBy(desc(outbox.id))
        .limit(limit)
        .all()
        .flatMap((row) => {
          const content = decodeOutboxContent(row.content);
          const at = row.deliveredAt;
          return content.type === "alert"
            ? [{ at, severity: row.severity, text: content.text }]
            : [];
        });
    },
  };
}
