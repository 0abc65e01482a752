import { z } from "zod";
import type { Pipeline } from "#src/pipeline/contract.ts";

export interface ToolContext {
  readonly pipeline: Pipeline;
}

/** What a tool may do to the world. There is no third. */
export type ToolEffect = "reads" | "proposes";

/** A tool as the registry holds it: input still unchecked. */
export interface AgentTool {
  /** snake_case of its file's name. */
  readonly name: string;
  readonly description: string;
  readonly effect: ToolEffect;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** Null when the input does not fit the schema. The result is JSON-ready. */
  run(context: ToolContext, input: unknown): Promise<unknown> | null;
}

/** Binds a tool's schema to its work, so that neither can be used without the other. */
export function defineTool<Schema extends z.ZodType>(definition: {
  readonly name: string;
  readonly description: string;
  readonly effect: ToolEffect;
  readonly input: Schema;
  readonly run: (context: ToolContext, input: z.infer<Schema>) => Promise<unknown>;
}): AgentTool {
  const { $schema: _, ...inputSchema } = z.toJSONSchema(definition.input, {
    io: "input",
    target: "draft-7",
  });
  return {
    name: definition.name,
    description: definition.description.trim(),
    effect: definition.effect,
    inputSchema,
    run(context, input) {
      const parsed = definition.input.safeParse(input);
      return parsed.success ? definition.run(context, parsed.data) : null;
    },
  };
}

/** An asset as a model or a person writes it. */
export const assetInput = z.string().min(1).max(20);
