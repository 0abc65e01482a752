import type { EpochMs } from "#src/core/units.ts";
import type { ModelFailure, ModelPurpose, ModelUsage } from "./language-model.ts";

/** One request on the wire to one model, failures included. */
export interface ModelCall {
  /** Wall time. */
  readonly at: EpochMs;
  readonly purpose: ModelPurpose;
  readonly subjectId: string;
  readonly provider: string;
  readonly model: string;
  readonly failure: ModelFailure | null;
  /** Null when the endpoint did not say; then the cost is estimated from the texts. */
  readonly usage: ModelUsage | null;
  /** Millionths of a US dollar, rounded up. */
  readonly costMicroUsd: number;
  readonly costIsEstimate: boolean;
  /** Null while it is on the wire, and for ever when the process ended meanwhile. */
  readonly elapsedMs: number | null;
}

export interface ModelSpending {
  readonly purpose: ModelPurpose;
  readonly provider: string;
  readonly model: string;
  readonly calls: number;
  readonly failures: number;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
  readonly costMicroUsd: number;
  readonly hasEstimates: boolean;
}

export interface ModelCallStore {
  /** Before it is sent, as what it would be if nobody heard of it again; gives the number of its row. */
  insertModelCall(call: ModelCall): number;
  /** What came of it. */
  settleModelCall(row: number, end: Omit<ModelCall, "purpose" | "subjectId" | "at">): void;
  listModelCalls(subjectId: string): readonly ModelCall[];
  spentMicroUsd(of: {
    readonly purpose?: ModelPurpose;
    readonly subjectId?: string;
    /** Wall time, inclusive. */
    readonly since?: EpochMs;
    /** Leaves out what is still on the wire, which is booked at its most. */
    readonly heardOf?: boolean;
  }): number;
  /** By purpose and model, dearest first. */
  spending(since: EpochMs): readonly ModelSpending[];
}
