import { AsyncLocalStorage } from "node:async_hooks";
import { createHash } from "node:crypto";
import type { Listed, OrderName, Placed, VenueDriver, WireOrder } from "#src/venues/ccxt/driver.ts";
import { text, textOrNull } from "#src/venues/ccxt/row.ts";
import { dataOf, type Extended, errorOf } from "./extended-api.ts";

type Trading = Pick<VenueDriver, "place" | "cancel" | "cancelAll" | "setLeverage" | "codeOf">;

/** Whoever the owner lets earn by his orders; ccxt's own is the only builder that it knows. */
const CCXT_BUILDER = "257624";
/** The venue takes nonces below this. */
const NONCES = 2 ** 31;

/** One order on its way through ccxt. */
interface Sending {
  readonly nonce: number;
  reply: unknown;
}

export function extendedTrading(exchange: Extended, builderFeeRate: string | null): Trading {
  const sendings = new AsyncLocalStorage<Sending>();
  // ccxt's nonce is the second: two equal orders in one second would be one order to the venue.
  exchange.nonce = () => sendings.getStore()?.nonce ?? exchange.seconds();
  const send = exchange.v1PrivatePostUserOrder.bind(exchange);
  exchange.v1PrivatePostUserOrder = async (order) => {
    const reply = await send(builderFeeRate === null ? withoutBuilder(order) : order);
    const sending = sendings.getStore();
    if (sending) sending.reply = reply;
    return reply;
  };
  const builder = builderFeeRate === null ? {} : { builderFeeRate, builderId: CCXT_BUILDER };

  async function place(of: Listed, order: WireOrder): Promise<Placed> {
    const { request, wireId, amount, price, expiresAt } = order;
    const { side, reduceOnly, timeInForce } = request;
    const sending: Sending = { nonce: nonceOf(wireId), reply: null };
    await sendings.run(sending, () =>
      exchange.createOrder(of.ccxtSymbol, "limit", side, amount, price, {
        clientOrderId: wireId,
        reduceOnly,
        postOnly: timeInForce === "postOnly",
        timeInForce: timeInForce === "ioc" ? "IOC" : "GTT",
        // Its default is an hour. It also ends an order that rests.
        expiryEpochMillis: expiresAt,
        ...builder,
      }),
    );
    // It answers before its engine has looked: what became of the order is to be asked.
    // Not ccxt's order: where the answer has no number, that has our own id for one.
    const venueOrderId = text(dataOf(sending.reply), "id");
    return { venueOrderId, status: null, filledBase: null };
  }

  return {
    place,
    async cancel(of, { wireId, venueOrderId }: OrderName) {
      const byOurs = wireId === "" ? {} : { clientOrderId: wireId };
      await exchange.cancelOrder(venueOrderId || undefined, of.ccxtSymbol, byOurs);
    },
    async cancelAll(of) {
      // ccxt adds cancelAll, which means every market of the account.
      await exchange.v1PrivatePostUserOrderMassCancel({ markets: [of.instrument.symbol] });
    },
    async setLeverage({ instrument }, leverage) {
      const request = { market: instrument.symbol, leverage: leverage.toFixed() };
      await exchange.v1PrivatePatchUserLeverage(request);
    },
    codeOf({ body }) {
      const error = errorOf(body);
      return error && textOrNull(error, "code");
    },
  };
}

/** ccxt has no way to leave the fields out, only to make the fee "0". */
function withoutBuilder(order: object | undefined): Readonly<Record<string, unknown>> {
  const fields = Object.entries(order ?? {});
  return Object.fromEntries(fields.filter(([name]) => !name.startsWith("builder")));
}

/** The same order always has the same, and no two orders have one, as their ids. */
function nonceOf(wireId: string): number {
  return (createHash("sha256").update(wireId).digest().readUInt32BE(0) % (NONCES - 1)) + 1;
}
