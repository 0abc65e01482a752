import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { SLOTS } from "#src/core/decision.ts";
import { MODEL_FAILURES } from "#src/ports/language-model.ts";

/** The same tables as the migrations make, for typed queries. Decimals are text, always. */
export const facts = sqliteTable("facts", {
  key: text().primaryKey(),
  value: text().notNull(),
});

export const hedges = sqliteTable("hedges", {
  id: text().primaryKey(),
  asset: text().notNull(),
  phase: text({
    enum: ["opening", "open", "unwinding", "closing", "closed", "review"],
  }).notNull(),
  proposalId: text("proposal_id").notNull(),
  mandateId: text("mandate_id"),
  openedAt: integer("opened_at").notNull(),
  closedAt: integer("closed_at"),
  createdAtWall: integer("created_at_wall").notNull(),
  version: integer().notNull(),
});

export const legs = sqliteTable(
  "legs",
  {
    hedgeId: text("hedge_id").notNull(),
    legIndex: integer("leg_index").notNull(),
    venue: text().notNull(),
    symbol: text().notNull(),
    side: text({ enum: ["long", "short"] }).notNull(),
    targetBase: text("target_base").notNull(),
    heldBase: text("held_base").notNull(),
    entryPrice: text("entry_price"),
  },
  (table) => [primaryKey({ columns: [table.hedgeId, table.legIndex] })],
);

export const orderAttempts = sqliteTable("order_attempts", {
  clientOrderId: text("client_order_id").primaryKey(),
  hedgeId: text("hedge_id"),
  legIndex: integer("leg_index").notNull(),
  attemptNo: integer("attempt_no").notNull(),
  purpose: text({ enum: ["open", "unwind", "close", "rebalance", "kill"] }).notNull(),
  request: text().notNull(),
  state: text({ enum: ["intent", "sent", "unknown", "done", "dead"] }).notNull(),
  outcomeDetail: text("outcome_detail"),
  createdAt: integer("created_at").notNull(),
  createdAtWall: integer("created_at_wall").notNull(),
});

export const fills = sqliteTable(
  "fills",
  {
    venue: text().notNull(),
    tradeId: text("trade_id").notNull(),
    hedgeId: text("hedge_id"),
    symbol: text().notNull(),
    clientOrderId: text("client_order_id").notNull(),
    side: text({ enum: ["buy", "sell"] }).notNull(),
    sizeBase: text("size_base").notNull(),
    price: text().notNull(),
    feeUsd: text("fee_usd").notNull(),
    liquidity: text({ enum: ["maker", "taker"] }).notNull(),
    cause: text({ enum: ["order", "liquidation", "deleveraging"] }).notNull(),
    filledAt: integer("filled_at").notNull(),
    posted: integer().notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.venue, table.tradeId] })],
);

export const fundingPayments = sqliteTable(
  "funding_payments",
  {
    venue: text().notNull(),
    paymentId: text("payment_id").notNull(),
    hedgeId: text("hedge_id"),
    symbol: text().notNull(),
    fundingAt: integer("funding_at").notNull(),
    amountUsd: text("amount_usd").notNull(),
    rate: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.venue, table.paymentId] })],
);

export const ledgerEntries = sqliteTable("ledger_entries", {
  id: text().primaryKey(),
  kind: text({ enum: ["trade", "fee", "funding", "interest", "transfer"] }).notNull(),
  hedgeId: text("hedge_id"),
  venue: text().notNull(),
  symbol: text(),
  amountUsd: text("amount_usd").notNull(),
  bookedFor: integer("booked_for").notNull(),
});

export const equityPoints = sqliteTable("equity_points", {
  at: integer().primaryKey(),
  equityUsd: text("equity_usd").notNull(),
  flowsUsd: text("flows_usd").notNull(),
});

export const proposals = sqliteTable("proposals", {
  id: text().primaryKey(),
  kind: text({ enum: ["open", "close"] }).notNull(),
  asset: text().notNull(),
  body: text().notNull(),
  hash: text().notNull(),
  state: text({
    enum: [
      ...(["awaiting", "approved", "declined", "expired"] as const),
      ...(["superseded", "denied", "executed", "failed"] as const),
    ],
  }).notNull(),
  reason: text(),
  createdAt: integer("created_at").notNull(),
});

