import { formatTable } from "#src/reports/format.ts";
import type { RuleView } from "#src/reports/views.ts";
import { bold, type Part, pre, type RichText, rich } from "#src/telegram/rich-text.ts";

/** What decides about a trade, in this order; the other tables are asked for by their names. */
const FIRST = ["filter", "entry", "exit"];

/** The rules in force: all guard values, then what decides about a trade, or one table with its meanings. */
export function rulesReply(rules: readonly RuleView[], wanted: string): RichText {
  const tables = [...new Set(rules.map(tableOf))];
  const table = wanted.trim().toLowerCase();
  if (table !== "") {
    const found = rules.filter((rule) => tableOf(rule) === table);
    if (found.length > 0) return rich(bold(`Rules: ${table}`), "\n", found.map(line).join("\n"));
    return rich(`There is no table ${table.slice(0, 20)}. There are: ${tables.join(", ")}.`);
  }
  const guards = rules.filter(({ kind }) => kind === "guard");
  const changed = rules.filter(({ isDefault }) => !isDefault);
  const parts: Part[] = [bold("Guard, can only be tightened"), "\n", pre(rows(guards)), "\n"];
  for (const name of FIRST) {
    const own = rules.filter((rule) => tableOf(rule) === name && rule.kind !== "guard");
    parts.push(bold(name), "\n", pre(rows(own)), "\n");
  }
  const others = tables.filter((name) => !FIRST.includes(name));
  const differs =
    changed.length === 0
      ? "Every value is the default."
      : `* not the default: ${changed.map(({ setting, usual }) => `${setting} (${usual === "" ? "empty" : usual})`).join(", ")}.`;
  parts.push(`${differs}\n/rules entry says what each means; also: ${others.join(", ")}.`);
  return rich(...parts);
}

function rows(rules: readonly RuleView[]): string {
  return formatTable(
    rules.map((rule) => [
      `${nameOf(rule)}${rule.isDefault ? "" : " *"}`,
      `${shortValue(rule)}${unitOf(rule)}`,
    ]),
  );
}

/** A list is counted here; its table names what is in it. */
function shortValue({ value }: RuleView): string {
  const names = value.split(", ");
  return value === "" ? "any" : names.length > 1 ? `${names.length} values` : value;
}

function line(rule: RuleView): string {
  const kind = rule.kind === "configuration" ? "" : ` (${rule.kind})`;
  const value = rule.value === "" ? "any" : rule.value;
  return `${nameOf(rule)} = ${value}${unitOf(rule)}${rule.isDefault ? "" : " *"}${kind}: ${rule.meaning}`;
}

function unitOf({ unit }: RuleView): string {
  return unit === "-" || unit === "fraction" || unit === "count" ? "" : ` ${unit}`;
}

function tableOf({ setting }: RuleView): string {
  return setting.split(".")[0] ?? "";
}

function nameOf({ setting }: RuleView): string {
  return setting.split(".")[1] ?? setting;
}
