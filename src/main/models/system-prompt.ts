import systemPrompt from "#prompts/system.txt" with { type: "text" };

export const SYSTEM_PROMPT: string = systemPrompt;
