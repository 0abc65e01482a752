/** A call that the model wants; `argumentsJson` is untrusted text. */
export interface ModelToolCall {
  readonly id: string;
  readonly name: string;
  readonly argumentsJson: string;
}

/**
 * What one provider wants back unchanged with its own reply in the next step of the same turn: thinking
 * signatures, reasoning text. Another provider never sees it.
 */
export interface ModelEcho {
  readonly provider: string;
  readonly payload: unknown;
}

export type ModelMessage =
  | { readonly role: "user"; readonly text: string }
  | {
      readonly role: "assistant";
      readonly text: string;
      readonly calls: readonly ModelToolCall[];
      readonly echo?: ModelEcho | null;
    }
  | {
      readonly role: "tool";
      readonly callId: string;
      readonly name: string;
      readonly json: string;
    };

export interface ModelTool {
  readonly name: string;
  readonly description: string;
  /** JSON schema, strict object root. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

/** Chat and scans have budgets of their own; what either spends is booked on its turn or decision. */
export type ModelPurpose = "chat" | "scan";

export interface ModelRequest {
  readonly purpose: ModelPurpose;
  /** The turn or the decision that pays for it. */
  readonly subjectId: string;
  /** Byte for byte the same from call to call, so that providers can keep it. */
  readonly system: string;
  readonly messages: readonly ModelMessage[];
  /** What is true now, in code's words: sent after everything that could be kept. Null: nothing. */
  readonly facts: string | null;
  readonly tools: readonly ModelTool[];
  /** The whole answer must be JSON of this schema; then there are no tools. */
  readonly answer?: {
    readonly name: string;
    readonly schema: Readonly<Record<string, unknown>>;
  } | null;
  readonly maxOutputTokens: number;
  readonly signal: AbortSignal;
  /** The answer's text so far, for somebody who watches it grow; it may start again. Never throws. */
  readonly onText?: (textSoFar: string) => void;
}

/** Input is counted once: fresh, read from the provider's cache, or written to it. */
export interface ModelUsage {
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** With those of thinking. */
  readonly outputTokens: number;
}

/** Calls count only when `stop` is "toolCalls": those of a cut or refused reply are never run. */
export interface ModelReply {
  /** Which model of a chain it was. */
  readonly modelId: string;
  readonly text: string;
  readonly calls: readonly ModelToolCall[];
  readonly stop: "end" | "toolCalls" | "length" | "refused";
  /** Null when the endpoint does not say. */
  readonly usage: ModelUsage | null;
  readonly echo: ModelEcho | null;
}

export const MODEL_FAILURES = [
  "rateLimited",
  "overloaded",
  "unauthorised",
  "quota",
  "badRequest",
  "network",
  "timeout",
  "aborted",
  "protocol",
  "overBudget",
] as const;

export type ModelFailure = (typeof MODEL_FAILURES)[number];

/** The one error that adapters throw; the raw text stays in the log. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  readonly failure: ModelFailure;
  /** How long the provider asks us to wait; null when it does not say. */
  readonly retryAfterMs: number | null;
  /** False only when the provider certainly did no work: an error status, no connection. */
  readonly mayBeBilled: boolean;

  constructor(
    failure: ModelFailure,
    message: string,
    options: ErrorOptions & {
      readonly retryAfterMs?: number | null;
      readonly mayBeBilled?: boolean;
    } = {},
  ) {
    super(message, options);
    this.failure = failure;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.mayBeBilled = options.mayBeBilled ?? true;
  }
}

export interface LanguageModel {
  /** Shown to the owner, e.g. "claude-opus-5-5" or "offline". */
  readonly id: string;
  /** Throws only ModelError. */
  reply(request: ModelRequest): Promise<ModelReply>;
}
