import { afterAll, expect, test } from "bun:test";
import { keepWatch } from "#src/execution/keep-watch.ts";
import { killSwitch } from "#src/execution/kill/kill-switch.ts";
import { openHedge } from "#src/execution/open-hedge.ts";
import { createShiftedClock } from "#tests/support/fake-clock.ts";
import { guarded, orderRequest } from "#tests/support/guarded-orders.ts";
import { createVenueRig } from "#tests/support/venues/venue-rig.ts";

const rig = await createVenueRig(createShiftedClock());
afterAll(() => rig.stop());

test("ten minutes without one venue: the hedge is left alone, it is told once, and all goes on after", async () => {
  const { outcome, detail } = await openHedge(rig.context, rig.admit("H-1"));
  expect(`${outcome} ${detail}`).toBe("open found filled");
  expect(rig.held()).toEqual({ binance: "-0.5", bybit: "0.5" });
  await keepWatch(rig.context);
  const told = rig.store.recentAlerts(50).length;

  rig.street.shut("bybit");
  for (let second = 0; second < 600; second += 5) {
    await keepWatch(rig.context);
    rig.clock.jump(5_000);
  }
  const during = rig.store.recentAlerts(50).slice(0, -told || undefined);
  expect(during.map(({ severity, text }) => `${severity}: ${text}`)).toEqual([
    expect.stringMatching(/^warning: bybit did not say for \d+ s what it holds.*BTC H-1/),
  ]);
  expect(rig.venues.get("bybit")?.health().state).toBe("down");
  expect(rig.held()).toEqual({ binance: "-0.5", bybit: "0.5" });
  const order = orderRequest({
    venue: "bybit",
    symbol: "BTCUSDT",
    clientOrderId: "Houtage4o0n1x1",
  });
  const refused = await rig.venues.get("bybit")?.trading.place(guarded(order));
  expect(refused).toMatchObject({ kind: "refused", code: "NOT_SENT" });

  rig.street.reopen("bybit");
  for (let round = 0; round < 4; round += 1) {
    await keepWatch(rig.context);
    rig.clock.jump(5_000);
  }
  expect(rig.venues.get("bybit")?.health().state).toBe("ok");
  const texts = rig.store.recentAlerts(50).map(({ text }) => text);
  expect(texts.filter((text) => text.startsWith("bybit answers again"))).toHaveLength(1);
  expect(rig.store.listHedges(["open"]).map((hedge) => hedge.id)).toEqual(["H-1"]);

  await killSwitch(rig.context, { startedAt: rig.clock.wallNow() });
  expect(rig.held()).toEqual({ binance: "0", bybit: "0" });
}, 120_000);
