import { and, asc, eq, gt, lte, sql } from "drizzle-orm";
import { dec } from "#src/core/decimal.ts";
import { rate } from "#src/core/units.ts";
import type { RateStore } from "#src/ports/trading-stores.ts";
import type { OpenDatabase } from "./database.ts";
import { rates } from "./schema.ts";

export function createRateStore(database: OpenDatabase): RateStore {
  const { db, assertWriting } = database;
  const upsert = db
    .insert(rates)
    .values({
      venue: sql.placeholder("venue"),
      symbol: sql.placeholder("symbol"),
      fundingAt: sql.placeholder("fundingAt"),
      asset: sql.placeholder("asset"),
      rate: sql.placeholder("rate"),
      intervalHours: sql.placeholder("intervalHours"),
      observedAt: sql.placeholder("observedAt"),
    })
    .onConflictDoUpdate({
      target: [rates.venue, rates.symbol, rates.fundingAt],
      set: {
        rate: sql`excluded.rate`,
        intervalHours: sql`excluded.interval_hours`,
        observedAt: sql`excluded.observed_at`,
      },
    })
    .prepare();
  return {
    saveRates(samples) {
      assertWriting();
      for (const sample of samples) {
        upsert.run({
          ...sample,
          rate: sample.rate.toFixed(),
          intervalHours: sample.intervalHours.toFixed(),
        });
      }
    },
    listRates(venue, symbol, since, until) {
      return db
        .select()
        .from(rates)
        .where(
          and(
            eq(rates.venue, venue),
            eq(rates.symbol, symbol),
            gt(rates.fundingAt, since),
            lte(rates.fundingAt, until),
          ),
        )
        .orderBy(asc(rates.fundingAt))
        .all()
        .map((row) => ({
          ...row,
          rate: rate(row.rate),
          intervalHours: dec(row.intervalHours),
        }));
    },
  };
}
