import { and, asc, count, eq, inArray, type SQL, sql } from "drizzle-orm";
import {
  type AttemptState,
  canAttemptMoveTo,
  type Fill,
  LIVE_ATTEMPTS,
  type OrderAttempt,
} from "#src/core/order.ts";
import { baseSize, price, usd } from "#src/core/units.ts";
import type { OrderStore } from "#src/ports/trading-stores.ts";
import type { AuditTrail } from "./audit-trail.ts";
import type { OpenDatabase } from "./database.ts";
import { decodeOrderRequest, encodeJson } from "./json-codec.ts";
import { fills, orderAttempts } from "./schema.ts";

const { placeholder } = sql;

export function createOrderStore(database: OpenDatabase, trail: AuditTrail): OrderStore {
  return { ...attemptsOf(database, trail), ...fillsOf(database, trail) };
}

type AttemptPart = Pick<
  OrderStore,
  | "insertAttempt"
  | "moveAttempt"
  | "getAttempt"
  | "listAttempts"
  | "hasLiveAttempt"
  | "countAttempts"
>;

function attemptsOf(database: OpenDatabase, trail: AuditTrail): AttemptPart {
  const { db, assertWriting } = database;
  const { insert, byId, lists, liveLegs, counted } = attemptStatements(database);
  return {
    insertAttempt(attempt) {
      assertWriting();
      const request = encodeJson(attempt.request);
      insert.run({ ...attempt, request });
      const { clientOrderId: id, state } = attempt;
      trail.append("attempt", "engine", { id, state, request });
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
    getAttempt(id) {
      const row = byId.get({ id });
      return row ? reviveAttempt(row) : null;
    },
    listAttempts({ hedgeId, states }) {
      const onlyLive = states?.every((state) => LIVE_ATTEMPTS.includes(state)) ?? false;
      const rows =
        hedgeId === undefined
          ? (onlyLive ? lists.live : lists.all).all()
          : (onlyLive ? lists.liveOfHedge : lists.ofHedge).all({ hedgeId });
      return rows.filter((row) => isOneOf(row.state, states)).map(reviveAttempt);
    },
    hasLiveAttempt(hedgeId, legIndex) {
      const legs = liveLegs.all({ hedgeId });
      return legIndex === undefined
        ? legs.length > 0
        : legs.some((row) => row.legIndex === legIndex);
    },
    countAttempts: (hedgeId) => counted.get({ hedgeId })?.attempts ?? 0,
  };
}

/** On the way to a venue every statement is prepared: between two legs nothing may be slow. */
function attemptStatements({ db }: OpenDatabase) {
  const insert = db
    .insert(orderAttempts)
    .values({
      clientOrderId: placeholder("clientOrderId"),
      hedgeId: placeholder("hedgeId"),
      legIndex: placeholder("legIndex"),
      attemptNo: placeholder("attemptNo"),
      purpose: placeholder("purpose"),
      request: placeholder("request"),
      state: placeholder("state"),
      outcomeDetail: placeholder("outcomeDetail"),
      createdAt: placeholder("createdAt"),
      createdAtWall: placeholder("createdAtWall"),
    })
    .prepare();
  const byId = db
    .select()
    .from(orderAttempts)
    .where(eq(orderAttempts.clientOrderId, placeholder("id")))
    .prepare();
  const list = (where: SQL | undefined) =>
    db
      .select()
      .from(orderAttempts)
      .where(where)
      .orderBy(asc(orderAttempts.createdAtWall), asc(sql`rowid`))
      .prepare();
  const live = inArray(orderAttempts.state, [...LIVE_ATTEMPTS]);
  const ofHedge = eq(orderAttempts.hedgeId, placeholder("hedgeId"));
  const lists = {
    all: list(undefined),
    live: list(live),
    ofHedge: list(ofHedge),
    liveOfHedge: list(and(ofHedge, live)),
  };
  const liveLegs = db
    .select({ legIndex: orderAttempts.legIndex })
    .from(orderAttempts)
    .where(and(ofHedge, live))
    .prepare();
  const counted = db.select({ attempts: count() }).from(orderAttempts).where(ofHedge).prepare();
  return { insert, byId, lists, liveLegs, counted };
}

function isOneOf(state: AttemptState, states: readonly AttemptState[] | undefined): boolean {
  return !states || states.includes(state);
}

type FillPart = Pick<OrderStore, "insertFill" | "hasFill" | "listFills">;

function fillsOf({ db, assertWriting }: OpenDatabase, trail: AuditTrail): FillPart {
  const insert = db
    .insert(fills)
    .values({
      venue: placeholder("venue"),
      tradeId: placeholder("tradeId"),
      hedgeId: placeholder("hedgeId"),
      symbol: placeholder("symbol"),
      clientOrderId: placeholder("clientOrderId"),
      side: placeholder("side"),
      sizeBase: placeholder("sizeBase"),
      price: placeholder("price"),
      feeUsd: placeholder("feeUsd"),
      liquidity: placeholder("liquidity"),
      cause: placeholder("cause"),
      filledAt: placeholder("filledAt"),
    })
    .onConflictDoNothing()
    .returning({ tradeId: fills.tradeId })
    .prepare();
  const one = db
    .select({ tradeId: fills.tradeId })
    .from(fills)
    .where(and(eq(fills.venue, placeholder("venue")), eq(fills.tradeId, placeholder("tradeId"))))
    .prepare();
  const ofHedge = db
    .select()
    .from(fills)
    .where(eq(fills.hedgeId, placeholder("hedgeId")))
    .orderBy(asc(fills.filledAt), asc(sql`rowid`))
    .prepare();
  return {
    insertFill(fill, hedgeId) {
      assertWriting();
      const inserted = insert.all({ ...fillRow(fill), hedgeId });
      if (inserted.length === 1) trail.append("fill", "engine", { ...fill, hedgeId });
      return inserted.length === 1;
    },
    hasFill: (venue, tradeId) => one.get({ venue, tradeId }) !== undefined,
    listFills: (hedgeId) => ofHedge.all({ hedgeId }).map(reviveFill),
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
