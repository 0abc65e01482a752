import { afterEach, describe, expect, test } from "bun:test";
import { dydxOrder, orderNotFound, startDydx } from "#tests/support/venues/dydx-rig.ts";
import type { LoopbackRequest } from "#tests/support/venues/loopback.ts";
import type { Answers, ScriptedVenue } from "#tests/support/venues/scripted-venue.ts";

const rigs: ScriptedVenue[] = [];
afterEach(() => Promise.all(rigs.splice(0).map((rig) => rig.server.stop())));

async function start(over: Answers = {}): Promise<ScriptedVenue> {
  const rig = await startDydx(over);
  rigs.push(rig);
  return rig;
}

const T = Date.parse("2025-07-28T12:06:35.330Z");

function fill(id: string, at: number, over: Readonly<Record<string, unknown>> = {}) {
  return {
    ...{ id, side: "BUY", liquidity: "TAKER", type: "LIMIT", market: "BTC-USD" },
    ...{ marketType: "PERPETUAL", price: "118900", size: "0.001", fee: "0.05945" },
    ...{ affiliateRevShare: "0", createdAt: new Date(at).toISOString(), createdAtHeight: "1" },
    ...{ orderId: "dad46410-3444-5566-a129-19a619300fb7", subaccountNumber: 0 },
    ...over,
  };
}

/** The indexer: newest first, up to a time, a page of a hundred. */
function paged(all: readonly ReturnType<typeof fill>[]) {
  return ({ url }: LoopbackRequest) => {
    const { searchParams: query } = url;
    const until = query.get("createdBeforeOrAt");
    const limit = Number(query.get("limit"));
    const from = (Number(query.get("page") ?? "1") - 1) * limit;
    const found = all.filter((one) => until === null || one.createdAt <= until);
    return { fills: found.slice(from, from + limit) };
  };
}

const KNOWN: Answers = {
  "GET /v4/orders": [dydxOrder()],
  "GET /v4/orders/": dydxOrder(),
};

describe("dYdX's fills", () => {
  test("carry the client id of their order, asked for once", async () => {
    const rig = await start({ ...KNOWN, "GET /v4/fills": { fills: [fill("a", T)] } });
    const [one] = await rig.venue.account.fills(T);
    expect(one).toMatchObject({
      ...{ tradeId: "a", clientOrderId: "716238006", side: "buy", liquidity: "taker" },
      ...{ cause: "order", filledAt: T },
    });
    expect([one?.sizeBase.toFixed(), one?.price.toFixed(), one?.feeUsd.toFixed()]).toEqual([
      "0.001",
      "118900",
      "0.05945",
    ]);
    await rig.venue.account.fills(T);
    expect(rig.asked("GET /v4/orders/")).toHaveLength(1);
  });

  test("are told also of a market that is not traded any more", async () => {
    const last = fill("z", T, {
      market: "LUNA-USD",
      type: "DELEVERAGED",
      price: "0.5",
      size: "12",
    });
    const rig = await start({ ...KNOWN, "GET /v4/fills": { fills: [last] } });
    const [one] = await rig.venue.account.fills(T);
    expect(one).toMatchObject({ symbol: "LUNA-USD", cause: "deleveraging" });
    expect([one?.sizeBase.toFixed(), one?.price.toFixed()]).toEqual(["12", "0.5"]);
  });

  test("are read to the last page, also where a page ends within one millisecond", async () => {
    const all = Array.from({ length: 350 }, (_, index) =>
      fill(`f${index}`, T + 100 - Math.floor(index / 7)),
    );
    const rig = await start({ ...KNOWN, "GET /v4/fills": paged(all) });
    const found = await rig.venue.account.fills(0);
    expect(new Set(found.map((one) => one.tradeId)).size).toBe(350);
    expect(found).toHaveLength(350);
  });

  test("are whole where one millisecond holds more than a page", async () => {
    const all = [
      ...Array.from({ length: 260 }, (_, index) => fill(`f${index}`, T)),
      fill("older", T - 1),
    ];
    const rig = await start({ ...KNOWN, "GET /v4/fills": paged(all) });
    expect(await rig.venue.account.fills(0)).toHaveLength(261);
  });

  test("are read no further back than asked for", async () => {
    const all = Array.from({ length: 400 }, (_, index) => fill(`f${index}`, T - index * 1_000));
    const rig = await start({ ...KNOWN, "GET /v4/fills": paged(all) });
    expect(await rig.venue.account.fills(T - 120_000)).toHaveLength(121);
    expect(rig.asked("GET /v4/fills")).toHaveLength(2);
  });

  test.each([
    ["LIMIT", "order"],
    ["LIQUIDATION", "order"],
    ["TWAP_SUBORDER", "order"],
    ["LIQUIDATED", "liquidation"],
    ["DELEVERAGED", "deleveraging"],
    ["OFFSETTING", "deleveraging"],
  ])("of type %s are the work of: %s", async (type, cause) => {
    const rig = await start({ ...KNOWN, "GET /v4/fills": { fills: [fill("a", T, { type })] } });
    expect((await rig.venue.account.fills(0)).map((one) => one.cause as string)).toEqual([cause]);
  });

  test("of a type that nobody has seen are refused, not guessed", async () => {
    const fills = [fill("a", T, { type: "SOCIALIZED" })];
    const rig = await start({ ...KNOWN, "GET /v4/fills": { fills } });
    await expect(rig.venue.account.fills(0)).rejects.toThrow("SOCIALIZED");
  });

  test("without an order, or of one that is not known, are nobody's", async () => {
    const fills = [
      fill("a", T, { orderId: undefined, type: "LIQUIDATED" }),
      fill("b", T - 1, { orderId: "00000000-0000-5000-8000-000000000000" }),
      fill("c", T - 2),
    ];
    const rig = await start({
      ...{ "GET /v4/orders": [dydxOrder()], "GET /v4/orders/": () => orderNotFound() },
      "GET /v4/fills": { fills },
    });
    const found = await rig.venue.account.fills(0);
    expect(found.map((one) => [one.tradeId, one.clientOrderId])).toEqual([
      ["c", "716238006"],
      ["b", ""],
      ["a", ""],
    ]);
  });

  test("count a builder's fee that another front end took, and give rebates a minus", async () => {
    const fills = [
      fill("a", T, { builderFee: "0.01189" }),
      fill("b", T - 1, { liquidity: "MAKER", fee: "-0.013079" }),
    ];
    const rig = await start({ ...KNOWN, "GET /v4/fills": { fills } });
    const found = await rig.venue.account.fills(0);
    expect(found.map((one) => [one.tradeId, one.feeUsd.toFixed()])).toEqual([
      ["b", "-0.013079"],
      ["a", "0.07134"],
    ]);
  });

  test("of one order are all there, or the look-up fails", async () => {
    const order = dydxOrder({ size: "0.003", totalFilled: "0.002", status: "CANCELED" });
    const fills = [fill("a", T), fill("b", T, { orderId: "another" })];
    const rig = await start({ "GET /v4/orders/": order, "GET /v4/fills": { fills } });
    const look = () => rig.venue.account.lookupOrder("BTC-USD", "HsomeOrder");
    await expect(look()).rejects.toThrow("not all fills");
    rig.answers["GET /v4/fills"] = { fills: [...fills, fill("c", T - 5)] };
    const found = await look();
    expect(found.kind === "found" && found.fills.map((one) => one.tradeId)).toEqual(["a", "c"]);
  });
});
