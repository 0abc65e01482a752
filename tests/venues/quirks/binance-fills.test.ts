import { afterEach, describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import type { Fill } from "#src/core/order.ts";
import { baseSize, price, usd } from "#src/core/units.ts";
import { createBinanceRig } from "#tests/support/venues/binance-rig.ts";
import { jsonReply } from "#tests/support/venues/loopback.ts";

type Rig = Awaited<ReturnType<typeof createBinanceRig>>;
const DAY_MS = 86_400_000;
const rigs: Rig[] = [];

afterEach(async () => {
  await Promise.all(rigs.splice(0).map((rig) => rig.server.stop()));
});

describe("own fills on Binance", () => {
  test("are read to the last one, also when a page ends inside one millisecond", async () => {
    const rig = await makeRig();
    const at = Date.now() - 60_000;
    // 900 fills, then 700 in one millisecond: the first page of 1,000 cuts through them.
    addFills(rig, 900, (index) => ({ filledAt: at + index }));
    addFills(rig, 700, () => ({ filledAt: at + 1_000 }));
    addFills(rig, 50, (index) => ({ filledAt: at + 2_000 + index }));
    const fills = await rig.venue.account.fills(at);
    expect(fills).toHaveLength(1650);
    expect(new Set(fills.map((fill) => fill.tradeId)).size).toBe(1650);
    expect(asked(rig, "/fapi/v1/userTrades").length).toBeGreaterThan(1);
  });

  test("are refused when one millisecond holds more than a page", async () => {
    const rig = await makeRig();
    const filledAt = Date.now() - 60_000;
    addFills(rig, 1001, () => ({ filledAt }));
    await expect(rig.venue.account.fills(Date.now() - DAY_MS)).rejects.toThrow("at one moment");
  });

  test("are asked for in stretches of a week", async () => {
    const rig = await makeRig();
    const since = Date.now() - 30 * DAY_MS;
    addFills(rig, 3, (index) => ({ filledAt: since + (index * 12 + 1) * DAY_MS }));
    expect(await rig.venue.account.fills(since)).toHaveLength(3);
    expect(asked(rig, "/fapi/v1/userTrades")).toHaveLength(5);
  });

  test("are never asked for from before Binance's 90 days, also when the request takes its time", async () => {
    const rig = await makeRig();
    addFills(rig, 1, () => ({ filledAt: Date.now() - 80 * DAY_MS }));
    expect(await rig.venue.account.fills(Date.now() - 200 * DAY_MS)).toHaveLength(1);
    const starts = ["/fapi/v1/userTrades", "/fapi/v1/income"]
      .flatMap((path) => asked(rig, path))
      .map(({ url }) => Number(url.searchParams.get("startTime")));
    expect(Math.min(...starts)).toBeGreaterThan(Date.now() - 90 * DAY_MS + 60_000);
  });

  test("are found for every symbol that had income, is held or was touched", async () => {
    const rig = await makeRig();
    addFills(rig, 1, () => ({ symbol: "ETHUSDT" }));
    addFills(rig, 1, () => ({ symbol: "1000PEPEUSDT", sizeBase: baseSize("5000") }));
    const fills = await rig.venue.account.fills(Date.now() - DAY_MS);
    expect(fills.map((fill) => fill.symbol).sort()).toEqual(["1000PEPEUSDT", "ETHUSDT"]);
    expect(asked(rig, "/fapi/v1/userTrades")).toHaveLength(2);
  });

  test("carry their order's client id, which is asked for once an order", async () => {
    const rig = await makeRig();
    addFills(rig, 5, () => ({ clientOrderId: "liquidation:BTCUSDT:1", cause: "liquidation" }));
    await rig.venue.account.fills(Date.now() - DAY_MS);
    await rig.venue.account.fills(Date.now() - DAY_MS);
    expect(asked(rig, "/fapi/v1/order")).toHaveLength(1);
  });

  test("say liquidation and deleveraging by the ids that Binance gives forced orders", async () => {
    const rig = await makeRig();
    const at = Date.now() - 60_000;
    for (const cause of ["liquidation", "deleveraging", "order"] as const) {
      addFills(rig, 1, () => ({ clientOrderId: `forced:${cause}`, cause, filledAt: at }));
    }
    const fills = await rig.venue.account.fills(at);
    expect(fills.map(({ cause, clientOrderId }) => [cause, clientOrderId])).toEqual([
      ["liquidation", `autoclose-${at}`],
      ["deleveraging", "adl_autoclose"],
      // Its order is forgotten: nobody knows whose it was.
      ["order", ""],
    ]);
  });

  test("throw when only the client id cannot be read, because that proves nothing", async () => {
    const rig = await makeRig();
    addFills(rig, 1, () => ({ clientOrderId: "forced", cause: "liquidation" }));
    const reply = () => jsonReply({ code: -1001, msg: "Internal error" }, 503);
    rig.server.faults.next({ method: "GET", path: "/fapi/v1/order", reply });
    await expect(rig.venue.account.fills(Date.now() - DAY_MS)).rejects.toThrow(RetryableError);
    expect(await rig.venue.account.fills(Date.now() - DAY_MS)).toHaveLength(1);
  });

  test("value a fee that was paid in BNB at its minute's first mark price", async () => {
    const rig = await makeRig();
    Object.assign(rig.desk.settings, { feeAsset: "BNB", feePrice: "625.5" });
    addFills(rig, 3, () => ({ feeUsd: usd("1.251") }));
    const fills = await rig.venue.account.fills(Date.now() - DAY_MS);
    expect(fills.map((fill) => fill.feeUsd.toFixed())).toEqual(["1.251", "1.251", "1.251"]);
    expect(asked(rig, "/fapi/v1/markPriceKlines")).toHaveLength(1);
  });

  test("are refused when a fee's currency has no price", async () => {
    const rig = await makeRig();
    Object.assign(rig.desk.settings, { feeAsset: "BNB" });
    addFills(rig, 1, () => ({}));
    const path = "/fapi/v1/markPriceKlines";
    rig.server.faults.next({ path, reply: () => jsonReply([]) });
    await expect(rig.venue.account.fills(Date.now() - DAY_MS)).rejects.toThrow("no price of BNB");
  });

  test("count what a taker pays as paid, whichever sign it is written with", async () => {
    const rig = await makeRig();
    addFills(rig, 1, () => ({ feeUsd: usd("-0.0782"), liquidity: "taker" }));
    addFills(rig, 1, () => ({ feeUsd: usd("-0.0021"), liquidity: "maker" }));
    const fills = await rig.venue.account.fills(Date.now() - DAY_MS);
    expect(fills.map((fill) => [fill.liquidity, fill.feeUsd.toFixed()]).sort()).toEqual([
      ["maker", "-0.0021"],
      ["taker", "0.0782"],
    ]);
  });
});

describe("own funding payments on Binance", () => {
  test("are positive when received, each with its own id and its settlement's rate", async () => {
    const rig = await makeRig();
    const [first, second] = await settlements(rig);
    addIncome(rig, [
      { income: "-0.37500000", time: first.fundingAt + 5, tranId: 11 },
      { income: "1.25", time: second.fundingAt - 5, tranId: 12 },
    ]);
    const payments = await rig.venue.account.fundingPayments(first.fundingAt - 1);
    expect(payments).toMatchObject([
      { symbol: "BTCUSDT", paymentId: "BTCUSDT:11", fundingAt: first.fundingAt },
      { symbol: "BTCUSDT", paymentId: "BTCUSDT:12", fundingAt: second.fundingAt },
    ]);
    expect(payments.map((one) => one.amountUsd.toFixed())).toEqual(["-0.375", "1.25"]);
    expect(payments.map((one) => one.rate.toFixed(8))).toEqual(
      [first, second].map((one) => one.rate.toFixed(8)),
    );
    const marks = rig.desk.feed.settlements(
      rig.desk.venue,
      first.fundingAt - 1,
      second.fundingAt,
      "BTCUSDT",
    );
    for (const [index, { refPrice }] of marks.entries()) {
      const told = payments[index]?.refPrice;
      expect(told?.minus(refPrice).abs().lt("0.1")).toBe(true);
    }
  });

  test("are read to the last one over pages", async () => {
    const rig = await makeRig();
    const [first, second] = await settlements(rig);
    addIncome(
      rig,
      [first, second].flatMap(({ fundingAt }, at) =>
        Array.from({ length: 700 }, (_, index) => ({
          ...{ income: "0.1", time: fundingAt, tranId: at * 1_000 + index },
        })),
      ),
    );
    const payments = await rig.venue.account.fundingPayments(first.fundingAt - 1);
    expect(payments).toHaveLength(1400);
    expect(new Set(payments.map((one) => one.paymentId)).size).toBe(1400);
  });

  test("are refused without the rate of their settlement, or in another currency", async () => {
    const rig = await makeRig();
    const [first] = await settlements(rig);
    const since = first.fundingAt - 1;
    addIncome(rig, [{ income: "1", time: first.fundingAt, tranId: 1 }]);
    rig.server.faults.next({ path: "/fapi/v1/fundingRate", reply: () => jsonReply([]) });
    await expect(rig.venue.account.fundingPayments(since)).rejects.toThrow("no rate of BTCUSDT");
    addIncome(rig, [{ income: "1", time: first.fundingAt, tranId: 1, asset: "BNB" }]);
    await expect(rig.venue.account.fundingPayments(since)).rejects.toThrow("a payment in BNB");
  });
});

async function makeRig(): Promise<Rig> {
  const rig = await createBinanceRig();
  rigs.push(rig);
  return rig;
}

let count = 1_000;

/** Fills that the engine did not make, as if many small orders had. */
function addFills(rig: Rig, many: number, over: (index: number) => Partial<Fill>): void {
  for (let index = 0; index < many; index += 1) {
    count += 1;
    rig.desk.engine.state.fills.push({
      ...{ venue: "binance-sim", symbol: "BTCUSDT", tradeId: `binance-sim:${count}` },
      ...{ clientOrderId: "by-hand", side: "buy", liquidity: "taker", cause: "order" },
      ...{ sizeBase: baseSize("0.001"), price: price("60000"), feeUsd: usd("0.03") },
      filledAt: Date.now() - 60_000,
      ...over(index),
    });
  }
}

function addIncome(rig: Rig, rows: readonly Record<string, unknown>[]): void {
  const common = { symbol: "BTCUSDT", incomeType: "FUNDING_FEE", asset: "USDT", tradeId: "" };
  rig.desk.tails.set(
    "/fapi/v1/income",
    rows.map((one) => ({ ...common, ...one })),
  );
}

/** Two that have been. */
async function settlements({ venue, clock }: Rig) {
  const found = await venue.data.fundingHistory("BTCUSDT", clock.marketNow() - 2 * DAY_MS);
  const [first, second] = found;
  if (!first || !second) throw new Error("no settlements");
  expect(dec(String(first.intervalHours)).gt("0")).toBe(true);
  return [first, second] as const;
}

function asked({ server }: Rig, path: string) {
  return server.seen.filter(({ url }) => url.pathname === path);
}
