const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/**
 * Printing it, or making JSON of it, gives its label and nothing else: ccxt's objects hold keys in plain
 * fields. The fields that are named are not copied with it either (`{...object}`). Works on as before.
 */
export function hideFromInspection<T extends object>(
  object: T,
  label: string,
  fields: readonly string[] = [],
): T {
  const say = () => `[${label}]`;
  for (const name of [INSPECT, "toJSON"]) {
    Object.defineProperty(object, name, { value: say, enumerable: false, configurable: true });
  }
  for (const field of fields) {
    // Only what stands on the object itself: a field of its class is no secret of this account.
    if (Object.hasOwn(object, field)) Object.defineProperty(object, field, { enumerable: false });
  }
  return object;
}
