import type { Store } from "#src/ports/store.ts";
import { createAuditTrail } from "./audit-trail.ts";
import { closeFile, openDatabase } from "./database.ts";
import { createDecisionStore } from "./decision-store.ts";
import { createEquityStore } from "./equity-store.ts";
import { createFactStore } from "./fact-store.ts";
import { createHedgeStore } from "./hedge-store.ts";
import { createLedgerStore } from "./ledger-store.ts";
import { createMandateStore } from "./mandate-store.ts";
import { createMessageStore } from "./message-store.ts";
import { createModelCallStore } from "./model-call-store.ts";
import { createOrderStore } from "./order-store.ts";
import { createProposalStore } from "./proposal-store.ts";
import { createRateStore } from "./rate-store.ts";
import { createTurnStore } from "./turn-store.ts";

/** The bot's memory in one SQLite file; ":memory:" for tests. */
export function openStore(options: {
  readonly path: string;
  readonly wallNow: () => number;
  /** Caps the file, as a full disk would. */
  readonly maxPages?: number;
}): Store {
  const database = openDatabase(options.path);
  if (options.maxPages) database.sqlite.exec(`PRAGMA max_page_count = ${options.maxPages}`);
  const trail = createAuditTrail(database, options.wallNow);
  return {
    transaction: database.transaction,
    journal: database.journal,
    close: () => closeFile(database.sqlite),
    ...createHedgeStore(database, trail),
    ...createOrderStore(database, trail),
    ...createProposalStore(database, trail),
    ...createMandateStore(database, trail),
    ...createLedgerStore(database),
    ...createEquityStore(database),
    ...createRateStore(database),
    ...createMessageStore(database),
    ...createTurnStore(database),
    ...createModelCallStore(database),
    ...createDecisionStore(database, trail),
    ...createFactStore(database, trail),
  };
}
