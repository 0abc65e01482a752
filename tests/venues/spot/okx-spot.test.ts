import { afterEach, expect, test } from "bun:test";
import { dec } from "#src/core/decimal.ts";
import { guarded, orderRequest } from "#tests/support/guarded-orders.ts";
import { shortly } from "#tests/support/paper-rig.ts";
import { connectOkxSpot, startOkxSpot } from "#tests/support/venues/okx-spot.ts";
import { spotConformance } from "./spot-conformance.ts";

spotConformance("OKX", {
  ...{ btc: "BTC-USDT-SPOT", pepe: "PEPE-USDT-SPOT" },
  start: startOkxSpot,
  connect: connectOkxSpot,
});

const stops: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(stops.splice(0).map((stop) => stop())));

test("OKX: dollars that perps have lost buy no coins, because the account would borrow them", async () => {
  const server = startOkxSpot();
  stops.push(server.stop);
  const venue = await connectOkxSpot(server);
  const listed = (await venue.data.instruments()).find((one) => one.symbol === "BTC-USDT-SPOT");
  if (!listed) throw new Error("BTC is listed");
  const buy = (clientOrderId: string) => {
    const request = orderRequest({
      ...{ venue: "okx", symbol: "BTC-USDT-SPOT", side: "buy", size: "0.5", limit: "61000" },
      ...{ clientOrderId, expiresAt: Date.now() + 5_000 },
    });
    const paired = { ...listed, kind: "perp" as const, maxLeverage: dec("10") };
    return venue.trading.place(guarded(request, paired));
  };
  server.desk.perpLoss = dec("80000");
  expect(shortly(await buy("Hloss1"))).toBe("refused NOT_SENT");
  expect(server.desk.orders).toEqual([]);
  server.desk.perpLoss = dec("60000");
  expect((await buy("Hloss2")).kind).toBe("ack");
});
