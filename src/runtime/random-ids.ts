import type { Ids } from "#src/ports/ids.ts";

// No 0/o, 1/l/i: ids are read aloud and typed on phones.
const ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz";
const LENGTH = 8;

/** Ids and nonces from the operating system's random source. */
export function createRandomIds(): Ids {
  return {
    next: (prefix) => `${prefix}-${randomText()}`,
    nonce: () => Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64url"),
  };
}

function randomText(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(LENGTH));
  return Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}
