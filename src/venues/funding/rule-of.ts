/** The tables go by ccxt's names; these are what the same venues are called elsewhere. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ["binance", "binanceusdm"],
  ["gateio", "gate"],
  ["kraken", "krakenfutures"],
]);

/** What a table of rules says of a venue; null where it knows none. */
export function ruleOf<Rule>(rules: Readonly<Record<string, Rule>>, venue: string): Rule | null {
  const name = OTHER_NAMES.get(venue) ?? venue;
  return Object.hasOwn(rules, name) ? (rules[name] ?? null) : null;
}
