import { hibachi } from "#src/venues/quirks/hibachi.ts";
import { jsonReply } from "./loopback.ts";
import { type Answers, startScriptedVenue } from "./scripted-venue.ts";

/** An exchange-managed account: a key of 44 letters signs with HMAC. */
export const HIBACHI_KEY = {
  apiKey: "kHibachiTest=",
  accountId: "273",
  privateKey: "sHibachiTestSecretOfFortyFourLettersExactly=",
};

/** Our adapter, speaking to answers as Hibachi's own SDK and ccxt document them. */
export function startHibachi(over: Answers = {}) {
  return startScriptedVenue(hibachi, HIBACHI_KEY, {
    "GET /market/exchange-info": hibachiInfo(),
    "GET /exchange/utc-timestamp": () => ({ timestampMs: Date.now() }),
    "GET /trade/account/info": hibachiAccountInfo(),
    "GET /trade/account/trades": { trades: [] },
    "GET /trade/orders": [],
    "GET /trade/order": () => hibachiFailed(3, "Not found: order ID 33", 404),
    "POST /trade/order": { orderId: "589636801329628160" },
    "DELETE /trade/order": {},
    ...over,
  });
}

export function hibachiInfo(over: Readonly<Record<string, unknown>> = {}, status = "NORMAL") {
  const fees = { depositFees: "0.006769", withdrawalFees: "0.018052", transferFeeRate: "0.0001" };
  return {
    feeConfig: { ...fees, tradeMakerFeeRate: "0.00000000", tradeTakerFeeRate: "0.00045000" },
    futureContracts: [hibachiContract(), ...("symbol" in over ? [hibachiContract(over)] : [])],
    maintenanceWindow: [],
    status,
  };
}

export function hibachiContract(over: Readonly<Record<string, unknown>> = {}) {
  return {
    ...{ displayName: "BTC/USDT Perps", id: 2, symbol: "BTC/USDT-P", status: "LIVE" },
    ...{ initialMarginRate: "0.066667", maintenanceMarginRate: "0.046667", minNotional: "1" },
    ...{ minOrderSize: "0.0000000001", stepSize: "0.0000000001", tickSize: "0.00001" },
    orderbookGranularities: ["0.1", "1", "10", "100"],
    ...{ underlyingDecimals: 10, underlyingSymbol: "BTC" },
    ...{ settlementDecimals: 6, settlementSymbol: "USDT" },
    ...{ marketCreationTimestamp: "1727701319.73488", marketOpenTimestamp: null },
    ...over,
  };
}

/** The example of the venue's own SDK: collateral 400.566542, balance 404.256286. */
export function hibachiAccountInfo(over: Readonly<Record<string, unknown>> = {}) {
  return {
    assets: [{ quantity: "400.566542", symbol: "USDT" }],
    ...{ balance: "404.256286", maximalWithdraw: "386.117897", numFreeTransfersRemaining: 91 },
    positions: [
      {
        ...{ direction: "Long", entryNotional: "1497.639739", notionalValue: "1500.889746" },
        ...{ markPrice: "107977.67957", openPrice: "107743.86612", quantity: "0.0139000000" },
        symbol: "BTC/USDT-P",
        ...{ unrealizedFundingPnl: "0.000000", unrealizedTradingPnl: "3.250007" },
      },
    ],
    ...{ totalOrderNotional: "9.831627", totalPositionNotional: "1500.889746" },
    ...{ totalUnrealizedFundingPnl: "-0.040593", totalUnrealizedPnl: "3.689744" },
    ...{ totalUnrealizedTradingPnl: "3.730337" },
    ...{ tradeMakerFeeRate: "0.00015000", tradeTakerFeeRate: "0.00020000" },
    ...over,
  };
}

/** An order as the SDK prints it; resting unless said. */
export function hibachiOrder(over: Readonly<Record<string, unknown>> = {}) {
  return {
    ...{ accountId: 273, contractId: 2, orderId: "589636801329628160", symbol: "BTC/USDT-P" },
    ...{ availableQuantity: "0.0100000000", totalQuantity: "0.0100000000" },
    ...{ creationTime: 1_750_926_967, orderType: "LIMIT", price: "98316.27279", side: "BID" },
    ...{ status: "PLACED", triggerPrice: null, orderFlags: null },
    ...over,
  };
}

export function hibachiTrade(over: Readonly<Record<string, unknown>> = {}) {
  return {
    ...{ askAccountId: 126, askOrderId: "588733852838789120" },
    ...{ bidAccountId: 273, bidOrderId: "588744753406280705" },
    ...{ fee: "0.048618", id: 159_729_044, orderType: "MARKET", price: "108040.01266" },
    ...{ quantity: "0.0010000000", realizedPnl: "0.000000", side: "Buy" },
    ...{ symbol: "BTC/USDT-P", timestamp: 1_750_926_945 },
    ...over,
  };
}

export function hibachiFailed(errorCode: number, message: string, status = 400): Response {
  return jsonReply({ errorCode, message, status: "failed" }, status);
}
