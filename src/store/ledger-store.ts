import { and, asc, eq, gte, sql } from "drizzle-orm";
import { rate, usd } from "#src/core/units.ts";
import type { LedgerStore } from "#src/ports/trading-stores.ts";
import type { OpenDatabase } from "./database.ts";
import { reviveFill } from "./order-store.ts";
import { fills, fundingPayments, ledgerEntries } from "./schema.ts";

export function createLedgerStore(database: OpenDatabase): LedgerStore {
  const { db, assertWriting } = database;
  return {
    insertLedgerEntry(entry) {
      assertWriting();
      const inserted = db
        .insert(ledgerEntries)
        .values({ ...entry, amountUsd: entry.amountUsd.toFixed() })
        .onConflictDoNothing()
        .returning({ id: ledgerEntries.id })
        .all();
      return inserted.length === 1;
    },
    listLedgerEntries({ hedgeId, since } = {}) {
      return db
        .select()
        .from(ledgerEntries)
        .where(
          and(
            hedgeId === undefined ? undefined : eq(ledgerEntries.hedgeId, hedgeId),
            since === undefined ? undefined : gte(ledgerEntries.bookedFor, since),
          ),
        )
        .orderBy(asc(ledgerEntries.bookedFor), asc(sql`rowid`))
        .all()
        .map((row) => ({ ...row, amountUsd: usd(row.amountUsd) }));
    },
    insertFundingPayment(payment, hedgeId) {
      assertWriting();
      const inserted = db
        .insert(fundingPayments)
        .values({
          ...payment,
          hedgeId,
          amountUsd: payment.amountUsd.toFixed(),
          rate: payment.rate.toFixed(),
        })
        .onConflictDoNothing()
        .returning({ id: fundingPayments.paymentId })
        .all();
      return inserted.length === 1;
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
      return db
        .select()
        .from(fills)
        .where(eq(fills.posted, 0))
        .orderBy(asc(fills.filledAt), asc(sql`rowid`))
        .all()
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
