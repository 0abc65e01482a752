import type { OrderReport, RefusalCode } from "#src/core/order.ts";
import { baseSize } from "#src/core/units.ts";
import type { Fields, OkxOrders } from "./okx-orders.ts";
import { contracts, type OkxAsk, OkxRefusal, type OkxRoutes, type OkxWorld } from "./okx-world.ts";

/** The reply to each reason for which the paper engine refuses an order. */
const S_CODES: Readonly<Partial<Record<RefusalCode, string>>> = {
  INSUFFICIENT_MARGIN: "51008",
  BELOW_MIN_NOTIONAL: "51020",
  BELOW_MIN_SIZE: "51020",
  OFF_LOT: "51121",
  OFF_TICK: "51150",
  REDUCE_ONLY_WOULD_INCREASE: "51169",
  DUPLICATE_CLIENT_ORDER_ID: "51016",
};
export function okxOrderRoutes(world: OkxWorld): OkxRoutes {
  const { engine, orders } = world;
  const rowOf = (found: NonNullable<ReturnType<OkxOrders["find"]>>) => orderRow(world, found);
  return {
    "POST trade/order": (ask) => lateOr(world, ask, () => each([place(world, fields(ask.body))])),
    "POST trade/batch-orders": (ask) =>
      lateOr(world, ask, () => each(list(ask.body).map((one) => place(world, one)))),
    "POST trade/cancel-order": ({ body }) => each([cancel(world, fields(body))]),
    "POST trade/cancel-batch-orders": ({ body }) =>
      each(list(body).map((one) => cancel(world, one))),
    "GET trade/order": ({ query }) => {
      engine.settle();
      const found = orders.find(query);
      return found ? [rowOf(found)] : new OkxRefusal("51603");
    },
    "GET trade/orders-pending": ({ query }) => {
      engine.settle();
      const rows = engine.openOrders().map(rowOf).toReversed();
      return rows
        .filter((one) => query["instId"] === undefined || one.instId === query["instId"])
        .filter((one) => query["after"] === undefined || one.ordId < query["after"])
        .slice(0, Number(query["limit"] ?? "100"));
    },
  };
}

/** expTime is checked before anything is looked at. */
function lateOr(
  { clock }: OkxWorld,
  { headers }: OkxAsk,
  work: () => readonly unknown[] | OkxRefusal,
): readonly unknown[] | OkxRefusal {
  const deadline = headers.get("expTime");
  if (deadline !== null && !/^\d{13}$/.test(deadline)) return new OkxRefusal("51000", [], 400);
  return deadline !== null && Number(deadline) <= clock.wallNow()
    ? new OkxRefusal("50036")
    : work();
}

function place(world: OkxWorld, order: Fields): Fields {
  const { engine, orders } = world;
  const clOrdId = typeof order["clOrdId"] === "string" ? order["clOrdId"] : "";
  const failed = (sCode: string) => ({ clOrdId, ordId: "", tag: "", sCode, sMsg: sCode });
  const instrument = engine.market.find(String(order["instId"]));
  if (!instrument) return failed("51001");
  if (clOrdId !== "" && !/^[A-Za-z0-9]{1,32}$/.test(clOrdId)) return failed("51000");
  const request = orders.requestOf(order, instrument.contractSizeBase);
  if (!request) return failed("51000");
  const outcome = engine.place(request);
  const ordId = orders.ordIdOf(request.clientOrderId);
  if (outcome.kind === "refused" && outcome.code === "WOULD_TAKE") {
    const { clientOrderId, symbol, side, sizeBase, reduceOnly } = request;
    const report: OrderReport = {
      ...{ clientOrderId, symbol, side, sizeBase, reduceOnly, venueOrderId: ordId },
      ...{ status: "cancelled", filledBase: baseSize("0") },
    };
    orders.takenBack.set(clientOrderId, { report, request });
  } else if (outcome.kind === "refused") return failed(S_CODES[outcome.code] ?? "51000");
  return { clOrdId, ordId, tag: order["tag"] ?? "", sCode: "0", sMsg: "Order placed" };
}

function cancel({ engine, orders }: OkxWorld, named: Fields): Fields {
  engine.settle();
  const found = orders.find(named);
  const ids = { clOrdId: named["clOrdId"] ?? "", ordId: named["ordId"] ?? "" };
  if (found?.report.status !== "open") return { ...ids, sCode: "51400", sMsg: "" };
  engine.cancel(found.request.symbol, found.request.clientOrderId);
  return { ...ids, ordId: orders.ordIdOf(found.request.clientOrderId), sCode: "0", sMsg: "" };
}

/** "1" when every one failed, "2" when some did. */
function each(rows: readonly Fields[]): readonly Fields[] | OkxRefusal {
  const failed = rows.filter((one) => one["sCode"] !== "0").length;
  return failed === 0 ? rows : new OkxRefusal(failed === rows.length ? "1" : "2", rows);
}

function orderRow(
  { engine, orders }: OkxWorld,
  { report, request }: NonNullable<ReturnType<OkxOrders["find"]>>,
) {
  const instrument = engine.market.require(request.symbol);
  const states = { open: report.filledBase.eq("0") ? "live" : "partially_filled" };
  const state = { ...states, filled: "filled", cancelled: "canceled" }[report.status];
  return {
    ...{ instType: "SWAP", instId: request.symbol, tdMode: "cross", posSide: "net", tag: "" },
    ...{ ordId: orders.ordIdOf(request.clientOrderId), side: request.side, state },
    clOrdId: orders.wireIdOf(request.clientOrderId),
    ...{ px: request.limitPrice.toFixed(), sz: contracts(instrument, report.sizeBase) },
    accFillSz: contracts(instrument, report.filledBase),
    ...{ reduceOnly: String(request.reduceOnly), cancelSource: "" },
  };
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}
