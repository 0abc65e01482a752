import { and, desc, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { ProposalState } from "#src/core/proposal.ts";
import type { ProposalStore, StoredProposal } from "#src/ports/store.ts";
import type { AuditTrail } from "./audit-trail.ts";
import type { OpenDatabase } from "./database.ts";
import { decodeProposal, encodeJson } from "./json-codec.ts";
import { onFirstUse } from "./on-first-use.ts";
import { approvals, proposals } from "./schema.ts";

const { placeholder } = sql;

/** From which states each one may be reached; a mandate's plan is denied without having been approved. */
const FROM: Readonly<Record<ProposalState, readonly ProposalState[]>> = {
  awaiting: [],
  approved: ["awaiting"],
  declined: ["awaiting"],
  expired: ["awaiting"],
  superseded: ["awaiting"],
  denied: ["awaiting", "approved"],
  executed: ["approved"],
  failed: ["approved"],
};

export function createProposalStore(database: OpenDatabase, trail: AuditTrail): ProposalStore {
  const { db, assertWriting } = database;
  const statements = onFirstUse(() => lookUps(database));
  return {
    insertProposal(proposal, hash) {
      assertWriting();
      const { id, kind, asset, createdAt } = proposal;
      const body = encodeJson(proposal);
      db.insert(proposals)
        .values({ id, kind, asset, body, hash, state: "awaiting", createdAt })
        .run();
      trail.append("proposal", proposal.source, { hash, proposal });
    },
    getProposal(id) {
      const row = db.select().from(proposals).where(eq(proposals.id, id)).get();
      return row ? revive(row) : null;
    },
    listProposals(filter = {}) {
      const states = JSON.stringify(filter.states ?? Object.keys(FROM));
      return statements()
        .list.all({ states, limit: filter.limit ?? 200 })
        .map(revive);
    },
    setProposalState(id, state, reason) {
      assertWriting();
      const moved = db
        .update(proposals)
        .set({ state, ...(reason === undefined ? {} : { reason }) })
        .where(and(eq(proposals.id, id), inArray(proposals.state, [...FROM[state]])))
        .returning({ id: proposals.id })
        .all();
      if (moved.length !== 1) throw new Error(`proposal ${id} cannot become ${state}`);
      trail.append("proposal", "engine", { id, state, reason: reason ?? null });
    },
    insertApproval(approval) {
      assertWriting();
      db.insert(approvals).values(approval).run();
      // The nonce is a secret: the chain names what is to be approved, not what approves it.
      const { subject, subjectId: id, subjectHash: hash } = approval;
      trail.append("approval", "engine", { subject, id, hash });
    },
    getApproval(nonce) {
      return db.select().from(approvals).where(eq(approvals.nonce, nonce)).get() ?? null;
    },
    listApprovals({ subjectId, state }) {
      const { approvalsOf } = statements();
      if (subjectId === undefined) {
        return state === undefined ? approvalsOf.all.all() : approvalsOf.inState.all({ state });
      }
      const found = approvalsOf.ofSubject.all({ subjectId });
      return state === undefined ? found : found.filter((one) => one.state === state);
    },
    bindApprovalMessage(nonce, chatId, messageId) {
      assertWriting();
      // Never moved to another chat: there its buttons would be somebody else's.
      db.update(approvals)
        .set({ messageId })
        .where(and(eq(approvals.nonce, nonce), eq(approvals.chatId, chatId)))
        .run();
    },
    settleApproval(nonce, to) {
      assertWriting();
      const settled = db
        .update(approvals)
        .set({ state: to })
        .where(and(eq(approvals.nonce, nonce), eq(approvals.state, "pending")))
        .returning({ subject: approvals.subject, id: approvals.subjectId })
        .all();
      const actor = to === "approved" || to === "declined" ? "owner" : "engine";
      for (const row of settled) trail.append("approval", actor, { ...row, state: to });
      return settled.length === 1;
    },
  };
}

/** Asked for with every round of the watch: prepared once. */
function lookUps({ db }: OpenDatabase) {
  const isWanted = sql`${proposals.state} IN (SELECT value FROM json_each(${placeholder("states")}))`;
  const list = db
    .select()
    .from(proposals)
    .where(isWanted)
    .orderBy(desc(proposals.createdAt), desc(sql`rowid`))
    .limit(placeholder("limit"))
    .prepare();
  const approvalsWhere = (where: SQL | undefined) =>
    db.select().from(approvals).where(where).prepare();
  return {
    list,
    approvalsOf: {
      all: approvalsWhere(undefined),
      ofSubject: approvalsWhere(eq(approvals.subjectId, placeholder("subjectId"))),
      inState: approvalsWhere(eq(approvals.state, placeholder("state"))),
    },
  };
}

function revive(row: typeof proposals.$inferSelect): StoredProposal {
  return {
    proposal: decodeProposal(row.body),
    hash: row.hash,
    state: row.state,
    reason: row.reason,
  };
}
