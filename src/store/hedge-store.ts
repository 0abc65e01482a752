import { and, asc, desc, eq, getTableColumns, sql } from "drizzle-orm";
import {
  changeHedge,
  type Hedge,
  type HedgeLeg,
  type LegIndex,
  LIVE_PHASES,
} from "#src/core/hedge.ts";
import { baseSize, price } from "#src/core/units.ts";
import type { HedgeStore } from "#src/ports/trading-stores.ts";
import type { AuditTrail } from "./audit-trail.ts";
import type { OpenDatabase } from "./database.ts";
import { onFirstUse } from "./on-first-use.ts";
import { hedges, legs } from "./schema.ts";

type HedgeRow = typeof hedges.$inferSelect;
type LegRow = typeof legs.$inferSelect;

export function createHedgeStore(database: OpenDatabase, trail: AuditTrail): HedgeStore {
  const { db, assertWriting } = database;

  const hedgeById = db
    .select()
    .from(hedges)
    .where(eq(hedges.id, sql.placeholder("id")))
    .prepare();
  const legsById = db
    .select()
    .from(legs)
    .where(eq(legs.hedgeId, sql.placeholder("id")))
    .orderBy(asc(legs.legIndex))
    .prepare();
  const lists = onFirstUse(() => hedgeLists(database));

  return {
    insertHedge(hedge) {
      assertWriting();
      const { legs: both, ...row } = hedge;
      db.insert(hedges).values(row).run();
      for (const leg of both) db.insert(legs).values(legRow(hedge.id, leg)).run();
      trail.append("hedge", "engine", { id: hedge.id, phase: hedge.phase, legs: both });
    },
    getHedge(id) {
      const row = hedgeById.get({ id });
      return row ? revive(row, legsById.all({ id })) : null;
    },
    listHedges(phases = [...LIVE_PHASES, "closed"]) {
      const wanted = { phases: JSON.stringify(phases) };
      const { inPhases, legsOf } = lists();
      const rows = inPhases.all(wanted);
      const byHedge = Map.groupBy(legsOf.all(wanted), (leg) => leg.hedgeId);
      return rows.map((row) => revive(row, byHedge.get(row.id) ?? []));
    },
    latestHedges(limit) {
      const lastMoment = sql`max(${hedges.openedAt}, coalesce(${hedges.closedAt}, 0))`;
      const rows = db.select().from(hedges).orderBy(desc(lastMoment)).limit(limit).all();
      return rows.map((row) => revive(row, legsById.all({ id: row.id })));
    },
    updateHedge(hedge, change) {
      assertWriting();
      const next = changeHedge(hedge, change);
      const { phase, version, closedAt } = next;
      const updated = db
        .update(hedges)
        .set({ phase, version, closedAt })
        .where(
          and(
            eq(hedges.id, hedge.id),
            eq(hedges.version, hedge.version),
            eq(hedges.phase, hedge.phase),
          ),
        )
        .returning({ id: hedges.id })
        .all();
      if (updated.length !== 1) throw new Error(`hedge ${hedge.id} was changed meanwhile`);
      for (const leg of change.legs ?? []) {
        db.update(legs)
          .set(legRow(hedge.id, leg))
          .where(and(eq(legs.hedgeId, hedge.id), eq(legs.legIndex, leg.index)))
          .run();
      }
      trail.append("hedge", "engine", { id: hedge.id, from: hedge.phase, phase, legs: next.legs });
      return next;
    },
  };
}

/** Asked for with every round of the watch. */
function hedgeLists({ db }: OpenDatabase) {
  const isWanted = sql`${hedges.phase} IN (SELECT value FROM json_each(${sql.placeholder("phases")}))`;
  const inPhases = db
    .select()
    .from(hedges)
    .where(isWanted)
    .orderBy(asc(hedges.openedAt), asc(hedges.createdAtWall), asc(sql`rowid`))
    .prepare();
  const legsOf = db
    .select(getTableColumns(legs))
    .from(legs)
    .innerJoin(hedges, eq(hedges.id, legs.hedgeId))
    .where(isWanted)
    .orderBy(asc(legs.legIndex))
    .prepare();
  return { inPhases, legsOf };
}

function revive(row: HedgeRow, [first, second]: readonly LegRow[]): Hedge {
  if (!first || !second) throw new Error(`hedge ${row.id} has no two legs`);
  return { ...row, legs: [reviveLeg(first, 0), reviveLeg(second, 1)] };
}

function legRow(hedgeId: string, leg: HedgeLeg): LegRow {
  return {
    hedgeId,
    legIndex: leg.index,
    venue: leg.venue,
    symbol: leg.symbol,
    side: leg.side,
    targetBase: leg.targetBase.toFixed(),
    heldBase: leg.heldBase.toFixed(),
    entryPrice: leg.entryPrice?.toFixed() ?? null,
  };
}

function reviveLeg(row: LegRow, index: LegIndex): HedgeLeg {
  return {
    index,
    venue: row.venue,
    symbol: row.symbol,
    side: row.side,
    targetBase: baseSize(row.targetBase),
    heldBase: baseSize(row.heldBase),
    entryPrice: row.entryPrice === null ? null : price(row.entryPrice),
  };
}
