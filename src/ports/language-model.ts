/** A call that the model wants; `argumentsJson` is untrusted text. */
export interface ModelToolCall {
  readonly id: string;
  readonly name: string;
  readonly argumentsJson: string;
}

export type ModelMessage =
  | { readonly role: "user"; readonly text: string }
  | { readonly role: "assistant"; readonly text: string; readonly calls: readonly ModelToolCall[] }
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

export interface ModelRequest {
  readonly system: string;
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ModelTool[];
  readonly maxOutputTokens: number;
  readonly signal: AbortSignal;
}

/** Calls count only when `stop` is "toolCalls": those of a cut or refused reply are never run. */
export interface ModelReply {
  readonly text: string;
  readonly calls: readonly ModelToolCall[];
  readonly stop: "end" | "toolCalls" | "length" | "refused";
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export type ModelFailure =
  | "rateLimited"
  | "overloaded"
  | "unauthorised"
  | "badRequest"
  | "network"
  | "timeout"
  | "aborted"
  | "protocol";

/** The one error that adapters throw; the raw text stays in the log. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  readonly failure: ModelFailure;

  constructor(failure: ModelFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

export interface LanguageModel {
  /** Shown to the owner, e.g. "claude-opus-5-5" or "offline". */
  readonly id: string;
  reply(request: ModelRequest): Promise<ModelReply>;
}
