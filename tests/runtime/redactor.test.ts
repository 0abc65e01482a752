import { describe, expect, test } from "bun:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { createRedactor } from "#src/runtime/redactor.ts";

const KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
const BASE64_KEY = "dGhpcyBpcyBub3QrYS9rZXk+Pz8/aXQgaXMgYSBjYW5hcnk=";
const HEX_KEY = "0x4C0883A69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";
const PASSWORD = `Ca"na\\ry <8> & 'o`;
const PHRASE =
  "legal winner thank year wave sausage worth useful legal winner thank yellow market open zebra";
const PEM = `-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIKc7ZQ0canarycanary00Zm9v\n-----END PRIVATE KEY-----`;

function redactWith(...secrets: readonly string[]) {
  const redactor = createRedactor();
  for (const secret of secrets) redactor.add(secret);
  return redactor.redact;
}

describe("a secret's value is cut out", () => {
  const encodings: readonly (readonly [string, (secret: string) => string])[] = [
    ["as it is", (secret) => secret],
    ["in a URL", (secret) => `https://v.example/?key=${encodeURIComponent(secret)}&x=1`],
    [
      "in a URL inside a URL",
      (secret) =>
        `http://127.0.0.1:9/${encodeURIComponent(`https://v.example/?k=${encodeURIComponent(secret)}`)}`,
    ],
    ["in a form", (secret) => new URLSearchParams({ secret }).toString()],
    ["in JSON", (secret) => JSON.stringify({ secret })],
    ["in JSON inside JSON", (secret) => JSON.stringify({ body: JSON.stringify({ secret }) })],
    ["in base64", (secret) => Buffer.from(secret).toString("base64")],
    ["in base64url", (secret) => Buffer.from(secret).toString("base64url")],
    ["in basic authentication", (secret) => Buffer.from(`user:${secret}:x`).toString("base64")],
    ["in basic authentication 2", (secret) => Buffer.from(`user1:${secret}`).toString("base64")],
    ["in hexadecimal", (secret) => Buffer.from(secret).toString("hex")],
    ["in HTML", (secret) => `<b>${Bun.escapeHTML(secret)}</b>`],
    ["printed as an object", (secret) => inspect({ nested: { secret } })],
    ["in capitals", (secret) => secret.toUpperCase()],
  ];
  const secrets = { KEY, BASE64_KEY, HEX_KEY };
  const cases = Object.entries(secrets).flatMap(([name, secret]) =>
    encodings.map(([how, encode]) => [name, how, secret, encode] as const),
  );

  test.each(cases)("%s %s", (_name, _how, secret, encode) => {
    const safe = redactWith(secret)(`before ${encode(secret)} after`);

    expect(safe).toContain("[redacted]");
    expect(safe).toStartWith("before ");
    expect(safe).toEndWith(" after");
    for (let at = 0; at + 14 <= secret.length; at += 1) {
      const piece = secret.slice(at, at + 14);
      for (const [, other] of encodings) expect(safe).not.toContain(other(piece));
    }
  });

  test.each(encodings.filter(([how]) => !/HTML|printed/.test(how)))(
    "a password with odd characters, %s",
    (_how, encode) => {
      expect(redactWith(PASSWORD)(`a ${encode(PASSWORD)} b`)).toContain("[redacted]");
    },
  );

  test("a private key that a signer holds as a number or as bytes", () => {
    const redact = redactWith(HEX_KEY);
    const bytes = new Uint8Array(Buffer.from(HEX_KEY.slice(2), "hex"));

    expect(redact(`${BigInt(HEX_KEY)}n`)).toBe("[redacted]n");
    expect(redact(`[${bytes.join(", ")}]`)).toBe("[[redacted]]");
    expect(redact(`key ${HEX_KEY.slice(2).toLowerCase()}!`)).toBe("key [redacted]!");
  });

  test("a key of several lines, also when they were joined", () => {
    const redact = redactWith(PEM);
    expect(redact(PEM.replace(/\s+/g, " "))).not.toContain("canary");
    expect(redact(JSON.stringify(PEM))).not.toContain("canary");
  });

  test("wherever it was cut off, as long as twelve characters of it are left", () => {
    const redact = redactWith(KEY);
    const places = fc.tuple(fc.nat(KEY.length - 12), fc.integer({ min: 12, max: KEY.length }));
    fc.assert(
      fc.property(places, fc.string(), fc.string(), ([from, length], before, after) => {
        const piece = KEY.slice(from, from + length);
        expect(redact(`${before} ${piece} ${after}`)).not.toContain(piece);
      }),
    );
  });

  test("a short one too, when the text ends in the middle of it", () => {
    const redact = redactWith("Hunter2-Canary");
    expect(redact("the passphrase is Hunter2-Cana")).toBe("the passphrase is [redacted]");
    expect(redact("Hunter2-Cana is a part of it")).toBe("Hunter2-Cana is a part of it");
  });

  test("at every place of a long text, every time", () => {
    const redact = redactWith(KEY, PASSWORD);
    for (let shift = 0; shift < 12; shift += 1) {
      const text = `${"x".repeat(shift)}${PASSWORD}${"y".repeat(shift)}${KEY}${PASSWORD}`;
      expect(redact(text)).not.toMatch(/na|vmPUZE/);
    }
  });

  test("beside letters that change their length with their case", () => {
    expect(redactWith(KEY)(`İİİ ${KEY} İ`)).toBe("İİİ [redacted] İ");
  });
});

