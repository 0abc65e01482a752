import { dec } from "#src/core/decimal.ts";
import type { WireOrder } from "#src/venues/ccxt/driver.ts";
import { NotSentError } from "#src/venues/ccxt/not-sent.ts";
import { type Row, text } from "#src/venues/ccxt/row.ts";
import type { Hibachi } from "./hibachi-client.ts";
import type { HibachiMemory } from "./hibachi-memory.ts";

/**
 * Amounts and prices on the wire and in the signature are exactly ours, and every nonce is another: ccxt takes
 * the millisecond, which two orders may share.
 */
export function signOurWay(exchange: Hibachi, memory: HibachiMemory): void {
  exchange.amountToPrecision = (_symbol: string | undefined, amount: unknown) => String(amount);
  exchange.priceToPrecision = (_symbol: string | undefined, price: unknown) => String(price);
  let last = 0;
  exchange.nonce = () => {
    last = Math.max(last + 1, exchange.milliseconds());
    return last;
  };
  const build = exchange.createOrderRequest.bind(exchange);
  exchange.createOrderRequest = (...asked: Parameters<typeof build>) => {
    const [nonce, symbol, type, side, amount, price, params] = asked;
    const { sending, ...rest } = sendingIn(params);
    if (sending && typeof nonce === "number") {
      memory.noteSent(sending.wireId, sending.request, nonce);
    }
    return build(nonce, symbol, type, side, amount, price, rest);
  };
}

/**
 * Its one flag is exclusive: ccxt sends IOC and drops reduce-only where both are wished (Q5), and a late close
 * would open the other side. So what reduces is sent as reduce-only, and its rest is cancelled afterwards.
 */
export function flagsFor({ request }: WireOrder): Readonly<Record<string, unknown>> {
  const { reduceOnly, timeInForce } = request;
  if (reduceOnly && timeInForce === "postOnly") {
    throw new NotSentError("Hibachi takes no order that is post-only and reduce-only");
  }
  if (reduceOnly) return { reduceOnly: true };
  if (timeInForce === "postOnly") return { postOnly: true };
  return timeInForce === "ioc" ? { timeInForce: "IOC" } : {};
}

/** ccxt signs sizes as floats of the smallest unit: beyond 2^53 they would be others. */
export function requireSignable(amount: string, info: Row): void {
  const units = dec(amount).times(dec(`1e${text(info, "underlyingDecimals")}`));
  if (units.gt(String(Number.MAX_SAFE_INTEGER))) {
    throw new NotSentError("more than can be signed exactly");
  }
}

function sendingIn(params: unknown): { readonly sending?: WireOrder } & Record<string, unknown> {
  return typeof params === "object" && params !== null ? { ...params } : {};
}
