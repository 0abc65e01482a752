import { createL1ActionHash } from "@nktkas/hyperliquid/signing";
import { verifyTypedData, zeroPadValue } from "ethers";

/** What comes to the exchange path, as far as the signature is concerned. */
export interface SignedAction {
  readonly action: Record<string, unknown>;
  readonly nonce: number;
  readonly signature: { readonly r: string; readonly s: string; readonly v: number };
  readonly vaultAddress?: `0x${string}`;
  readonly expiresAfter?: number;
}

/**
 * Who signed it, in lower case: the action is hashed and the signer recovered by libraries that ccxt does
 * not use. Anything that was changed after the signing gives a stranger.
 */
export function hyperliquidSigner(signed: SignedAction, isTestnet: boolean): string {
  const { action, nonce, signature, vaultAddress, expiresAfter } = signed;
  const connectionId = createL1ActionHash({
    ...{ action, nonce },
    ...(vaultAddress ? { vaultAddress } : {}),
    ...(expiresAfter === undefined ? {} : { expiresAfter }),
  });
  const { r, s, v } = signature;
  return verifyTypedData(
    {
      ...{ name: "Exchange", version: "1", chainId: 1337 },
      verifyingContract: "0x0000000000000000000000000000000000000000",
    },
    {
      Agent: [
        { name: "source", type: "string" },
        { name: "connectionId", type: "bytes32" },
      ],
    },
    { source: isTestnet ? "b" : "a", connectionId },
    { r: padded(r), s: padded(s), v },
  ).toLowerCase();
}

/** Signers leave out leading zeros. */
function padded(hex: string): string {
  return zeroPadValue(hex.length % 2 === 0 ? hex : `0x0${hex.slice(2)}`, 32);
}