describe("a recovery phrase", () => {
  const redact = redactWith(PHRASE);

  test.each([
    PHRASE,
    PHRASE.toUpperCase(),
    PHRASE.split(" ").join("\n"),
    JSON.stringify(PHRASE.split(" ").join("\n")),
    JSON.stringify(PHRASE.split(" ")),
    encodeURIComponent(PHRASE),
    PHRASE.replaceAll(" ", "+"),
    PHRASE.split(" ").toReversed().join(", "),
    PHRASE.split(" ")
      .map((word, index) => `${index + 1}. ${word}`)
      .join(" "),
    "wave sausage worth",
    Buffer.from(PHRASE).toString("base64"),
  ])("is cut out of %s", (text) => {
    const safe = redact(`it is: ${text} .`);
    expect(safe).toContain("[redacted]");
    expect(safe.match(/legal|winner|wave|sausage|zebra/gi) ?? []).toEqual([]);
  });

  test.each([
    "this year the market is open",
    "thank you; yellow, not red",
    "the market open interest is useful",
    "open market",
  ])("leaves its words alone where they are ordinary: %s", (text) => {
    expect(redact(text)).toBe(text);
  });
});

describe("by its shape", () => {
  const { redact } = createRedactor();
  const signature = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";

  test.each([
    `GET https://v.example/o?symbol=BTC&timestamp=1&signature=${signature}&x=1`,
    `http://127.0.0.1:1/https%3A%2F%2Fv.example%2Fo%3Fa%3D1%26signature%3D${signature}`,
    `{"X-BAPI-SIGN":"${signature}"}`,
    `'OK-ACCESS-SIGN': '${signature}'`,
    JSON.stringify({ body: JSON.stringify({ sign: signature }) }),
    `{"signature":{"r":"0x${signature}","s":"0x${signature}","v":28}}`,
    JSON.stringify({ body: `{"signature":{"r":"0x${signature}"}}` }),
    `Authorization: Bearer ${signature}`,
    `{"authorization":"${signature}"}`,
  ])("a signature goes: %s", (text) => {
    expect(redact(text)).not.toContain(signature);
    expect(redact(text)).toContain("[redacted]");
  });

  test("the token of a Telegram bot goes", () => {
    expect(
      redact("https://t.example/bot4200000001:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr/getMe"),
    ).toBe("https://t.example/bot[redacted]/getMe");
  });

  test.each([
    "the design: counter-productive-beyond-words",
    "both legs have opposite sign: one pays, one receives",
    "signed by the owner; assign=everything-to-everyone",
    '{"at":"2026-01-01T00:00:00.000Z","sizeBase":"0.015","price":"104250.5"}',
    "0x5e3f1c2b4a5968778695a4b3c2d1e0f1 is an order, 12345678:9 is none",
  ])("what is none stays: %s", (text) => {
    expect(redact(text)).toBe(text);
  });
});

describe("ordinary text", () => {
  test("stays as it is, whatever is known", () => {
    const redact = redactWith(KEY, BASE64_KEY, HEX_KEY, PASSWORD, PHRASE, PEM);
    const words = fc.array(
      fc.constantFrom(..."the rate of BTC on okx pays 12.5 % of it".split(" ")),
    );
    fc.assert(
      fc.property(words, (list) => {
        expect(redact(list.join(" "))).toBe(list.join(" "));
      }),
    );
  });

  test("is not lost to a value that is too short, or absent", () => {
    const redactor = createRedactor();
    for (const secret of ["", "  ", "BTC", "1234567", null]) redactor.add(secret);
    expect(redactor.redact("BTC 1234567")).toBe("BTC 1234567");
  });

  test("redacting twice changes nothing more", () => {
    const redact = redactWith(KEY);
    const once = redact(`a ${KEY} signature=${KEY} b`);
    expect(redact(once)).toBe(once);
  });
});
