import { readFileSync } from "node:fs";
import Ajv from "ajv";
import { z } from "zod";

export const SPEC_PATH = "../shared/data/telegram-bot-api-10.1.min.json";

const fieldSchema = z.object({
  name: z.string(),
  types: z.array(z.string()),
  required: z.boolean(),
});
const specSchema = z.object({
  methods: z.record(
    z.string(),
    z.object({ fields: z.array(fieldSchema).optional(), returns: z.array(z.string()) }),
  ),
  types: z.record(
    z.string(),
    z.object({ fields: z.array(fieldSchema).optional(), subtypes: z.array(z.string()).optional() }),
  ),
});
type Spec = z.infer<typeof specSchema>;

/** The published machine-readable Bot API as a judge of what goes over the wire. */
export class TelegramSpec {
  readonly violations: string[] = [];
  checked = 0;
  readonly #spec: Spec;
  readonly #ajv = new Ajv({ strict: false });
  readonly #names: ReadonlyMap<string, string>;

  private constructor(spec: Spec) {
    this.#spec = spec;
    this.#names = new Map(Object.keys(spec.methods).map((name) => [name.toLowerCase(), name]));
    const definitions = Object.fromEntries(
      Object.entries(spec.types).map(([name, type]) => [
        name,
        type.subtypes?.length
          ? { anyOf: type.subtypes.map(typeSchema) }
          : objectSchema(type.fields ?? []),
      ]),
    );
    this.#ajv.addSchema({ $id: "bot-api", definitions });
  }

  static load(): TelegramSpec {
    return new TelegramSpec(specSchema.parse(JSON.parse(readFileSync(SPEC_PATH, "utf8"))));
  }

  /** Judges a request to the Bot API; the method's name, or null for any other request. */
  async checkRequest(request: Request): Promise<string | null> {
    const { pathname } = new URL(request.url);
    const name = this.#names.get(pathname.split("/")[2]?.toLowerCase() ?? "");
    if (!name || !pathname.startsWith("/bot")) return null;
    if (request.headers.get("content-type")?.includes("json")) {
      const schema = objectSchema(this.#spec.methods[name]?.fields ?? []);
      this.#judge(`${name} request`, schema, await request.json());
    }
    return name;
  }

  async checkResponse(name: string, response: Response): Promise<void> {
    const body = z.looseObject({ ok: z.boolean() }).parse(await response.json());
    if (!body.ok) return;
    const returns = this.#spec.methods[name]?.returns ?? [];
    this.#judge(`${name} result`, { anyOf: returns.map(typeSchema) }, body["result"]);
  }

  #judge(what: string, schema: object, value: unknown): void {
    this.checked += 1;
    const validate = this.#ajv.compile(schema);
    if (validate(value)) return;
    this.violations.push(
      `${what}: ${this.#ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`,
    );
  }
}

function objectSchema(fields: readonly z.infer<typeof fieldSchema>[]): object {
  return {
    type: "object",
    additionalProperties: false,
    required: fields.filter((field) => field.required).map((field) => field.name),
    properties: Object.fromEntries(
      fields.map((field) => [field.name, { anyOf: field.types.map(typeSchema) }]),
    ),
  };
}

const PLAIN = new Map<string, object>([
  ["Integer", { type: "integer" }],
  ["Float", { type: "number" }],
  ["String", { type: "string" }],
  ["Boolean", { type: "boolean" }],
  ["True", { type: "boolean" }],
]);

function typeSchema(name: string): object {
  const item = /^Array of (.+)$/.exec(name)?.[1];
  if (item) return { type: "array", items: typeSchema(item) };
  return PLAIN.get(name) ?? { $ref: `bot-api#/definitions/${name}` };
}
