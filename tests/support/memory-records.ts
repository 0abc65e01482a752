import type { Records } from "#src/ports/records.ts";

/** Records that live as long as the test. */
export function createMemoryRecords(): Records {
  const collections = new Map<string, Map<string, string>>();
  return {
    load: (collection) =>
      [...(collections.get(collection) ?? [])].map(([key, value]) => ({ key, value })),
    write(changes) {
      for (const { collection, key, value } of changes) {
        const rows = collections.get(collection) ?? new Map<string, string>();
        collections.set(collection, rows);
        if (value === null) rows.delete(key);
        else rows.set(key, value);
      }
    },
  };
}
