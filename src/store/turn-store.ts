import { and, asc, desc, eq, gt, inArray, isNull, sql } from "drizzle-orm";
import type { Turn, TurnState, TurnStore } from "#src/ports/store.ts";
import type { OpenDatabase } from "./database.ts";
import { summaries, toolCalls, turns } from "./schema.ts";

const LIVE: readonly TurnState[] = ["waiting", "running"];
/** From which state each is reached. */
const BEFORE: Readonly<Record<Exclude<TurnState, "waiting">, readonly TurnState[]>> = {
  running: ["waiting"],
  answered: ["running"],
  failed: ["running"],
  stopped: LIVE,
  interrupted: LIVE,
};

/** Turns, the calls that their models made, and what older ones came to. */
export function createTurnStore(database: OpenDatabase): TurnStore {
  return { ...turnRows(database), ...callRows(database), ...summaryRows(database) };
}

type Rows<Names extends keyof TurnStore> = Pick<TurnStore, Names>;

function turnRows({
  db,
  assertWriting,
}: OpenDatabase): Rows<"insertTurn" | "getTurn" | "moveTurn" | "liveTurns" | "endedTurns"> {
  const get = db
    .select()
    .from(turns)
    .where(eq(turns.id, sql.placeholder("id")))
    .prepare();
  return {
    insertTurn(turn) {
      assertWriting();
      db.insert(turns).values(turn).run();
    },
    getTurn: (id) => get.get({ id }) ?? null,
    moveTurn(id, to, end) {
      assertWriting();
      const moved = db
        .update(turns)
        .set({ state: to, ...end })
        .where(and(eq(turns.id, id), inArray(turns.state, [...BEFORE[to]])))
        .returning({ id: turns.id })
        .all();
      return moved.length === 1;
    },
    liveTurns(chatId) {
      const here = chatId === undefined ? undefined : eq(turns.chatId, chatId);
      return db
        .select()
        .from(turns)
        .where(and(here, inArray(turns.state, [...LIVE])))
        .orderBy(asc(turns.seq))
        .all();
    },
    endedTurns(chatId, afterSeq, limit): readonly Turn[] {
      return db
        .select()
        .from(turns)
        .where(
          and(
            eq(turns.chatId, chatId),
            gt(turns.seq, afterSeq),
            inArray(turns.state, ["answered", "failed", "stopped", "interrupted"]),
          ),
        )
        .orderBy(desc(turns.seq))
        .limit(limit)
        .all()
        .reverse();
    },
  };
}

function callRows({
  db,
  assertWriting,
}: OpenDatabase): Rows<"attemptCall" | "returnCall" | "callsOf"> {
  return {
    attemptCall(call) {
      assertWriting();
      const written = db
        .insert(toolCalls)
        .values(call)
        .onConflictDoNothing()
        .returning({ callId: toolCalls.callId })
        .all();
      return written.length === 1;
    },
    returnCall(turnId, callId, resultJson, at) {
      assertWriting();
      db.update(toolCalls)
        .set({ resultJson, returnedAt: at })
        .where(
          and(
            eq(toolCalls.turnId, turnId),
            eq(toolCalls.callId, callId),
            isNull(toolCalls.returnedAt),
          ),
        )
        .run();
    },
    callsOf(turnId) {
      return db
        .select()
        .from(toolCalls)
        .where(eq(toolCalls.turnId, turnId))
        .orderBy(asc(sql`rowid`))
        .all();
    },
  };
}

function summaryRows({ db, assertWriting }: OpenDatabase): Rows<"saveSummary" | "getSummary"> {
  return {
    saveSummary(chatId, summary) {
      assertWriting();
      db.insert(summaries)
        .values({ chatId, ...summary })
        .onConflictDoUpdate({ target: summaries.chatId, set: summary })
        .run();
    },
    getSummary(chatId) {
      const row = db.select().from(summaries).where(eq(summaries.chatId, chatId)).get();
      return row ? { throughSeq: row.throughSeq, text: row.text } : null;
    },
  };
}
