import { readFileSync } from "node:fs";
import Ajv, { type ValidateFunction } from "ajv";
import { z } from "zod";

export const SPEC_PATH = "../shared/data/telegram-bot-api-10.1.min.json";

/**
 * What came after the published description (10.1): from the typings of Bot API 10.3 that come with grammY.
 * A name that the description has by now is a mistake here.
 */
const NEWER = {
  methods: {
    sendMessageDraft: [
      { name: "can_stop", types: ["Boolean"], required: false },
      { name: "keep_on_stop", types: ["Boolean"], required: false },
    ],
  },
  types: {
    Update: [
      { name: "stopped_message_generation", types: ["MessageGenerationStopped"], required: false },
    ],
    MessageGenerationStopped: [
      { name: "chat", types: ["Chat"], required: true },
      { name: "message_thread_id", types: ["Integer"], required: false },
      { name: "draft_id", types: ["Integer"], required: true },
    ],
  },
};

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
  readonly #validators = new Map<string, ValidateFunction>();
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
    const spec = specSchema.parse(JSON.parse(readFileSync(SPEC_PATH, "utf8")));
    addFields(spec.methods, NEWER.methods);
    addFields(spec.types, NEWER.types);
    return new TelegramSpec(spec);
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
    const validate = this.#validators.get(what) ?? this.#ajv.compile(schema);
    this.#validators.set(what, validate);
    if (validate(value)) return;
    this.violations.push(
      `${what}: ${this.#ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`,
    );
  }
}

function addFields(
  known: Record<string, { fields?: z.infer<typeof fieldSchema>[] | undefined }>,
  newer: Readonly<Record<string, readonly z.infer<typeof fieldSchema>[]>>,
): void {
  for (const [name, fields] of Object.entries(newer)) {
    const before = known[name]?.fields ?? [];
    const twice = fields.find((field) => before.some((one) => one.name === field.name));
    if (twice) throw new Error(`${name}.${twice.name} is in the description now`);
    known[name] = { ...known[name], fields: [...before, ...fields] };
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
