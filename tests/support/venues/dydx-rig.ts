import type { Listed, VenueDriver } from "#src/venues/ccxt/driver.ts";
import { dydx } from "#src/venues/quirks/dydx.ts";
import { jsonReply } from "./loopback.ts";
import { type Answers, startScriptedVenue } from "./scripted-venue.ts";

const CCXT = import.meta.resolve("ccxt");

/** A key made for these tests, and the account that the chain would know for it. */
export const DYDX_KEY = {
  walletAddress: "dydx1slanxj8x9ntk9knwa6cvfv2tzlsq5gk3dshml0",
  privateKey: "4f3edf983ac636a65a842ce7c78d9aa706d3b113bce9c46f30d7d21715b23b1d",
};
const PUBLIC_KEY = "A+aKz8AlOhBiDf9wawobHx9YM+o76zveIlDV8nHzVjYG";
export const DYDX_HEIGHT = 49_157_714;

/** Our adapter, speaking to answers as the indexer's specification and ccxt document them. */
export function startDydx(over: Answers = {}, mode: "live" | "testnet" = "live") {
  return startScriptedVenue(
    dydx,
    DYDX_KEY,
    {
      "GET /v4/perpetualMarkets": { markets: { "BTC-USD": dydxMarket() } },
      "GET /v4/time": () => ({ iso: new Date().toISOString(), epoch: Date.now() / 1_000 }),
      "GET /v4/height": { height: String(DYDX_HEIGHT), time: "2025-10-22T08:34:05.883Z" },
      "GET /v4/orders": [],
      "GET /v4/orders/": () => orderNotFound(),
      "GET /abci_info": abciInfo(DYDX_HEIGHT),
      "GET /cosmos/auth/v1beta1/account_info/": {
        info: {
          address: DYDX_KEY.walletAddress,
          pub_key: { "@type": "/cosmos.crypto.secp256k1.PubKey", key: PUBLIC_KEY },
          ...{ account_number: "11234", sequence: "0" },
        },
      },
      "GET /broadcast_tx_sync": broadcast(),
      ...over,
    },
    mode,
  );
}

/** A market as ccxt documents it. */
export function dydxMarket(over: Readonly<Record<string, unknown>> = {}) {
  return {
    ...{ clobPairId: "0", ticker: "BTC-USD", status: "ACTIVE", oraclePrice: "118976.5376" },
    ...{ priceChange24H: "659.9736", volume24H: "1292729.3605", trades24H: 9387 },
    ...{ nextFundingRate: "0.0000125", defaultFundingRate1H: "0" },
    ...{ initialMarginFraction: "0.02", maintenanceMarginFraction: "0.012" },
    ...{ openInterest: "52.0691", baseOpenInterest: "50.3776" },
    ...{ openInterestLowerCap: "0", openInterestUpperCap: "0", marketType: "CROSS" },
    ...{ atomicResolution: -10, quantumConversionExponent: -9 },
    ...{ tickSize: "1", stepSize: "0.0001", stepBaseQuantums: 1_000_000, subticksPerTick: 100_000 },
    ...over,
  };
}

/** An order as the indexer gives it; ours unless said: short-term, IOC. */
export function dydxOrder(over: Readonly<Record<string, unknown>> = {}) {
  return {
    ...{ id: "dad46410-3444-5566-a129-19a619300fb7", clientId: "716238006", clobPairId: "0" },
    ...{ subaccountId: "8586bcf6-1f58-5ec9-a0bc-e53db273e7b0", subaccountNumber: 0 },
    ...{ side: "BUY", size: "0.001", totalFilled: "0.001", price: "400000", type: "LIMIT" },
    ...{ status: "FILLED", timeInForce: "IOC", reduceOnly: false, postOnly: false },
    ...{ orderFlags: "0", goodTilBlock: String(DYDX_HEIGHT + 5), clientMetadata: "0" },
    ...{ createdAtHeight: "45058325", ticker: "BTC-USD" },
    ...{ updatedAt: "2025-07-28T12:06:35.330Z", updatedAtHeight: "45058326" },
    ...over,
  };
}

export function abciInfo(height: number) {
  const response = {
    ...{ data: "dydxprotocol", version: "9.1.0-rc0", last_block_height: String(height) },
    last_block_app_hash: "9LHAcDDI5zmWiC6bGiiGtxuWPlKJV+/fTBZk/WQ/Y4U=",
  };
  return { jsonrpc: "2.0", id: -1, result: { response } };
}

/** A node's answer to a transaction. */
export function broadcast(over: Readonly<Record<string, unknown>> = {}) {
  const hash = "CBEDB0603E57E5CE21FA6954770A9403D2A81BED02E608C860356152D0AA1A81";
  const result = { code: 0, data: "", log: "[]", codespace: "", hash, ...over };
  return { jsonrpc: "2.0", id: -1, result };
}

export function orderNotFound(): Response {
  return jsonReply({ errors: [{ msg: "Unable to find order id 6a6075bc" }] }, 404);
}

/** Bitcoin's market as the driver lists it. */
export function listedBtc({ list }: VenueDriver): Listed {
  const market = { symbol: "BTC/USDC:USDC", info: dydxMarket() };
  const listed = list(market as unknown as Parameters<typeof list>[0]);
  if (!listed) throw new Error("not listed");
  return listed;
}

/** The message inside a signed transaction, as the chain would read it. */
export async function readTx(url: URL) {
  const { TxRaw, TxBody } = await import(protos("cosmos/tx/v1beta1/tx.js"));
  const { registry } = await import(protos("registry.js"));
  const raw = TxRaw.decode(Buffer.from((url.searchParams.get("tx") ?? "").slice(2), "hex"));
  const [message] = TxBody.decode(raw.bodyBytes).messages;
  return { typeUrl: message.typeUrl, value: registry[message.typeUrl].decode(message.value), raw };
}

/** The bytes that a transaction's signature is of. */
export async function signDocOf(
  raw: { readonly bodyBytes: Uint8Array; readonly authInfoBytes: Uint8Array },
  chainId: string,
): Promise<Uint8Array> {
  const { SignDoc } = await import(protos("cosmos/tx/v1beta1/tx.js"));
  const { bodyBytes, authInfoBytes } = raw;
  const doc = { bodyBytes, authInfoBytes, chainId, accountNumber: 11_234 };
  return SignDoc.encode(SignDoc.fromPartial(doc)).finish();
}

function protos(file: string): string {
  return new URL(`./src/static_dependencies/dydx-v4-client/${file}`, CCXT).href;
}
