import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { canAttemptMoveTo, type Fill, LIVE_ATTEMPTS, type OrderAttempt } from "#src/core/order.ts";
import { baseSize, price, usd } from "#src/core/units.ts";
import type { OrderStore } from "#src/ports/store.ts";
import type { AuditTrail } from "./audit-trail.ts";
import type { OpenDatabase } from "./database.ts";
import { decodeOrderRequest, encodeJson } from "./json-codec.ts";
import { fills, orderAttempts } from "./schema.ts";

export function createOrderStore(database: OpenDatabase, trail: AuditTrail): OrderStore {
  const { db, assertWriting } = database;
  return {
    insertAttempt(attempt) {
      assertWriting();
      db.insert(orderAttempts)
        .values({ ...attempt, request: encodeJson(attempt.request) })
        .run();
      trail.append("attempt", "engine", { id: attempt.clientOrderId, request: attempt.request });
    },
    moveAttempt(clientOrderId, to, detail) {
      assertWriting();
      const from = LIVE_ATTEMPTS.filter((state) => canAttemptMoveTo(state, to));
      const moved = db
        .update(orderAttempts)
        .set({ state: to, ...(detail === undefined ? {} : { outcomeDetail: detail }) })
        .where(
          and(
            eq(orderAttempts.clientOrderId, clientOrderId),
            inArray(orderAttempts.state, [...from]),
          ),
        )
        .returning({ id: orderAttempts.clientOrderId })
        .all();
      if (moved.length !== 1) throw new Error(`attempt ${clientOrderId} cannot become ${to}`);
      trail.append("attempt", "engine", { id: clientOrderId, state: to, detail: detail ?? null });
    },
    getAttempt(clientOrderId) {
      const row = db
        .select()
        .from(orderAttempts)
        .where(eq(orderAttempts.clientOrderId, clientOrderId))
        .get();
      return row ? reviveAttempt(row) : null;
    },
    listAttempts({ hedgeId, states }) {
      return db
        .select()
        .from(orderAttempts)
        .where(
          and(
            hedgeId === undefined ? undefined : eq(orderAttempts.hedgeId, hedgeId),
            states ? inArray(orderAttempts.state, [...states]) : undefined,
          ),
        )
        .orderBy(asc(orderAttempts.createdAtWall), asc(sql`rowid`))
        .all()
        .map(reviveAttempt);
    },
    insertFill(fill, hedgeId) {
      assertWriting();
      const inserted = db
        .insert(fills)
        .values({ ...fillRow(fill), hedgeId })
        .onConflictDoNothing()
        .returning({ tradeId: fills.tradeId })
        .all();
      if (inserted.length === 1) trail.append("fill", "engine", { ...fill, hedgeId });
      return inserted.length === 1;
    },
    hasFill(venue, tradeId) {
      const row = db
        .select({ tradeId: fills.tradeId })
        .from(fills)
        .where(and(eq(fills.venue, venue), eq(fills.tradeId, tradeId)))
        .get();
      return row !== undefined;
    },
    listFills(hedgeId) {
      return db
        .select()
        .from(fills)
        .where(eq(fills.hedgeId, hedgeId))
        .orderBy(asc(fills.filledAt), asc(sql`rowid`))
        .all()
        .map(reviveFill);
    },
  };
}

export function reviveFill(row: typeof fills.$inferSelect): Fill {
  const { hedgeId: _, posted: __, ...rest } = row;
  return {
    ...rest,
    sizeBase: baseSize(row.sizeBase),
    price: price(row.price),
    feeUsd: usd(row.feeUsd),
  };
}

function fillRow(fill: Fill) {
  return {
    ...fill,
    sizeBase: fill.sizeBase.toFixed(),
    price: fill.price.toFixed(),
    feeUsd: fill.feeUsd.toFixed(),
  };
}

function reviveAttempt(row: typeof orderAttempts.$inferSelect): OrderAttempt {
  return {
    ...row,
    legIndex: row.legIndex === 0 ? 0 : 1,
    request: decodeOrderRequest(row.request),
  };
}
