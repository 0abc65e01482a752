import { type Decimal, maxOf, ZERO } from "#src/core/decimal.ts";
import type { FundingPayment } from "#src/core/funding.ts";
import type { Fill } from "#src/core/order.ts";
import {
  equityOf,
  initialMarginOf,
  liquidationOf,
  maintenanceOf,
} from "#src/venues/paper/paper-account.ts";
import { contracts, type OkxAsk, OkxRefusal, type OkxRoutes, type OkxWorld } from "./okx-world.ts";

const FIRST_BILL = 600_000_000_000_000_000n;
/** Payments are bills of their own, far from those of the fills. */
const FIRST_PAYMENT = 700_000_000_000_000_000n;
/** A bill is written this long after its settlement. */
const BILL_LATE_MS = 4_321;

/** The account's side: what it has, is set to, did and was paid. */
export function okxAccountRoutes(world: OkxWorld): OkxRoutes {
  const { engine, settings } = world;
  function fills(ask: OkxAsk) {
    engine.settle();
    return paged(
      ask,
      engine.state.fills.map((fill, index) => fillRow(world, fill, index)),
    );
  }
  function bills(ask: OkxAsk) {
    engine.settle();
    if (ask.query["type"] === "1") return [];
    if (ask.query["type"] !== "8") return new OkxRefusal("51000", [], 400);
    return paged(ask, engine.state.payments.map(billRow));
  }

  return {
    "GET account/balance": () => [balanceRow(world)],
    "GET account/positions": () => positionRows(world),
    "GET account/config": () => [
      {
        ...{ acctLv: settings.acctLv, posMode: settings.posMode, perm: settings.perm },
        ...{ uid: "44705892343619584", mainUid: "44705892343619584", label: "test", level: "Lv1" },
      },
    ],
    "GET account/leverage-info": ({ query }) => [
      { instId: query["instId"], mgnMode: query["mgnMode"], posSide: "net", lever: settings.lever },
    ],
    "POST account/set-leverage": ({ body }) => {
      const { lever, instId, mgnMode } = body as Readonly<Record<string, string>>;
      settings.lever = lever ?? settings.lever;
      return [{ lever, instId, mgnMode, posSide: "" }];
    },
    "GET account/trade-fee": () => {
      const [one] = engine.market.instruments;
      const [taker, maker] = [one?.takerFeeRate.neg().toFixed(), one?.makerFeeRate.neg().toFixed()];
      return [
        {
          ...{ category: "1", instType: "SWAP", level: "Lv1", taker: "-0.0005", maker: "-0.0002" },
          ...{ takerU: taker, makerU: maker, feeGroup: [{ groupId: "2", taker, maker }] },
        },
      ];
    },
    "GET trade/fills": fills,
    "GET trade/fills-history": fills,
    "GET account/bills": bills,
    "GET account/bills-archive": bills,
  };
}

interface Dated {
  readonly billId: string;
  readonly ts: string;
}

/** Newest first, at most a hundred, older than `after`, not before `begin`. */
function paged<T extends Dated>({ query }: OkxAsk, rows: readonly T[]): readonly T[] {
  const after = query["after"];
  return rows
    .toReversed()
    .filter((one) => matches(query, one))
    .filter((one) => Number(one.ts) >= Number(query["begin"] ?? "0"))
    .filter((one) => after === undefined || BigInt(one.billId) < BigInt(after))
    .slice(0, Math.min(100, Number(query["limit"] ?? "100")));
}

function matches(query: OkxAsk["query"], row: object): boolean {
  const fields = new Map(Object.entries(row));
  return ["instId", "ordId", "instType"].every(
    (key) => query[key] === undefined || fields.get(key) === query[key],
  );
}

function balanceRow({ engine, settings }: OkxWorld): unknown {
  const exposures = engine.exposures(engine.settle());
  const equity = equityOf(engine.state.account, exposures);
  const posted = initialMarginOf(exposures, engine.leverage);
  const free = maxOf<Decimal>(equity.minus(posted), ZERO).toFixed();
  const mmr = maintenanceOf(exposures);
  const whole = settings.acctLv === "3";
  const total = (value: string) => (whole ? value : "");
  const own = (value: string) => (whole || mmr.eq(ZERO) ? "" : value);
  return {
    ...{ totalEq: equity.toFixed(), isoEq: "0", adjEq: total(equity.toFixed()) },
    ...{ availEq: total(free), imr: total(posted.toFixed()), mmr: total(mmr.toFixed()) },
    details: [
      { ccy: "BTC", eq: "0.5", eqUsd: "30000", availEq: "0.5", mmr: "", imr: "", upl: "0" },
      {
        ...{ ccy: "USDT", eq: equity.toFixed(), eqUsd: equity.toFixed(), availEq: free },
        ...{ mmr: own(mmr.toFixed()), imr: own(posted.toFixed()), cashBal: equity.toFixed() },
        upl: "0",
      },
    ],
  };
}

function positionRows({ engine }: OkxWorld): readonly unknown[] {
  const exposures = engine.exposures(engine.settle());
  const { account } = engine.state;
  return exposures
    .filter((one) => !one.sizeBase.eq(ZERO))
    .map((one) => {
      const { instrument, sizeBase, mark } = one;
      return {
        ...{ instType: "SWAP", instId: instrument.symbol, mgnMode: "cross", posSide: "net" },
        ...{ pos: contracts(instrument, sizeBase), markPx: mark.toFixed(), ccy: "USDT" },
        avgPx: account.positions.get(instrument.symbol)?.entryPrice.toFixed() ?? "",
        liqPx: liquidationOf(account, exposures, one)?.toFixed() ?? "",
      };
    });
}

function fillRow({ engine, orders }: OkxWorld, fill: Fill, index: number) {
  const forced = fill.cause !== "order";
  const subTypes = forced ? { buy: "106", sell: "107" } : { buy: "1", sell: "2" };
  return {
    ...{ instType: "SWAP", instId: fill.symbol, ordId: orders.ordIdOf(fill.clientOrderId) },
    clOrdId: forced ? "" : orders.wireIdOf(fill.clientOrderId),
    ...{ billId: String(FIRST_BILL + BigInt(index)), tradeId: `${forced ? "-" : ""}${index + 1}` },
    ...{ side: fill.side, posSide: "net", subType: subTypes[fill.side], tag: "" },
    execType: forced ? "" : fill.liquidity === "taker" ? "T" : "M",
    fillSz: contracts(engine.market.require(fill.symbol), fill.sizeBase),
    ...{ fillPx: fill.price.toFixed(), fee: fill.feeUsd.neg().toFixed(), feeCcy: "USDT" },
    ...{ fillTime: String(fill.filledAt), ts: String(fill.filledAt + 1) },
  };
}

function billRow({ symbol, amountUsd, fundingAt }: FundingPayment, index: number) {
  const amount = amountUsd.toFixed();
  return {
    ...{ billId: String(FIRST_PAYMENT + BigInt(index)), type: "8", instType: "SWAP" },
    ...{ instId: symbol, subType: amountUsd.lt(ZERO) ? "173" : "174", ccy: "USDT" },
    ...{ balChg: amount, posBalChg: "0", pnl: amount, ts: String(fundingAt + BILL_LATE_MS) },
  };
}
