import type { OrderRequest } from "#src/core/order.ts";
import { extended } from "#src/venues/quirks/extended.ts";
import { orderRequest } from "#tests/support/guarded-orders.ts";
import { type Answers, type DocumentedVenue, startDocumentedVenue } from "./documented-venue.ts";

/** The account of the venue's own SDK tests, so that its signatures can judge ours. */
export const EXTENDED_KEY = {
  apiKey: "dummy_api_key",
  privateKey: "0x7a7ff6fd3cab02ccdcd4a572563f5976f8976899b03a39773795a3c486d4986",
};
export const EXTENDED_STARK_KEY =
  "0x61c5e7e8339b7d56f197f54ea91b776776690e3232313de0f2ecbd0ef76f466";

const SETTLES_AT = 1_777_446_000_000;

/** A market as info/markets documents it. */
export function extendedMarketRow(over: Readonly<Record<string, unknown>> = {}) {
  return {
    ...{ name: "BTC-USD", assetName: "BTC", collateralAssetName: "USD", status: "ACTIVE" },
    ...{ category: "Crypto", assetPrecision: 5, collateralAssetPrecision: 6, active: true },
    marketStats: {
      ...{ dailyVolume: "231016077.512960", dailyVolumeBase: "3025.00058" },
      ...{ lastPrice: "77259", askPrice: "77260", bidPrice: "77259" },
      ...{ markPrice: "77259.680250000004", indexPrice: "77299.020412500001" },
      ...{ fundingRate: "0.000013", nextFundingRate: SETTLES_AT },
      ...{ openInterest: "115861923.311902", openInterestBase: "1500.40958" },
    },
    tradingConfig: {
      ...{ minOrderSize: "0.0001", minOrderSizeChange: "0.00001", minPriceChange: "0.1" },
      ...{ maxMarketOrderValue: "3000000", maxLimitOrderValue: "15000000", maxLeverage: "50.00" },
      ...{ maxPositionValue: "60000000", hourlyFundingRateCap: "0.25", maxNumOrders: "200" },
      ...{ limitPriceCap: "0.05", limitPriceFloor: "0.05" },
      riskFactorConfig: [
        { upperBound: "400000", riskFactor: "0.02" },
        { upperBound: "800000", riskFactor: "0.04" },
      ],
    },
    l2Config: {
      ...{ type: "STARKX", syntheticId: "0x4254432d3600000000000000000000" },
      collateralId: "0x31857064564ed0ff978e687456963cba09c2c6985d8f9300a1de4962fafa054",
      ...{ syntheticResolution: 1_000_000, collateralResolution: 1_000_000 },
    },
    ...{ visibleOnUi: true, createdAt: 1_752_829_532_673 },
    ...over,
  };
}

export const ok = (data: unknown, cursor?: number | string) => ({
  status: "OK",
  data,
  ...(cursor === undefined ? {} : { pagination: { cursor, count: 1 } }),
});

/** The venue's own refusal. */
export function extendedError(code: number, status = 400, message = "refused"): Response {
  return Response.json({ status: "ERROR", error: { code, message } }, { status });
}

const ACCOUNT = {
  ...{ accountId: 1002, description: "Account 2", accountIndex: 1, status: "ACTIVE" },
  ...{ l2Key: EXTENDED_STARK_KEY, l2Vault: "10002", apiKeys: [] },
};

const BASICS: Answers = {
  "GET /api/v1/info/markets": ok([extendedMarketRow()]),
  "GET /api/v1/info/markets/BTC-USD/stats": ok(extendedMarketRow().marketStats),
  "GET /api/v1/user/account/info": ok(ACCOUNT),
  "POST /api/v1/user/order": ok({ id: "2051479786538188800", externalId: "x" }),
};

export function startExtended(
  answers: Answers = {},
  over: Parameters<typeof startDocumentedVenue>[2] = {},
): Promise<DocumentedVenue> {
  const credentials = EXTENDED_KEY;
  return startDocumentedVenue(extended, { ...BASICS, ...answers }, { credentials, ...over });
}

export function extendedOrder(over: Parameters<typeof orderRequest>[0] = {}): OrderRequest {
  return orderRequest({
    ...{ venue: "extended", symbol: "BTC-USD", clientOrderId: "Hextended1o0n1x1" },
    ...{ size: "0.00123", limit: "77300.1", expiresAt: Date.now() + 10_000 },
    ...over,
  });
}
