import { createHmac, pbkdf2Sync } from "node:crypto";
import { OperatorError } from "#src/core/errors.ts";
import { row, text } from "#src/venues/ccxt/row.ts";
import type { Dydx } from "./dydx-client.ts";

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const HARDENED = 0x80000000;
/** BIP-44 for Cosmos chains: m/44'/118'/0'/0/0. */
const PATH = [44 + HARDENED, 118 + HARDENED, HARDENED, 0, 0];

/**
 * The chain's private key as hex, from what the front end lets one export: the key itself or its phrase of
 * 12 or 24 words, which ccxt does not take. Throws OperatorError when it is neither.
 */
export function dydxPrivateKey(exchange: Dydx, secret: string): string {
  const words = secret.trim().toLowerCase().split(/\s+/);
  if (words.length >= 12) return fromPhrase(exchange, words.join(" "));
  const hex = secret.trim().replace(/^0x/i, "");
  if (/^[0-9a-f]{64}$/i.test(hex)) return hex.toLowerCase();
  throw new OperatorError(
    "dYdX: privateKey is neither 64 hex digits nor a phrase of 12 or 24 words",
  );
}

/** Is the key that signs here the one that the chain knows for this address? */
export async function ownsItsAccount(exchange: Dydx): Promise<boolean> {
  const account = row(await exchange.fetchDydxAccount(), "account");
  const known = text(row(account["pub_key"], "pub_key"), "key");
  const own = text(row(exchange.retrieveCredentials(), "credentials"), "publicKey");
  return Buffer.from(known, "base64").toString("hex") === own.replace(/^0x/, "");
}

function fromPhrase(exchange: Dydx, phrase: string): string {
  const seed = pbkdf2Sync(phrase.normalize("NFKD"), "mnemonic", 2_048, 64, "sha512");
  let node = createHmac("sha512", "Bitcoin seed").update(seed).digest();
  for (const index of PATH) node = childOf(exchange, node, index);
  return node.subarray(0, 32).toString("hex");
}

/** BIP-32: key in the left half, chain code in the right. */
function childOf(exchange: Dydx, parent: Buffer, index: number): Buffer {
  const key = parent.subarray(0, 32);
  const number = Buffer.alloc(4);
  number.writeUInt32BE(index);
  const data =
    index >= HARDENED ? Buffer.concat([Buffer.alloc(1), key]) : publicKeyOf(exchange, key);
  const digest = createHmac("sha512", parent.subarray(32)).update(data).update(number).digest();
  const sum = (toNumber(digest.subarray(0, 32)) + toNumber(key)) % ORDER;
  const child = Buffer.from(sum.toString(16).padStart(64, "0"), "hex");
  return Buffer.concat([child, digest.subarray(32)]);
}

/** The runtime's own library does not know this curve; ccxt's does. */
function publicKeyOf(exchange: Dydx, key: Buffer): Uint8Array {
  const { publicKey } = row(exchange.retrieveDydxCredentials(key.toString("hex")), "key");
  if (publicKey instanceof Uint8Array) return publicKey;
  throw new OperatorError("dYdX: its key could not be derived");
}

function toNumber(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString("hex")}`);
}
