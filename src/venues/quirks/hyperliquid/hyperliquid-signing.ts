import type { hyperliquid } from "ccxt";
import { currentCall } from "#src/venues/ccxt/call-context.ts";
import { builderFeeUnits, signableFence } from "./hyperliquid-client.ts";

/** What ccxt may sign for us; setReferrer, approveBuilderFee and the rest are never sent. */
const ACTIONS: ReadonlySet<unknown> = new Set([
  ...["order", "cancel", "cancelByCloid", "updateLeverage"],
]);

/**
 * Puts the fence into what is signed, which ccxt has no parameter for with orders and cancels, and takes out
 * what ccxt would do by itself before the first order: three requests that change the account.
 */
export function signOnlyOrders(exchange: hyperliquid, builderFeeRate: string | null): void {
  exchange.initializeClient = async () => true;
  // Amounts and prices come as exact text, and are rounded by nobody else.
  exchange.amountToPrecision = (_symbol, amount) => String(amount);
  exchange.priceToPrecision = (_symbol: unknown, price: unknown) => String(price);

  const signL1Action = exchange.signL1Action.bind(exchange);
  exchange.signL1Action = (action, nonce, vault, expiresAfter) =>
    signL1Action(action, nonce, vault, expiresAfter ?? fence());

  const sign = exchange.sign.bind(exchange);
  exchange.sign = (path, api, method, params, headers, body) =>
    sign(path, api, method, api === "private" ? fenced(params) : params, headers, body);

  if (builderFeeRate === null) return;
  // The owner has approved the builder on the venue; the flag makes ccxt attach it to orders.
  Object.assign(exchange.options, {
    approvedBuilderFee: true,
    builderFee: true,
    feeInt: builderFeeUnits(builderFeeRate),
  });
}

function fenced(params: Record<string, unknown> = {}): Record<string, unknown> {
  const { action } = params;
  const type = typeof action === "object" && action && "type" in action ? action.type : undefined;
  if (!ACTIONS.has(type)) throw new Error(`${String(type)} is not an action of ours`);
  const expiresAfter = fence();
  return expiresAfter === undefined ? params : { ...params, expiresAfter };
}

function fence(): number | undefined {
  const expiresAt = currentCall()?.expiresAt;
  return expiresAt === undefined || expiresAt === null ? undefined : signableFence(expiresAt);
}
