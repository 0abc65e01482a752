import { OperatorError } from "#src/core/errors.ts";
import type { Records } from "#src/ports/records.ts";
import { closeFile, openFile } from "./database.ts";

const SCHEMA = `CREATE TABLE IF NOT EXISTS records (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  collection TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  UNIQUE (collection, key)
) STRICT`;

/** Keyed records in a file of their own: the sandbox's outside world is not the bot's memory. */
export function openRecords(path: string): Records & { close(): void } {
  const sqlite = openFile(path);
  try {
    sqlite.exec(SCHEMA);
  } catch (error) {
    throw new OperatorError(`${path} cannot be used as a sandbox file`, { cause: error });
  }
  const select = sqlite.query<{ key: string; value: string }, [string]>(
    "SELECT key, value FROM records WHERE collection = ? ORDER BY seq",
  );
  const put = sqlite.query<null, [string, string, string]>(
    "INSERT INTO records (collection, key, value) VALUES (?, ?, ?) ON CONFLICT (collection, key) DO UPDATE SET value = excluded.value",
  );
  const remove = sqlite.query<null, [string, string]>(
    "DELETE FROM records WHERE collection = ? AND key = ?",
  );
  const write = sqlite.transaction((changes: Parameters<Records["write"]>[0]) => {
    for (const { collection, key, value } of changes) {
      if (value === null) remove.run(collection, key);
      else put.run(collection, key, value);
    }
  });
  return {
    load: (collection) => select.all(collection),
    write: (changes) => write.immediate(changes),
    close: () => closeFile(sqlite),
  };
}
