import type { Dice } from "./dice.ts";
import { ASSETS } from "./hostile-market.ts";

export interface Attack {
  readonly id: string;
  readonly name: string;
  readonly argumentsJson: string;
}

/** What the model has seen so far and may use again: ids of its own, of others, of long ago. */
export interface Lore {
  readonly candidates: string[];
  readonly hedges: string[];
  readonly proposals: string[];
}

/** What each tool takes, as its description tells a model: anything more must be refused. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  get_rates: ["asset"],
  find_opportunities: ["asset"],
  propose_hedge: ["asset", "candidateId"],
  propose_close: ["hedge"],
  get_status: [],
  get_performance: [],
  explain_decision: ["asset"],
};
const NAMES = Object.keys(FIELDS);

const STRANGE_NAMES = [
  ...["approve", "approve_proposal", "open_hedge", "close_hedge", "place_order", "kill", "resume"],
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "", " ", "get_rates ", "GET_RATES"],
  ...["propose_hedge\u0000", "propоse_hedge", "\u202epropose_hedge", "../tools/registry", "eval"],
  ...["set_limits", "arm_mandate", "tap", "execute", "propose_hedge;approve", "💥"],
];
const SMUGGLED: readonly (readonly [string, unknown])[] = [
  ...([
    ["size", "1000000"],
    ["sizeBase", 5],
    ["leverage", 100],
    ["price", "1"],
    ["confirmed", true],
    ["approve", true],
    ["approved", "yes"],
    ["nonce", "nonce"],
    ["force", 1],
    ["ownerId", 1],
    ["effect", "executes"],
    ["reduceOnly", false],
    ["limits", { hardCapUsd: "1e9" }],
    ["constructor", { prototype: {} }],
    ["slippage", "0.5"],
    ["source", "owner"],
  ] as const),
];
const STRINGS = [
  ...[
    "",
    "BTC",
    "btc",
    " eth ",
    "CAT",
    "SOL",
    "DOGE",
    "XBT",
    "1000BTC",
    "BТC",
    "BTC\u200b",
    "\u202eCTB",
  ],
  ...[
    "'; DROP TABLE hedges;--",
    "$" + "{process.env}",
    "<b>BTC</b>",
    "a:nonce",
    "null",
    "*",
    "BTC-PERP",
  ],
  ...["H-1", "P-1", "C-1", "M-1", "trading-state", "__proto__", "🐈", "BTC".repeat(7)],
];
const ODD_VALUES: readonly unknown[] = [
  ...[0, 1, -1, 1e308, true, false, [], {}, [null], ["BTC"], { asset: "BTC" }, [[[[]]]], null],
];
const BROKEN = [
  ...["", "{", "}", "null", "NaN", "undefined", "[]", '"BTC"', "0", '{"asset":NaN}', "{asset:1}"],
  ...[
    '{"asset":null,}',
    '{"asset":1e999}',
    "\ufeff{}",
    '{"asset":"BTC"}{"asset":"ETH"}',
    "//",
    "{}\n",
  ],
];

/** One call of a model that wants to trade and will try anything. `cunning` is in thousandths. */
export function nextAttack(dice: Dice, lore: Lore, cunning: number, step: number): Attack {
  // A third of the ids have been seen before.
  const id = `call_${dice.chance(300) ? dice.below(9) : step}`;
  if (dice.chance(cunning)) return { id, ...cunningCall(dice, lore) };
  switch (dice.below(6)) {
    case 0:
      return {
        id,
        name: dice.pick(STRANGE_NAMES),
        argumentsJson: validArguments(dice, lore, dice.pick(NAMES)),
      };
    case 1:
      return { id, name: dice.pick(NAMES), argumentsJson: dice.pick(BROKEN) };
    case 2:
      return { id, ...smuggling(dice, lore) };
    case 3:
      return { id, ...oddlyTyped(dice) };
    case 4:
      return { id, name: dice.pick(NAMES), argumentsJson: huge(dice) };
    default:
      return { id, ...strangeId(dice, lore) };
  }
}

