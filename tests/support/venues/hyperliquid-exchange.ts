import { z } from "zod";
import { dec, sum } from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { OrderOutcome, OrderRequest, RefusalCode } from "#src/core/order.ts";
import { baseSize, price } from "#src/core/units.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { PaperEngine } from "#src/venues/paper/paper-engine.ts";
import { HYPERLIQUID, isHyperliquidPrice, szDecimalsOf } from "./hyperliquid-feed.ts";
import { hyperliquidSigner } from "./hyperliquid-signer.ts";
import { jsonReply } from "./loopback.ts";

const DAY_MS = 86_400_000;
/** The venue remembers this many nonces of a signer; a new one must be above the least of them. */
const REMEMBERED_NONCES = 100;

const hex = z.string().regex(/^0x[0-9a-fA-F]+$/);
const cloid = z.string().regex(/^0x[0-9a-f]{32}$/);
const orderSchema = z.strictObject({
  ...{ a: z.int(), b: z.boolean(), p: z.string(), s: z.string(), r: z.boolean() },
  t: z.strictObject({ limit: z.strictObject({ tif: z.enum(["Ioc", "Gtc", "Alo"]) }) }),
  c: cloid.optional(),
});
const actionSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("order"),
    orders: z.array(orderSchema).min(1),
    grouping: z.literal("na"),
    builder: z.strictObject({ b: hex, f: z.int() }).optional(),
  }),
  z.strictObject({
    type: z.literal("cancel"),
    cancels: z.array(z.strictObject({ a: z.int(), o: z.int() })),
  }),
  z.strictObject({
    type: z.literal("cancelByCloid"),
    cancels: z.array(z.strictObject({ asset: z.int(), cloid })),
  }),
  z.strictObject({
    type: z.literal("updateLeverage"),
    ...{ asset: z.int(), isCross: z.boolean(), leverage: z.int().min(1) },
  }),
]);
const requestSchema = z.strictObject({
  action: z.looseObject({ type: z.string() }),
  nonce: z.int(),
  signature: z.strictObject({ r: hex, s: hex, v: z.union([z.literal(27), z.literal(28)]) }),
  vaultAddress: z.null().optional(),
  expiresAfter: z.int().nullable().optional(),
});

type Action = z.infer<typeof actionSchema>;
type OrderAction = Exclude<Action, { readonly type: "updateLeverage" }>;
type WireOrder = z.infer<typeof orderSchema>;

interface ExchangeParts {
  readonly engine: PaperEngine;
  readonly clock: Clock;
  readonly user: string;
  readonly agents: readonly string[];
}

/** The signed path: who, when, and once; then each order has its own status in an answer that says "ok". */
export class HyperliquidExchange {
  /** What was let through, oldest first. */
  readonly actions: Action[] = [];
  /** By asset index, what was set; the core's own margin does not follow it. */
  readonly leverages = new Map<number, { readonly type: string; readonly value: number }>();
  readonly #parts: ExchangeParts;
  readonly #nonces: number[] = [];

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  answer(body: Record<string, unknown>, isTestnet: boolean): Response {
    const parsed = requestSchema.safeParse(body);
    if (!parsed.success) return new Response("Failed to deserialize", { status: 422 });
    const { nonce, expiresAfter, action, signature } = parsed.data;
    const fence = typeof expiresAfter === "number" ? { expiresAfter } : {};
    const signer = hyperliquidSigner({ action, nonce, signature, ...fence }, isTestnet);
    const { user, agents, clock } = this.#parts;
    if (signer !== user && !agents.includes(signer)) {
      return refusal(`User or API Wallet ${signer} does not exist.`);
    }
    const now = clock.wallNow();
    if (typeof expiresAfter === "number" && now > expiresAfter) {
      return refusal(`Action expired: ${now} is after ${expiresAfter}`);
    }
    const stale = this.#refuseNonce(nonce, now);
    if (stale) return refusal(stale);
    const known = actionSchema.safeParse(action);
    if (!known.success) return refusal(`${action.type}: not served here`);
    this.actions.push(known.data);
    if (known.data.type === "updateLeverage") return this.#setLeverage(known.data);
    const type = known.data.type === "order" ? "order" : "cancel";
    return jsonReply({
      status: "ok",
      response: { type, data: { statuses: this.#perform(known.data) } },
    });
  }

  #refuseNonce(nonce: number, now: number): string | null {
    if (this.#nonces.includes(nonce)) return `Invalid nonce: duplicate nonce ${nonce}`;
    const least = this.#nonces.length < REMEMBERED_NONCES ? 0 : Math.min(...this.#nonces);
    if (nonce < least || nonce < now - 2 * DAY_MS || nonce > now + DAY_MS) {
      return `Invalid nonce: nonce too low ${nonce}`;
    }
    this.#nonces.push(nonce);
    this.#nonces.sort((a, b) => b - a).splice(REMEMBERED_NONCES);
    return null;
  }

  #setLeverage(change: Extract<Action, { readonly type: "updateLeverage" }>): Response {
    const { asset, isCross, leverage } = change;
    const instrument = this.#parts.engine.market.instruments[asset];
    if (instrument?.maxLeverage.lt(String(leverage)) ?? true) return refusal("Invalid leverage.");
    this.leverages.set(asset, { type: isCross ? "cross" : "isolated", value: leverage });
    return jsonReply({ status: "ok", response: { type: "default" } });
  }

  #perform(action: OrderAction): readonly unknown[] {
    if (action.type === "order") return action.orders.map((order) => this.#order(order));
    const { engine } = this.#parts;
    if (action.type === "cancelByCloid") {
      return action.cancels.map((one) => this.#cancel(one.asset, one.cloid));
    }
    return action.cancels.map((one) => {
      const found = [...engine.state.orders.values()].find(
        ({ report }) => numberOf(report.venueOrderId) === one.o,
      );
      return this.#cancel(one.a, found?.report.clientOrderId ?? "");
    });
  }

  #cancel(asset: number, clientOrderId: string): unknown {
    const { engine } = this.#parts;
    engine.settle();
    const found = engine.state.orders.get(clientOrderId);
    const symbol = engine.market.instruments[asset]?.symbol;
    if (found?.report.status !== "open" || found.report.symbol !== symbol) {
      return { error: `Order was never placed, already canceled, or filled. asset=${asset}` };
    }
    engine.cancel(symbol, clientOrderId);
    return "success";
  }

  #order(order: WireOrder): unknown {
    const { engine } = this.#parts;
    const instrument = engine.market.instruments[order.a];
    if (!instrument) return { error: `Order has invalid asset. asset=${order.a}` };
    const wrong = wrongNumbers(order, instrument);
    if (wrong) return { error: `${wrong} asset=${order.a}` };
    const request = requestOf(order, instrument, engine.state.nextSequence);
    const outcome = engine.place(request);
    return statusOf(outcome, order, instrument);
  }
}

