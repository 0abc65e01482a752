import type { z } from "zod";
import { canonicalJson } from "#src/core/canonical-hash.ts";
import { describeError, RetryableError } from "#src/core/errors.ts";
import { Guarded } from "#src/core/guarded.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { CancelRequest, OrderOutcome, OrderRequest } from "#src/core/order.ts";
import type { Venue } from "#src/ports/venue.ts";
import { answers, cancelAllOutcomeSchema, outcomeSchema, type ReadMethod } from "./wire-format.ts";

interface ReadArguments {
  readonly symbol?: string;
  readonly clientOrderId?: string;
  readonly since?: number;
  readonly count?: number;
}

/** A venue on the other side of a socket. */
export function createLoopbackClient(id: VenueId, url: string): Venue {
  const post = (method: string, body: unknown) =>
    fetch(`${url}/${id}/${method}`, { method: "POST", body: canonicalJson(body) });

  /** A read that fails in any way says nothing, and may be tried again. */
  async function read<T>(
    method: ReadMethod,
    schema: z.ZodType<T>,
    args: ReadArguments = {},
  ): Promise<T> {
    try {
      return schema.parse(await (await post(method, args)).json());
    } catch (error) {
      throw new RetryableError(`${id} ${method}: ${describeError(error)}`, { cause: error });
    }
  }

  /** Only what the guard sealed leaves; whatever goes wrong after that, it may have arrived. */
  async function mutate(
    method: "place" | "cancel",
    sealed: Guarded<OrderRequest> | Guarded<CancelRequest>,
  ): Promise<OrderOutcome> {
    if (!Guarded.isSealed(sealed)) {
      return { kind: "refused", code: "NOT_GUARDED", detail: "not a guarded order" };
    }
    try {
      return outcomeSchema.parse(await (await post(method, sealed.request)).json());
    } catch (error) {
      return { kind: "unknown", detail: describeError(error) };
    }
  }

  return {
    id,
    capabilities: { provable: true, restingFence: true },
    streams: null,
    health: () => ({ state: "ok", reason: null }),
    data: {
      venue: id,
      time: () => read("time", answers.time),
      instruments: () => read("instruments", answers.instruments),
      fundingRates: () => read("fundingRates", answers.fundingRates),
      fundingHistory: (symbol, since) =>
        read("fundingHistory", answers.fundingHistory, { symbol, since }),
      orderBook: (symbol) => read("orderBook", answers.orderBook, { symbol }),
      marketStats: (symbol) => read("marketStats", answers.marketStats, { symbol }),
      hourlyCloses: (symbol, count) =>
        read("hourlyCloses", answers.hourlyCloses, { symbol, count }),
    },
    account: {
      account: () => read("account", answers.account),
      setup: (symbol) => read("setup", answers.setup, { symbol }),
      feeRates: (symbol) => read("feeRates", answers.feeRates, { symbol }),
      positions: () => read("positions", answers.positions),
      openOrders: () => read("openOrders", answers.openOrders),
      lookupOrder: (symbol, clientOrderId) =>
        read("lookupOrder", answers.lookupOrder, { symbol, clientOrderId }),
      fills: (since) => read("fills", answers.fills, { since }),
      fundingPayments: (since) => read("fundingPayments", answers.fundingPayments, { since }),
    },
    trading: {
      place: (order) => mutate("place", order),
      cancel: (cancel) => mutate("cancel", cancel),
      setLeverage: async () => ({ kind: "ack" }),
      async cancelAll({ request }) {
        try {
          return cancelAllOutcomeSchema.parse(await (await post("cancelAll", request)).json());
        } catch (error) {
          return { kind: "unknown", detail: describeError(error) };
        }
      },
    },
  };
}
