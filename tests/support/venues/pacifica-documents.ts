import type { OrderRequest } from "#src/core/order.ts";
import { pacifica } from "#src/venues/quirks/pacifica.ts";
import { orderRequest } from "#tests/support/guarded-orders.ts";
import { type Answers, type DocumentedVenue, startDocumentedVenue } from "./documented-venue.ts";

/** A wallet, and an agent of it: throw-away keys whose seeds are 32 ones and 32 twos. */
export const PACIFICA_WALLET = "AKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9";
export const PACIFICA_WALLET_KEY = "4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi";
export const PACIFICA_AGENT = "9hSR6S7WPtxmTojgo6GG3k4yDPecgJY292j7xrsUGWBu";
export const PACIFICA_AGENT_KEY =
  "3L3RY5sT8K4kyEnqhizwaqxLEbcYvpGrGPNEYRwtbCSdSvvMAJawwEEPE3NhshFbVUqmvDV74Ct4vo7MEu7yxJX";

/** What our id "Hpacifica1o0n1x1" is there: the hash of it in the form of a UUID of version 4. */
export const PACIFICA_ORDER_UUID = pacifica.wireIdOf("Hpacifica1o0n1x1");

/** A market as info documents it. */
export function pacificaMarketRow(over: Readonly<Record<string, unknown>> = {}) {
  return {
    ...{ symbol: "BTC", tick_size: "1", min_tick: "0", max_tick: "1000000", lot_size: "0.00001" },
    ...{ max_leverage: 50, isolated_only: false, min_order_size: "10", max_order_size: "5000000" },
    ...{ funding_rate: "0.0000125", next_funding_rate: "0.0000125", created_at: 1_748_881_333_944 },
    ...{ instrument_type: "perpetual", base_asset: "BTC" },
    ...over,
  };
}

/** A market's prices as info/prices documents them. */
export function pacificaPriceRow(over: Readonly<Record<string, unknown>> = {}) {
  return {
    ...{ symbol: "BTC", funding: "0.00010529", next_funding: "0.00011096", mark: "106510.5" },
    ...{ mid: "106511", oracle: "106509", open_interest: "3634796", volume_24h: "20896698.0672" },
    ...{ timestamp: 1_759_222_967_974, yesterday_price: "105000" },
    ...over,
  };
}

export const done = (data: unknown, more?: string) => ({
  success: true,
  data,
  ...(more === undefined ? { error: null, code: null } : { next_cursor: more, has_more: true }),
});

/** The venue's own refusal. */
export function pacificaError(
  status: number,
  code: number | null,
  error: string,
  errorId?: string,
): Response {
  const body = { success: false, data: null, error, code, ...(errorId && { error_id: errorId }) };
  return Response.json(body, { status });
}

const BASICS: Answers = {
  "GET /api/v1/info": done([pacificaMarketRow()]),
  "GET /api/v1/info/prices": done([pacificaPriceRow()]),
  "GET /api/v1/book": () => Response.json(done({ s: "BTC", l: [[], []], t: Date.now() })),
  "POST /api/v1/orders/create": done({ order_id: 12_345 }),
};

export function startPacifica(
  answers: Answers = {},
  over: Parameters<typeof startDocumentedVenue>[2] = {},
): Promise<DocumentedVenue> {
  const credentials = { walletAddress: PACIFICA_WALLET, privateKey: PACIFICA_AGENT_KEY };
  return startDocumentedVenue(pacifica, { ...BASICS, ...answers }, { credentials, ...over });
}

export function pacificaOrder(over: Parameters<typeof orderRequest>[0] = {}): OrderRequest {
  return orderRequest({
    ...{ venue: "pacifica", symbol: "BTC", clientOrderId: "Hpacifica1o0n1x1" },
    ...{ size: "0.00123", limit: "106600", expiresAt: Date.now() + 10_000 },
    ...over,
  });
}
