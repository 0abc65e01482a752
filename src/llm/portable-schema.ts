type Json = Readonly<Record<string, unknown>>;

/** Strict modes refuse these or read them differently; our own check of the answer holds them all. */
const NOT_PORTABLE = new Set([
  ...["$schema", "default", "format", "pattern", "minLength", "maxLength", "minimum", "maximum"],
  ...["exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems"],
]);
/** Below these every key is a name of somebody's, not a keyword. */
const NAMED = new Set(["properties", "$defs", "definitions"]);

/** The part of a JSON schema that every provider's strict mode takes. */
export function portableSchema(schema: Json): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !NOT_PORTABLE.has(key))
      .map(([key, value]) => [key, NAMED.has(key) ? eachNamed(value) : below(value)]),
  );
}

function eachNamed(value: unknown): unknown {
  if (!isTable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, below(one)]));
}

function below(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(below);
  return isTable(value) ? portableSchema(value) : value;
}

function isTable(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
