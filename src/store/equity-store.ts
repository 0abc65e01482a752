import { and, asc, desc, gt, lte } from "drizzle-orm";
import { usd } from "#src/core/units.ts";
import type { EquityPoint, EquityStore } from "#src/ports/trading-stores.ts";
import type { OpenDatabase } from "./database.ts";
import { equityPoints } from "./schema.ts";

export function createEquityStore({ db, assertWriting }: OpenDatabase): EquityStore {
  return {
    saveEquityPoint({ at, equityUsd, flowsUsd }) {
      assertWriting();
      const figures = { equityUsd: equityUsd.toFixed(), flowsUsd: flowsUsd.toFixed() };
      db.insert(equityPoints)
        .values({ at, ...figures })
        .onConflictDoUpdate({ target: equityPoints.at, set: figures })
        .run();
    },
    listEquityPoints(since, until) {
      return db
        .select()
        .from(equityPoints)
        .where(and(gt(equityPoints.at, since), lte(equityPoints.at, until)))
        .orderBy(asc(equityPoints.at))
        .all()
        .map(revive);
    },
    latestEquityPoint() {
      const [row] = db.select().from(equityPoints).orderBy(desc(equityPoints.at)).limit(1).all();
      return row ? revive(row) : null;
    },
  };
}

function revive(row: typeof equityPoints.$inferSelect): EquityPoint {
  return { at: row.at, equityUsd: usd(row.equityUsd), flowsUsd: usd(row.flowsUsd) };
}
