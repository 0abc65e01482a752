import { and, asc, eq, inArray } from "drizzle-orm";
import { canMoveTo, type Hedge, type HedgeLeg, type LegIndex } from "#src/core/hedge.ts";
import { baseSize, price } from "#src/core/units.ts";
import type { HedgeStore } from "#src/ports/store.ts";
import type { AuditTrail } from "./audit-trail.ts";
import type { OpenDatabase } from "./database.ts";
import { hedges, legs } from "./schema.ts";

type HedgeRow = typeof hedges.$inferSelect;
type LegRow = typeof legs.$inferSelect;

export function createHedgeStore(database: OpenDatabase, trail: AuditTrail): HedgeStore {
  const { db, assertWriting } = database;

  function revive(row: HedgeRow): Hedge {
    const rows = db
      .select()
      .from(legs)
      .where(eq(legs.hedgeId, row.id))
      .orderBy(asc(legs.legIndex))
      .all();
    const [first, second] = rows;
    if (!first || !second) throw new Error(`hedge ${row.id} has no two legs`);
    return { ...row, legs: [reviveLeg(first, 0), reviveLeg(second, 1)] };
  }

  return {
    insertHedge(hedge) {
      assertWriting();
      const { legs: both, ...row } = hedge;
      db.insert(hedges).values(row).run();
      for (const leg of both) db.insert(legs).values(legRow(hedge.id, leg)).run();
      trail.append("hedge", "engine", { id: hedge.id, phase: hedge.phase, legs: both });
    },
    getHedge(id) {
      const row = db.select().from(hedges).where(eq(hedges.id, id)).get();
      return row ? revive(row) : null;
    },
    listHedges(phases) {
      const rows = db
        .select()
        .from(hedges)
        .where(phases ? inArray(hedges.phase, [...phases]) : undefined)
        .orderBy(asc(hedges.openedAt), asc(hedges.createdAtWall))
        .all();
      return rows.map(revive);
    },
    updateHedge(hedge, change) {
      assertWriting();
      const phase = change.phase ?? hedge.phase;
      if (phase !== hedge.phase && !canMoveTo(hedge.phase, phase)) {
        throw new Error(`hedge ${hedge.id} cannot go from ${hedge.phase} to ${phase}`);
      }
      const version = hedge.version + 1;
      const changed = db
        .update(hedges)
        .set({ phase, version, closedAt: change.closedAt ?? hedge.closedAt })
        .where(and(eq(hedges.id, hedge.id), eq(hedges.version, hedge.version)))
        .returning({ id: hedges.id })
        .all();
      if (changed.length !== 1) throw new Error(`hedge ${hedge.id} was changed meanwhile`);
      for (const leg of change.legs ?? []) {
        db.update(legs)
          .set(legRow(hedge.id, leg))
          .where(and(eq(legs.hedgeId, hedge.id), eq(legs.legIndex, leg.index)))
          .run();
      }
      const next: Hedge = {
        ...hedge,
        phase,
        version,
        legs: change.legs ?? hedge.legs,
        closedAt: change.closedAt ?? hedge.closedAt,
      };
      trail.append("hedge", "engine", { id: hedge.id, from: hedge.phase, phase, legs: next.legs });
      return next;
    },
  };
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
