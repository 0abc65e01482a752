import type { EngineStore, OutboxContent, Store } from "#src/ports/store.ts";

/** What a schedule needs of a store beyond the engine's own part. */
export interface SimStore
  extends EngineStore,
    Pick<Store, "insertApproval" | "getApproval" | "settleApproval" | "alertsAbout">,
    Pick<Store, "insertLedgerEntry" | "unpostedFills" | "markFillPosted"> {
  /** Everything queued for the owner, oldest first. */
  readonly alerts: readonly { readonly content: OutboxContent; readonly severity: string }[];
  /** Counts every commit. */
  readonly commits: number;
  /** What stands between a transaction and the disk: a full disk, a crash. */
  gate: <T>(work: () => T) => T;
  hasLiveAttempts(): boolean;
  /** What is here now is older than any backup. */
  settleCommits(): void;
  /** The last commits never happened: a power cut without FULL, or an old backup. */
  loseCommits(count: number): void;
  /** A new process opens it. */
  reopen(): void;
  auditIntact(): boolean;
}
