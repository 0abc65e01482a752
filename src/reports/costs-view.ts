/** What language models cost, for people and the API. Decimals are strings, times ISO 8601 UTC. */

export interface ConfiguredModelView {
  readonly name: string;
  readonly provider: string;
  /** The variable that its key is missing from; null when it can be asked. */
  readonly missingKey: string | null;
}

export interface ModelSpendingView {
  readonly purpose: "chat" | "scan";
  readonly provider: string;
  readonly model: string;
  readonly calls: number;
  readonly failures: number;
  /** Fresh, and read from the provider's cache. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
  readonly costUsd: string;
  /** Some of it was estimated upwards from the texts' lengths. */
  readonly isEstimate: boolean;
}

export interface SpendingPeriodView {
  /** Wall time. */
  readonly since: string;
  readonly totalUsd: string;
  /** By purpose and model, dearest first. */
  readonly models: readonly ModelSpendingView[];
}

export interface CostsView {
  readonly asOf: string;
  readonly configured: Readonly<Record<"chat" | "scan", readonly ConfiguredModelView[]>>;
  /** Since midnight UTC. */
  readonly today: SpendingPeriodView;
  readonly sevenDays: SpendingPeriodView;
  readonly budgets: readonly {
    readonly purpose: "chat" | "scan";
    readonly perDayUsd: string;
    readonly usedUsd: string;
    /** Null when the budget is 0. */
    readonly usedShare: string | null;
  }[];
  readonly chatUsdPerTurn: string;
}
