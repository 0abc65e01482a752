/** Who speaks the chat.completions dialect, each with an accent of its own. */
export type CompatibleProvider =
  | "openai"
  | "deepseek"
  | "xai"
  | "qwen"
  | "gemini"
  | "openrouter"
  | "ollama"
  | "compatible";

export interface Preset {
  /** Null: the operator names it. */
  readonly baseUrl: string | null;
  readonly maxTokensParameter: "max_tokens" | "max_completion_tokens";
  readonly strictTools: boolean;
  /** May be told to make one call at a time; others refuse the parameter. */
  readonly takesParallelToolCalls: boolean;
  /** How a whole answer is held to a schema; "prompt": by asking for it. */
  readonly answerFormat: "json_schema" | "json_object" | "prompt";
  /** Some put a system message that is not the first in front, or refuse it. */
  readonly factsRole: "system" | "user";
  /** What must come back unchanged with a reply: on its message, and on each of its calls. */
  readonly echoes: readonly ("reasoning_content" | "reasoning_details" | "extra_content")[];
  /** How to say that it must not think, where a history without its own thoughts is refused otherwise. */
  readonly thinkingOff: Readonly<Record<string, unknown>> | null;
}

const PLAIN: Preset = {
  baseUrl: null,
  maxTokensParameter: "max_tokens",
  strictTools: false,
  takesParallelToolCalls: false,
  answerFormat: "prompt",
  factsRole: "user",
  echoes: [],
  thinkingOff: null,
};

/** What differs between them; a base URL may be replaced in the settings. */
export const PRESETS: Readonly<Record<CompatibleProvider, Preset>> = {
  openai: {
    ...PLAIN,
    baseUrl: "https://api.openai.com/v1",
    maxTokensParameter: "max_completion_tokens",
    strictTools: true,
    takesParallelToolCalls: true,
    answerFormat: "json_schema",
    factsRole: "system",
  },
  deepseek: {
    ...PLAIN,
    baseUrl: "https://api.deepseek.com",
    answerFormat: "json_object",
    factsRole: "system",
    echoes: ["reasoning_content"],
    thinkingOff: { thinking: { type: "disabled" } },
  },
  xai: {
    ...PLAIN,
    baseUrl: "https://api.x.ai/v1",
    maxTokensParameter: "max_completion_tokens",
    takesParallelToolCalls: true,
    answerFormat: "json_schema",
    factsRole: "system",
  },
  qwen: {
    ...PLAIN,
    baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    answerFormat: "json_object",
  },
  gemini: {
    ...PLAIN,
    baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai",
    answerFormat: "json_schema",
    // Its signature of a thought stands beside the call.
    echoes: ["extra_content"],
  },
  openrouter: {
    ...PLAIN,
    baseUrl: "https://openrouter.ai/api/v1",
    answerFormat: "json_schema",
    factsRole: "system",
    echoes: ["reasoning_details"],
  },
  ollama: { ...PLAIN, baseUrl: "http://127.0.0.1:11434/v1", answerFormat: "json_schema" },
  compatible: PLAIN,
};