export const approvals = sqliteTable("approvals", {
  nonce: text().primaryKey(),
  subject: text({ enum: ["open", "close", "mandate", "resume", "live"] }).notNull(),
  subjectId: text("subject_id").notNull(),
  subjectHash: text("subject_hash").notNull(),
  ownerId: integer("owner_id").notNull(),
  chatId: integer("chat_id").notNull(),
  messageId: integer("message_id"),
  state: text({
    enum: ["pending", "approved", "declined", "expired", "superseded"],
  }).notNull(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
});

export const mandates = sqliteTable("mandates", {
  id: text().primaryKey(),
  ownerId: integer("owner_id").notNull(),
  state: text({ enum: ["offered", "armed", "revoked", "expired"] }).notNull(),
  perHedgeUsd: text("per_hedge_usd").notNull(),
  totalUsd: text("total_usd").notNull(),
  opensPerDay: integer("opens_per_day").notNull(),
  lossPerDayUsd: text("loss_per_day_usd").notNull(),
  assets: text().notNull(),
  venues: text().notNull(),
  armedAt: integer("armed_at"),
  endsAt: integer("ends_at").notNull(),
  spotVenues: text("spot_venues").notNull(),
});

export const turns = sqliteTable("turns", {
  seq: integer().primaryKey({ autoIncrement: true }),
  id: text().notNull(),
  chatId: integer("chat_id").notNull(),
  state: text({
    enum: ["waiting", "running", "answered", "failed", "stopped", "interrupted"],
  }).notNull(),
  question: text().notNull(),
  answer: text(),
  askedAt: integer("asked_at").notNull(),
  endedAt: integer("ended_at"),
});

export const toolCalls = sqliteTable(
  "tool_calls",
  {
    turnId: text("turn_id").notNull(),
    callId: text("call_id").notNull(),
    name: text().notNull(),
    argumentsJson: text("arguments").notNull(),
    attemptedAt: integer("attempted_at").notNull(),
    returnedAt: integer("returned_at"),
    resultJson: text("result"),
  },
  (table) => [primaryKey({ columns: [table.turnId, table.callId] })],
);

export const summaries = sqliteTable("summaries", {
  chatId: integer("chat_id").primaryKey(),
  throughSeq: integer("through_seq").notNull(),
  text: text().notNull(),
});

export const modelCalls = sqliteTable("model_calls", {
  id: integer().primaryKey({ autoIncrement: true }),
  at: integer().notNull(),
  purpose: text({ enum: ["chat", "scan"] }).notNull(),
  subjectId: text("subject_id").notNull(),
  provider: text().notNull(),
  model: text().notNull(),
  failure: text({ enum: MODEL_FAILURES }),
  inputTokens: integer("input_tokens"),
  cacheReadTokens: integer("cache_read_tokens"),
  cacheWriteTokens: integer("cache_write_tokens"),
  outputTokens: integer("output_tokens"),
  costMicroUsd: integer("cost_micro_usd").notNull(),
  costIsEstimate: integer("cost_is_estimate", { mode: "boolean" }).notNull(),
  elapsedMs: integer("elapsed_ms"),
});

export const scanDecisions = sqliteTable("scan_decisions", {
  seq: integer().primaryKey({ autoIncrement: true }),
  id: text().notNull(),
  at: integer().notNull(),
  assets: text().notNull(),
  table: text("decision_table").notNull(),
  tableHash: text("table_hash").notNull(),
  promptHash: text("prompt_hash"),
  policyChoice: text("policy_choice", { enum: SLOTS }).notNull(),
  choice: text({ enum: SLOTS }),
  decidedBy: text("decided_by", { enum: ["rules", "models"] }),
  votes: text().notNull(),
  gates: text().notNull(),
  results: text().notNull(),
});

export const decisionOutcomes = sqliteTable(
  "decision_outcomes",
  {
    decisionId: text("decision_id").notNull(),
    horizonHours: integer("horizon_hours").notNull(),
    dueAt: integer("due_at").notNull(),
    state: text({ enum: ["waiting", "known", "unknown"] }).notNull(),
    netRate: text("net_rate"),
    policyNetRate: text("policy_net_rate"),
    pnlUsd: text("pnl_usd"),
  },
  (table) => [primaryKey({ columns: [table.decisionId, table.horizonHours] })],
);

export const outbox = sqliteTable("outbox", {
  id: integer().primaryKey({ autoIncrement: true }),
  severity: text({ enum: ["info", "warning", "critical"] }).notNull(),
  chatId: integer("chat_id").notNull(),
  content: text().notNull(),
  attempts: integer().notNull().default(0),
  nextTryAt: integer("next_try_at").notNull().default(0),
  deliveredAt: integer("delivered_at"),
});

export const audit = sqliteTable("audit", {
  id: integer().primaryKey({ autoIncrement: true }),
  at: integer().notNull(),
  kind: text().notNull(),
  actor: text().notNull(),
  body: text().notNull(),
  hash: text().notNull(),
});

export const rates = sqliteTable(
  "rates",
  {
    venue: text().notNull(),
    symbol: text().notNull(),
    fundingAt: integer("funding_at").notNull(),
    asset: text().notNull(),
    rate: text().notNull(),
    intervalHours: text("interval_hours").notNull(),
    observedAt: integer("observed_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.venue, table.symbol, table.fundingAt] })],
);

export const decisions = sqliteTable("decisions", {
  id: text().primaryKey(),
  seq: integer().notNull(),
  at: integer().notNull(),
  kind: text({ enum: ["scan", "open", "close", "watch"] }).notNull(),
  asset: text(),
  outcome: text().notNull(),
  detail: text().notNull(),
});
