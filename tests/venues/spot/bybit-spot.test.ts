import { afterEach, describe, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { OrderSide } from "#src/core/order.ts";
import type { CcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import { guarded, orderRequest } from "#tests/support/guarded-orders.ts";
import {
  type BybitSpotServer,
  connectBybitSpot,
  moved,
  startBybitSpot,
} from "#tests/support/venues/bybit-spot.ts";
import { spotConformance } from "./spot-conformance.ts";

spotConformance("Bybit", {
  ...{ btc: "BTCUSDT-SPOT", pepe: "PEPEUSDT-SPOT" },
  start: startBybitSpot,
  connect: connectBybitSpot,
});

const servers: BybitSpotServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

const SYMBOL = "BTCUSDT-SPOT";
const SET = "/v5/spot-margin-trade/set-auto-repay-mode";
let count = 0;

async function make() {
  const server = startBybitSpot();
  servers.push(server);
  const venue = await connectBybitSpot(server);
  const listed = (await venue.data.instruments()).find((one) => one.symbol === SYMBOL);
  if (!listed) throw new Error("BTC is listed");
  return { server, venue, place: (side: OrderSide) => place(venue, listed, side) };
}

function place(venue: CcxtVenue, listed: Instrument, side: OrderSide) {
  count += 1;
  const request = orderRequest({
    ...{ venue: "bybit", symbol: SYMBOL, side, size: "0.01", clientOrderId: `Hrepay${count}` },
    ...{ limit: side === "buy" ? "61000" : "59000", expiresAt: Date.now() + 5_000 },
  });
  const paired = { ...listed, kind: "perp" as const, maxLeverage: dec("10") };
  return venue.trading.place(guarded(request, paired));
}

describe("Bybit's unified account", () => {
  test("is told to repay coins by itself before the first of them are borrowed", async () => {
    const { server, place } = await make();
    expect((await place("buy")).kind).toBe("ack");
    expect(server.repaid.size).toBe(0);
    expect((await place("sell")).kind).toBe("ack");
    expect([...server.repaid]).toEqual(["BTC"]);
    await place("sell");
    const changes = server.seen.filter(({ url }) => url.pathname === SET);
    expect(changes).toHaveLength(1);
  });

  test("lends nothing that it would not be brought to repay", async () => {
    const { server, place } = await make();
    server.mayRepay = false;
    const outcome = await place("sell");
    expect(outcome).toMatchObject({ kind: "refused", code: "NOT_SENT" });
    expect(outcome.kind === "refused" && outcome.detail).toContain("nothing was borrowed");
    expect(server.desk.orders).toEqual([]);
  });

  test.each(["ISOLATED_MARGIN", "PORTFOLIO_MARGIN"])(
    "is not used for spot in the mode %s, and says which one it must be",
    async (mode) => {
      const { server, venue } = await make();
      server.marginMode = mode;
      expect((await venue.driver.keyFacts()).noSpot).toContain("cross margin mode");
      expect((await venue.account.setup(SYMBOL)).status).toBe("halted");
    },
  );

  test("tells what went to the venue's savings, as money that is not here any more", async () => {
    const { server, venue } = await make();
    server.moves["FLEXIBLE_STAKING_SUBSCRIPTION"] = [moved("earn-1", "USDT", "-250")];
    const told = await venue.account.transfers?.(Date.now() - 3_600_000);
    expect(told?.map((one) => one.amountUsd.toFixed())).toContain("-250");
  });

  test.each(["FLEXIBLE_STAKING_REFUND", "FIXED_STAKING_REFUND", "ONCHAINEARN_REFUND"])(
    "%s: what the savings did not take is money that came back, no gain",
    async (kind) => {
      const { server, venue } = await make();
      server.moves[kind] = [moved("earn-2", "USDT", "40")];
      const told = await venue.account.transfers?.(Date.now() - 3_600_000);
      expect(told?.map((one) => one.amountUsd.toFixed())).toContain("40");
    },
  );

  test("buys just what is wanted where fees are paid in MNT, while there is any", async () => {
    const { server, place } = await make();
    server.paysInMnt = true;
    await place("buy");
    expect(server.desk.orders.at(-1)?.qty.toFixed()).toBe("0.010011");
    server.desk.move("MNT", dec("5"));
    await place("buy");
    expect(server.desk.orders.at(-1)?.qty.toFixed()).toBe("0.01");
  });
});
