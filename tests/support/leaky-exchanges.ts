import { binanceusdm, bybit, type Exchange, hyperliquid, okx } from "ccxt";

/** Planted secrets: each stands for a real one, and none of them may be seen anywhere. */
export const CANARIES = {
  apiKey: "CanaryKey4f1b9c77d2e84a06b3c5e7f9a1b2c3d4e5f60718",
  secret: "Canary/Secret+8e1f4c7b2a5d9083=6f7e8d9c0b1a2f3e4d5c6b7a",
  password: "Canary&Pass 77",
  privateKey: `0x${"c0ffee12ca9a5e7d".repeat(4)}`,
  mnemonic:
    "glory rebel canary velvet tuition anchor mosquito pelican ribbon saddle tobacco walnut",
} as const;

type Raw = (exchange: Exchange) => Promise<unknown>;

/** A signed request of each way of signing: key in a header, signature in the URL, the headers, the body. */
const VENUES: readonly (readonly [string, new (config: object) => Exchange, Raw])[] = [
  ["binance", binanceusdm, (exchange) => exchange["fapiPrivateV3GetBalance"]()],
  [
    "bybit",
    bybit,
    (exchange) => exchange["privateGetV5AccountWalletBalance"]({ accountType: "U" }),
  ],
  ["okx", okx, (exchange) => exchange["privateGetAccountBalance"]()],
  ["hyperliquid", hyperliquid, placeSigned],
];

export interface Carrier {
  readonly name: string;
  /** Carries a planted secret, or a signature made with one. */
  readonly thrown: unknown;
}

/** Everything that could carry a secret out: real errors of real exchange classes, and careless lines. */
export async function collectCarriers(): Promise<{
  readonly carriers: readonly Carrier[];
  /** What was signed with the planted keys. */
  readonly signatures: readonly string[];
}> {
  const signatures = new Set<string>();
  const server = Bun.serve({
    port: 0,
    async fetch(request) {
      const body = await request.text();
      const all = [request.url, JSON.stringify([...request.headers]), body].join("\n");
      for (const found of decodeURIComponent(all).matchAll(
        /(?:signature=|sign","|"[rs]":"0x)([\w+/=]{16,})/gi,
      ))
        signatures.add(found[1] ?? "");
      // A venue that repeats what it was sent, in the form of its own errors.
      const msg = `refused ${all}`;
      return Response.json({ code: -2014, retCode: 10003, retMsg: msg, msg }, { status: 400 });
    },
  });
  const carriers: Carrier[] = [];
  for (const [name, Class, ask] of VENUES) {
    const make = (proxyUrl: string) =>
      new Class({ ...CANARIES, walletAddress: `0x${"ab".repeat(20)}`, proxyUrl, timeout: 3_000 });
    const echoing = make(`http://127.0.0.1:${server.port}/`);
    carriers.push(
      { name: `${name}: what the venue repeats`, thrown: await failureOf(ask(echoing)) },
      { name: `${name}: printed`, thrown: around(Bun.inspect(echoing)) },
      { name: `${name}: as JSON`, thrown: around(JSON.stringify(echoing)) },
    );
  }
  await server.stop(true);
  // Nobody saw this one's signature but its own error text.
  const deaf = new binanceusdm({ ...CANARIES, proxyUrl: "http://127.0.0.1:9/" });
  const thrown = await failureOf(deaf["fapiPrivateV3GetBalance"]());
  carriers.push({ name: "binance: no connection", thrown });
  for (const found of String(thrown).matchAll(/signature(?:=|%3D)(\w{32,})/g))
    signatures.add(found[1] ?? "");
  return { carriers: [...carriers, ...carelessLines()], signatures: [...signatures] };
}

function carelessLines(): readonly Carrier[] {
  const { secret, apiKey, password, privateKey, mnemonic } = CANARIES;
  const url = `https://v.example/?key=${encodeURIComponent(secret)}`;
  const basic = Buffer.from(`${apiKey}:${secret}`).toString("base64");
  return [
    { name: "an error with a key in it", thrown: new Error(`bad key ${secret}`) },
    { name: "a text, not an error", thrown: `the passphrase is ${password}` },
    { name: "a URL", thrown: new Error(url) },
    { name: "JSON in JSON", thrown: JSON.stringify({ body: JSON.stringify({ password }) }) },
    { name: "basic authentication", thrown: new Error(`Authorization: Basic ${basic}`) },
    { name: "a private key", thrown: new TypeError(`invalid key ${privateKey.toUpperCase()}`) },
    { name: "a private key as a number", thrown: `${BigInt(privateKey)}` },
    { name: "a recovery phrase", thrown: new Error(`not a phrase: ${mnemonic}`) },
    { name: "a part of a phrase", thrown: mnemonic.split(" ").slice(3, 7).join(", ") },
    { name: "a long text that is cut", thrown: new Error(`${"x ".repeat(135)}${secret}`) },
  ];
}

async function placeSigned(exchange: Exchange): Promise<unknown> {
  const nonce = 1_770_000_000_000;
  const action = { type: "cancel", cancels: [{ a: 1, o: 1 }] };
  const signature = exchange["signL1Action"](action, nonce);
  return exchange["privatePostExchange"]({ action, nonce, signature });
}

async function failureOf(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    () => new Error("it was answered"),
    (error: unknown) => error,
  );
}

/** The part of a long print that matters, short enough for a message. */
function around(text: string): string {
  const at = text.indexOf("Canary");
  return text.slice(Math.max(0, at - 200), at + 1_000);
}
