import { describe, expect, test } from "bun:test";
import { inspect } from "node:util";
import { binanceusdm, dydx, hyperliquid, okx } from "ccxt";
import { hideFromInspection } from "#src/venues/ccxt/hide-from-inspection.ts";

const FIELDS = ["apiKey", "secret", "password", "privateKey"];
const CONFIG = {
  apiKey: "canary-key-000001",
  secret: "canary-secret-000001",
  password: "canary-password-01",
  privateKey: `0x${"ca".repeat(32)}`,
  walletAddress: `0x${"ab".repeat(20)}`,
  options: { mnemonic: "canary words of a phrase" },
};
const CLASSES = { binanceusdm, okx, hyperliquid, dydx };

/** Everything that a careless line could print. */
function prints(value: object): string {
  return [
    Bun.inspect(value),
    Bun.inspect({ deep: { value } }),
    inspect(value, { depth: 9 }),
    inspect({ list: [value] }, { depth: 9, showHidden: true }),
    JSON.stringify(value),
    JSON.stringify({ value }),
    String(value),
  ].join("\n");
}

describe.each(Object.entries(CLASSES))("ccxt's %s", (name, Class) => {
  test("prints its keys, as it comes: that is why it is hidden", () => {
    expect(prints(new Class(CONFIG))).toContain("canary-secret-000001");
  });

  test("prints its label and nothing else once it is hidden", () => {
    const exchange = hideFromInspection(new Class(CONFIG), name, FIELDS);
    expect(prints(exchange)).not.toMatch(/canary|caca/);
    expect(Bun.inspect(exchange)).toBe(`[${name}]`);
  });

  test("does not give its keys to a copy", () => {
    const copy = { ...hideFromInspection(new Class(CONFIG), name, FIELDS) };
    const keys = FIELDS.filter((field) => Object.hasOwn(copy, field));
    expect(keys).toEqual([]);
  });
});

test("a hidden exchange still signs, and takes a new key", () => {
  const plain = new binanceusdm(CONFIG);
  const hidden = hideFromInspection(new binanceusdm(CONFIG), "binance", FIELDS);
  for (const exchange of [plain, hidden]) exchange.nonce = () => 1_770_000_000_000;
  const sign = (exchange: typeof plain) =>
    exchange.sign("openOrders", "fapiPrivate", "GET", { a: 1 });

  expect(sign(hidden)).toEqual(sign(plain));
  hidden.secret = "another-secret-000";
  expect(sign(hidden)).not.toEqual(sign(plain));
});
