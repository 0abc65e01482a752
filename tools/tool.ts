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
  /** Our names of the fields that are missing or wrong in an input; nothing of the input itself. */
  misfits(input: unknown): readonly string[];
  /** Null when the input does not fit the schema. The result is JSON-ready, and only what `output` lets through. */
  run(context: ToolContext, input: unknown): Promise<unknown> | null;
}

/**
 * Binds a tool's two schemas to its work, so that none can be used without the others. `output` is an
 * allow-list (see reports/vocabulary.ts): what it does not name does not reach a model.
 */
export function defineTool<Input extends z.ZodType, Output extends z.ZodType>(definition: {
  readonly name: string;
  readonly description: string;
  readonly effect: ToolEffect;
  readonly input: Input;
  readonly output: Output;
  readonly run: (context: ToolContext, input: z.output<Input>) => Promise<unknown>;
}): AgentTool {
  const { name, effect, input: schema, output } = definition;
  const { $schema: _, ...inputSchema } = z.toJSONSchema(schema, { io: "input", target: "draft-7" });
  const ours = new Set(Object.keys(Object(inputSchema["properties"] ?? {})));
  return {
    ...{ name, effect, inputSchema, description: definition.description.trim() },
    misfits(input) {
      const { error } = schema.safeParse(input);
      const fields = error?.issues.map(({ path }) => String(path[0] ?? "")) ?? [];
      return [...new Set(fields)].filter((field) => ours.has(field));
    },
    run(context, input) {
      const parsed = schema.safeParse(input);
      if (!parsed.success) return null;
      return definition.run(context, parsed.data).then((result) => output.parse(result));
    },
  };
}

/** An asset as a model or a person writes it; look-alikes and invisible letters are none. */
export const assetInput = z
  .string()
  .normalize("NFKC")
  .trim()
  .regex(/^[A-Za-z0-9]{1,20}$/)
  .toUpperCase();