/** The core's own ids are "hyperliquid:7"; the venue's are numbers. */
export function numberOf(id: string): number {
  return 1_000_000 + Number(id.slice(id.lastIndexOf(":") + 1));
}

function requestOf(order: WireOrder, instrument: Instrument, sequence: number): OrderRequest {
  const unit = instrument.contractSizeBase;
  return {
    ...{ venue: HYPERLIQUID, symbol: instrument.symbol, reduceOnly: order.r },
    clientOrderId: order.c ?? `unnamed:${sequence}`,
    side: order.b ? "buy" : "sell",
    sizeBase: baseSize(dec(order.s).times(unit)),
    limitPrice: price(dec(order.p).div(unit)),
    timeInForce: ({ Ioc: "ioc", Gtc: "gtc", Alo: "postOnly" } as const)[order.t.limit.tif],
    expiresAt: Number.MAX_SAFE_INTEGER,
  };
}

/** Numbers travel as text without needless zeros, or the hash would not be the one that was signed. */
function wrongNumbers(order: WireOrder, instrument: Instrument): string | null {
  const szDecimals = szDecimalsOf(instrument);
  if (!/^\d+(\.\d*[1-9])?$/.test(order.s)) return "Order has invalid size.";
  if ((order.s.split(".")[1]?.length ?? 0) > szDecimals) return "Order has invalid size.";
  if (order.s === "0") return "Order has zero size.";
  if (/\.\d*0$/.test(order.p) || !isHyperliquidPrice(order.p, szDecimals)) {
    return "Price must be divisible by tick size.";
  }
  return null;
}

const WORDS: Partial<Record<RefusalCode, string>> = {
  INSUFFICIENT_MARGIN: "Insufficient margin to place order.",
  BELOW_MIN_NOTIONAL: "Order must have minimum value of $10.",
  BELOW_MIN_SIZE: "Order has zero size.",
  OFF_LOT: "Order has invalid size.",
  OFF_TICK: "Price must be divisible by tick size.",
  WOULD_TAKE: "Post only order would have immediately matched, bbo was unknown.",
  REDUCE_ONLY_WOULD_INCREASE: "Reduce only order would increase position.",
  DUPLICATE_CLIENT_ORDER_ID: "Duplicate cloid.",
};

function statusOf(outcome: OrderOutcome, order: WireOrder, instrument: Instrument): unknown {
  if (outcome.kind !== "ack") {
    const words = outcome.kind === "refused" ? WORDS[outcome.code] : undefined;
    return { error: `${words ?? "Order was not taken."} asset=${order.a}` };
  }
  const { order: report } = outcome;
  const fills = outcome.fills;
  const named = { oid: numberOf(report.venueOrderId), ...(order.c ? { cloid: order.c } : {}) };
  if (fills.length === 0) {
    if (report.status === "open") return { resting: named };
    return {
      error: `Order could not immediately match against any resting orders. asset=${order.a}`,
    };
  }
  const unit = instrument.contractSizeBase;
  const cost = sum(fills.map((fill) => fill.sizeBase.times(fill.price)));
  return {
    filled: {
      totalSz: report.filledBase.div(unit).toFixed(),
      avgPx: cost.div(report.filledBase).times(unit).round(8).toFixed(),
      ...named,
    },
  };
}

function refusal(response: string): Response {
  return jsonReply({ status: "err", response });
}
