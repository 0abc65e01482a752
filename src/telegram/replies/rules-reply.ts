import { parseDecimal } from "#src/core/decimal.ts";
import { writeNumber } from "#src/core/words/write-number.ts";
import { formatTable } from "#src/reports/format.ts";
import type { RuleView } from "#src/reports/views.ts";
import { bold, type Part, pre, type RichText, rich } from "#src/telegram/rich-text.ts";

/** What decides about a trade, in this order; the other tables are asked for by their names. */
const FIRST = ["filter", "entry", "exit"];
/** Not a table of settings.toml: the values of all tables that can only be tightened. */
const GUARD = "guard";

/** The rules in force: all guard values, then what decides about a trade, or one table with its meanings. */
export function rulesReply(rules: readonly RuleView[], wanted: string): RichText {
  const tables = [...new Set(rules.map(tableOf))];
  const guards = rules.filter(({ kind }) => kind === GUARD);
  const table = wanted.trim().toLowerCase();
  if (table === GUARD) return meanings("Guard: can only be made tighter", guards, settingOf);
  if (table !== "") {
    const found = rules.filter((rule) => tableOf(rule) === table);
    if (found.length > 0) return meanings(`Rules: ${table}`, found, nameOf);
    return rich(
      `There is no table ${table.slice(0, 20)}. There are: ${[GUARD, ...tables].join(", ")}.`,
    );
  }
  const parts: Part[] = [bold("Guard: can only be made tighter"), "\n", pre(rows(guards)), "\n"];
  for (const name of FIRST) {
    const own = rules.filter((rule) => tableOf(rule) === name && rule.kind !== GUARD);
    parts.push(bold(headOf(name)), "\n", pre(rows(own)), "\n");
  }
  const others = [GUARD, ...tables.filter((name) => !FIRST.includes(name))];
  parts.push(
    `${changes(rules)}\n/rules entry says what each means, by its name in settings.toml; also: ${others.join(", ")}.`,
  );
  return rich(...parts);
}

/** Each setting with its meaning: the name is what settings.toml calls it. */
function meanings(
  head: string,
  rules: readonly RuleView[],
  nameIn: (rule: RuleView) => string,
): RichText {
  const parts: Part[] = rules.flatMap((rule) => {
    const kind = rule.kind === "configuration" ? "" : ` (${rule.kind})`;
    const usual = rule.isDefault ? "" : `, usually ${shown(rule, rule.usual)}`;
    const value = `: ${shown(rule, rule.value)}${usual}${kind}\n`;
    return ["\n", bold(nameIn(rule)), value, rule.meaning];
  });
  return rich(bold(head), ...parts);
}

function rows(rules: readonly RuleView[]): string {
  return formatTable(
    rules.map((rule) => [`${wordsOf(rule)}${rule.isDefault ? "" : " *"}`, short(rule)]),
  );
}

/** A list is counted here; its table names what is in it. */
function short(rule: RuleView): string {
  const names = rule.value.split(", ");
  return names.length > 1 ? `${names.length} values` : shown(rule, rule.value);
}

function changes(rules: readonly RuleView[]): string {
  const changed = rules.filter(({ isDefault }) => !isDefault);
  if (changed.length === 0) return "Every value is the default.";
  const usual = changed.map((rule) => `${rule.setting} (${shown(rule, rule.usual)})`);
  return `* not the default: ${usual.join(", ")}.`;
}

/** A value with its unit, as people say it: "0.0001 per 8h" is 1 bp, "0.8" of something 80 %. */
function shown({ unit }: RuleView, value: string): string {
  if (value === "") return "any";
  if (value === "true") return "yes";
  if (value === "false") return "no";
  const number = parseDecimal(value);
  if (!number) return value;
  const plain = writeNumber(number.toFixed());
  const percent = `${writeNumber(number.times("100").toFixed())} %`;
  switch (unit) {
    case "fraction":
      return percent;
    case "a year":
      return `${percent} a year`;
    case "per 8h":
      return `${writeNumber(number.times("10000").toFixed())} bp/8h`;
    case "USD":
      return number.gte("1000000")
        ? `${writeNumber(number.div("1000000").round(3).toFixed())}M USD`
        : `${plain} USD`;
    case "ms":
      return number.gte("1000") ? `${writeNumber(number.div("1000").toFixed())} s` : `${plain} ms`;
    case "x":
      return `${plain}×`;
    case "d":
      return `${plain} days`;
    case "count":
    case "-":
      return plain;
    default:
      return `${plain} ${unit}`;
  }
}

function headOf(table: string): string {
  return `${table.charAt(0).toUpperCase()}${table.slice(1)}`;
}

/** "minVolume24hUsd" → "min volume 24 h": the unit stands beside the value. */
function wordsOf(rule: RuleView): string {
  return nameOf(rule)
    .replace(/(?:Usd|Seconds|Minutes|Days|8h)$/, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([a-z])(\d+[a-z])$/, "$1 $2")
    .toLowerCase()
    .replace(/\bapr\b/, "APR");
}

function tableOf({ setting }: RuleView): string {
  return setting.split(".")[0] ?? "";
}

function nameOf({ setting }: RuleView): string {
  return setting.split(".")[1] ?? setting;
}

function settingOf({ setting }: RuleView): string {
  return setting;
}
