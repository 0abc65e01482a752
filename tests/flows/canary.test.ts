import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createRedactor, type Redact } from "#src/runtime/redactor.ts";
import { CANARIES, type Carrier, collectCarriers } from "#tests/support/leaky-exchanges.ts";
import { openSinks, type SinkName } from "#tests/support/sinks.ts";

const SINKS: readonly SinkName[] = ["log", "telegram", "dashboard", "model", "memory"];
const NAMES = [
  ...["binance", "bybit", "okx", "hyperliquid"].flatMap((venue) => [
    ...[`${venue}: what the venue repeats`, `${venue}: printed`, `${venue}: as JSON`],
  ]),
  "binance: no connection",
  ...["an error with a key in it", "a text, not an error", "a URL", "JSON in JSON"],
  ...["basic authentication", "a private key", "a private key as a number"],
  ...["a recovery phrase", "a part of a phrase", "a long text that is cut"],
];

let carriers: readonly Carrier[] = [];
let forbidden: readonly string[] = [];

beforeAll(async () => {
  const collected = await collectCarriers();
  carriers = collected.carriers;
  forbidden = [...pieces(), ...collected.signatures];
});

describe.each([
  ["with the redactor, nothing of a secret reaches", redactorOfCanaries(), false],
  ["without it, something does (the test can fail):", (text: string) => text, true],
] as const)("%s", (_name, redact: Redact, leaks) => {
  let sinks: ReturnType<typeof openSinks>;
  beforeAll(() => {
    sinks = openSinks(redact);
  });
  afterAll(() => sinks.stop());

  test.each(NAMES)("any sink: %s", async (name) => {
    const carrier = carriers.find((one) => one.name === name);
    if (!carrier) throw new Error("no such carrier");
    for (const sink of SINKS) sinks.bytes[sink] = "";
    const text = carrier.thrown instanceof Error ? carrier.thrown.message : `${carrier.thrown}`;

    sinks.logs(carrier.thrown);
    await sinks.alert(text);
    await sinks.card(text.slice(0, 1_000));
    await sinks.types(text.slice(0, 3_000));
    await sinks.looks(text);

    const found = SINKS.map((sink) => [sink, secretsIn(sinks.bytes[sink]).length > 0]);
    expect(found).toEqual(SINKS.map((sink) => [sink, leaks]));
    // An empty recording would prove nothing.
    for (const sink of SINKS) expect(sinks.bytes[sink].length).toBeGreaterThan(20);
  });
});

test("the carriers hold signatures that were made with the planted keys", () => {
  expect(forbidden.length).toBeGreaterThan(pieces().length + 3);
  expect(carriers.map((one) => one.name)).toEqual(NAMES);
});

function redactorOfCanaries(): Redact {
  const redactor = createRedactor();
  for (const secret of Object.values(CANARIES)) redactor.add(secret);
  return redactor.redact;
}

/** What is looked for: secrets whole and in halves, as they are and as they are written in URLs. */
function pieces(): readonly string[] {
  const { mnemonic, password, privateKey, ...keys } = CANARIES;
  const halves = [...Object.values(keys), privateKey.slice(2)].flatMap((secret) => [
    secret.slice(0, secret.length / 2),
    secret.slice(secret.length / 2),
  ]);
  const words = mnemonic.split(" ");
  const runs = words.slice(2).map((word, index) => `${words[index]} ${words[index + 1]} ${word}`);
  const listed = runs.map((run) => run.replaceAll(" ", ", "));
  const plain = [...halves, password, ...runs, ...listed, BigInt(privateKey).toString()];
  const encoded = [keys.apiKey, keys.secret].map((one) =>
    Buffer.from(one).toString("base64").slice(0, 40),
  );
  return [...plain, ...plain.map((one) => encodeURIComponent(one)), ...encoded];
}

function secretsIn(bytes: string): readonly string[] {
  const text = bytes.toLowerCase();
  return forbidden.filter((one) => text.includes(one.toLowerCase()));
}
