import { createHash } from "node:crypto";
import { dec } from "#src/core/decimal.ts";
import { type Row, row, text } from "#src/venues/ccxt/row.ts";
import type { Dydx } from "./dydx-client.ts";
import { dydxPrivateKey } from "./dydx-key.ts";

/** Orders that live in the validators' memory only, for at most 20 blocks. */
export const SHORT_TERM = 0;
/** Time in force, as the chain numbers it. */
export const WIRE_TERMS = { gtc: 0, ioc: 1, postOnly: 2 } as const;

/**
 * The order as it is signed, mended where ccxt 4.5.84 makes it wrong:
 * - it names an "order router" of its own, who would be paid a share of the fees;
 * - it takes the exponents in a market's row for text, and breaks on the numbers that they are;
 * - its powers of ten start at 10^1, so that a market with atomicResolution 0 or more (SHIB, PEPE) gets ten
 *   times the size or more;
 * - amount and price pass through its floats; ours are on the grid already;
 * - a limit order that rests becomes a long-term one, which outlives every fence in blocks.
 */
export function signOurWay(exchange: Dydx): void {
  // Asked for by createOrder in the order's own call, and not used where goodTillBlock is given.
  exchange.fetchLatestBlockHeight = async () => 0;
  const parse = exchange.parseMarket.bind(exchange);
  exchange.parseMarket = (market: Parameters<typeof parse>[0]) => parse(exponentsAsText(market));
  exchange.pow = (base: string, exponent: string) => powerOf(base, exponent);
  exchange.amountToPrecision = (_symbol: string | undefined, amount: unknown) => String(amount);
  exchange.priceToPrecision = (_symbol: string | undefined, price: unknown) => String(price);
  const build = exchange.createOrderRequest.bind(exchange);
  exchange.createOrderRequest = (...asked: Parameters<typeof build>) => {
    const [id, request] = build(...asked);
    const { termsOfOrder, ...message } = row(request, "order");
    const value = row(message["value"], "order");
    const order = { ...row(value["order"], "order"), orderRouterAddress: "" };
    return [id, { ...message, value: { ...value, order: { ...order, ...termsIn(termsOfOrder) } } }];
  };
  const { options, privateKey } = exchange;
  if (privateKey) options["privateKey"] = dydxPrivateKey(exchange, privateKey);
}

/** 32 bits are all the chain takes, and the same of ours always gives the same. */
export function dydxWireId(clientOrderId: string): string {
  return String(createHash("sha256").update(clientOrderId).digest().readUInt32BE(0));
}

/** The order's id at the indexer: it follows from who placed it where under which client id. */
export function orderIdOf(exchange: Dydx, subaccount: number, wireId: string, info: Row): string {
  const { walletAddress } = exchange;
  const clobPairId = Number(text(info, "clobPairId"));
  return text(
    {
      id: exchange.createOrderIdFromParts(
        ...([walletAddress, subaccount, Number(wireId), SHORT_TERM, clobPairId] as const),
      ),
    },
    "id",
  );
}

function exponentsAsText(market: Row): Row {
  const keys = ["atomicResolution", "quantumConversionExponent"] as const;
  return { ...market, ...Object.fromEntries(keys.map((key) => [key, text(market, key)])) };
}

function termsIn(terms: unknown): { readonly timeInForce?: number } {
  return typeof terms === "number" ? { timeInForce: terms } : {};
}

function powerOf(base: string, exponent: string): string {
  const places = Number(exponent);
  const factor = dec(base).pow(Math.abs(places));
  return (places < 0 ? dec("1").div(factor) : factor).toFixed();
}
