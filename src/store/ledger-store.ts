import { and, asc, eq, gt, gte, type SQL, sql } from "drizzle-orm";
import { rate, usd } from "#src/core/units.ts";
import type { LedgerStore } from "#src/ports/trading-stores.ts";
import type { OpenDatabase } from "./database.ts";
import { onFirstUse } from "./on-first-use.ts";
import { reviveFill } from "./order-store.ts";
import { fills, fundingPayments, ledgerEntries } from "./schema.ts";

const { placeholder } = sql;

export function createLedgerStore(database: OpenDatabase): LedgerStore {
  const { db, assertWriting } = database;
  const statements = onFirstUse(() => ledgerStatements(database));
  return {
    insertLedgerEntry(entry) {
      assertWriting();
      return (
        statements().insertEntry.all({ ...entry, amountUsd: entry.amountUsd.toFixed() }).length ===
        1
      );
    },
    listLedgerEntries({ hedgeId, since = 0 } = {}) {
      const rows =
        hedgeId === undefined
          ? statements().entries.all({ since })
          : statements().ofHedge.all({ hedgeId, since });
      return rows.map((row) => ({ ...row, amountUsd: usd(row.amountUsd) }));
    },
    ledgerAfter: (after) =>
      statements()
        .later.all({ after })
        .map(({ seq, row }) => ({
          ...{ seq, entry: { ...row, amountUsd: usd(row.amountUsd) } },
        })),
    insertFundingPayment(payment, hedgeId) {
      assertWriting();
      const [amountUsd, rate] = [payment.amountUsd.toFixed(), payment.rate.toFixed()];
      return statements().insertPayment.all({ ...payment, hedgeId, amountUsd, rate }).length === 1;
    },
    listFundingPayments(hedgeId) {
      return db
        .select()
        .from(fundingPayments)
        .where(eq(fundingPayments.hedgeId, hedgeId))
        .orderBy(asc(fundingPayments.fundingAt))
        .all()
        .map(({ hedgeId: _, ...row }) => ({
          ...row,
          amountUsd: usd(row.amountUsd),
          rate: rate(row.rate),
        }));
    },
    unpostedFills() {
      return statements()
        .unposted.all()
        .map((row) => ({ fill: reviveFill(row), hedgeId: row.hedgeId }));
    },
    markFillPosted(venue, tradeId) {
      assertWriting();
      db.update(fills)
        .set({ posted: 1 })
        .where(and(eq(fills.venue, venue), eq(fills.tradeId, tradeId)))
        .run();
    },
  };
}

/** Each look at what venues have paid goes a day back: prepared once. */
function ledgerStatements({ db }: OpenDatabase) {
  const insertEntry = db
    .insert(ledgerEntries)
    .values({
      ...{ id: placeholder("id"), kind: placeholder("kind"), hedgeId: placeholder("hedgeId") },
      ...{ venue: placeholder("venue"), symbol: placeholder("symbol") },
      ...{ amountUsd: placeholder("amountUsd"), bookedFor: placeholder("bookedFor") },
    })
    .onConflictDoNothing()
    .returning({ id: ledgerEntries.id })
    .prepare();
  const insertPayment = db
    .insert(fundingPayments)
    .values({
      ...{ venue: placeholder("venue"), paymentId: placeholder("paymentId") },
      ...{ hedgeId: placeholder("hedgeId"), symbol: placeholder("symbol") },
      ...{ fundingAt: placeholder("fundingAt"), amountUsd: placeholder("amountUsd") },
      rate: placeholder("rate"),
    })
    .onConflictDoNothing()
    .returning({ id: fundingPayments.paymentId })
    .prepare();
  const isSince = gte(ledgerEntries.bookedFor, placeholder("since"));
  const list = (where: SQL | undefined) =>
    db
      .select()
      .from(ledgerEntries)
      .where(where)
      .orderBy(asc(ledgerEntries.bookedFor), asc(sql`rowid`))
      .prepare();
  const entries = list(isSince);
  const ofHedge = list(and(eq(ledgerEntries.hedgeId, placeholder("hedgeId")), isSince));
  const unposted = db
    .select()
    .from(fills)
    .where(eq(fills.posted, 0))
    .orderBy(asc(fills.filledAt), asc(sql`rowid`))
    .prepare();
  const rowid = sql<number>`rowid`;
  const later = db
    .select({ seq: rowid, row: ledgerEntries })
    .from(ledgerEntries)
    .where(gt(rowid, placeholder("after")))
    .orderBy(asc(rowid))
    .prepare();
  return { insertEntry, entries, ofHedge, later, insertPayment, unposted };
}
