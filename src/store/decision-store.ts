import { and, asc, desc, eq, isNotNull, isNull, like, lte, sql } from "drizzle-orm";
import { rate, usd } from "#src/core/units.ts";
import type { DecisionOutcome, DecisionStore, ScanDecision } from "#src/ports/decision-store.ts";
import type { AuditTrail } from "./audit-trail.ts";
import type { OpenDatabase } from "./database.ts";
import {
  decodeGates,
  decodeResults,
  decodeTable,
  decodeVotes,
  encodeDecisionPart,
} from "./decision-codec.ts";
import { encodeJson } from "./json-codec.ts";
import { decisionOutcomes, scanDecisions } from "./schema.ts";

/** What scans chose, and what came of it. */
export function createDecisionStore(database: OpenDatabase, trail: AuditTrail): DecisionStore {
  return { ...decisionRows(database, trail), ...outcomeRows(database) };
}

type Rows<Names extends keyof DecisionStore> = Pick<DecisionStore, Names>;

function decisionRows(
  { db, assertWriting }: OpenDatabase,
  trail: AuditTrail,
): Rows<
  | "insertScanDecision"
  | "endScanDecision"
  | "addDecisionResult"
  | "getScanDecision"
  | "listScanDecisions"
> {
  const get = db
    .select()
    .from(scanDecisions)
    .where(eq(scanDecisions.id, sql.placeholder("id")))
    .prepare();
  return {
    insertScanDecision(decision) {
      assertWriting();
      const { table, votes, gates, results, ...rest } = decision;
      const assets = [...new Set([...table.opens, ...table.closes].map((row) => row.asset))];
      db.insert(scanDecisions)
        .values({
          ...rest,
          assets: encodeJson(assets),
          table: encodeDecisionPart(table),
          votes: encodeDecisionPart(votes),
          gates: encodeDecisionPart(gates),
          results: encodeDecisionPart(results),
        })
        .run();
      if (decision.choice)
        trail.append("decision", decision.decidedBy ?? "rules", auditOf(decision));
    },
    endScanDecision(id, { choice, decidedBy, votes, gates }) {
      assertWriting();
      const [row] = db
        .update(scanDecisions)
        .set({
          ...{ choice, decidedBy },
          ...{ votes: encodeDecisionPart(votes), gates: encodeDecisionPart(gates) },
        })
        .where(and(eq(scanDecisions.id, id), isNull(scanDecisions.choice)))
        .returning()
        .all();
      if (!row) throw new Error(`decision ${id} has ended already`);
      trail.append("decision", decidedBy ?? "rules", auditOf(asDecision(row)));
    },
    addDecisionResult(id, result) {
      assertWriting();
      const row = get.get({ id });
      if (!row) throw new Error(`there is no decision ${id}`);
      const results = encodeDecisionPart([...decodeResults(row.results), result]);
      db.update(scanDecisions).set({ results }).where(eq(scanDecisions.id, id)).run();
    },
    getScanDecision(id) {
      const row = get.get({ id });
      return row ? asDecision(row) : null;
    },
    listScanDecisions({ asset, limit }) {
      const has = sql`EXISTS (SELECT 1 FROM json_each(${scanDecisions.assets}) WHERE value = ${asset})`;
      return db
        .select()
        .from(scanDecisions)
        .where(asset === undefined ? undefined : has)
        .orderBy(desc(scanDecisions.seq))
        .limit(limit)
        .all()
        .map(asDecision);
    },
  };
}

function outcomeRows({
  db,
  assertWriting,
}: OpenDatabase): Rows<
  "expectOutcome" | "dueOutcomes" | "settleOutcome" | "outcomesOf" | "openOutcomes"
> {
  return {
    expectOutcome(decisionId, horizonHours, dueAt) {
      assertWriting();
      db.insert(decisionOutcomes)
        .values({ decisionId, horizonHours, dueAt, state: "waiting" })
        .run();
    },
    dueOutcomes: (by) =>
      db
        .select()
        .from(decisionOutcomes)
        .where(and(eq(decisionOutcomes.state, "waiting"), lte(decisionOutcomes.dueAt, by)))
        .orderBy(asc(decisionOutcomes.dueAt))
        .all()
        .map(asOutcome),
    settleOutcome({ decisionId, horizonHours, state, netRate, policyNetRate, pnlUsd }) {
      assertWriting();
      const settled = db
        .update(decisionOutcomes)
        .set({
          state,
          netRate: netRate?.toFixed() ?? null,
          policyNetRate: policyNetRate?.toFixed() ?? null,
          pnlUsd: pnlUsd?.toFixed() ?? null,
        })
        .where(
          and(
            eq(decisionOutcomes.decisionId, decisionId),
            eq(decisionOutcomes.horizonHours, horizonHours),
            eq(decisionOutcomes.state, "waiting"),
          ),
        )
        .returning({ id: decisionOutcomes.decisionId })
        .all();
      return settled.length === 1;
    },
    outcomesOf: (decisionId) =>
      db
        .select()
        .from(decisionOutcomes)
        .where(eq(decisionOutcomes.decisionId, decisionId))
        .orderBy(asc(decisionOutcomes.horizonHours))
        .all()
        .map(asOutcome),
    openOutcomes: (horizonHours, limit) =>
      db
        .select({ netRate: decisionOutcomes.netRate })
        .from(decisionOutcomes)
        .innerJoin(scanDecisions, eq(scanDecisions.id, decisionOutcomes.decisionId))
        .where(
          and(
            eq(decisionOutcomes.horizonHours, horizonHours),
            isNotNull(decisionOutcomes.netRate),
            like(scanDecisions.choice, "O%"),
          ),
        )
        .orderBy(desc(scanDecisions.seq))
        .limit(limit)
        .all()
        .flatMap(({ netRate }) => (netRate === null ? [] : [rate(netRate)])),
  };
}

/** The chain holds what was chosen and what it was chosen from, by hash. */
function auditOf({ id, choice, policyChoice, gates, tableHash, promptHash }: ScanDecision) {
  return { id, choice, policyChoice, gates, tableHash, promptHash };
}

function asDecision(row: typeof scanDecisions.$inferSelect): ScanDecision {
  const { seq: _, assets: __, ...rest } = row;
  return {
    ...rest,
    table: decodeTable(row.table),
    votes: decodeVotes(row.votes),
    gates: decodeGates(row.gates),
    results: decodeResults(row.results),
  };
}

function asOutcome(row: typeof decisionOutcomes.$inferSelect): DecisionOutcome {
  const { netRate, policyNetRate, pnlUsd, ...rest } = row;
  return {
    ...rest,
    netRate: netRate === null ? null : rate(netRate),
    policyNetRate: policyNetRate === null ? null : rate(policyNetRate),
    pnlUsd: pnlUsd === null ? null : usd(pnlUsd),
  };
}
