import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import settingsToml from "#config/settings.toml" with { type: "text" };

type Table = { readonly [key: string]: unknown };

/** A whole settings file of its own: config/settings.toml with `over` over it. Answers its path. */
export function writeSettings(
  over: Table,
  folder: string = mkdtempSync(join(tmpdir(), "hedgerow-test-")),
): string {
  const file = join(folder, "settings.toml");
  writeFileSync(file, Bun.TOML.stringify(merge(asTable(Bun.TOML.parse(settingsToml)), over)));
  return file;
}

function merge(base: Table, over: Table): Table {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    result[key] = isTable(value) && isTable(result[key]) ? merge(result[key], value) : value;
  }
  return result;
}

function asTable(value: unknown): Table {
  if (isTable(value)) return value;
  throw new Error("settings.toml is no table");
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