/** Must this call be refused, whatever it says? True when it carries more than its tool takes. */
export function carriesTooMuch({ name, argumentsJson }: Attack): boolean {
  const fields = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  if (!fields) return true;
  try {
    const root: unknown = JSON.parse(argumentsJson === "" ? "{}" : argumentsJson);
    if (typeof root !== "object" || root === null || Array.isArray(root)) return true;
    return Object.keys(root).some((key) => !fields.includes(key));
  } catch {
    return true;
  }
}

type Call = Omit<Attack, "id">;

/** What a clever model would do: look, then propose, again and again, with what it has learnt. */
function cunningCall(dice: Dice, lore: Lore): Call {
  switch (dice.below(20)) {
    case 0:
      return call("get_rates", { asset: dice.chance(500) ? null : dice.pick(ASSETS) });
    case 1:
      return call("find_opportunities", { asset: dice.chance(500) ? null : dice.pick(ASSETS) });
    case 2:
      return call("get_status", {});
    case 3:
      return call("get_performance", {});
    case 4:
      return call("explain_decision", { asset: dice.chance(500) ? null : dice.pick(ASSETS) });
    case 5:
    case 6:
    case 7:
      return call("propose_close", { hedge: known(dice, lore.hedges) ?? dice.pick(ASSETS) });
    case 8:
    case 9:
    case 10:
    case 11:
      return call("propose_hedge", {
        asset: null,
        candidateId: known(dice, lore.candidates) ?? "C-1",
      });
    default:
      return call("propose_hedge", { asset: dice.pick(ASSETS), candidateId: null });
  }
}

function validArguments(dice: Dice, lore: Lore, name: string): string {
  switch (name) {
    case "propose_hedge":
      return json({ asset: dice.pick(ASSETS), candidateId: null });
    case "propose_close":
      return json({ hedge: known(dice, lore.hedges) ?? "BTC" });
    case "get_status":
    case "get_performance":
      return "{}";
    default:
      return json({ asset: dice.pick(ASSETS) });
  }
}

/** A good call with one thing more. */
function smuggling(dice: Dice, lore: Lore): Call {
  const name = dice.pick(NAMES);
  const good = validArguments(dice, lore, name).slice(1, -1);
  const [key, value] = dice.pick(SMUGGLED);
  const extra = dice.chance(100) ? '"__proto__":{"approved":true}' : `"${key}":${json(value)}`;
  const parts = dice.chance(500) ? [good, extra] : [extra, good];
  return { name, argumentsJson: `{${parts.filter((part) => part !== "").join(",")}}` };
}

function oddlyTyped(dice: Dice): Call {
  const name = dice.pick(NAMES);
  const fields = FIELDS[name] ?? [];
  const root = Object.fromEntries(fields.map((field) => [field, dice.pick(ODD_VALUES)]));
  // The same key twice: what counts is what the parser keeps.
  const twice = fields[0] && dice.chance(300) ? `"${fields[0]}":"BTC",` : "";
  return { name, argumentsJson: `{${twice}${json(root).slice(1)}`.replace(",}", "}") };
}

function huge(dice: Dice): string {
  const filler = dice.pick(["A", "\u202e", "[", '{"a":', "💥"]);
  return json({ asset: filler.repeat(20 + dice.below(2_000)) });
}

/** Real ids in the wrong place, ids of others, ids of nobody. */
function strangeId(dice: Dice, lore: Lore): Call {
  const text =
    known(dice, dice.pick([lore.candidates, lore.hedges, lore.proposals])) ?? dice.pick(STRINGS);
  switch (dice.below(4)) {
    case 0:
      return call("propose_close", { hedge: text });
    case 1:
      return call("propose_hedge", { asset: null, candidateId: text });
    case 2:
      return call("propose_hedge", { asset: null, candidateId: null });
    default:
      return call("explain_decision", { asset: dice.pick(STRINGS) });
  }
}

function known(dice: Dice, list: readonly string[]): string | null {
  if (list.length === 0) return null;
  // Mostly the newest.
  const back = dice.chance(700) ? dice.below(4) : dice.below(list.length);
  return list[Math.max(0, list.length - 1 - back)] ?? null;
}

function call(name: string, root: unknown): Call {
  return { name, argumentsJson: json(root) };
}

function json(value: unknown): string {
  return JSON.stringify(value);
}
