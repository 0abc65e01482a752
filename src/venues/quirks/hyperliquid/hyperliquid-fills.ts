import { RetryableError } from "#src/core/errors.ts";
import type { Fill, FillCause } from "#src/core/order.ts";
import { type EpochMs, rate, type Usd, usd } from "#src/core/units.ts";
import type { VenueDriver } from "#src/venues/ccxt/driver.ts";
import { decimal, millis, type Row, row, text, textOrNull } from "#src/venues/ccxt/row.ts";
import type { OrderTimes } from "#src/venues/quirks/shared/order-times.ts";
import { type HyperliquidClient, isMainPerp, priceOf, sizeOf } from "./hyperliquid-client.ts";
import { settlementOf } from "./hyperliquid-market.ts";
import { hyperliquidSide } from "./hyperliquid-orders.ts";
import { hyperliquidPages } from "./hyperliquid-pages.ts";

type History = Pick<VenueDriver, "fills" | "fillsOf" | "fundingPayments">;

/** Fills and funding. The venue keeps an account's last 10,000 fills; older ones cannot be asked for. */
export function hyperliquidHistory(client: HyperliquidClient, times: OrderTimes): History {
  const cloids = new Map<string, string>();

  /** Client ids of rows that have no field for one, from the orders themselves. */
  async function learnCloids(fills: readonly Row[]): Promise<void> {
    if (fills.every((one) => "cloid" in one || cloids.has(text(one, "oid")))) return;
    const orders = await client.askRows({ type: "historicalOrders", user: client.user() });
    for (const one of orders) {
      const order = row(one["order"], "order");
      cloids.set(text(order, "oid"), textOrNull(order, "cloid") ?? "");
    }
  }

  async function rowsSince(since: EpochMs): Promise<readonly Row[]> {
    const request = { type: "userFillsByTime", user: client.user(), aggregateByTime: false };
    const all = await hyperliquidPages(
      (range) => client.askRows({ ...request, ...range }),
      since,
      (one) => text(one, "tid"),
    );
    return all.filter((one) => isMainPerp(text(one, "coin")));
  }

  return {
    async fills(_listings, since) {
      const all = await rowsSince(since);
      await learnCloids(all);
      return all.map((one) => {
        const cloid = "cloid" in one ? textOrNull(one, "cloid") : cloids.get(text(one, "oid"));
        return fillOf(one, client.user(), cloid ?? "");
      });
    },

    async fillsOf(_of, { venueOrderId, clientOrderId }) {
      const since = times.get(venueOrderId) ?? (await placedAt(client, venueOrderId));
      const own = (await rowsSince(since)).filter((one) => text(one, "oid") === venueOrderId);
      return own.map((one) => fillOf(one, client.user(), clientOrderId));
    },

    async fundingPayments(_listings, since) {
      const all = await hyperliquidPages(
        (range) => client.askRows({ type: "userFunding", user: client.user(), ...range }),
        since,
        fundingKey,
      );
      return all.flatMap((one) => {
        const delta = row(one["delta"], "delta");
        const symbol = text(delta, "coin");
        if (delta["type"] !== "funding" || !isMainPerp(symbol)) return [];
        return {
          ...{ venue: "hyperliquid", symbol, paymentId: fundingKey(one) },
          fundingAt: settlementOf(one),
          amountUsd: usd(decimal(delta, "usdc")),
          rate: rate(decimal(delta, "fundingRate")),
        };
      });
    },
  };
}

/** The hash of every payment is zero: coin and time tell them apart. */
function fundingKey(one: Row): string {
  return `${textOrNull(row(one["delta"], "delta"), "coin") ?? ""}:${text(one, "time")}`;
}

function fillOf(one: Row, user: string, clientOrderId: string): Fill {
  const symbol = text(one, "coin");
  return {
    ...{ venue: "hyperliquid", symbol, tradeId: text(one, "tid"), clientOrderId },
    side: hyperliquidSide(one),
    sizeBase: sizeOf(symbol, decimal(one, "sz")),
    price: priceOf(symbol, decimal(one, "px")),
    feeUsd: feeOf(one),
    liquidity: text(one, "crossed") === "true" ? "taker" : "maker",
    cause: causeOf(one, user),
    filledAt: millis(one, "time"),
  };
}

/** `fee` already holds what `builderFee` repeats; ccxt adds them up. */
function feeOf(one: Row): Usd {
  const currency = textOrNull(one, "feeToken") ?? "USDC";
  if (currency !== "USDC") throw new RetryableError(`a fee in ${currency} has no known price`);
  return usd(decimal(one, "fee"));
}

/** A liquidation is also told to those on its other side, whose own orders it filled. */
function causeOf(one: Row, user: string): FillCause {
  const said = text(one, "dir");
  // The last of these ends what a delisted coin left.
  if (said === "Auto-Deleveraging" || said === "Settlement") return "deleveraging";
  if (said.startsWith("Liquidated")) return "liquidation";
  const { liquidation } = one;
  if (liquidation === undefined || liquidation === null) return "order";
  const liquidated = text(row(liquidation, "liquidation"), "liquidatedUser");
  return liquidated.toLowerCase() === user ? "liquidation" : "order";
}

async function placedAt(client: HyperliquidClient, venueOrderId: string): Promise<EpochMs> {
  const request = { type: "orderStatus", user: client.user(), oid: Number(venueOrderId) };
  const answer = row(await client.ask(request), "order");
  const order = row(row(answer["order"], "order")["order"], "order");
  return millis(order, "timestamp");
}
