import { desc, eq, getTableColumns, sql } from "drizzle-orm";
import type { TradingState } from "#src/core/trading-state.ts";
import type { FactStore } from "#src/ports/store.ts";
import type { AuditTrail } from "./audit-trail.ts";
import type { OpenDatabase } from "./database.ts";
import { decisions, facts } from "./schema.ts";

const TRADING_STATE = "tradingState";
/** The order of writing is ours alone. */
const { seq: _, ...decisionColumns } = getTableColumns(decisions);

export function createFactStore(database: OpenDatabase, trail: AuditTrail): FactStore {
  const { db, assertWriting } = database;
  const fact = db
    .select()
    .from(facts)
    .where(eq(facts.key, sql.placeholder("key")))
    .prepare();

  const upsert = db
    .insert(facts)
    .values({ key: sql.placeholder("key"), value: sql.placeholder("value") })
    .onConflictDoUpdate({ target: facts.key, set: { value: sql`excluded.value` } })
    .prepare();

  function setFact(key: string, value: string) {
    assertWriting();
    upsert.run({ key, value });
  }

  return {
    audit: (kind, actor, body, at) => trail.append(kind, actor, body, at),
    verifyAudit: () => trail.verify(),
    isAudited: (kind, actor, body) => trail.holds(kind, actor, body),
    insertDecision(decision) {
      assertWriting();
      const seq = sql<number>`(SELECT coalesce(max(seq), 0) + 1 FROM decisions)`;
      db.insert(decisions)
        .values({ ...decision, seq })
        .run();
    },
    listDecisions({ asset, limit }) {
      return db
        .select(decisionColumns)
        .from(decisions)
        .where(asset === undefined ? undefined : eq(decisions.asset, asset))
        .orderBy(desc(decisions.seq))
        .limit(limit)
        .all();
    },
    tradingState: () => asTradingState(fact.get({ key: TRADING_STATE })?.value),
    setTradingState(state) {
      setFact(TRADING_STATE, state);
      trail.append("tradingState", "engine", { state });
    },
    getFact: (key) => fact.get({ key })?.value ?? null,
    setFact,
  };
}

/** A new database trades; anything unreadable does not. */
function asTradingState(text: string | undefined): TradingState {
  if (text === undefined || text === "active") return "active";
  return text === "reducing" ? "reducing" : "halted";
}
